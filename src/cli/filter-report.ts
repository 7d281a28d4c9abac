import { ToolError } from '../errors.js';
import { conditionsOf, type FilterResult, type PayloadFilter } from '../notification/payload-filter.js';
import { escapeText } from '../terminal/escape.js';
import { countOf, groupDigits } from '../terminal/format.js';
import { laySentence } from '../terminal/layout.js';
import type { OutputStream } from './deps.js';

/** Counts of a run under a filter. */
export interface FilterCounts {
  readonly matching: number;
  readonly others: number;
  /** Payloads that cannot be decoded, so that nothing shows that they match. */
  readonly unreadable: number;
}

/** Counts results as they come. */
export interface FilterTally {
  add(result: FilterResult): void;
  counts(): FilterCounts;
}

export function createFilterTally(): FilterTally {
  const counts = { match: 0, other: 0, unreadable: 0 };
  return {
    add: (result) => {
      counts[result] += 1;
    },
    counts: () => ({ matching: counts.match, others: counts.other, unreadable: counts.unreadable }),
  };
}

interface FilterWords {
  readonly noun: string;
  /** Treatment of a payload: `shown`, `sent`. */
  readonly treated: string;
  readonly treatsUnreadable: boolean;
}

const SHOWN: FilterWords = { noun: 'payload', treated: 'shown', treatsUnreadable: true };

/** `3 of 10 payloads match, 7 not shown.` Nothing is left out in silence. */
function describeFiltered({ matching, others, unreadable }: FilterCounts, words = SHOWN): string {
  const { noun, treated, treatsUnreadable } = words;
  const total = matching + others + unreadable;
  const verb = total === 1 ? 'matches' : 'match';
  const left = others === 0 ? '' : `, ${groupDigits(others)} not ${treated}`;
  const unsure =
    unreadable === 0
      ? ''
      : ` ${groupDigits(unreadable)} that cannot be decoded may match, and ${unreadable === 1 ? 'is' : 'are'} ${treatsUnreadable ? '' : 'not '}${treated}.`;
  return `${groupDigits(matching)} of ${countOf(total, noun)} ${verb}${left}.${unsure}`;
}

export function reportFiltered(
  counts: FilterCounts,
  { write, columns, paint }: Pick<OutputStream, 'write' | 'columns' | 'paint'>,
  words = SHOWN,
): void {
  const sentences = [describeFiltered(counts, words), ...(counts.matching === 0 ? [ID_MATCHING] : [])];
  const lines = sentences.flatMap((sentence) => laySentence(sentence, { columns }));
  write(lines.map((line) => `${paint.dim(line)}\n`).join(''));
}

/** Reports a run of `decode` or `verify`, whose total counts what is shown. */
export function reportFilteredRun(
  {
    counts,
    filtered,
  }: { readonly counts: { readonly total: number }; readonly filtered: Omit<FilterCounts, 'matching'> },
  stderr: Pick<OutputStream, 'write' | 'columns' | 'paint'>,
): void {
  reportFiltered({ ...filtered, matching: counts.total - filtered.unreadable }, stderr);
}

/** Usage `ERR_INPUT_NO_MATCH`: a run without one matching payload has no answer. */
export function noMatch(filter: PayloadFilter, total: number): ToolError {
  const payloads = total === 1 ? 'the payload does not match' : `none of ${groupDigits(total)} payloads matches`;
  return new ToolError('usage', 'ERR_INPUT_NO_MATCH', `${payloads} ${describeConditions(filter)}`, {
    hint: ID_MATCHING,
  });
}

/** `--uuid 7e3fb20b --product-id com.example.monthly`. */
export function describeConditions(filter: PayloadFilter): string {
  return conditionsOf(filter)
    .map(
      (field) => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${escapeText(filter[field]!)}`,
    )
    .join(' ');
}

/** Told wherever a filter selects nothing. */
export const ID_MATCHING =
  'Ids match from their first characters on, or by their end as …389034; product and bundle ids whole, or with a *.';
