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
  checkSandboxUrl,
  openClaimTarget,
} from './claim-setup.js';
import { type ClaimReporter, noticeCodeOf, restoreEarlierClaims } from './earlier-claims.js';
import type { ListenPlan } from './plan.js';
import { withPath } from './public-url.js';
import { type ClaimView, claimToJson, describeClaim, describeRestored } from './view/claim.js';

/**
 * Restores the URLs that earlier runs left claimed, then prepares the claim: reads the current setting, shows the change, asks. The new URL
 * is not set yet. Null after `--dry-run`. Throws usage `ERR_USAGE_CLAIM`, `ERR_CLAIM_OPEN`, `ERR_CLAIM_NO_OLD_URL`, `ERR_CLAIM_CONFIRM`,
 * `ERR_ENDPOINT_URL`, and the errors of the App Store Connect client.
 */
export async function prepareClaim(
  flags: ClaimFlags,
  plan: Pick<ListenPlan, 'targets' | 'tunnel' | 'publicUrl' | 'path'>,
  open: OpenSettings,
  reporter: ClaimReporter,
  deps: ClaimDeps,
): Promise<UrlClaim | null> {
  checkFlags(flags, plan);
  const unrestored = flags.dryRun ? [] : await restoreEarlierClaims({ flags, open }, reporter, deps);
  if (flags.claim === undefined) return withoutClaim(plan);
  const target = await openClaimTarget(flags, plan, open, deps);
  const openClaim = unrestored.find(
    ({ address, app }) => address === target.connect.baseUrl && app.id === target.app.id,
  );
  if (openClaim !== undefined) throw stillClaimed(openClaim);
  const view = buildView(target.app, plan);
  if (flags.dryRun) {
    printPlan(view, flags, deps);
    return null;
  }
  checkSandboxUrl(target.app, flags);
  const targets = await askForClaim(view, plan.targets, flags, deps);
  return createClaim(target, targets, flags, reporter, deps);
}

function checkFlags(
  { claim, dryRun }: ClaimFlags,
  { tunnel, publicUrl }: Pick<ListenPlan, 'tunnel' | 'publicUrl'>,
): void {
  if (dryRun && claim === undefined)
    throw new ToolError('usage', 'ERR_USAGE_CLAIM', '--dry-run needs --claim', {
      hint: 'storewire listen --claim sandbox --dry-run',
    });
  if (claim === undefined || tunnel !== null || publicUrl !== null) return;
  throw new ToolError('usage', 'ERR_USAGE_CLAIM', '--claim needs a public URL', {
    hint: 'Add --tunnel cloudflared, or pass yours with --public-url.',
  });
}

function buildView(app: ConnectApp, { publicUrl, path }: Pick<ListenPlan, 'publicUrl' | 'path'>): ClaimView {
  const receiver = effectiveUrl(app.urls, 'sandbox');
  return {
    app,
    old: settingOf(app.urls, 'sandbox'),
    receiver,
    url: publicUrl === null ? null : withPath(publicUrl, path),
  };
}

function printPlan(view: ClaimView, { json }: ClaimFlags, { stdout, now }: ClaimDeps): void {
  const { paint, columns } = stdout;
  stdout.write(json ? claimToJson(view) : describeClaim(view, { paint, columns, nowMs: now() }));
}

function stillClaimed({ atMs }: UrlBackup): ToolError {
  const message = `the claim of ${new Date(atMs).toISOString()} is still open`;
  return new ToolError('usage', 'ERR_CLAIM_OPEN', message, { hint: 'storewire endpoint restore' });
}

/** Claim of the sandbox URL, held while a listener runs. */
export interface UrlClaim {
  /** Targets of the run, including the previous URL if the user agreed to forward there. */
  readonly targets: readonly Target[];
  /** Sets the URL; called once it is known, before the `ready` event. Throws when the change is not allowed or fails. */
  set(url: string): Promise<void>;
  /** Restores the previous URL; idempotent. Resolves with exit code 4 when App Store Connect fails, instead of throwing. */
  release(): Promise<Exit>;
}

/** Null object for a run without `--claim`. */
function withoutClaim({ targets }: Pick<ListenPlan, 'targets'>): UrlClaim {
  return { targets, set: () => Promise.resolve(), release: () => Promise.resolve(EXIT.ok) };
}

/** Deadline of the restore after Ctrl-C. */
const RELEASE_MS = 20_000;

/** {@link UrlClaim} that the user has confirmed. */
function createClaim(
  { connect, isEmulated, backups, app, bundleId }: ClaimTarget,
  targets: readonly Target[],
  flags: ClaimFlags,
  reporter: ClaimReporter,
  deps: ClaimDeps,
): UrlClaim {
  let setting: Promise<void> = Promise.resolve();
  let backup: UrlBackup | null = null;
  let released: Promise<Exit> | null = null;
  const setUrl = async (url: string): Promise<void> => {
    for (const warning of checkUrls({ '--claim': url }, isEmulated)) reporter.notify('CLAIM_SET', warning);
    const current = await connect.api.readApp(app.id);
    checkSandboxUrl(current, flags);
    if (deps.signal.aborted) throw interrupted();
    const plan = planChange(current.urls, { sandbox: { url, version: 'V2' } });
    if (plan.after.sandbox === undefined) {
      reporter.notify(
        'CLAIM_SET',
        'No change needed: App Store Connect already has this URL. It stays set when this stops.',
      );
      return;
    }
    const { before, after } = plan;
    const about = { address: connect.baseUrl, app: { id: app.id, bundleId }, before, after } as const;
    backup = backups.keep({ ...about, by: 'claim', claimedBy: deps.processId, atMs: deps.now() });
    const applied = await applyChange(connect.apiUntil(null), current, plan, deps.sleep);
    if (applied.state === 'unchanged') {
      backups.forget(backup.id);
      backup = null;
    }
    if (applied.state !== 'changed') throw applied.error;
    reporter.notify('CLAIM_SET', 'Changed and confirmed: sandbox notifications go here now.');
  };
  const release = async (): Promise<Exit> => {
    await setting.catch(() => undefined);
    if (backup === null) return EXIT.ok;
    reporter.notify('CLAIM_ENDING', RESTORING);
    const outcome = await restoreClaimedUrl(backup, connect, backups, RELEASE_MS, deps);
    reporter.notify(noticeCodeOf(outcome), describeRestored(outcome));
    return outcome.state === 'failed' ? EXIT.remote : EXIT.ok;
  };
  return {
    targets,
    set(url) {
      setting = released === null ? setUrl(url) : Promise.reject(tunnelEnded());
      return setting;
    },
    release() {
      released ??= release();
      return released;
    },
  };
}

function tunnelEnded(): ToolError {
  return new ToolError('remote', 'ERR_CLAIM_TUNNEL', 'the tunnel exited before its URL was claimed');
}

const RESTORING =
  'Restoring the previous sandbox URL. If you interrupt this, the next `storewire listen` or `storewire endpoint restore` restores it.';
