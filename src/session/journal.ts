import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';
import type { ContextForRoot } from '../journal/query.js';
import type { DamagedLine } from '../journal/record.js';
import { createVerificationContext, type VerificationContext } from '../notification/verification-context.js';
import type { OpenSettings } from '../settings/open.js';
import { ensureStateFolder, findStateFolder } from '../settings/state-folder.js';
import { escapeText } from '../terminal/escape.js';
import { groupDigits } from '../terminal/format.js';
import { laySentence, type View } from '../terminal/layout.js';
import type { TrustedRoot } from '../trust/roots.js';
import { readProjectRoot, TEST_AUTHORITY } from './trust.js';

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
export function noJournalError(): ToolError {
  return new ToolError('usage', 'ERR_JOURNAL_NONE', 'there is no journal here: nothing was received yet', {
    hint: 'Start one with `storewire listen`, or run in the folder of the project that has it.',
  });
}

/**
 * The project's authority is believed for what was verified under it when it came in, and for nothing else: that it was, `listen` was told
 * then. `folder` is the state folder.
 */
export function createContextsByRoot(folder: string, roots: readonly TrustedRoot[]): ContextForRoot {
  const usual = createVerificationContext(roots);
  let testing: VerificationContext | null = null;
  return (recordedRoot) => {
    if (recordedRoot !== TEST_AUTHORITY) return usual;
    testing ??= createVerificationContext([...roots, ...readProjectRoot(folder)]);
    return testing;
  };
}

/** For stderr: lines that could not be read, where the first of them is; '' where there are none. */
export function describeTears(
  tears: readonly DamagedLine[],
  { paint, columns }: Pick<View, 'paint' | 'columns'>,
): string {
  const [first] = tears;
  if (first === undefined) return '';
  const place = `${escapeText(first.path)}, byte ${groupDigits(first.offset)}`;
  const text =
    tears.length === 1
      ? `A line of the journal cannot be read and was passed over: ${place}.`
      : `${groupDigits(tears.length)} lines of the journal cannot be read and were passed over; the first: ${place}.`;
  return `${laySentence(text, { columns })
    .map((line) => paint.yellow(line))
    .join('\n')}\n`;
}
