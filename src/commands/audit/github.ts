import type { AuditReport, ForgeryAttempt } from '../../audit/report.js';
import { logText, toAnnotation } from '../../reports/github.js';
import { toCode, toMarkdown } from '../../reports/markdown.js';
import { findingsOf, groupFindings } from './findings.js';
import { describeAnswer } from './reports.js';
import { asSentence, describeDiagnosis, describeLimits, describeVerdict, hintOf } from './verdict.js';

const LEVEL_OF_VERDICT = { safe: 'notice', unsafe: 'error', inconclusive: 'warning' } as const;

/**
 * GitHub annotations: the verdict with the diagnosis first, as GitHub shows ten of a level, then an error for all findings with the same
 * impact and fix.
 */
export function auditToAnnotations(report: AuditReport): string {
  const verdict = [`${asSentence(describeVerdict(report))}.`, ...annotationDetails(report), `at ${report.url}`];
  const level = LEVEL_OF_VERDICT[report.verdict];
  return [
    toAnnotation(level, 'storewire audit', verdict.map(logText).join('\n')),
    ...groupFindings(findingsOf(report)).map(annotate),
    '',
  ].join('\n');
}

function annotate(group: readonly ForgeryAttempt[]): string {
  const [first] = group as [ForgeryAttempt];
  const title = group.length === 1 ? first.id : `${first.id} and ${group.length - 1} more`;
  const accepted = group.map((attempt) => `${attempt.id}: ${attempt.title} (${describeAnswer(attempt)})`);
  const lines = [`accepted (${first.severity}):`, ...accepted, `impact: ${first.impact}`, `fix: ${first.fix}`];
  return toAnnotation('error', `storewire audit ${title}`, lines.map(logText).join('\n'));
}

/** Diagnosis and fix of a finding, next step of an inconclusive verdict. Not escaped. */
export function annotationDetails(report: AuditReport): readonly string[] {
  const { diagnosis, doubt } = report;
  const sentence = describeDiagnosis(report);
  return [
    ...(sentence === null ? [] : [sentence]),
    ...(diagnosis === null ? [] : [`Fix: ${diagnosis.fix}`]),
    ...(doubt === null ? [] : [hintOf(report, doubt)]),
  ];
}

/** Markdown for a pull request or step summary: verdict, diagnosis, a table of the findings, and the rest collapsed. */
export function auditToMarkdown(report: AuditReport): string {
  const findings = findingsOf(report);
  return [
    `## storewire audit: ${report.verdict}`,
    '',
    toCode(report.url),
    '',
    `**${toMarkdown(`${asSentence(describeVerdict(report))}.`)}**`,
    '',
    ...[...annotationDetails(report), ...describeLimits(report)].flatMap((text) => [toMarkdown(text), '']),
    ...tableOf('severity', findings, ({ severity }) => severity),
    ...groupFindings(findings).flatMap(explain),
    ...collapsed(report),
  ].join('\n');
}

function tableOf(
  label: string,
  attempts: readonly ForgeryAttempt[],
  first: (attempt: ForgeryAttempt) => string,
): readonly string[] {
  if (attempts.length === 0) return [];
  const rows = attempts.map((attempt) => {
    const title = toMarkdown(`${attempt.title} (${describeAnswer(attempt)})`);
    return `| ${first(attempt)} | ${toCode(attempt.id)} | ${title} |`;
  });
  return [`| ${label} | id | forgery |`, '| --- | --- | --- |', ...rows, ''];
}

function explain(group: readonly ForgeryAttempt[]): readonly string[] {
  const [{ impact, fix, appleCheck }] = group as [ForgeryAttempt];
  return [
    `### ${group.map(({ id }) => toCode(id)).join(', ')}`,
    '',
    `- impact: ${toMarkdown(impact)}`,
    `- fix: ${toMarkdown(fix)}`,
    `- Apple's libraries: ${toMarkdown(appleCheck)}`,
    '',
  ];
}

function collapsed({ attempts, controls, observations }: AuditReport): readonly string[] {
  const others = attempts.filter(({ believed }) => believed !== true);
  const sent = controls.map((control) => `| ${toCode(control.id)} | ${toMarkdown(describeAnswer(control))} |`);
  const seen = observations.map(({ id, seen: what, note }) => `| ${toCode(id)} | ${toMarkdown(what ?? note)} |`);
  return [
    '<details>',
    `<summary>${others.length} other forgeries, controls and observations</summary>`,
    '',
    ...tableOf('result', others, ({ believed }) => (believed === null ? 'inconclusive' : 'rejected')),
    '| id | seen |',
    '| --- | --- |',
    ...sent,
    ...seen,
    '',
    '</details>',
    '',
  ];
}
