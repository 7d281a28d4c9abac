import { lstatSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ToolError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../jws/json.js';
import { nearestName, PROJECT_KEYS, SCHEMA_KEY, SETTING_NAMES } from './names.js';

const PROJECT_FILE = '.storewire.json';

/** Far more than any settings need: a larger file is not a settings file. */
const MAX_BYTES = 1024 * 1024;

/** A settings file: one JSON object, its permission bits (`mode`) and the id of its owner. */
export interface ConfigFile {
  readonly path: string;
  readonly folder: string;
  readonly content: JsonObject;
  readonly mode: number;
  readonly ownerId: number;
}

/**
 * Reads the project's `.storewire.json`, searched for in `cwd` and every parent folder, like `.git`; null if there is none. Throws the
 * errors of {@link readConfigFile}, `ERR_SETTINGS_PROJECT_KEY` for a key that a project file must not contain, and
 * `ERR_SETTINGS_PROJECT_OWNER` for a file, or a link to one, of a user other than `userId` (-1: not compared) and root: anyone may place
 * one in a shared folder above, and it could send notifications elsewhere.
 */
export function readProjectFile(cwd: string, userId: number): ConfigFile | null {
  const found = findUpwards(cwd, PROJECT_FILE);
  if (found === null) return null;
  const isTrusted = (owner: number): boolean => userId === -1 || owner === userId || owner === 0;
  if (!isTrusted(found.stats.uid)) throw otherOwner(found.path, found.stats.uid);
  const file = readConfigFile(found.path);
  if (file === null) throw unreadable(found.path, 'is a broken symbolic link');
  if (!isTrusted(file.ownerId)) throw otherOwner(found.path, file.ownerId);
  checkProjectKeys(file);
  return file;
}

function otherOwner(path: string, owner: number): ToolError {
  const message = `the project file ${path} belongs to another user (${owner}), so it is not used`;
  const hint = 'Run as that user, make the file yours (chown), or move it away.';
  return new ToolError('usage', 'ERR_SETTINGS_PROJECT_OWNER', message, { hint });
}

/**
 * Reads a settings file; null if it does not exist. Throws usage errors: `ERR_SETTINGS_FILE_UNREADABLE` (not a file, no permission, too
 * large), `ERR_SETTINGS_FILE_JSON` (with line and column if the parser gives them), `ERR_SETTINGS_FILE_SHAPE` (not an object).
 */
export function readConfigFile(path: string): ConfigFile | null {
  const stats = statsOf(path);
  if (stats === null) return null;
  if (!stats.isFile()) throw unreadable(path, 'is not a file');
  if (stats.size > MAX_BYTES) throw unreadable(path, `is larger than ${MAX_BYTES} bytes`);
  const content = parseObject(readText(path), path);
  return { path, folder: dirname(path), content, mode: stats.mode & 0o777, ownerId: stats.uid };
}

/**
 * Throws `ERR_SETTINGS_PROJECT_KEY` for keys that a project file must not contain, and for unknown ones, with the nearest name. Only keys
 * that could take a token, trust a root or run a program get the reason.
 */
export function checkProjectKeys(file: Pick<ConfigFile, 'path' | 'content'>): void {
  const allowed: readonly string[] = [SCHEMA_KEY, ...PROJECT_KEYS];
  const keys = Object.keys(file.content).filter((name) => !allowed.includes(name));
  const [dangerous = null] = keys.filter((name) => nearestName(name, FORBIDDEN_KEYS) !== null);
  const list = `Allowed keys: ${PROJECT_KEYS.join(', ')}.`;
  if (dangerous !== null) {
    const message = `the project file ${file.path} must not contain "${dangerous}": a cloned repository could use it to take a token, trust a root or run a program`;
    const hint = `${list} Put the others in a profile of the user file, or use a flag or variable.`;
    throw new ToolError('usage', 'ERR_SETTINGS_PROJECT_KEY', message, { hint });
  }
  if (keys.length === 0) return;
  const nearest = keys.map((key) => nearestName(key, PROJECT_KEYS));
  const told = keys.map((key, at) => (nearest[at] == null ? `"${key}"` : `"${key}": did you mean ${nearest[at]}?`));
  const message = `unknown ${keys.length === 1 ? 'key' : 'keys'} in the project file ${file.path}: ${told.join(' ')}`;
  throw new ToolError('usage', 'ERR_SETTINGS_PROJECT_KEY', message, { hint: list });
}

/** Keys of secrets, addresses, roots and programs, as a profile, a variable or another tool spells them. */
const FORBIDDEN_KEYS: readonly string[] = [
  ...new Set(SETTING_NAMES.map((name) => name.split('.')[0] ?? name)),
  'profiles',
  'issuerId',
  'keyId',
  'privateKey',
  'privateKeyPath',
  'sharedSecret',
  'password',
  'secret',
  'token',
  'apiKey',
  'insecure',
].filter((name) => !(PROJECT_KEYS as readonly string[]).includes(name));

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, `cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, cause);
  }
}

/** Leaves out the engine's message, which quotes the text around the defect: the user file may contain a key. */
function parseObject(text: string, path: string): JsonObject {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const hint = 'JSON allows neither comments nor a trailing comma.';
    throw new ToolError('usage', 'ERR_SETTINGS_FILE_JSON', `${path}${defectPosition(json, error)} is not valid JSON`, {
      hint,
    });
  }
  if (isJsonObject(value)) return value;
  throw new ToolError('usage', 'ERR_SETTINGS_FILE_SHAPE', `${path} must contain one JSON object, { … }`);
}

/** `:3:17`, line and column counted from 1; empty if the parser gives no position. */
function defectPosition(json: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = / at position (\d+)/.exec(message)?.[1];
  const end = /^Unexpected end of JSON input/.test(message) ? json.length : undefined;
  const offset = position === undefined ? end : Number(position);
  if (offset === undefined) return '';
  const before = json.slice(0, offset).split('\n');
  return `:${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

function unreadable(path: string, defect: string, cause?: unknown): ToolError {
  return new ToolError('usage', 'ERR_SETTINGS_FILE_UNREADABLE', `the settings file ${path} ${defect}`, { cause });
}

export interface Found {
  readonly path: string;
  /** Stats of the entry itself; symbolic links are not followed. */
  readonly stats: Stats;
}

/** Finds the nearest entry named `name` in `folder` or a parent folder, up to the root of the file system; null if there is none. */
export function findUpwards(folder: string, name: string): Found | null {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    const stats = linkStatsOf(path);
    if (stats !== null) return { path, stats };
    if (dirname(at) === at) return null;
  }
}

/** Stats of a path, symbolic links followed; null if it does not exist or is not accessible. */
export function statsOf(path: string): Stats | null {
  return statOrNull(() => statSync(path, { throwIfNoEntry: false }));
}

/** Like {@link statsOf}, but of a symbolic link itself. */
function linkStatsOf(path: string): Stats | null {
  return statOrNull(() => lstatSync(path, { throwIfNoEntry: false }));
}

/** An inaccessible folder counts as empty, as in git; any other error is thrown. */
function statOrNull(stat: () => Stats | undefined): Stats | null {
  try {
    return stat() ?? null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG')
      return null;
    throw error;
  }
}
