import { isSameAddress } from '../../address/same.js';
import type { Deps } from '../../cli/deps.js';
import type { ConnectApp } from '../../connect-api/app.js';
import { effectiveUrl, settingOf } from '../../connect-api/url-settings.js';
import { ToolError } from '../../errors.js';
import { parseTarget } from '../../forwarding/parse-target.js';
import type { Target } from '../../forwarding/target.js';
import { requireBundleId } from '../../session/api-keys.js';
import { type Connect, findApp, openConnect } from '../../session/connect.js';
import { openUrlBackups, type UrlBackupFile } from '../../session/url-backup-file.js';
import { checkUrls } from '../../session/url-change.js';
import { showNotificationUrl } from '../../session/url-text.js';
import { ownerOfAddress } from '../../settings/base-address.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve-app.js';
import type { EarlierDeps } from './earlier-claims.js';
import type { ListenFlags } from './flags.js';
import type { ListenPlan } from './plan.js';
import { type ClaimView, describeClaim } from './view/claim.js';

export type ClaimFlags = Pick<ListenFlags, 'claim' | 'dryRun' | 'yes' | 'json'>;

export type ClaimDeps = EarlierDeps & Pick<Deps, 'stdin' | 'stdout' | 'prompts' | 'processId'>;

/** App at App Store Connect whose URL is claimed, with the file of URL backups. */
export interface ClaimTarget {
  readonly connect: Connect;
  /** The API is an emulator on this machine, which also sends to local plain http. */
  readonly isEmulated: boolean;
  readonly backups: UrlBackupFile;
  readonly app: ConnectApp;
  readonly bundleId: string;
}

/** Throws usage `ERR_SETTINGS_*` and `ERR_ENDPOINT_URL` before any request, and the errors of the App Store Connect client. */
export async function openClaimTarget(
  flags: ClaimFlags,
  { publicUrl }: Pick<ListenPlan, 'publicUrl'>,
  open: OpenSettings,
  deps: ClaimDeps,
): Promise<ClaimTarget> {
  const bundleId = requireBundleId(resolveApp(open));
  const connect = await openConnect(open, flags, deps);
  const isEmulated = ownerOfAddress(connect.baseUrl) === 'loopback';
  if (publicUrl !== null) checkUrls({ '--public-url': publicUrl.href }, isEmulated);
  return { connect, isEmulated, bundleId, backups: openUrlBackups(open, deps), app: await findApp(connect, bundleId) };
}

/**
 * Throws `ERR_CLAIM_NO_OLD_URL` (usage) when the sandbox has no URL and `--yes` is missing: restoring then means clearing the URL, which
 * may fail, so it needs consent.
 */
export function checkSandboxUrl({ urls }: ConnectApp, { yes }: ClaimFlags): void {
  if (yes || settingOf(urls, 'sandbox').url !== null) return;
  const receiver = effectiveUrl(urls, 'sandbox');
  const fallback =
    receiver === null ? '' : `; its notifications go to the production URL ${showNotificationUrl(receiver.url)}`;
  throw new ToolError('usage', 'ERR_CLAIM_NO_OLD_URL', `the sandbox has no URL of its own${fallback}`, {
    hint: 'There is no URL to restore afterwards: it would be cleared, which Apple may reject. To continue, add --yes.',
  });
}

/**
 * Shows the change and asks for confirmation. Resolves with the targets, including the previous URL if the user agrees to forward there.
 * Throws `ERR_CLAIM_CONFIRM` (usage) unless confirmed.
 */
export async function askForClaim(
  view: ClaimView,
  targets: readonly Target[],
  { yes, json }: ClaimFlags,
  { stdin, stderr, prompts, now }: Pick<Deps, 'stdin' | 'stderr' | 'prompts' | 'now'>,
): Promise<readonly Target[]> {
  const { paint, columns } = stderr;
  if (!json) stderr.write(`${describeClaim(view, { paint, columns, nowMs: now() })}\n`);
  if (yes) return targets;
  const canAsk = stdin.isTty && stderr.isTty && !json;
  if (!canAsk || !(await (await prompts()).confirm({ message: 'Divert sandbox notifications here?', default: false })))
    throw notConfirmed();
  const { receiver } = view;
  if (receiver === null || targets.some((target) => target.type === 'http' && isSameAddress(target.url, receiver.url)))
    return targets;
  const message = `Also forward them to the current URL ${showNotificationUrl(receiver.url)}?`;
  if (!(await (await prompts()).confirm({ message, default: true }))) return targets;
  const taken = targets.map(({ name }) => name);
  return [...targets, parseTarget(receiver.url, { headers: {}, insecure: false, taken })];
}

function notConfirmed(): ToolError {
  return new ToolError('usage', 'ERR_CLAIM_CONFIRM', 'nothing was claimed', {
    hint: 'Preview with --dry-run. To claim without asking, add --yes, and -f with the old URL to keep forwarding there.',
  });
}
