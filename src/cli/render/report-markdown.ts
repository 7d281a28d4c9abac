import type { CheckedStep } from '../../endpoint/verdict.js';
import type { CheckReport } from '../check/report.js';
import { hasSeveralUrls, reasonOf, remarksOf, sentenceOf, VERDICT_WORDS } from './check-text.js';
import { escapeText } from './escape.js';

/** The report for a pull request or a step summary: the verdict, what is not well, and all steps in a table that opens. */
export function checkToMarkdown(report: CheckReport): string {
  const { url, verdict, steps } = report;
  const notWell = steps.filter(({ status, error }) => status === 'fail' || status === 'warn' || error !== undefined);
  const isSeveral = hasSeveralUrls(report);
  return [
    `## storewire check: ${VERDICT_WORDS[verdict]}`,
    '',
    ...(url === null || isSeveral ? [] : [toCode(url), '']),
    `${toMarkdown(reasonOf(report))}`,
    '',
    ...notWell.flatMap((step) => section(step, isSeveral)),
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
  return error === undefined ? status : 'no answer';
}

/** What GitHub and GitLab make links, mentions or formulas of even where Markdown's own marks are escaped. */
const LINK_LIKE = /:\/\/|www\.|[@#$]/i;

/** Text on one line that means nothing but itself: no HTML, no marks, no cell ends, no links, no mentions. */
export function toMarkdown(text: string): string {
  return escapeText(text)
    .split(' ')
    .map((word) => (LINK_LIKE.test(word) ? toCode(word) : escapeMarks(word)))
    .join(' ');
}

function escapeMarks(text: string): string {
  return text
    .replace(/[\\`*_{}[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** A code span around any text: between more backticks than it has in a row, the ends of table cells escaped. */
function toCode(text: string): string {
  const escaped = escapeText(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...escaped.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${escaped}${pad}${fence}`;
}
