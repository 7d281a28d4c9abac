import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deps, OutputStream } from '../cli/deps.js';
import type { OpenSettings } from '../settings/open.js';
import { ensureStateFolder, findStateFolder } from '../settings/state-folder.js';
import type { StoredAuthority } from '../simulator/authority/authority-file.js';
import { escapeText } from '../terminal/escape.js';
import { parseRoots, type TrustedRoot } from '../trust/roots.js';

const AUTHORITY_FOLDER = 'authority';

/** Name of the test authority's root in verdicts. */
export const TEST_AUTHORITY = 'test authority';

/**
 * The project's test authority, in `.storewire/authority/`, created when needed.
 * Throws usage errors `ERR_STATE_*` and `ERR_AUTHORITY_*`.
 */
export async function openProjectAuthority(
  { files }: Pick<OpenSettings, 'files'>,
  { cwd, now, userId }: Pick<Deps, 'cwd' | 'now' | 'userId'>,
): Promise<StoredAuthority> {
  const state = ensureStateFolder(findStateFolder(cwd, files.project?.folder ?? null, userId), userId);
  const { openAuthority } = await import('../simulator/authority/authority-file.js');
  return openAuthority(join(state, AUTHORITY_FOLDER), { nowMs: now(), userId });
}

/** Root of the project's authority, for notifications that were verified with it before; empty where the project has none. Creates nothing. */
export function readProjectRoot(stateFolder: string): readonly TrustedRoot[] {
  const path = join(stateFolder, AUTHORITY_FOLDER, 'root.pem');
  return existsSync(path) ? parseRoots(readFileSync(path)).map((root) => ({ ...root, name: TEST_AUTHORITY })) : [];
}

export type Lines = Pick<OutputStream, 'paint' | 'columns'>;

/** One line for stderr where the authority was made just now. */
export function describeMade({ rootPath }: StoredAuthority, { paint }: Pick<Lines, 'paint'>): string {
  return `${paint.dim(`Created a test authority for this project: ${escapeText(rootPath)}`)}\n`;
}
