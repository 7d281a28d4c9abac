import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ToolError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../jws/json.js';
import { PROJECT_KEYS } from './names.js';

const PROJECT_FILE = '.storewire.json';

/** Far more than any settings need; a larger file is some other file. */
const MAX_BYTES = 1024 * 1024;

/** A settings file as read: one JSON object. `mode` are its permission bits, `ownerId` the user it belongs to. */
export interface ConfigFile {
  readonly path: string;
  readonly folder: string;
  readonly content: JsonObject;
  readonly mode: number;
  readonly ownerId: number;
}

/**
 * The project's `.storewire.json`, looked for in `cwd` and every folder above it, as git looks for `.git`; null where there is none.
 * Throws what {@link readConfigFile} throws and `ERR_SETTINGS_PROJECT_KEY` where it holds more than a project file may.
 */
export function readProjectFile(cwd: string): ConfigFile | null {
  const found = findUpwards(cwd, PROJECT_FILE);
  if (found === null) return null;
  const file = readConfigFile(found.path);
  if (file === null) throw unreadable(found.path, 'is a link that leads nowhere');
  checkProjectKeys(file);
  return file;
}

/**
 * A settings file, or null where it does not exist. Throws usage errors: `ERR_SETTINGS_FILE_UNREADABLE` (no file, no permission, too
 * large), `ERR_SETTINGS_FILE_JSON` (with line and column where the parser tells), `ERR_SETTINGS_FILE_SHAPE` (not an object).
 */
export function readConfigFile(path: string): ConfigFile | null {
  const stats = statsOf(path);
  if (stats === null) return null;
  if (!stats.isFile()) throw unreadable(path, 'is not a file');
  if (stats.size > MAX_BYTES) throw unreadable(path, `is larger than ${MAX_BYTES} bytes`);
  const content = parseObject(readText(path), path);
  return { path, folder: dirname(path), content, mode: stats.mode & 0o777, ownerId: stats.uid };
}

/** Throws `ERR_SETTINGS_PROJECT_KEY` for the first key that a project file may not hold, and says where it belongs. */
export function checkProjectKeys(file: Pick<ConfigFile, 'path' | 'content'>): void {
  const allowed: readonly string[] = PROJECT_KEYS;
  const key = Object.keys(file.content).find((name) => !allowed.includes(name));
  if (key === undefined) return;
  throw new ToolError(
    'usage',
    'ERR_SETTINGS_PROJECT_KEY',
    `the project file ${file.path} may not hold "${key}": it comes with the repository, and a clone must not be able to take a token, trust a root or run a program`,
    {
      hint: `It may hold ${PROJECT_KEYS.join(', ')}. Put the rest in a profile of your user file, or set it as a flag or variable.`,
    },
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, `cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, cause);
  }
}

/** The engine's own message is left out: it quotes the text around the defect, and the user file may hold a key. */
function parseObject(text: string, path: string): JsonObject {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const hint = 'JSON has no comments, and no comma after the last entry.';
    throw new ToolError('usage', 'ERR_SETTINGS_FILE_JSON', `${path}${defectPlace(json, error)} is not JSON`, { hint });
  }
  if (isJsonObject(value)) return value;
  throw new ToolError('usage', 'ERR_SETTINGS_FILE_SHAPE', `${path} must hold one JSON object, { … }`);
}

/** `:3:17`, line and column counted from 1; empty where the parser gives no position. */
function defectPlace(json: string, error: unknown): string {
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
  /** Of the entry itself: a symbolic link is not followed. */
  readonly stats: Stats;
}

/** The nearest entry called `name` in `folder` or above it, up to the root of the file system; null where there is none. */
export function findUpwards(folder: string, name: string): Found | null {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    const stats = linkStatsOf(path);
    if (stats !== null) return { path, stats };
    if (dirname(at) === at) return null;
  }
}

/** What a path leads to, links followed; null where nothing is there or it cannot be looked at. */
export function statsOf(path: string): Stats | null {
  return look(() => statSync(path, { throwIfNoEntry: false }));
}

/** As {@link statsOf}, of the link itself. */
function linkStatsOf(path: string): Stats | null {
  return look(() => lstatSync(path, { throwIfNoEntry: false }));
}

/** A folder that may not be entered holds nothing for us, as for git; any other failure is the caller's. */
function look(stat: () => Stats | undefined): Stats | null {
  try {
    return stat() ?? null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG')
      return null;
    throw error;
  }
}

/**
 * Puts `text` in the place of a file at once, so that it is never seen half written, and is on disk when this returns: 0600, in a folder
 * that is made 0700 where there is none. `suffix` makes the name of the new file its own until then. Throws what the system throws.
 */
export function replaceFile(path: string, text: string, suffix: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${suffix}.new`;
  // `wx` never writes through a link nor over a file that is there.
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeAndClose(file, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function writeAndClose(file: number, text: string): void {
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
