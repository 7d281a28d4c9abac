import { lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../errors.js';
import { type Authority, createAuthority, exportAuthority, importAuthority } from './authority.js';

/** A test authority stored on disk. */
export interface StoredAuthority {
  readonly authority: Authority;
  /** PEM file of the root certificate, to be trusted by the verifier under test. */
  readonly rootPath: string;
  /** True if this call created it. */
  readonly isNew: boolean;
}

/** Current time in milliseconds, and effective user id: -1 on systems without one, where file modes mean nothing. */
export interface StoreContext {
  readonly nowMs: number;
  readonly userId: number;
}

const ROOT_FILE = 'root.pem';

const KEY_FILE = 'root-key.pem';

const FILE_MODE = 0o600;

const YEAR_MS = 365 * 86_400_000;

const VALID_FOR_MS = YEAR_MS;

/** A scenario that ends today begins months ago, and each of its notifications is checked as of its own date. */
const VALID_SINCE_MS = 2 * YEAR_MS;

/**
 * Opens the authority in `folder`, creating it if needed: valid for one year from then on, and for signing times up to
 * two years back. The parent folder must exist and be accessible to its owner only. Two processes that create one at
 * the same time get the same one. Throws (usage) `ERR_AUTHORITY_UNREADABLE`, `ERR_AUTHORITY_EXPIRED`,
 * `ERR_AUTHORITY_EXPOSED` (other users can read its key, as after cloning a repository that holds it) and
 * `ERR_AUTHORITY_UNWRITABLE`.
 */
export async function openAuthority(folder: string, context: StoreContext): Promise<StoredAuthority> {
  const stored = readAuthority(folder, context);
  if (stored !== null) return stored;
  const created = await createAuthority({
    nowMs: context.nowMs - VALID_SINCE_MS,
    validForMs: VALID_SINCE_MS + VALID_FOR_MS,
  });
  const isNew = writeAuthority(folder, created);
  return { ...(readAuthority(folder, context) ?? failUnreadable(folder)), isNew };
}

/** Reads the authority in `folder`; null if there is none. Throws as {@link openAuthority} does. */
export function readAuthority(folder: string, { nowMs, userId }: StoreContext): StoredAuthority | null {
  if (statOf(folder) === null) return null;
  const keyPath = join(folder, KEY_FILE);
  if (userId !== -1 && isAccessibleToOthers(statOf(keyPath))) throw exposed(folder, keyPath);
  const authority = importFrom(folder);
  if (Date.parse(authority.root.validTo) <= nowMs) throw expired(folder, authority);
  return { authority, rootPath: join(folder, ROOT_FILE), isNew: false };
}

/** Writes a temporary folder and renames it, so that no reader sees half of it. False if another process was first. */
function writeAuthority(folder: string, authority: Authority): boolean {
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
    if (statOf(folder) !== null) return false;
    throw new ToolError('usage', 'ERR_AUTHORITY_UNWRITABLE', `cannot write the test authority to ${folder}`, {
      hint: 'Check that the folder is writable and that the disk has free space.',
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

function statOf(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function isAccessibleToOthers(stats: Stats | null): boolean {
  return stats !== null && (stats.mode & 0o077) !== 0;
}

const RECREATE_HINT =
  'Delete that folder to create a new authority, then replace its root wherever the old one is trusted.';

function failUnreadable(folder: string, cause?: unknown): never {
  throw new ToolError('usage', 'ERR_AUTHORITY_UNREADABLE', `cannot read the test authority in ${folder}`, {
    hint: RECREATE_HINT,
    cause,
  });
}

function expired(folder: string, { root }: Authority): ToolError {
  const day = new Date(root.validTo).toISOString().slice(0, 10);
  return new ToolError('usage', 'ERR_AUTHORITY_EXPIRED', `the test authority in ${folder} expired on ${day}`, {
    hint: RECREATE_HINT,
  });
}

function exposed(folder: string, keyPath: string): ToolError {
  const message = `other users can read the private key of the test authority, ${keyPath}`;
  return new ToolError('usage', 'ERR_AUTHORITY_EXPOSED', message, {
    hint: `If the key is yours: chmod 600 ${keyPath}. If it came with a repository: delete ${folder}.`,
  });
}
