import { isJsonObject, type Json, parseJsonObject } from '../jws/json.js';
import { environmentsOf, URL_ENVIRONMENTS, type UrlSetting, type UrlSettings } from './url-settings.js';

/** A URL change at App Store Connect, saved before it is made, so that it can be undone. */
export interface UrlBackup {
  readonly id: string;
  readonly atMs: number;
  /** Origin; `claim`: made by a listener, for as long as it runs. */
  readonly by: 'set' | 'restore' | 'claim';
  /** Base address of the API: the emulator may have an app with the same bundle id. */
  readonly address: string;
  readonly app: { readonly id: string; readonly bundleId: string };
  readonly before: UrlSettings;
  readonly after: UrlSettings;
  /** Time it was undone; null while `restore` can undo it. */
  readonly undoneAtMs: number | null;
  /** Process id of the listener of an open claim; null otherwise. */
  readonly claimedBy: number | null;
  /** Identity of the state folder in which it was saved. */
  readonly folder: string;
}

/** App and API of a change. */
interface BackupOwner {
  readonly address: string;
  readonly appId: string;
}

/** The latest change of this app that is not undone; null if there is none. */
export function latestBackup(backups: readonly UrlBackup[], { address, appId }: BackupOwner): UrlBackup | null {
  return (
    backups.findLast((change) => change.undoneAtMs === null && change.address === address && change.app.id === appId) ??
    null
  );
}

/** Claims whose listener has not restored the previous URL. */
export function openClaimBackups(backups: readonly UrlBackup[]): readonly UrlBackup[] {
  return backups.filter(({ claimedBy }) => claimedBy !== null);
}

/** Changes kept at most; older ones are not worth restoring. */
const MOST_KEPT = 100;

/** Adds a change and drops the oldest above the limit, but never an open claim. */
export function addBackup(backups: readonly UrlBackup[], change: UrlBackup): readonly UrlBackup[] {
  const all = [...backups, change];
  const surplus = all.length - MOST_KEPT;
  return all.filter(({ claimedBy }, at) => at >= surplus || claimedBy !== null);
}

/** Indented JSON, readable for people. */
export function backupsToJson(changes: readonly UrlBackup[]): string {
  return `${JSON.stringify({ changes }, null, 2)}\n`;
}

/** Parses the output of {@link backupsToJson}; null for anything else. Unknown fields are dropped. */
export function parseBackups(bytes: Uint8Array): readonly UrlBackup[] | null {
  const content = parseJsonObject(bytes);
  if (content === null || !Array.isArray(content.changes)) return null;
  const changes = content.changes.map(parseChange);
  return changes.every((change) => change !== null) ? changes : null;
}

function parseChange(value: Json): UrlBackup | null {
  if (!isJsonObject(value)) return null;
  const { id, atMs, by, address, app, before, after, undoneAtMs = null, claimedBy = null, folder } = value;
  if (typeof id !== 'string' || typeof atMs !== 'number' || typeof address !== 'string') return null;
  if (typeof folder !== 'string' || !isNumberOrNull(undoneAtMs) || !isNumberOrNull(claimedBy)) return null;
  if (by !== 'set' && by !== 'restore' && by !== 'claim') return null;
  if (!isJsonObject(app) || typeof app.id !== 'string' || typeof app.bundleId !== 'string') return null;
  const [from, to] = [parseSettings(before), parseSettings(after)];
  if (from === null || to === null || environmentsOf(from).join() !== environmentsOf(to).join()) return null;
  const { id: appId, bundleId } = app;
  return {
    id,
    atMs,
    by,
    address,
    app: { id: appId, bundleId },
    before: from,
    after: to,
    undoneAtMs,
    claimedBy,
    folder,
  };
}

function parseSettings(value: Json | undefined): UrlSettings | null {
  if (!isJsonObject(value)) return null;
  const found = URL_ENVIRONMENTS.filter((environment) => value[environment] !== undefined);
  const settings = found.map((environment) => [environment, parseSetting(value[environment])] as const);
  return found.length > 0 && settings.every(([, setting]) => setting !== null)
    ? (Object.fromEntries(settings) as UrlSettings)
    : null;
}

function parseSetting(value: Json | undefined): UrlSetting | null {
  if (!isJsonObject(value)) return null;
  const { url, version } = value;
  return isTextOrNull(url) && isTextOrNull(version) ? { url, version } : null;
}

function isTextOrNull(value: Json | undefined): value is string | null {
  return value === null || typeof value === 'string';
}

function isNumberOrNull(value: Json): value is number | null {
  return value === null || typeof value === 'number';
}
