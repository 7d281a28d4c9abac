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
import { readProjectRoot, TEST_AUTHORITY } from './authority.js';

type PlaceDeps = Pick<Deps, 'cwd' | 'userId'>;

/** Finds the folder of the project's journal; null where there is none yet. Throws usage errors `ERR_STATE_*`. */
export function findJournalFolder({ files }: Pick<OpenSettings, 'files'>, { cwd, userId }: PlaceDeps): string | null {
  const state = findStateFolder(cwd, files.project?.folder ?? null, userId);
  return state.exists ? ensureStateFolder(state, userId) : null;
}

/** Finds the folder of the project's journal, and creates it if it is missing. Throws usage errors `ERR_STATE_*`. */
export function openJournalFolder({ files }: Pick<OpenSettings, 'files'>, { cwd, userId }: PlaceDeps): string {
  return ensureStateFolder(findStateFolder(cwd, files.project?.folder ?? null, userId), userId);
}

/** Usage error `ERR_JOURNAL_NONE` of a command that needs a journal. */
export function noJournalError(): ToolError {
  return new ToolError('usage', 'ERR_JOURNAL_NONE', 'there is no journal here: no notification was received yet', {
    hint: 'Start one with `storewire listen`, or run in the folder of the project that has it.',
  });
}

/**
 * Creates the verification context for each recorded root. The project's test authority is trusted only for entries that `listen` verified
 * under it, when the user had chosen to trust it. `folder` is the state folder.
 */
export function createContextsByRoot(folder: string, roots: readonly TrustedRoot[]): ContextForRoot {
  const standard = createVerificationContext(roots);
  let withTestAuthority: VerificationContext | null = null;
  return (recordedRoot) => {
    if (recordedRoot !== TEST_AUTHORITY) return standard;
    withTestAuthority ??= createVerificationContext([...roots, ...readProjectRoot(folder)]);
    return withTestAuthority;
  };
}

/** Warning for stderr about lines that could not be read, with the location of the first; '' where there are none. */
export function describeDamagedLines(
  damagedLines: readonly DamagedLine[],
  { paint, columns }: Pick<View, 'paint' | 'columns'>,
): string {
  const [first] = damagedLines;
  if (first === undefined) return '';
  const location = `${escapeText(first.path)}, byte ${groupDigits(first.offset)}`;
  const text =
    damagedLines.length === 1
      ? `Skipped an unreadable line of the journal: ${location}.`
      : `Skipped ${groupDigits(damagedLines.length)} unreadable lines of the journal; the first: ${location}.`;
  return `${laySentence(text, { columns })
    .map((line) => paint.yellow(line))
    .join('\n')}\n`;
}
