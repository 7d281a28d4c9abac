import { chmodSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import { type Found, findUpwards } from './files.js';

const STATE_FOLDER = '.storewire';

/** Owner only: the folder contains personal data and keys. */
const STATE_FOLDER_MODE = 0o700;

export const STATE_FILE_MODE = 0o600;

/** The state folder of a project. `defect`: reason not to use it. `exists` is false if it will be created when needed. */
export interface StateFolder {
  readonly path: string;
  readonly exists: boolean;
  readonly defect: 'other owner' | 'link' | 'not a folder' | null;
}

/**
 * Finds the project's `.storewire/`: the nearest one in `cwd` or a parent folder, else the path to create it at, beside the project file
 * or in `cwd`. Changes nothing. With `userId` -1 (Windows) owners are not compared.
 */
export function findStateFolder(cwd: string, projectFolder: string | null, userId: number): StateFolder {
  const found = findUpwards(cwd, STATE_FOLDER);
  if (found === null) return { path: join(projectFolder ?? cwd, STATE_FOLDER), exists: false, defect: null };
  return { path: found.path, exists: true, defect: defectOf(found, userId) };
}

/**
 * Creates the state folder if missing, with a `.gitignore` that ignores everything, and removes other users' access to an existing
 * one; returns its path. Throws usage errors `ERR_STATE_OWNER`, `ERR_STATE_LINK`, `ERR_STATE_NOT_FOLDER`, `ERR_STATE_UNWRITABLE`.
 */
export function ensureStateFolder(folder: StateFolder, userId: number): string {
  if (folder.defect !== null) throw defectError(folder.path, folder.defect);
  try {
    createFolder(folder.path, userId);
    createIgnoreFile(join(folder.path, '.gitignore'));
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    const message = `the state folder ${folder.path} cannot be created: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`;
    throw new ToolError('usage', 'ERR_STATE_UNWRITABLE', message, { cause });
  }
  return folder.path;
}

/** Text for a defect of the state folder, to follow its path. */
export function describeStateDefect(defect: NonNullable<StateFolder['defect']>): string {
  return DEFECTS[defect].text;
}

const DEFECTS = {
  'other owner': { code: 'ERR_STATE_OWNER', text: 'belongs to another user' },
  link: { code: 'ERR_STATE_LINK', text: 'is a symbolic link, which a cloned repository may contain' },
  'not a folder': { code: 'ERR_STATE_NOT_FOLDER', text: 'is not a folder' },
} as const;

function defectOf({ stats }: Found, userId: number): StateFolder['defect'] {
  if (stats.isSymbolicLink()) return 'link';
  if (!stats.isDirectory()) return 'not a folder';
  return userId !== -1 && stats.uid !== userId ? 'other owner' : null;
}

function defectError(path: string, defect: NonNullable<StateFolder['defect']>): ToolError {
  const { code, text } = DEFECTS[defect];
  const hint = 'Move it away, or run in a folder of your own, where a new one is created.';
  return new ToolError('usage', code, `the state folder ${path} ${text}, so it is not used`, { hint });
}

/** Checked again after creation: another process, perhaps of another user, may have created it first. */
function createFolder(path: string, userId: number): void {
  try {
    mkdirSync(path, { mode: STATE_FOLDER_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stats = lstatSync(path);
  const defect = defectOf({ path, stats }, userId);
  if (defect !== null) throw defectError(path, defect);
  if (userId !== -1 && (stats.mode & 0o777) !== STATE_FOLDER_MODE) chmodSync(path, STATE_FOLDER_MODE);
}

/** `wx` never follows a link and never overwrites an existing file. */
function createIgnoreFile(path: string): void {
  try {
    writeFileSync(path, '*\n', { flag: 'wx', mode: STATE_FILE_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
