import type { ConnectApp } from '../../connect-api/app.js';
import { receiverOf, settingOf } from '../../connect-api/change.js';
import type { KeptChange } from '../../connect-api/kept.js';
import { ToolError } from '../../errors.js';
import type { OpenSettings } from '../../settings/open.js';
import { type ClaimView, claimToJson, describeClaim } from '../render/listen/claim.js';
import { askForClaim, checkOld } from './claim-consent.js';
import { type Claim, claimNothing, holdClaim } from './claim-hold.js';
import type { ClaimNews } from './claim-news.js';
import { type ClaimDeps, type ClaimFlags, openClaimPlace } from './claim-place.js';
import { settleEarlierClaims } from './earlier-claims.js';
import type { ListenPlan } from './plan.js';
import { withPath } from './public-end.js';

/**
 * Ends what earlier listeners left claimed, then prepares the claim that flags ask for: looks at what there is, tells what is diverted,
 * asks. Nothing is changed yet. Null where `--dry-run` has said it all. Throws usage `ERR_USAGE_CLAIM`, `ERR_CLAIM_OPEN`, `ERR_CLAIM_NO_OLD_URL`,
 * `ERR_CLAIM_CONFIRM`, `ERR_ENDPOINT_URL`, and what opening and asking App Store Connect throw.
 */
export async function prepareClaim(
  flags: ClaimFlags,
  plan: Pick<ListenPlan, 'targets' | 'tunnel' | 'publicUrl' | 'path'>,
  open: OpenSettings,
  news: ClaimNews,
  deps: ClaimDeps,
): Promise<Claim | null> {
  checkFlags(flags, plan);
  const left = flags.dryRun ? [] : await settleEarlierClaims({ flags, open }, news, deps);
  if (flags.claim === undefined) return claimNothing(plan);
  const place = await openClaimPlace(flags, plan, open, deps);
  const claimed = left.find((claim) => claim.address === place.connect.baseUrl && claim.app.id === place.app.id);
  if (claimed !== undefined) throw stillClaimed(claimed);
  const view = viewOf(place.app, plan);
  if (flags.dryRun) {
    tellPlan(view, flags, deps);
    return null;
  }
  checkOld(place.app, flags);
  const targets = await askForClaim(view, plan.targets, flags, deps);
  return holdClaim(place, targets, flags, news, deps);
}

function checkFlags(
  { claim, dryRun }: ClaimFlags,
  { tunnel, publicUrl }: Pick<ListenPlan, 'tunnel' | 'publicUrl'>,
): void {
  if (dryRun && claim === undefined)
    throw new ToolError('usage', 'ERR_USAGE_CLAIM', '--dry-run is about --claim, which is not given', {
      hint: 'storewire listen --claim sandbox --dry-run says what would be diverted.',
    });
  if (claim === undefined || tunnel !== null || publicUrl !== null) return;
  throw new ToolError('usage', 'ERR_USAGE_CLAIM', '--claim needs a URL that Apple reaches', {
    hint: 'Add --tunnel cloudflared, or --public-url with the one you have.',
  });
}

function viewOf(app: ConnectApp, { publicUrl, path }: Pick<ListenPlan, 'publicUrl' | 'path'>): ClaimView {
  const receiver = receiverOf(app.urls, 'sandbox');
  return {
    app,
    old: settingOf(app.urls, 'sandbox'),
    receiver,
    url: publicUrl === null ? null : withPath(publicUrl, path),
  };
}

function tellPlan(view: ClaimView, { json }: ClaimFlags, { stdout, now }: ClaimDeps): void {
  const { paint, columns } = stdout;
  stdout.write(json ? claimToJson(view) : describeClaim(view, { paint, columns, nowMs: now() }));
}

function stillClaimed({ atMs }: KeptChange): ToolError {
  const message = `an earlier claim is still open, from ${new Date(atMs).toISOString()}`;
  return new ToolError('usage', 'ERR_CLAIM_OPEN', message, { hint: 'First: storewire endpoint restore' });
}
