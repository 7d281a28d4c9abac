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

/** Result of a change: made and confirmed by reading it back; certainly not made; or unknown. */
export type ChangeResult =
  | { readonly state: 'changed'; readonly app: ConnectApp }
  | { readonly state: 'unchanged' | 'unknown'; readonly error: ToolError };

/** Backup of a change: its app, its author, and the file. */
interface BackupInfo extends Pick<UrlBackup, 'address' | 'app' | 'by' | 'claimedBy'> {
  readonly backups: UrlBackupFile;
}

/** {@link applyChange}, after the previous URLs were saved; the backup is removed where nothing was changed. */
export async function backUpAndApply(
  api: ConnectApi,
  plan: UrlPlan,
  { backups, ...about }: BackupInfo,
  { now, sleep }: Pick<Deps, 'now' | 'sleep'>,
): Promise<ChangeResult> {
  const { before, after } = plan;
  const { id } = backups.keep({ ...about, atMs: now(), before, after });
  const applied = await applyChange(api, about.app, plan, sleep);
  if (applied.state === 'unchanged') backups.forget(id);
  return applied;
}

/** Waits before each read: App Store Connect may show a change a little after accepting it. */
const READ_BACK_MS = [0, 1_000, 3_000];

/** Applies the plan, then reads the app again: only that confirms it, since a failed request may have arrived all the same. */
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
  const unknown = `The change may have been made: check with \`storewire endpoint show\`, undo with \`storewire endpoint restore\`.`;
  return new ToolError(kind, code, message, { hint: hint === undefined ? unknown : `${unknown} ${hint}`, cause });
}

function notTaken(app: ConnectApp | null, after: UrlSettings, isAsBefore: boolean): ToolError {
  const names = app === null ? [] : Object.keys(planChange(app.urls, after).after);
  const message = isAsBefore
    ? `App Store Connect accepted the change but still shows the old ${names.join(' and ')} URL`
    : `App Store Connect accepted the change but shows neither the new nor the old URL (${names.join(' and ')})`;
  return new ToolError('remote', 'ERR_ENDPOINT_NOT_TAKEN', message, {
    hint: 'See `storewire endpoint show`: another person or program may be changing it too.',
  });
}

/** Outcome of ending a claim. */
export type RestoreResult =
  /** `already`: the old URL had been restored before. */
  | { readonly state: 'restored' | 'already'; readonly setting: UrlSetting }
  /** Another URL has been set since: left unchanged. */
  | { readonly state: 'taken'; readonly setting: UrlSetting }
  | { readonly state: 'failed'; readonly error: ToolError };

type RestoreDeps = Pick<Deps, 'now' | 'sleep'>;

/**
 * Ends a claim of the sandbox: restores the old URL if App Store Connect still shows the URL of the claim, and reads it back. Not stopped by
 * an interruption, but by `deadlineMs` from now. Throws for bugs alone.
 */
export async function restoreClaimedUrl(
  claim: UrlBackup,
  connect: Connect,
  backups: UrlBackupFile,
  deadlineMs: number,
  deps: RestoreDeps,
): Promise<RestoreResult> {
  const late = new AbortController();
  const done = new AbortController();
  void deps.sleep(deadlineMs, done.signal).then(() => done.signal.aborted || late.abort());
  try {
    return await endClaim(claim, connect.apiUntil(late.signal), backups, deps);
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
  backups: UrlBackupFile,
  { now, sleep }: RestoreDeps,
): Promise<RestoreResult> {
  const app = await api.readApp(claim.app.id);
  const end = (undoneAtMs: number | null): void => backups.update(claim.id, { undoneAtMs, claimedBy: null });
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

/** The value that clears a URL. */
export const NO_URL = 'none';

/**
 * Warnings about URLs to set. `isEmulated`: the API is an emulator on this machine, which delivers to plain http on loopback, so that
 * Apple's rules are only warnings there. Throws usage `ERR_ENDPOINT_URL` for a URL that App Store Connect would reject or not reach.
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
  const message = `App Store Connect would reject the URL of ${flag}: ${refused.map((finding) => finding.message).join('; ')}`;
  return new ToolError('usage', 'ERR_ENDPOINT_URL', message);
}
