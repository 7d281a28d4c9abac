import type { PrunePlan } from '../../journal/prune.js';
import { escapeText } from '../../terminal/escape.js';
import { countOf, formatAge, formatMoment, groupDigits } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { layRows, laySentence, type Row, type View } from '../../terminal/layout.js';

/** How many of what were listed. */
export interface Listed {
  readonly shown: number;
  readonly repeats: number;
  readonly rejected: number;
  /** First receipts of what some target has not accepted. */
  readonly owed: number;
}

/** For stderr, below a list: what was in it, and what to type about what is owed. */
export function describeListed(
  { shown, repeats, rejected, owed }: Listed,
  { paint, columns }: Pick<View, 'paint' | 'columns'>,
): string {
  if (shown === 0) return paint.dim('Nothing in the journal is of that kind.\n');
  const of = [
    ...(repeats > 0 ? [countOf(repeats, 'repeat')] : []),
    ...(rejected > 0 ? [`${groupDigits(rejected)} not verified`] : []),
  ];
  const head = `${groupDigits(shown)} received${of.length === 0 ? '' : `, of these ${of.join(' and ')}`}.`;
  const next = owed === 0 ? '' : ` ${groupDigits(owed)} not accepted by every target yet: storewire replay --failed`;
  const laid = laySentence(`${head}${next}`, { columns });
  return `\n${laid.map((line) => `${paint.dim(line)}\n`).join('')}`;
}

/** For stderr, after an export. */
export function describeExported(
  count: number,
  output: string | null,
  { paint, columns }: Pick<View, 'paint' | 'columns'>,
): string {
  const where = output === null ? 'written' : `written to ${escapeText(output)}`;
  return laySentence(`${countOf(count, 'document')} ${where}. They are personal data, as the journal is.`, { columns })
    .map((line) => `${paint.dim(line)}\n`)
    .join('');
}

/** What `journal prune` deletes, or would. */
export function describePrune(plan: PrunePlan, isDone: boolean, view: View): string {
  const { files, records, bytes, beforeMs, isInUse, folder } = plan;
  const before = `${formatMoment(beforeMs) ?? beforeMs} (${formatAge(beforeMs, view.nowMs)})`;
  const later = isInUse ? ['A listener is running: what it writes to stays for now.'] : [];
  if (files.length === 0) {
    return lines([`Nothing in ${escapeText(folder)} is from before ${before}.`, ...later], view);
  }
  const head = `${isDone ? 'Deleted' : 'To be deleted'}: ${countOf(records, 'record')} from before ${before}, ${formatBytes(bytes)}.`;
  const rows = files.map(
    ({ file, action, ...plan }): Row => ({
      label: file.name,
      value: `${action === 'delete' ? 'the whole file' : 'in part'}, ${countOf(plan.records, 'record')}`,
      remark: formatBytes(plan.bytes),
    }),
  );
  const laid = layRows(rows, view).map((line) => `${line}\n`);
  return `${lines([head], view)}${laid.join('')}${later.length === 0 ? '' : lines(later, view)}`;
}

/** The same for programs. */
export function pruneToJson({ folder, beforeMs, files, records, bytes, isInUse }: PrunePlan, isDone: boolean): string {
  const shown = files.map(({ file, ...plan }) => ({ path: file.path, ...plan }));
  return toJsonLine({ folder, beforeMs, deleted: isDone, records, bytes, files: shown, isInUse });
}

/** What a journal is, before any of it is deleted. */
export function describePersonalData(columns: number): string {
  return lines([PERSONAL_DATA], { columns });
}

const PERSONAL_DATA =
  'The journal is personal data: what customers bought, when, and for how much. `storewire listen` drops what is older than 30 days.';

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
