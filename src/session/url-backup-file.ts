import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Deps } from '../cli/deps.js';
import { addBackup, backupsToJson, parseBackups, type UrlBackup } from '../connect-api/url-backup.js';
import { ToolError } from '../errors.js';
import { isBeingWritten } from '../journal/lock.js';
import { replaceFile } from '../settings/files.js';
import type { OpenSettings } from '../settings/open.js';
import { ensureStateFolder, findStateFolder } from '../settings/state-folder.js';

const KEPT_FILE = 'endpoint.json';

/** What was changed at App Store Connect from this project, on disk. Each method throws (usage) `ERR_ENDPOINT_KEPT_*`. */
export interface UrlBackupFile {
  readonly path: string;
  /** Oldest first. */
  all(): readonly UrlBackup[];
  /** Whether it was written here. What a clone or a copy of the folder brought was not: nobody vouches for it. */
  isOwn(change: UrlBackup): boolean;
  /** On disk when this returns. */
  keep(change: Omit<UrlBackup, 'id' | 'folder' | 'undoneAtMs'>): UrlBackup;
  update(id: string, news: Partial<Pick<UrlBackup, 'undoneAtMs' | 'claimedBy'>>): void;
  /** It was not made. */
  forget(id: string): void;
}

type KeptDeps = Pick<Deps, 'cwd' | 'userId' | 'random'>;

/** The file of the project, its folder made when something is to be kept. Throws usage errors `ERR_STATE_*`. */
export function openUrlBackups({ files }: Pick<OpenSettings, 'files'>, deps: KeptDeps): UrlBackupFile {
  const { cwd, userId } = deps;
  const folder = findStateFolder(cwd, files.project?.folder ?? null, userId);
  const ensureFolder = (): string => ensureStateFolder(folder, userId);
  if (folder.exists) ensureFolder();
  return createKeptFile(folder.path, ensureFolder, deps);
}

const ID_BYTES = 6;

function createKeptFile(folder: string, ensureFolder: () => string, { random }: Pick<Deps, 'random'>): UrlBackupFile {
  const path = join(folder, KEPT_FILE);
  const newId = (): string => Buffer.from(random(ID_BYTES)).toString('hex');
  const all = (): readonly UrlBackup[] => readKept(path);
  const write = (changes: readonly UrlBackup[]): void => writeKept(path, changes, newId());
  return {
    path,
    all,
    isOwn: (change) => change.folder === nameOf(folder),
    keep(change) {
      ensureFolder();
      const kept = { ...change, id: newId(), undoneAtMs: null, folder: nameOf(folder) };
      write(addBackup(all(), kept));
      return kept;
    },
    update: (id, news) => write(all().map((change) => (change.id === id ? { ...change, ...news } : change))),
    forget: (id) => write(all().filter((change) => change.id !== id)),
  };
}

/** The number of a folder in its file system: no clone can know it before. */
function nameOf(folder: string): string {
  return String(lstatSync(folder, { bigint: true, throwIfNoEntry: false })?.ino ?? 'none');
}

function readKept(path: string): readonly UrlBackup[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw keptError('UNREADABLE', `${path} cannot be read: ${code}`, UNREADABLE_HINT, cause);
  }
  const kept = parseBackups(bytes);
  if (kept === null) throw keptError('UNREADABLE', `${path} is damaged`, UNREADABLE_HINT);
  return kept;
}

const UNREADABLE_HINT = 'It holds the URLs that `endpoint restore` would put back: look at it, then move it away.';

function writeKept(path: string, changes: readonly UrlBackup[], suffix: string): void {
  try {
    replaceFile(path, backupsToJson(changes), suffix);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw keptError('UNWRITABLE', `${path} cannot be written: ${code}`, UNWRITABLE_HINT, cause);
  }
}

const UNWRITABLE_HINT = 'What was there before is kept in it, so that it can be put back.';

function keptError(defect: string, message: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('usage', `ERR_ENDPOINT_KEPT_${defect}`, message, { hint, cause });
}

/** Whether the listener that made this claim still runs: a process of its number does, and one writes to the journal beside. */
export async function isClaimActive(
  { claimedBy }: Pick<UrlBackup, 'claimedBy'>,
  { path }: Pick<UrlBackupFile, 'path'>,
  { isRunning }: Pick<Deps, 'isRunning'>,
): Promise<boolean> {
  return claimedBy !== null && isRunning(claimedBy) && (await isBeingWritten(dirname(path)));
}
