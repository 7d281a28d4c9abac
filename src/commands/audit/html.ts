import type { AuditReport, ForgeryAttempt } from '../../audit/report.js';
import { encodeHtml, toPage } from '../../reports/html.js';
import { findingsOf, groupFindings } from './findings.js';
import { annotationDetails } from './github.js';
import { describeAnswer } from './reports.js';
import { asSentence, describeLimits, describeVerdict } from './verdict.js';

const TONE = { safe: 'good', unsafe: 'bad', inconclusive: 'odd' } as const;

/** Self-contained page: verdict and diagnosis, counts, the findings in one table, each explained, and every other request. */
export function auditToHtml(report: AuditReport): string {
  const findings = findingsOf(report);
  const [lead, ...next] = annotationDetails(report);
  return toPage(`storewire audit: ${report.verdict}`, [
    '<h1>storewire audit</h1>',
    `<p class="place"><code>${encodeHtml(report.url)}</code> <span class="dim">${startOf(report)}</span></p>`,
    `<div class="verdict ${TONE[report.verdict]}">`,
    `<strong>${encodeHtml(asSentence(describeVerdict(report)))}</strong>`,
    ...(lead === undefined ? [] : [`<p${report.diagnosis === null ? '' : ' class="lead"'}>${encodeHtml(lead)}</p>`]),
    ...next.map((text) => `<p>${encodeHtml(text)}</p>`),
    ...describeLimits(report).map((text) => `<p class="limit">${encodeHtml(text)}</p>`),
    '</div>',
    countsOf(report),
    ...section('Accepted forgeries', tableOf(['severity', 'id', 'status', 'forgery'], findings.map(findingRow))),
    ...section('Impact and fix', groupFindings(findings).flatMap(explain)),
    ...others(report),
  ]);
}

function startOf({ startedAtMs }: AuditReport): string {
  const moment = new Date(startedAtMs).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return `${moment.replace('T', ' ')} UTC`;
}

function countsOf({ attempts, notSent }: AuditReport): string {
  const count = (believed: boolean | null): number => attempts.filter((each) => each.believed === believed).length;
  const items = [
    ['bad', 'accepted', count(true)],
    ['good', 'rejected', count(false)],
    ['odd', 'inconclusive', count(null)],
    ['dim', 'not sent', notSent.length],
  ] as const;
  const shown = items.filter(([, , number]) => number > 0);
  return `<ul class="counts">${shown.map(([tone, word, number]) => `<li class="${tone}">${number} ${word}</li>`).join('')}</ul>`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`<h2>${encodeHtml(title)}</h2>`, ...lines];
}

/** A cell longer than the longest id with its markup may wrap. */
const LONG_CELL = 130;

/** Cells are HTML already. */
function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}${tag === 'td' && cell.length > LONG_CELL ? ' class="wide"' : ''}>${cell}</${tag}>`).join('')}</tr>`;
  return ['<table>', cells(heads, 'th'), ...rows.map((row) => cells(row, 'td')), '</table>'];
}

function findingRow(attempt: ForgeryAttempt): readonly string[] {
  const { severity, id, title } = attempt;
  const tone = severity === 'critical' ? 'bad' : 'odd';
  return [
    `<span class="pill ${tone}">${severity}</span>`,
    `<a href="#${encodeHtml(id)}"><code>${encodeHtml(id)}</code></a>`,
    statusOf(attempt),
    encodeHtml(title),
  ];
}

/** The status alone; what happened in words where there is none, or where an effect was asked for. */
function statusOf(sent: Parameters<typeof describeAnswer>[0]): string {
  const isPlain = sent.httpStatus !== null && sent.tookEffect === null;
  return encodeHtml(isPlain ? String(sent.httpStatus) : describeAnswer(sent));
}

function explain(group: readonly ForgeryAttempt[]): readonly string[] {
  const [{ impact, fix }] = group as [ForgeryAttempt];
  const checks = [...new Set(group.map(({ appleCheck }) => appleCheck))];
  const rows = [['Impact', impact], ['Fix', fix], ...checks.map((check) => ["Apple's libraries", check])];
  return [
    '<div class="card">',
    `<h3>${group.map(({ id }) => `<code id="${encodeHtml(id)}">${encodeHtml(id)}</code>`).join(', ')}</h3>`,
    `<dl>${rows.map(([label = '', text = '']) => `<dt>${encodeHtml(label)}</dt><dd>${encodeHtml(text)}</dd>`).join('')}</dl>`,
    '</div>',
  ];
}

function others({ attempts, controls, observations, notSent, notMade }: AuditReport): readonly string[] {
  const code = (id: string): string => `<code>${encodeHtml(id)}</code>`;
  const rest = attempts.filter(({ believed }) => believed !== true);
  const tables = [
    section(
      'Other forgeries',
      tableOf(
        ['result', 'id', 'status', 'forgery'],
        rest.map((each) => [
          each.believed === null
            ? '<span class="pill odd">inconclusive</span>'
            : '<span class="pill good">rejected</span>',
          ...[code(each.id), statusOf(each), encodeHtml(each.title)],
        ]),
      ),
    ),
    section(
      'Controls',
      tableOf(
        ['id', 'status', 'request'],
        controls.map((each) => [code(each.id), statusOf(each), encodeHtml(each.title)]),
      ),
    ),
    section(
      'Observations (not findings)',
      tableOf(
        ['id', 'seen', 'note'],
        observations.map((each) => [code(each.id), encodeHtml(each.seen ?? 'not tested'), encodeHtml(each.note)]),
      ),
    ),
    section(
      'Not sent',
      tableOf(
        ['id', 'reason'],
        [
          ...notMade.map(({ id, why }) => [code(id), encodeHtml(why)]),
          ...notSent.map((id) => [code(id), 'the audit ended first']),
        ],
      ),
    ),
  ];
  return ['<details>', '<summary>Other requests</summary>', ...tables.flat(), '</details>'];
}
