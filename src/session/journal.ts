import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';
import type { ContextForRoot } from '../journal/query.js';
import { type JournalReader, openJournalReader } from '../journal/reader.js';
import type { DamagedLine } from '../journal/record.js';
import { createVerificationContext, type VerificationContext } from '../notification/verification-context.js';
import type { OpenSettings } from '../settings/open.js';
import { ensureStateFolder, findStateFolder } from '../settings/state-folder.js';
import { escapeText } from '../terminal/escape.js';
import { groupDigits } from '../terminal/format.js';
import { laySentence, type View } from '../terminal/layout.js';
import { APPLE_ROOT_NAME, type TrustedRoot } from '../trust/roots.js';
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

/**
 * These roots and that of the project's test authority, where it has one. Call it after the first payload is read: in `trigger --print | timeline`
 * both start at once, and the first may have to create the authority. Throws usage errors `ERR_STATE_*`.
 */
export function withProjectRoot(
  roots: readonly TrustedRoot[],
  open: Pick<OpenSettings, 'files'>,
  deps: PlaceDeps,
): readonly TrustedRoot[] {
  const folder = findJournalFolder(open, deps);
  return folder === null ? roots : [...roots, ...readProjectRoot(folder)];
}

/** Usage error `ERR_JOURNAL_NONE` of a command that needs a journal; `reader`: of one without an entry. */
export function noJournalError(reader?: Pick<JournalReader, 'damagedLines'>): ToolError {
  if ((reader?.damagedLines().length ?? 0) > 0)
    return new ToolError('usage', 'ERR_JOURNAL_NONE', 'no line of the journal can be read', {
      hint: 'Move the folder .storewire away, or restore it from a backup.',
    });
  return new ToolError('usage', 'ERR_JOURNAL_NONE', 'there is no journal here: no notification was received yet', {
    hint: 'Start one with `storewire listen`, or run in the folder of the project that has it.',
  });
}

/**
 * Opens the journal of a folder for reading and warns about damaged lines; without a folder it is empty. `verbose` also tells each index
 * that is built again.
 */
export async function openReader(
  folder: string | null,
  { verbose = false }: { readonly verbose?: boolean | undefined },
  { stderr }: Pick<Deps, 'stderr'>,
): Promise<JournalReader> {
  const onRebuilt = (path: string, reason: string): void =>
    stderr.write(`${stderr.paint.dim(`${escapeText(path)} is built again: ${reason}.`)}\n`);
  const reader = await openJournalReader(folder, verbose ? { onRebuilt } : {});
  stderr.write(describeDamagedLines(reader.damagedLines(), stderr));
  const foreign = reader.files.list.filter(({ isForeign }) => isForeign).map(({ file }) => file.name);
  if (foreign.length > 0) stderr.write(describeForeignFiles(foreign, CLAIMS, stderr));
  return reader;
}

/** Trusted roots for each recorded root. */
type RootsForRecorded = (recordedRoot: string | null) => readonly TrustedRoot[];

/**
 * Chooses the roots for each recorded root. The project's test authority is trusted only for entries that `listen` verified under it, when
 * the user had chosen to trust it; see `recordedRoot` for a journal that came with a clone, which could bring its authority. `folder` is the
 * state folder.
 */
export function rootsForRecorded(folder: string, roots: readonly TrustedRoot[]): RootsForRecorded {
  let withTestAuthority: readonly TrustedRoot[] | null = null;
  let own: readonly TrustedRoot[] | null = null;
  return (recordedRoot) => {
    if (recordedRoot === null || recordedRoot === APPLE_ROOT_NAME) return roots;
    own ??= readProjectRoot(folder);
    // `listen --root` with the file of the same authority, as the emulator prints it, records its SHA-256.
    if (recordedRoot !== TEST_AUTHORITY && !own.some(({ certificate }) => certificate.sha256 === recordedRoot))
      return roots;
    withTestAuthority ??= [...roots, ...own];
    return withTestAuthority;
  };
}

/** Creates the verification context for each recorded root; see {@link rootsForRecorded}. */
export function createContextsByRoot(folder: string, roots: readonly TrustedRoot[]): ContextForRoot {
  const rootsFor = rootsForRecorded(folder, roots);
  const contexts = new Map<readonly TrustedRoot[], VerificationContext>();
  return (recordedRoot) => {
    const trusted = rootsFor(recordedRoot);
    const context = contexts.get(trusted) ?? createVerificationContext(trusted);
    contexts.set(trusted, context);
    return context;
  };
}

const CLAIMS = 'Verdicts in it are claims until the payload is verified again, as `journal show` does.';

/** Consequence for a running `listen`. */
export const NOT_RESUMED = 'Nothing in it is resumed. To send what is pending and verifies: storewire replay --failed';

/** Warning for stderr about files of the journal that were not written in this folder: they may have come with a clone. */
export function describeForeignFiles(
  names: readonly string[],
  consequence: string,
  { paint, columns }: Pick<View, 'paint' | 'columns'>,
): string {
  const subject = names.length === 1 ? `${names[0]} was` : `${groupDigits(names.length)} files of the journal were`;
  const cause = 'with a clone or a copy of the folder, or before a version that marks it';
  const text = `${escapeText(subject)} not written by listen here, but ${cause}. ${consequence}`;
  return `${laySentence(text, { columns })
    .map((line) => paint.yellow(line))
    .join('\n')}\n`;
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
