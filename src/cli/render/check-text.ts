import type { CheckVerdict, Step } from '../../endpoint/step.js';
import type { CheckedStep } from '../../endpoint/verdict.js';
import type { CheckReport } from '../check/report.js';
import { countOf } from '../number.js';
import { escapeText } from './escape.js';

/** Text of a step fit for a log: escaped, and nothing in it that a build server would take for an order to itself. */
export function logText(text: string): string {
  return escapeText(text).replace(CI_COMMAND, '$& ');
}

/** `##[error]` (GitHub reads it anywhere in a line), `##vso[…]` (Azure), `##teamcity[…]`. */
const CI_COMMAND = /##(?=\w*\[)/g;

/** What a step is about and what was seen, in one line. Not escaped. */
export function sentenceOf({ title, seen }: Pick<Step, 'title' | 'seen'>): string {
  return seen === null ? title : `${title}: ${seen}`;
}

/** What else a view tells of a step that is not well. Not escaped. */
export function remarksOf({ expected, sendAttemptResult, hint, status }: CheckedStep): readonly Remark[] {
  if (status === 'pass') return [];
  return [
    ...(expected === null ? [] : [{ label: 'expected', text: expected }]),
    ...(sendAttemptResult === null ? [] : [{ label: 'Apple reports', text: sendAttemptResult }]),
    ...(hint === null ? [] : [{ label: 'do', text: hint }]),
  ];
}

export interface Remark {
  readonly label: string;
  readonly text: string;
}

export const VERDICT_WORDS: Readonly<Record<CheckVerdict, string>> = {
  pass: 'PASS',
  warn: 'WARN',
  fail: 'FAIL',
  undetermined: 'UNDETERMINED',
};

/** Why the verdict is what it is. Not escaped. */
export function reasonOf({ verdict, steps }: CheckReport): string {
  const count = (status: Step['status']): number => steps.filter((step) => step.status === status).length;
  const ids = (status: Step['status']): string =>
    [...new Set(steps.filter((step) => step.status === status).map(({ id }) => id))].join(', ');
  if (verdict === 'fail') return `${ids('fail')}${predictionOf(steps)}`;
  if (verdict === 'undetermined') return openQuestion(steps);
  const skipped = count('skip') === 0 ? '' : `, ${count('skip')} skipped`;
  if (verdict === 'warn') return `${ids('warn')} (${count('pass')} passed${skipped})`;
  return `${countOf(count('pass'), 'step')} passed${skipped}`;
}

function predictionOf(steps: readonly CheckedStep[]): string {
  const results = steps.flatMap(({ sendAttemptResult: result, status }) =>
    result === null || status !== 'fail' ? [] : [result],
  );
  return results.length === 0 ? '' : `; Apple would report ${[...new Set(results)].join(', ')}`;
}

function openQuestion(steps: readonly CheckedStep[]): string {
  const [first, ...more] = steps.filter(({ error }) => error !== undefined);
  if (first?.error === undefined) return 'nothing was looked at';
  const others = more.length === 0 ? '' : ` (and ${more.map(({ id }) => id).join(', ')})`;
  return `${first.id}: ${first.error.message}${others}`;
}

/** Whether a view has to say which URL a step is about. */
export function hasSeveralUrls({ steps }: Pick<CheckReport, 'steps'>): boolean {
  return new Set(steps.flatMap(({ url }) => url ?? [])).size > 1;
}
