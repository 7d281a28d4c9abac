import { reachOf } from '../address/reach.js';
import type { Deps } from '../cli/deps.js';
import type { ConnectApp } from '../connect-api/app.js';
import type { ConnectApi } from '../connect-api/client.js';
import type { UrlBackup } from '../connect-api/url-backup.js';
import { checkNotificationUrl, type NotificationUrlFinding } from '../connect-api/url-rules.js';
import {
  hasUrlSettings,
  planChange,
  settingOf,
  type UrlPlan,
  type UrlSetting,
  type UrlSettings,
} from '../connect-api/url-settings.js';
import { ToolError } from '../errors.js';
import type { Connect } from './connect.js';
import type { UrlBackupFile } from './url-backup-file.js';

/** What came of a change: made and read back; certainly not made; or nobody knows. */
export type ChangeResult =
  | { readonly state: 'changed'; readonly app: ConnectApp }
  | { readonly state: 'unchanged' | 'unknown'; readonly error: ToolError };

/** Where and for whom a change is made, and where it is kept. */
interface BackupInfo extends Pick<UrlBackup, 'address' | 'app' | 'by' | 'claimedBy'> {
  readonly kept: UrlBackupFile;
}

/** {@link applyChange}, with what was there before on disk first; it is forgotten again where nothing was changed. */
export async function backUpAndApply(
  api: ConnectApi,
  plan: UrlPlan,
  { kept, ...about }: BackupInfo,
  { now, sleep }: Pick<Deps, 'now' | 'sleep'>,
): Promise<ChangeResult> {
  const { before, after } = plan;
  const { id } = kept.keep({ ...about, atMs: now(), before, after });
  const applied = await applyChange(api, about.app, plan, sleep);
  if (applied.state === 'unchanged') kept.forget(id);
  return applied;
}

/** Waits before each reading back: App Store Connect may show a change a little later than it takes it. */
const READ_BACK_MS = [0, 1_000, 3_000];

/** Changes what the plan says, then reads the app again: only that proves it. A request that failed may have arrived all the same. */
export async function applyChange(
  api: ConnectApi,
  { id }: Pick<ConnectApp, 'id'>,
  { before, after, attributes }: UrlPlan,
  sleep: Deps['sleep'],
): Promise<ChangeResult> {
  const failure = await failureOf(() => api.updateApp(id, attributes));
  if (failure?.kind === 'interrupted') return { state: 'unknown', error: notKnown(failure) };
  if (failure !== null && failure.kind !== 'remote') return { state: 'unchanged', error: failure };
  let last: ConnectApp | null = null;
  for (const waitMs of failure === null ? READ_BACK_MS : READ_BACK_MS.slice(0, 1)) {
    if (waitMs > 0) await sleep(waitMs);
    const read = await api.readApp(id).catch(toolErrorOf);
    if (read instanceof ToolError) return { state: 'unknown', error: notKnown(failure ?? read) };
    if (hasUrlSettings(read.urls, after)) return { state: 'changed', app: read };
    last = read;
  }
  const isAsBefore = last !== null && hasUrlSettings(last.urls, before);
  if (failure !== null && isAsBefore) return { state: 'unchanged', error: failure };
  return { state: isAsBefore ? 'unchanged' : 'unknown', error: notTaken(last, after, isAsBefore) };
}

async function failureOf(work: () => Promise<void>): Promise<ToolError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return toolErrorOf(error);
  }
}

function toolErrorOf(error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  throw error;
}

function notKnown({ kind, code, message, hint, cause }: ToolError): ToolError {
  const unknown = `It is not known whether anything was changed: \`storewire endpoint show\` tells, \`storewire endpoint restore\` puts back what was there before.`;
  return new ToolError(kind, code, message, { hint: hint === undefined ? unknown : `${unknown} ${hint}`, cause });
}

function notTaken(app: ConnectApp | null, after: UrlSettings, isAsBefore: boolean): ToolError {
  const names = app === null ? [] : Object.keys(planChange(app.urls, after).after);
  const message = isAsBefore
    ? `App Store Connect took the change, and shows the old ${names.join(' and ')} URL all the same`
    : `App Store Connect took the change, and shows neither what was set nor what was there before (${names.join(' and ')})`;
  return new ToolError('remote', 'ERR_ENDPOINT_NOT_TAKEN', message, {
    hint: 'See `storewire endpoint show`: somebody else may be changing it, too.',
  });
}

/** What became of the URL that a claim had taken. */
export type RestoreResult =
  /** `already`: somebody had put it back before. */
  | { readonly state: 'restored' | 'already'; readonly setting: UrlSetting }
  /** Somebody else has set another one since: left alone. */
  | { readonly state: 'taken'; readonly setting: UrlSetting }
  | { readonly state: 'failed'; readonly error: ToolError };

type PutBackDeps = Pick<Deps, 'now' | 'sleep'>;

/**
 * Ends a claim of the sandbox: puts the old URL back if App Store Connect still shows what the claim set, and reads it back. Not stopped by
 * an interruption, but by `deadlineMs` from now. Throws for bugs alone.
 */
export async function restoreClaimedUrl(
  claim: UrlBackup,
  connect: Connect,
  kept: UrlBackupFile,
  deadlineMs: number,
  deps: PutBackDeps,
): Promise<RestoreResult> {
  const late = new AbortController();
  const done = new AbortController();
  void deps.sleep(deadlineMs, done.signal).then(() => done.signal.aborted || late.abort());
  try {
    return await endClaim(claim, connect.apiUntil(late.signal), kept, deps);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { state: 'failed', error: late.signal.aborted ? tooLate(deadlineMs) : error };
  } finally {
    done.abort();
  }
}

async function endClaim(
  claim: UrlBackup,
  api: ReturnType<Connect['apiUntil']>,
  kept: UrlBackupFile,
  { now, sleep }: PutBackDeps,
): Promise<RestoreResult> {
  const app = await api.readApp(claim.app.id);
  const end = (undoneAtMs: number | null): void => kept.update(claim.id, { undoneAtMs, claimedBy: null });
  const found = settingOf(app.urls, 'sandbox');
  if (hasUrlSettings(app.urls, claim.before)) {
    end(now());
    return { state: 'already', setting: found };
  }
  if (!hasUrlSettings(app.urls, claim.after)) {
    end(null);
    return { state: 'taken', setting: found };
  }
  const applied = await applyChange(api, app, planChange(app.urls, claim.before), sleep);
  if (applied.state !== 'changed') throw applied.error;
  end(now());
  return { state: 'restored', setting: settingOf(applied.app.urls, 'sandbox') };
}

const SECOND_MS = 1_000;

function tooLate(deadlineMs: number): ToolError {
  const message = `App Store Connect did not answer within ${deadlineMs / SECOND_MS} s`;
  return new ToolError('remote', 'ERR_HTTP_TIMEOUT', message);
}

/** Given for a URL that is to be cleared. */
export const NO_URL = 'none';

/**
 * What is odd about the URLs of a wish, in words. `isEmulated`: the API asked is one on this machine, which sends to plain http there, so
 * that what Apple would refuse is told instead. Throws `ERR_ENDPOINT_URL` (usage) for what App Store Connect would refuse or could not reach.
 */
export function checkUrls(urls: Readonly<Record<string, string | undefined>>, isEmulated: boolean): readonly string[] {
  return Object.entries(urls).flatMap(([flag, url]) => {
    if (url === undefined || url === NO_URL) return [];
    const findings = checkNotificationUrl(url);
    const refused = findings.filter((finding) => finding.level === 'fail' && !(isEmulated && isFineHere(finding, url)));
    if (refused.length > 0) throw urlError(flag, refused);
    return findings.map(({ message }) => `${flag}: ${message}.`);
  });
}

function isFineHere({ rule }: NotificationUrlFinding, url: string): boolean {
  return (rule === 'https' || rule === 'host') && reachOf(new URL(url).hostname) === 'loopback';
}

function urlError(flag: string, refused: readonly NotificationUrlFinding[]): ToolError {
  const message = `App Store Connect would not take the URL of ${flag}: ${refused.map((finding) => finding.message).join('; ')}`;
  return new ToolError('usage', 'ERR_ENDPOINT_URL', message);
}
