import { lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../errors.js';
import { type Authority, createAuthority, exportAuthority, importAuthority } from './authority.js';

/** A test authority that is kept on disk, and where. */
export interface StoredAuthority {
  readonly authority: Authority;
  /** The root certificate as PEM: what a verifier under test is given. */
  readonly rootPath: string;
  /** Whether it was made just now. */
  readonly isNew: boolean;
}

/** The present in milliseconds, and the effective user: -1 where the system has none and file modes say nothing. */
export interface StoreContext {
  readonly nowMs: number;
  readonly userId: number;
}

const ROOT_FILE = 'root.pem';

const KEY_FILE = 'root-key.pem';

const FILE_MODE = 0o600;

const YEAR_MS = 365 * 86_400_000;

const VALID_FOR_MS = YEAR_MS;

/** A story that ends today begins months ago, and each of its notifications is judged at its own date. */
const VALID_SINCE_MS = 2 * YEAR_MS;

/**
 * The authority kept in `folder`, made on first need: good for a year from then on, and for what is dated up to two years
 * back. The folder around it must exist and be its owner's alone. Two processes that make one at the same moment end up
 * with the same one. Throws (usage) `ERR_AUTHORITY_UNREADABLE`, `ERR_AUTHORITY_EXPIRED`, `ERR_AUTHORITY_EXPOSED` (others
 * can read its key, as they can of one that came with a cloned repository) and `ERR_AUTHORITY_UNWRITABLE`.
 */
export async function openAuthority(folder: string, context: StoreContext): Promise<StoredAuthority> {
  const kept = readAuthority(folder, context);
  if (kept !== null) return kept;
  const made = await createAuthority({
    nowMs: context.nowMs - VALID_SINCE_MS,
    validForMs: VALID_SINCE_MS + VALID_FOR_MS,
  });
  const isNew = keepAuthority(folder, made);
  return { ...(readAuthority(folder, context) ?? failUnreadable(folder)), isNew };
}

/** The authority kept in `folder`; null where there is none. Throws as {@link openAuthority}. */
export function readAuthority(folder: string, { nowMs, userId }: StoreContext): StoredAuthority | null {
  if (lookAt(folder) === null) return null;
  const keyPath = join(folder, KEY_FILE);
  if (userId !== -1 && isOpenToOthers(lookAt(keyPath))) throw exposed(folder, keyPath);
  const authority = importFrom(folder);
  if (Date.parse(authority.root.validTo) <= nowMs) throw expired(folder, authority);
  return { authority, rootPath: join(folder, ROOT_FILE), isNew: false };
}

/** Written aside and moved into place as a whole: nobody ever sees half of it. False where another process was first. */
function keepAuthority(folder: string, authority: Authority): boolean {
  const { rootPem, keyPem } = exportAuthority(authority);
  try {
    const draft = mkdtempSync(`${folder}-`);
    try {
      writeFileSync(join(draft, ROOT_FILE), rootPem, { mode: FILE_MODE });
      writeFileSync(join(draft, KEY_FILE), keyPem, { mode: FILE_MODE });
      renameSync(draft, folder);
      return true;
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
  } catch (cause) {
    if (lookAt(folder) !== null) return false;
    throw new ToolError('usage', 'ERR_AUTHORITY_UNWRITABLE', `The test authority cannot be kept in ${folder}.`, {
      hint: 'Check that the folder can be written to and that the disk has room.',
      cause,
    });
  }
}

function importFrom(folder: string): Authority {
  try {
    return importAuthority({
      rootPem: readFileSync(join(folder, ROOT_FILE), 'utf8'),
      keyPem: readFileSync(join(folder, KEY_FILE), 'utf8'),
    });
  } catch (cause) {
    return failUnreadable(folder, cause);
  }
}

function lookAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function isOpenToOthers(stats: Stats | null): boolean {
  return stats !== null && (stats.mode & 0o077) !== 0;
}

const START_ANEW = 'Delete that folder and a new one is made; what trusts the old root must then be given the new one.';

function failUnreadable(folder: string, cause?: unknown): never {
  throw new ToolError('usage', 'ERR_AUTHORITY_UNREADABLE', `The test authority in ${folder} cannot be read.`, {
    hint: START_ANEW,
    cause,
  });
}

function expired(folder: string, { root }: Authority): ToolError {
  const day = new Date(root.validTo).toISOString().slice(0, 10);
  return new ToolError('usage', 'ERR_AUTHORITY_EXPIRED', `The test authority in ${folder} expired on ${day}.`, {
    hint: START_ANEW,
  });
}

function exposed(folder: string, keyPath: string): ToolError {
  const message = `Others can read the key of the test authority, ${keyPath}, as they can where it came with a cloned folder.`;
  return new ToolError('usage', 'ERR_AUTHORITY_EXPOSED', message, {
    hint: `If you put it there: chmod 600 ${keyPath}. If not, delete ${folder} and a new one is made.`,
  });
}
