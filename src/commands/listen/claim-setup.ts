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
import { resolveApp } from '../../settings/resolve.js';
import type { EarlierDeps } from './earlier-claims.js';
import type { ListenFlags } from './flags.js';
import type { ListenPlan } from './plan.js';
import { type ClaimView, describeClaim } from './view/claim.js';

export type ClaimFlags = Pick<ListenFlags, 'claim' | 'dryRun' | 'yes' | 'json'>;

export type ClaimDeps = EarlierDeps & Pick<Deps, 'stdin' | 'stdout' | 'prompts' | 'processId'>;

/** The app at App Store Connect, and where changes of it are kept. */
export interface ClaimTarget {
  readonly connect: Connect;
  /** The API is one on this machine, which sends to plain http here. */
  readonly isEmulated: boolean;
  readonly kept: UrlBackupFile;
  readonly app: ConnectApp;
  readonly bundleId: string;
}

/** Throws usage `ERR_SETTINGS_*`, `ERR_ENDPOINT_URL` before anything is sent, and what opening and asking App Store Connect throw. */
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
  return { connect, isEmulated, bundleId, kept: openUrlBackups(open, deps), app: await findApp(connect, bundleId) };
}

/**
 * Throws `ERR_CLAIM_NO_OLD_URL` (usage) where the sandbox has no URL: putting nothing back means clearing it, which may not be possible, so
 * whoever claims has to know.
 */
export function checkOld({ urls }: ConnectApp, { yes }: ClaimFlags): void {
  if (yes || settingOf(urls, 'sandbox').url !== null) return;
  const receiver = effectiveUrl(urls, 'sandbox');
  const now =
    receiver === null
      ? ''
      : `, so that its notifications go to the production URL, ${showNotificationUrl(receiver.url)}`;
  throw new ToolError('usage', 'ERR_CLAIM_NO_OLD_URL', `the sandbox has no URL of its own${now}`, {
    hint: 'There would be none to put back: the URL is cleared instead, which Apple may not take. To go on, add --yes.',
  });
}

/**
 * Tells and asks; resolves with the targets, the old URL among them where whoever was asked wants it. Throws `ERR_CLAIM_CONFIRM` (usage)
 * without a yes.
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
  const isAnswered = stdin.isTty && stderr.isTty && !json;
  if (!isAnswered || !(await (await prompts()).confirm({ message: 'Divert them here?', default: false })))
    throw notConfirmed();
  const { receiver } = view;
  if (receiver === null || targets.some((target) => target.type === 'http' && isSameAddress(target.url, receiver.url)))
    return targets;
  const message = `Hand them on to where they go now, too? (${showNotificationUrl(receiver.url)})`;
  if (!(await (await prompts()).confirm({ message, default: true }))) return targets;
  const taken = targets.map(({ name }) => name);
  return [...targets, parseTarget(receiver.url, { headers: {}, insecure: false, taken })];
}

function notConfirmed(): ToolError {
  return new ToolError('usage', 'ERR_CLAIM_CONFIRM', 'nothing was claimed', {
    hint: 'See what it would be with --dry-run; to claim it unasked, add --yes, and -f with the old URL to hand notifications on to it.',
  });
}
