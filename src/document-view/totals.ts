import type { VerdictWord } from '../notification/document.js';
import type { Totals, ValueTally } from '../notification/totals.js';
import { showText } from '../terminal/escape.js';
import { countOf, groupDigits } from '../terminal/format.js';
import { joinParts, type View } from '../terminal/layout.js';
import { perSecond } from '../terminal/progress.js';
import { padTo, widthOf } from '../terminal/width.js';
import { repeatAnswer } from './headline.js';

export interface SummaryView extends Pick<View, 'paint'> {
  readonly elapsedMs: number;
}

/** Further lines of one table are added up in a last one. */
const MOST_LINES = 25;

/**
 * Totals of a run by verdict, reason, type and environment, the most frequent first; the verdicts once more where they are out of sight.
 * Ends in a newline.
 */
export function describeSummary(counts: Totals, { paint, elapsedMs }: SummaryView): string {
  const tables = [
    { name: 'verdict', lines: linesOf(Object.entries(counts.verdicts), 0) },
    { name: 'reason', lines: linesOf(Object.entries(counts.reasons), 0) },
    { name: 'type', lines: tallyLines(counts.types) },
    { name: 'environment', lines: tallyLines(counts.environments) },
  ].filter(({ lines }) => lines.length > 0);
  const all = tables.flatMap(({ lines }) => lines);
  const width = Math.max(0, ...all.map(({ word }) => widthOf(word)));
  const digits = Math.max(0, ...all.map(({ times }) => groupDigits(times).length));
  const body = tables.map(({ name, lines }) =>
    lines.map(({ word, times }, index) => {
      const label = paint.dim((index === 0 ? name : '').padEnd('environment'.length));
      return `  ${label}  ${padTo(word, width)}  ${groupDigits(times).padStart(digits)}  ${share(times, counts.total)}`;
    }),
  );
  const text = joinParts([[paint.bold(totalLine(counts, elapsedMs)), ...skippedLine(counts)], ...body]);
  const verdicts = Object.entries(counts.verdicts).filter(([, times]) => times > 0);
  if (verdicts.length === 0) return text;
  return repeatAnswer(text, [verdicts.map(([verdict, times]) => `${groupDigits(times)} ${verdict}`).join(', ')]);
}

/** Output of `decode` and `verify` with `--summary --json`. */
export interface PrintedSummary {
  /** Payloads. */
  readonly total: number;
  /** Payloads of each verdict; all 0 with `decode`. */
  readonly verdicts: Readonly<Record<VerdictWord, number>>;
  /** Payloads that failed, by the code of the first failed check. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Payloads by `TYPE` or `TYPE.SUBTYPE`, or by their kind. */
  readonly types: Readonly<Record<string, number>>;
  readonly environments: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
  /** Payloads of types beyond the first 200. */
  readonly otherTypes: number;
  readonly otherEnvironments: number;
  /** Pieces of input without a payload. */
  readonly skipped: number;
  readonly elapsedMs: number;
  /** Null for a run too short to tell. */
  readonly perSecond: number | null;
}

/** The totals as JSON. Types and environments beyond the limit of a tally are counted in `otherTypes` and `otherEnvironments`. */
export function summaryToJson(counts: Totals, elapsedMs: number): PrintedSummary {
  return {
    total: counts.total,
    verdicts: counts.verdicts,
    reasons: sorted(Object.entries(counts.reasons)),
    types: sorted(counts.types.values),
    environments: sorted(counts.environments.values),
    kinds: sorted(counts.kinds.values),
    otherTypes: counts.types.other,
    otherEnvironments: counts.environments.other,
    skipped: counts.skipped,
    elapsedMs: Math.round(elapsedMs),
    perSecond: perSecond(counts.total, elapsedMs),
  };
}

interface SummaryLine {
  readonly word: string;
  readonly times: number;
}

function tallyLines({ values, other }: ValueTally): readonly SummaryLine[] {
  return linesOf([...values], other);
}

function linesOf(entries: readonly (readonly [string, number])[], other: number): readonly SummaryLine[] {
  const found = entries.filter(([, times]) => times > 0).sort(byCount);
  const shown = found.slice(0, MOST_LINES).map(([word, times]) => ({ word: showText(word), times }));
  const rest = found.slice(MOST_LINES).reduce((sum, [, times]) => sum + times, other);
  return rest === 0 ? shown : [...shown, { word: '(others)', times: rest }];
}

function byCount([word, times]: readonly [string, number], [otherWord, otherTimes]: readonly [string, number]): number {
  return otherTimes - times || (word < otherWord ? -1 : 1);
}

/** Without a prototype, so that a type named `__proto__` is an ordinary key. */
function sorted(entries: Iterable<readonly [string, number]>): Record<string, number> {
  const object: Record<string, number> = Object.create(null);
  for (const [word, times] of [...entries].sort(byCount)) object[word] = times;
  return object;
}

function totalLine({ total }: Totals, elapsedMs: number): string {
  const each = perSecond(total, elapsedMs);
  const rate = each === null || each === 0 ? '' : `, ${groupDigits(each)} a second`;
  return `${countOf(total, 'payload')} in ${seconds(elapsedMs)}${rate}`;
}

function skippedLine({ skipped }: Totals): readonly string[] {
  return skipped === 0 ? [] : [`${countOf(skipped, 'line')} without a payload skipped`];
}

function seconds(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 120_000
    ? `${(ms / 1_000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

function share(times: number, total: number): string {
  return total === 0 ? '' : `${((times / total) * 100).toFixed(1).padStart(5)} %`;
}
