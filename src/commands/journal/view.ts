import { ID_MATCHING } from '../../cli/filter-report.js';
import type { PrunePlan } from '../../journal/prune.js';
import { layCells } from '../../terminal/columns.js';
import { escapeText } from '../../terminal/escape.js';
import { countOf, formatAge, formatMoment, groupDigits } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { laySentence, type View } from '../../terminal/layout.js';

/** Numbers of listed entries. */
export interface ListedEntry {
  readonly shown: number;
  readonly repeats: number;
  readonly rejected: number;
  /** First receipts with a pending delivery. */
  readonly pending: number;
}

/** Counts of a list or an export under conditions on ids. */
export interface FilteredEntries {
  /** Entries of the journal. */
  readonly of: number;
  /** Rejected bodies in which no payload could be read. */
  readonly unreadable: number;
  /** `--limit` may have ended the search. */
  readonly isLimited: boolean;
}

/** `3 of 1,204 entries match` */
function describeShare(count: number, { of, isLimited }: FilteredEntries): string {
  const share = `${groupDigits(count)} of ${of === 1 ? '1 entry' : `${groupDigits(of)} entries`}`;
  return isLimited && count > 0 ? `${share}, the newest that match` : `${share} ${count === 1 ? 'matches' : 'match'}`;
}

function unreadableNote({ unreadable }: FilteredEntries): readonly string[] {
  if (unreadable === 0) return [];
  const bodies = unreadable === 1 ? '1 rejected body holds' : `${groupDigits(unreadable)} rejected bodies hold`;
  return [`${bodies} no readable payload, so the ids could not be compared: storewire journal list --rejected`];
}

/** Summary below a list, for stderr, with the command that sends pending deliveries. */
export function describeListed(
  { shown, repeats, rejected, pending }: ListedEntry,
  filtered: FilteredEntries | null,
  { paint, columns }: Pick<View, 'paint' | 'columns'>,
): string {
  const notes = filtered === null ? [] : unreadableNote(filtered);
  if (shown === 0) {
    const none = `No matching entries${filtered === null ? '' : ` (0 of ${groupDigits(filtered.of)})`}.`;
    return layDim([none, ...(filtered === null ? [] : [ID_MATCHING]), ...notes], { paint, columns });
  }
  const parts = [
    ...(repeats > 0 ? [countOf(repeats, 'repeat')] : []),
    ...(rejected > 0 ? [`${groupDigits(rejected)} rejected`] : []),
    ...(pending > 0 ? [`${groupDigits(pending)} with pending deliveries`] : []),
  ];
  const sentences = [
    `${filtered === null ? `${groupDigits(shown)} received` : describeShare(shown, filtered)}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}.`,
    ...(pending > 0 ? ['To send pending deliveries: storewire replay --failed'] : []),
    ...notes,
  ];
  return `\n${layDim(sentences, { paint, columns })}`;
}

function layDim(sentences: readonly string[], { paint, columns }: Pick<View, 'paint' | 'columns'>): string {
  const laid = sentences.flatMap((sentence) => laySentence(sentence, { columns }));
  return laid.map((line) => `${paint.dim(line)}\n`).join('');
}

/** Summary after an export, for stderr. */
export function describeExported(
  count: number,
  output: string | null,
  filtered: FilteredEntries | null,
  view: Pick<View, 'paint' | 'columns'>,
): string {
  const where = output === null ? 'written' : `written to ${escapeText(output)}`;
  const share = filtered === null ? '' : ` ${describeShare(count, filtered)}.`;
  const sentence = `${countOf(count, 'document')} ${where}.${share} They hold personal data.`;
  return layDim([sentence, ...(filtered !== null && count === 0 ? [ID_MATCHING] : [])], view);
}

/** Lists the records that `journal prune` deletes, or would delete. */
export function describePrune(plan: PrunePlan, isDone: boolean, view: View): string {
  const { files, records, bytes, beforeMs, isInUse, folder } = plan;
  const before = `${formatMoment(beforeMs) ?? beforeMs} (${formatAge(beforeMs, view.nowMs)})`;
  const later = isInUse ? ['A listener is running: the files it writes to are skipped.'] : [];
  if (files.length === 0) {
    return lines([`No records in ${escapeText(folder)} from before ${before}.`, ...later], view);
  }
  const head = `${isDone ? 'Deleted' : 'To delete'}: ${countOf(records, 'record')} from before ${before}, ${formatBytes(bytes)}.`;
  const rows = files.map(({ file, action, ...plan }) => [
    action === 'delete' ? 'whole file' : 'in part',
    countOf(plan.records, 'record'),
    formatBytes(plan.bytes),
    escapeText(file.name),
  ]);
  const laid = layTable(rows, view).map((line) => `${line}\n`);
  return `${lines([head], view)}${laid.join('')}${later.length === 0 ? '' : lines(later, view)}`;
}

function layTable(rows: readonly (readonly string[])[], view: View): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const room = { columns: view.columns - TABLE_INDENT };
  return rows
    .flatMap((row) =>
      layCells(
        row.map((text, column) => ({ text, width: widths[column]! })),
        room,
        TABLE_INDENT,
      ),
    )
    .map((line) => ' '.repeat(TABLE_INDENT) + line);
}

const TABLE_INDENT = 2;

/** The plan as one line of JSON. */
export function pruneToJson({ folder, beforeMs, files, records, bytes, isInUse }: PrunePlan, isDone: boolean): string {
  const shown = files.map(({ file, ...plan }) => ({ path: file.path, ...plan }));
  return toJsonLine({ folder, beforeMs, deleted: isDone, records, bytes, files: shown, isInUse });
}

/** Note about the data in the journal, shown before the confirmation. */
export function describePersonalData(columns: number): string {
  return lines([PERSONAL_DATA], { columns });
}

const PERSONAL_DATA =
  'The journal holds personal data: what customers bought, when, and for how much. `storewire listen` deletes records after 30 days.';

function lines(sentences: readonly string[], view: Pick<View, 'columns'>): string {
  return sentences
    .flatMap((sentence) => laySentence(sentence, view))
    .map((line) => `${line}\n`)
    .join('');
}

const KIB = 1024;

/** `980 bytes`, `12.3 KiB`, `1.2 GiB`. */
function formatBytes(bytes: number): string {
  if (bytes < KIB) return countOf(bytes, 'byte');
  const units = ['KiB', 'MiB', 'GiB'];
  let value = bytes / KIB;
  let unit = 0;
  for (; value >= KIB && unit < units.length - 1; unit += 1) value /= KIB;
  return `${value.toFixed(1)} ${units[unit]}`;
}
