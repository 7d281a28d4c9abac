import type { CheckedStep, CheckVerdict, Step } from '../../endpoint-check/step.js';
import { logText, toAnnotation } from '../../reports/github.js';
import { type JunitCase, toJunit } from '../../reports/junit.js';
import { toCode, toMarkdown } from '../../reports/markdown.js';
import { countOf } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import type { CheckReport } from './model.js';

/** Title and observed value on one line. Not escaped. */
function sentenceOf({ title, seen }: Pick<Step, 'title' | 'seen'>): string {
  return seen === null ? title : `${title}: ${seen}`;
}

/** Details of a step that did not pass. Not escaped. */
export function remarksOf({ expected, sendAttemptResult, hint, status }: CheckedStep): readonly Remark[] {
  if (status === 'pass') return [];
  return [
    ...(expected === null ? [] : [{ label: 'expected', text: expected }]),
    ...(sendAttemptResult === null ? [] : [{ label: 'Apple reports', text: sendAttemptResult }]),
    ...(hint === null ? [] : [{ label: 'fix', text: hint }]),
  ];
}

interface Remark {
  readonly label: string;
  readonly text: string;
}

export const VERDICT_WORDS: Readonly<Record<CheckVerdict, string>> = {
  pass: 'PASS',
  warn: 'WARN',
  fail: 'FAIL',
  undetermined: 'UNDETERMINED',
};

/** Reason of the verdict. Not escaped. */
export function reasonOf({ verdict, steps }: CheckReport): string {
  const count = (status: Step['status']): number => steps.filter((step) => step.status === status).length;
  const ids = (status: Step['status']): string =>
    [...new Set(steps.filter((step) => step.status === status).map(({ id }) => id))].join(', ');
  if (verdict === 'fail') return `${ids('fail')}${predictionOf(steps)}`;
  if (verdict === 'undetermined') return describeUndetermined(steps);
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

function describeUndetermined(steps: readonly CheckedStep[]): string {
  const [first, ...more] = steps.filter(({ error }) => error !== undefined);
  if (first?.error === undefined) return 'nothing was checked';
  const others = more.length === 0 ? '' : ` (and ${more.map(({ id }) => id).join(', ')})`;
  return `${first.id}: ${first.error.message}${others}`;
}

/** True if steps are about more than one URL, so that each must name its own. */
function hasSeveralUrls({ steps }: Pick<CheckReport, 'steps'>): boolean {
  return new Set(steps.flatMap(({ url }) => url ?? [])).size > 1;
}

/**
 * GitHub annotations: an error for each failure and each step without a result, a warning for each warning, and a notice with the verdict.
 */
export function checkToAnnotations(report: CheckReport): string {
  const verdict = `${VERDICT_WORDS[report.verdict]}${report.url === null ? '' : ` ${report.url}`}: ${reasonOf(report)}`;
  return [...report.steps.flatMap(annotate), toAnnotation('notice', 'storewire check', verdict), ''].join('\n');
}

function annotate(step: CheckedStep): readonly string[] {
  const { id, status, error, url } = step;
  const level = status === 'fail' || error !== undefined ? 'error' : status === 'warn' ? 'warning' : null;
  if (level === null) return [];
  const place = url === null ? [] : [`at ${url}`];
  const remarks = remarksOf(step).map(({ label, text }) => `${label}: ${text}`);
  return [toAnnotation(level, `storewire ${id}`, [sentenceOf(step), ...place, ...remarks].map(logText).join('\n'))];
}

/** The JSON document of `check`. */
export type PrintedCheck = Pick<CheckReport, 'url' | 'verdict' | 'steps'>;

export function checkToJson({ url, verdict, steps }: CheckReport): string {
  const shown = steps.map(({ id, group, status, title, seen, expected, sendAttemptResult, hint, ...rest }) => ({
    ...{ id, group, status, title, seen, expected, sendAttemptResult, hint },
    ...rest,
  }));
  return toJsonLine({ url, verdict, steps: shown } satisfies PrintedCheck);
}

/** JUnit XML; a step without a result is an error, not a failure. */
export function checkToJunit(report: CheckReport): string {
  const name = report.url === null ? 'storewire check' : `storewire check ${report.url}`;
  const isSeveral = hasSeveralUrls(report);
  const { startedAtMs, elapsedMs, groupMs } = report.times;
  return toJunit({
    name,
    startedAtMs,
    seconds: elapsedMs / 1_000,
    cases: report.steps.map((step, index) => caseOf(step, isSeveral, groupMs.get(index))),
  });
}

/** The steps of a group are observed together: the time of the group is on its first case. */
function caseOf(step: CheckedStep, isSeveral: boolean, groupMs: number | undefined): JunitCase {
  const { id, group, status, url, error, expected, ms = groupMs } = step;
  // The defect is the difference between the two.
  const isExpected = expected !== null && (status === 'fail' || status === 'warn');
  const remarks = remarksOf(step).filter(({ label }) => !isExpected || label !== 'expected');
  return {
    id: isSeveral && url !== null ? `${id} ${url}` : id,
    group,
    status: error === undefined ? status : 'error',
    message: isExpected ? `${sentenceOf(step)} (expected: ${expected})` : sentenceOf(step),
    detail: remarks.map(({ label, text }) => `${label}: ${text}`),
    seconds: ms === undefined ? null : ms / 1_000,
  };
}

/** Markdown for a pull request or step summary: verdict, problems, and all steps in a collapsed table. */
export function checkToMarkdown(report: CheckReport): string {
  const { url, verdict, steps } = report;
  const problems = steps.filter(({ status, error }) => status === 'fail' || status === 'warn' || error !== undefined);
  const isSeveral = hasSeveralUrls(report);
  return [
    `## storewire check: ${VERDICT_WORDS[verdict]}`,
    '',
    ...(url === null || isSeveral ? [] : [toCode(url), '']),
    `${toMarkdown(reasonOf(report))}`,
    '',
    ...problems.flatMap((step) => section(step, isSeveral)),
    '<details>',
    `<summary>All ${steps.length} steps</summary>`,
    '',
    '| | step | seen |',
    '| --- | --- | --- |',
    ...steps.map((step) => row(step, isSeveral)),
    '',
    '</details>',
    '',
  ].join('\n');
}

function section(step: CheckedStep, isSeveral: boolean): readonly string[] {
  const place = isSeveral && step.url !== null ? [`- at ${toCode(step.url)}`] : [];
  return [
    `### ${wordOf(step)} ${toCode(step.id)}`,
    '',
    `- ${toMarkdown(sentenceOf(step))}`,
    ...place,
    ...remarksOf(step).map(({ label, text }) => `- ${label}: ${toMarkdown(text)}`),
    '',
  ];
}

function row(step: CheckedStep, isSeveral: boolean): string {
  const place = isSeveral && step.url !== null ? ` ${toCode(step.url)}` : '';
  return `| ${wordOf(step)} | ${toCode(step.id)}${place} | ${toMarkdown(sentenceOf(step))} |`;
}

function wordOf({ status, error }: CheckedStep): string {
  return error === undefined ? status : 'no result';
}
