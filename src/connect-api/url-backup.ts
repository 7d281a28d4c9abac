import { isJsonObject, type Json, parseJsonObject } from '../jws/json.js';
import { environmentsOf, URL_ENVIRONMENTS, type UrlSetting, type UrlSettings } from './url-settings.js';

/** A change at App Store Connect, kept from before it was made until long after it was undone: what to put back. */
export interface UrlBackup {
  readonly id: string;
  readonly atMs: number;
  /** `claim`: for as long as a listener runs. */
  readonly by: 'set' | 'restore' | 'claim';
  /** Base address of the API it was made at: the emulator may have an app of the same name. */
  readonly address: string;
  readonly app: { readonly id: string; readonly bundleId: string };
  readonly before: UrlSettings;
  readonly after: UrlSettings;
  /** When it was undone, or found to be so; null as long as `restore` would. */
  readonly undoneAtMs: number | null;
  /** Of a claim that its listener has not ended: the number of that process. Null for all others. */
  readonly claimedBy: number | null;
  /** Names the state folder it was written in. */
  readonly folder: string;
}

/** Whose changes are meant. */
interface BackupOwner {
  readonly address: string;
  readonly appId: string;
}

/** The newest change of this app that is not undone; null where there is none. */
export function latestBackup(kept: readonly UrlBackup[], { address, appId }: BackupOwner): UrlBackup | null {
  return (
    kept.findLast((change) => change.undoneAtMs === null && change.address === address && change.app.id === appId) ??
    null
  );
}

/** Claims whose listener has not put back what it found. */
export function openClaimBackups(kept: readonly UrlBackup[]): readonly UrlBackup[] {
  return kept.filter(({ claimedBy }) => claimedBy !== null);
}

/** More are history that nobody puts back. */
const MOST_KEPT = 100;

/** With one more; the oldest go where there are too many, but never a claim that is open. */
export function addBackup(kept: readonly UrlBackup[], change: UrlBackup): readonly UrlBackup[] {
  const all = [...kept, change];
  const surplus = all.length - MOST_KEPT;
  return all.filter(({ claimedBy }, at) => at >= surplus || claimedBy !== null);
}

/** As JSON for people to read, too. */
export function backupsToJson(changes: readonly UrlBackup[]): string {
  return `${JSON.stringify({ changes }, null, 2)}\n`;
}

/** Null for bytes that are not the text of {@link keptToJson}; fields it does not know are left out. */
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
