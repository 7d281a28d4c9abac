import { EXIT, type Exit } from '../../cli/exit.js';
import type { ConnectApp } from '../../connect-api/app.js';
import type { UrlBackup } from '../../connect-api/url-backup.js';
import { effectiveUrl, planChange, settingOf } from '../../connect-api/url-settings.js';
import { interrupted, ToolError } from '../../errors.js';
import type { Target } from '../../forwarding/target.js';
import { applyChange, checkUrls, restoreClaimedUrl } from '../../session/url-change.js';
import type { OpenSettings } from '../../settings/open.js';
import {
  askForClaim,
  type ClaimDeps,
  type ClaimFlags,
  type ClaimTarget,
  checkOld,
  openClaimTarget,
} from './claim-setup.js';
import { type ClaimReporter, codeOf, settleEarlierClaims } from './earlier-claims.js';
import type { ListenPlan } from './plan.js';
import { withPath } from './public-url.js';
import { type ClaimView, claimToJson, describeClaim, describeEnded } from './view/claim.js';

/**
 * Ends what earlier listeners left claimed, then prepares the claim that flags ask for: looks at what there is, tells what is diverted,
 * asks. Nothing is changed yet. Null where `--dry-run` has said it all. Throws usage `ERR_USAGE_CLAIM`, `ERR_CLAIM_OPEN`, `ERR_CLAIM_NO_OLD_URL`,
 * `ERR_CLAIM_CONFIRM`, `ERR_ENDPOINT_URL`, and what opening and asking App Store Connect throw.
 */
export async function prepareClaim(
  flags: ClaimFlags,
  plan: Pick<ListenPlan, 'targets' | 'tunnel' | 'publicUrl' | 'path'>,
  open: OpenSettings,
  news: ClaimReporter,
  deps: ClaimDeps,
): Promise<Claim | null> {
  checkFlags(flags, plan);
  const left = flags.dryRun ? [] : await settleEarlierClaims({ flags, open }, news, deps);
  if (flags.claim === undefined) return claimNothing(plan);
  const place = await openClaimTarget(flags, plan, open, deps);
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
  const receiver = effectiveUrl(app.urls, 'sandbox');
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

function stillClaimed({ atMs }: UrlBackup): ToolError {
  const message = `an earlier claim is still open, from ${new Date(atMs).toISOString()}`;
  return new ToolError('usage', 'ERR_CLAIM_OPEN', message, { hint: 'First: storewire endpoint restore' });
}

/** The sandbox URL for as long as a listener runs. */
export interface Claim {
  /** Where notifications are handed on to, the old URL among it where that was wanted. */
  readonly targets: readonly Target[];
  /** Sets the URL, once it is known and before anybody is told that all is ready. Throws where it may not or cannot be. */
  take(url: string): Promise<void>;
  /** Puts the old one back; does it once, and never throws for what App Store Connect does. Exit 4 where it could not. */
  release(): Promise<Exit>;
}

/** For a listener that claims nothing. */
function claimNothing({ targets }: Pick<ListenPlan, 'targets'>): Claim {
  return { targets, take: () => Promise.resolve(), release: () => Promise.resolve(EXIT.ok) };
}

/** Whoever has pressed Ctrl-C does not wait longer. */
const RELEASE_MS = 20_000;

/** {@link Claim} of an app whose owner has agreed. */
function holdClaim(
  { connect, isEmulated, kept, app, bundleId }: ClaimTarget,
  targets: readonly Target[],
  flags: ClaimFlags,
  news: ClaimReporter,
  deps: ClaimDeps,
): Claim {
  let taking: Promise<void> = Promise.resolve();
  let own: UrlBackup | null = null;
  let released: Promise<Exit> | null = null;
  const take = async (url: string): Promise<void> => {
    for (const odd of checkUrls({ '--claim': url }, isEmulated)) news.tell('CLAIM_SET', odd);
    const current = await connect.api.readApp(app.id);
    checkOld(current, flags);
    if (deps.signal.aborted) throw interrupted();
    const plan = planChange(current.urls, { sandbox: { url, version: 'V2' } });
    if (plan.after.sandbox === undefined) {
      news.tell(
        'CLAIM_SET',
        'App Store Connect has this URL already: nothing was changed, and nothing will be put back.',
      );
      return;
    }
    const { before, after } = plan;
    const about = { address: connect.baseUrl, app: { id: app.id, bundleId }, before, after } as const;
    own = kept.keep({ ...about, by: 'claim', claimedBy: deps.processId, atMs: deps.now() });
    const applied = await applyChange(connect.apiUntil(null), current, plan, deps.sleep);
    if (applied.state === 'unchanged') {
      kept.forget(own.id);
      own = null;
    }
    if (applied.state !== 'changed') throw applied.error;
    news.tell('CLAIM_SET', 'App Store Connect sends the sandbox here now: set, and read back.');
  };
  const release = async (): Promise<Exit> => {
    await taking.catch(() => undefined);
    if (own === null) return EXIT.ok;
    news.tell('CLAIM_ENDING', ENDING);
    const ended = await restoreClaimedUrl(own, connect, kept, RELEASE_MS, deps);
    news.tell(codeOf(ended), describeEnded(ended));
    return ended.state === 'failed' ? EXIT.remote : EXIT.ok;
  };
  return {
    targets,
    take(url) {
      taking = released === null ? take(url) : Promise.reject(tunnelEnded());
      return taking;
    },
    release() {
      released ??= release();
      return released;
    },
  };
}

function tunnelEnded(): ToolError {
  return new ToolError('remote', 'ERR_CLAIM_TUNNEL', 'the tunnel ended before its URL could be claimed');
}

const ENDING =
  'Putting the sandbox URL back … Ctrl-C now leaves it; the next `storewire listen`, or `storewire endpoint restore`, puts it back then.';
