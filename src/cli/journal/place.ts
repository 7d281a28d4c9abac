import { ToolError } from '../../errors.js';
import type { OpenSettings } from '../../settings/open.js';
import { ensureStateFolder, findStateFolder } from '../../settings/state-folder.js';
import type { Deps } from '../deps.js';

type PlaceDeps = Pick<Deps, 'cwd' | 'userId'>;

/** The folder that holds the project's journal; null where there is none yet. Throws usage errors `ERR_STATE_*`. */
export function findJournalFolder({ files }: Pick<OpenSettings, 'files'>, { cwd, userId }: PlaceDeps): string | null {
  const state = findStateFolder(cwd, files.project?.folder ?? null, userId);
  return state.exists ? ensureStateFolder(state, userId) : null;
}

/** The same folder, made where there is none. */
export function openJournalFolder({ files }: Pick<OpenSettings, 'files'>, { cwd, userId }: PlaceDeps): string {
  return ensureStateFolder(findStateFolder(cwd, files.project?.folder ?? null, userId), userId);
}

/** What a command says that cannot do anything without one. */
export function noJournal(): ToolError {
  return new ToolError('usage', 'ERR_JOURNAL_NONE', 'there is no journal here: nothing was received yet', {
    hint: 'Start one with `storewire listen`, or run in the folder of the project that has it.',
  });
}
