import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Deps } from '../cli/deps.js';
import { addBackup, backupsToJson, parseBackups, type UrlBackup } from '../connect-api/url-backup.js';
import { ToolError } from '../errors.js';
import { isBeingWritten } from '../journal/lock.js';
import type { OpenSettings } from '../settings/open.js';
import { replaceFile } from '../settings/replace-file.js';
import { ensureStateFolder, findStateFolder } from '../settings/state-folder.js';

const BACKUP_FILE = 'endpoint.json';

/** Backup file of the URL changes made from this project. Each method throws usage `ERR_ENDPOINT_KEPT_*`. */
export interface UrlBackupFile {
  readonly path: string;
  /** Oldest first. */
  all(): readonly UrlBackup[];
  /** False for a backup that came with a clone or a copy of the folder: it must not be trusted. */
  isOwn(change: UrlBackup): boolean;
  /** On disk when this returns. */
  keep(change: Omit<UrlBackup, 'id' | 'folder' | 'undoneAtMs'>): UrlBackup;
  update(id: string, news: Partial<Pick<UrlBackup, 'undoneAtMs' | 'claimedBy'>>): void;
  /** Removes the backup of a change that was not made. */
  forget(id: string): void;
}

type BackupDeps = Pick<Deps, 'cwd' | 'userId' | 'random'>;

/** The file of the project, its folder created with the first backup. Throws usage errors `ERR_STATE_*`. */
export function openUrlBackups({ files }: Pick<OpenSettings, 'files'>, deps: BackupDeps): UrlBackupFile {
  const { cwd, userId } = deps;
  const folder = findStateFolder(cwd, files.project?.folder ?? null, userId);
  const ensureFolder = (): string => ensureStateFolder(folder, userId);
  if (folder.exists) ensureFolder();
  return createBackupFile(folder.path, ensureFolder, deps);
}

const ID_BYTES = 6;

function createBackupFile(folder: string, ensureFolder: () => string, { random }: Pick<Deps, 'random'>): UrlBackupFile {
  const path = join(folder, BACKUP_FILE);
  const newId = (): string => Buffer.from(random(ID_BYTES)).toString('hex');
  const all = (): readonly UrlBackup[] => readBackups(path);
  const write = (changes: readonly UrlBackup[]): void => writeBackups(path, changes, newId());
  return {
    path,
    all,
    isOwn: (change) => change.folder === nameOf(folder),
    keep(change) {
      ensureFolder();
      const backup = { ...change, id: newId(), undoneAtMs: null, folder: nameOf(folder) };
      write(addBackup(all(), backup));
      return backup;
    },
    update: (id, news) => write(all().map((change) => (change.id === id ? { ...change, ...news } : change))),
    forget: (id) => write(all().filter((change) => change.id !== id)),
  };
}

/** The inode of the folder: a clone cannot know it in advance. */
function nameOf(folder: string): string {
  return String(lstatSync(folder, { bigint: true, throwIfNoEntry: false })?.ino ?? 'none');
}

function readBackups(path: string): readonly UrlBackup[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw backupError('UNREADABLE', `${path} cannot be read: ${code}`, UNREADABLE_HINT, cause);
  }
  const backups = parseBackups(bytes);
  if (backups === null) throw backupError('UNREADABLE', `${path} is damaged`, UNREADABLE_HINT);
  return backups;
}

const UNREADABLE_HINT = 'It holds the URLs that `endpoint restore` restores: check it, then move it away.';

function writeBackups(path: string, changes: readonly UrlBackup[], suffix: string): void {
  try {
    replaceFile(path, backupsToJson(changes), suffix);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw backupError('UNWRITABLE', `${path} cannot be written: ${code}`, UNWRITABLE_HINT, cause);
  }
}

const UNWRITABLE_HINT = 'It must hold the previous URLs before they are changed.';

function backupError(defect: string, message: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('usage', `ERR_ENDPOINT_KEPT_${defect}`, message, { hint, cause });
}

/** True while the listener of this claim runs: its process exists, and the journal of the same folder is being written. */
export async function isClaimActive(
  { claimedBy }: Pick<UrlBackup, 'claimedBy'>,
  { path }: Pick<UrlBackupFile, 'path'>,
  { isRunning }: Pick<Deps, 'isRunning'>,
): Promise<boolean> {
  return claimedBy !== null && isRunning(claimedBy) && (await isBeingWritten(dirname(path)));
}
