import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenSettings } from '../settings/open.js';
import { ensureStateFolder, findStateFolder } from '../settings/state-folder.js';
import type { StoredAuthority } from '../simulator/authority-store.js';
import { parseRoots, type TrustedRoot } from '../trust/roots.js';
import type { Deps } from './deps.js';

const AUTHORITY_FOLDER = 'authority';
/** As verdicts name its root. */
export const TEST_AUTHORITY = 'test authority';

/**
 * The project's test authority, in `.storewire/authority/`, made on first need.
 * Throws usage errors `ERR_STATE_*` and `ERR_AUTHORITY_*`.
 */
export async function openProjectAuthority(
  { files }: Pick<OpenSettings, 'files'>,
  { cwd, now, userId }: Pick<Deps, 'cwd' | 'now' | 'userId'>,
): Promise<StoredAuthority> {
  const state = ensureStateFolder(findStateFolder(cwd, files.project?.folder ?? null, userId), userId);
  const { openAuthority } = await import('../simulator/authority-store.js');
  return openAuthority(join(state, AUTHORITY_FOLDER), { nowMs: now(), userId });
}

/** Its root, to be believed where something was verified under it before; none where the project has no authority. Makes nothing. */
export function readProjectRoot(stateFolder: string): readonly TrustedRoot[] {
  const path = join(stateFolder, AUTHORITY_FOLDER, 'root.pem');
  return existsSync(path) ? parseRoots(readFileSync(path)).map((root) => ({ ...root, name: TEST_AUTHORITY })) : [];
}
