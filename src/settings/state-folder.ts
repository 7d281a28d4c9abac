import { chmodSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import { type Found, findUpwards } from './files.js';

const STATE_FOLDER = '.storewire';

/** What is kept there is personal data and keys: for its owner only. */
const STATE_FOLDER_MODE = 0o700;

export const STATE_FILE_MODE = 0o600;

/** The state folder of a project: `defect` says why it may not be used. `exists` is false where it would be made on first need. */
export interface StateFolder {
  readonly path: string;
  readonly exists: boolean;
  readonly defect: 'other owner' | 'link' | 'not a folder' | null;
}

/**
 * The project's `.storewire/`: the nearest one in `cwd` or above, else the place where it would be made, beside the project file, or
 * in `cwd` without one. Changes nothing. `userId` -1 (Windows) means that owners are not compared.
 */
export function findStateFolder(cwd: string, projectFolder: string | null, userId: number): StateFolder {
  const found = findUpwards(cwd, STATE_FOLDER);
  if (found === null) return { path: join(projectFolder ?? cwd, STATE_FOLDER), exists: false, defect: null };
  return { path: found.path, exists: true, defect: defectOf(found, userId) };
}

/**
 * Makes the state folder where it is not there yet, with a `.gitignore` that ignores everything, and takes others' access from one
 * that is; returns its path. Throws usage errors `ERR_STATE_OWNER`, `ERR_STATE_LINK`, `ERR_STATE_NOT_FOLDER`, `ERR_STATE_UNWRITABLE`.
 */
export function ensureStateFolder(folder: StateFolder, userId: number): string {
  if (folder.defect !== null) throw refusal(folder.path, folder.defect);
  try {
    makeFolder(folder.path, userId);
    makeIgnoreFile(join(folder.path, '.gitignore'));
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    const message = `the state folder ${folder.path} cannot be made: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`;
    throw new ToolError('usage', 'ERR_STATE_UNWRITABLE', message, { cause });
  }
  return folder.path;
}

/** Why a folder is refused, in words. */
export function describeStateDefect(defect: NonNullable<StateFolder['defect']>): string {
  return DEFECTS[defect].words;
}

const DEFECTS = {
  'other owner': { code: 'ERR_STATE_OWNER', words: 'belongs to another user' },
  link: { code: 'ERR_STATE_LINK', words: 'is a symbolic link, which a clone may have brought' },
  'not a folder': { code: 'ERR_STATE_NOT_FOLDER', words: 'is not a folder' },
} as const;

function defectOf({ stats }: Found, userId: number): StateFolder['defect'] {
  if (stats.isSymbolicLink()) return 'link';
  if (!stats.isDirectory()) return 'not a folder';
  return userId !== -1 && stats.uid !== userId ? 'other owner' : null;
}

function refusal(path: string, defect: NonNullable<StateFolder['defect']>): ToolError {
  const { code, words } = DEFECTS[defect];
  const hint = 'Move it away, or run in a folder of your own: a new one is made there.';
  return new ToolError('usage', code, `the state folder ${path} ${words}, so it is not used`, { hint });
}

/** Looked at again after it was made: another process may have been first, and not ours. */
function makeFolder(path: string, userId: number): void {
  try {
    mkdirSync(path, { mode: STATE_FOLDER_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stats = lstatSync(path);
  const defect = defectOf({ path, stats }, userId);
  if (defect !== null) throw refusal(path, defect);
  if (userId !== -1 && (stats.mode & 0o777) !== STATE_FOLDER_MODE) chmodSync(path, STATE_FOLDER_MODE);
}

/** `wx` never writes through a link nor over a file that is there. */
function makeIgnoreFile(path: string): void {
  try {
    writeFileSync(path, '*\n', { flag: 'wx', mode: STATE_FILE_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
