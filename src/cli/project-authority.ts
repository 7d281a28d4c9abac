import { join } from 'node:path';
import type { OpenSettings } from '../settings/open.js';
import { ensureStateFolder, findStateFolder } from '../settings/state-folder.js';
import type { StoredAuthority } from '../simulator/authority-store.js';
import type { Deps } from './deps.js';

const AUTHORITY_FOLDER = 'authority';

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
