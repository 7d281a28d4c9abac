import { findSendAttempt } from '../../notification/catalogue/send-attempts.js';
import { encodeHtml, toPage } from '../../reports/html.js';
import { shorten } from '../../terminal/escape.js';
import { countOf, formatDistance, formatSecond, groupDigits } from '../../terminal/format.js';
import {
  type DayCounts,
  type DeliveryState,
  type DeliverySummary,
  delayOf,
  type FailureCounts,
  type HistoryRange,
  type SentRecord,
} from './delivery-summary.js';

/** What the page is about. */
export interface HistoryReport extends HistoryRange {
  readonly summary: DeliverySummary;
  readonly environment: 'sandbox' | 'production';
  /** `--type` and other filters in words; null without any. */
  readonly filter: string | null;
  /** Why the end of the history was not reached; null where it was. */
  readonly stopped: string | null;
}

const WORDS: Readonly<Record<DeliveryState, string>> = {
  prompt: 'delivered at once',
  late: 'delivered late',
  undelivered: 'not delivered',
  pending: 'pending',
};

const TONES = { prompt: 'good', late: 'odd', undelivered: 'bad', pending: 'dim' } as const;

/** From the bottom of a column to its top. */
const STACK: readonly DeliveryState[] = ['prompt', 'late', 'undelivered', 'pending'];

/** Self-contained page: the answer, deliveries by day and result, failures with their fix, and the notifications that need attention. */
export function historyToHtml(report: HistoryReport): string {
  const { summary, environment, startMs, endMs, filter } = report;
  return toPage(
    `storewire history: ${environment}`,
    [
      '<h1>storewire history</h1>',
      `<p class="place"><code>${environment}</code> <span class="dim">${day(startMs)} to ${day(endMs)} UTC</span></p>`,
      ...(filter === null ? [] : [`<p class="dim">Only ${encodeHtml(filter)}</p>`]),
      ...verdictBox(report),
      countsList(summary),
      ...section('Deliveries by day', dayChart(summary.days)),
      ...section('Failed attempts', summary.failures.map(failureCard)),
      ...section('Attempts needed', attemptsTable(summary)),
      ...section('Not delivered', recordTable(summary.undelivered, 'attempts', attemptsOf)),
      ...section('Delivered late', recordTable(summary.late, 'after', lateOf)),
      ...dayTable(summary.days),
    ],
    STYLE,
  );
}

function verdictBox(report: HistoryReport): readonly string[] {
  const { summary, environment, stopped } = report;
  const [failure] = summary.failures;
  const known = failure === undefined ? undefined : findSendAttempt(failure.result);
  const isBad = summary.counts.undelivered > 0;
  const tone = isBad ? 'bad' : summary.counts.late + summary.counts.pending + summary.invalid > 0 ? 'odd' : 'good';
  const lead =
    failure === undefined
      ? null
      : `Most frequent failure: ${shorten(failure.result, 60)} (${countOf(failure.attempts, 'attempt')}). ${known?.meaning ?? ''}`;
  const limits = [
    ...(stopped === null ? [] : [`Incomplete: ${stopped}. This page shows what was read before.`]),
    ...(environment === 'sandbox' && summary.failures.length > 0
      ? ['Apple sends each sandbox notification once: there are no retries.']
      : []),
    ...(summary.invalid > 0 ? [`${countOf(summary.invalid, 'notification')} did not pass verification.`] : []),
  ];
  return [
    `<div class="verdict ${summary.total === 0 ? '' : tone}">`,
    `<strong>${answerOf(summary)}</strong>`,
    ...(lead === null ? [] : [`<p class="lead">${encodeHtml(lead.trim())}</p>`]),
    ...(known === undefined || known.hint === '' ? [] : [`<p>${encodeHtml(known.hint)}</p>`]),
    ...(isBad
      ? [
          `<p>To send them again: <code>storewire replay --from-history --environment ${environment} --only-failures -f URL</code></p>`,
        ]
      : []),
    ...limits.map((text) => `<p class="limit">${encodeHtml(text)}</p>`),
    '</div>',
  ];
}

function answerOf({ total, counts }: DeliverySummary): string {
  const { undelivered, late, pending } = counts;
  if (total === 0) return 'No notifications in this time.';
  if (undelivered > 0)
    return `${groupDigits(undelivered)} of ${countOf(total, 'notification')} ${undelivered === 1 ? 'was' : 'were'} not delivered.`;
  if (late + pending === 0)
    return total === 1
      ? 'The only notification was delivered at once.'
      : `All ${groupDigits(total)} notifications were delivered at once.`;
  const rest = [
    ...(late > 0 ? [`${groupDigits(late)} late`] : []),
    ...(pending > 0 ? [`${groupDigits(pending)} pending`] : []),
  ];
  return `No notification is undelivered; ${rest.join(', ')}.`;
}

function countsList({ counts, invalid }: DeliverySummary): string {
  const items = [
    ...STACK.map((result) => [TONES[result], WORDS[result], counts[result]] as const),
    ['bad', 'not valid', invalid] as const,
  ];
  const shown = items.filter(([, , number]) => number > 0);
  return `<ul class="counts">${shown.map(([tone, word, number]) => `<li class="${tone}">${groupDigits(number)} ${word}</li>`).join('')}</ul>`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`<h2>${encodeHtml(title)}</h2>`, ...lines];
}

/** One column a day, as high as its number of notifications. Described in words by {@link dayTable}. */
function dayChart(days: readonly DayCounts[]): readonly string[] {
  const most = Math.max(0, ...days.map(totalOf));
  if (days.length < 2 || most === 0) return [];
  const columns = days.map((counts) => {
    const parts = [...STACK]
      .reverse()
      .filter((result) => counts[result] > 0)
      .map((result) => `<i class="${result}" style="height:${percent(counts[result], most)}"></i>`);
    return `<span title="${encodeHtml(describeDay(counts))}">${parts.join('')}</span>`;
  });
  const used = STACK.filter((result) => days.some((counts) => counts[result] > 0));
  const middle = days[Math.floor(days.length / 2)]!;
  return [
    `<figure><div class="most dim">${groupDigits(most)}</div>`,
    `<div class="chart" role="img" aria-label="Notifications by day and result">${columns.join('')}</div>`,
    `<div class="axis dim"><span>${day(days[0]!.atMs)}</span>${days.length > 4 ? `<span>${day(middle.atMs)}</span>` : ''}<span>${day(days.at(-1)!.atMs)}</span></div>`,
    `<figcaption>${used.map((result) => `<span><i class="${result}"></i>${WORDS[result]}</span>`).join('')}</figcaption></figure>`,
  ];
}

function totalOf(counts: DayCounts): number {
  return STACK.reduce((sum, result) => sum + counts[result], 0);
}

function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(2)}%`;
}

function describeDay(counts: DayCounts): string {
  const parts = STACK.filter((result) => counts[result] > 0).map((result) => `${counts[result]} ${WORDS[result]}`);
  return `${day(counts.atMs)}: ${parts.length === 0 ? 'none' : parts.join(', ')}`;
}

function failureCard({ result, attempts, notifications, lastAtMs }: FailureCounts): string {
  const known = findSendAttempt(result);
  const rows = [
    ['Meaning', known?.meaning ?? 'Not known to this version.'],
    ...(known === undefined ? [] : [['Usual cause', known.cause]]),
    ...(known === undefined || known.hint === '' ? [] : [['Next step', known.hint]]),
    ['Last seen', `${formatSecond(lastAtMs)}`],
  ];
  const counts = `${countOf(attempts, 'attempt')} of ${countOf(notifications, 'notification')}`;
  return [
    '<div class="card">',
    `<h3><code>${encodeHtml(shorten(result, 60))}</code> <span class="pill odd">${counts}</span></h3>`,
    `<dl>${rows.map(([label = '', text = '']) => `<dt>${label}</dt><dd>${encodeHtml(text)}</dd>`).join('')}</dl>`,
    '</div>',
  ].join('\n');
}

function attemptsTable({ byAttempt }: DeliverySummary): readonly string[] {
  if (byAttempt.length < 2) return [];
  const most = Math.max(...byAttempt);
  const rows = byAttempt.map((count, index) => [
    index === 0 ? 'first attempt' : `attempt ${index + 1}`,
    groupDigits(count),
    `<span class="bar"><i class="${index === 0 ? 'prompt' : 'late'}" style="width:${percent(count, most)}"></i></span>`,
  ]);
  return tableOf(['delivered by', 'number', ''], rows);
}

/** More rows belong in `--json`. */
const MOST_ROWS = 100;

function recordTable(
  records: readonly SentRecord[],
  head: string,
  last: (record: SentRecord) => string,
): readonly string[] {
  if (records.length === 0) return [];
  const rows = records
    .slice(0, MOST_ROWS)
    .map((record) => [
      `<span class="dim">${encodeHtml(formatSecond(record.sentAtMs))}</span>`,
      `<strong>${text(record.type)}</strong><br><span class="dim">${text(record.productId)} <code>${text(record.originalTransactionId)}</code></span>`,
      last(record),
    ]);
  const more = records.length - rows.length;
  return [
    ...tableOf(['signed', 'notification', head], rows),
    ...(more > 0 ? [`<p class="dim">and ${groupDigits(more)} more: storewire history --json</p>`] : []),
  ];
}

function text(value: string | null): string {
  return encodeHtml(shorten(value ?? '–', 80));
}

function attemptsOf({ attempts }: SentRecord): string {
  const results = new Map<string, number>();
  for (const { sendAttemptResult } of attempts)
    results.set(sendAttemptResult, (results.get(sendAttemptResult) ?? 0) + 1);
  return [...results]
    .map(
      ([result, count]) =>
        `<span class="bad">${text(result).replaceAll('_', '_<wbr>')}</span>${count === 1 ? '' : ` × ${count}`}`,
    )
    .join(', ');
}

function lateOf(record: SentRecord): string {
  const delayMs = delayOf(record) ?? 0;
  return `<span class="odd">${encodeHtml(formatDistance(delayMs))}</span>, ${countOf(record.attempts.length, 'attempt')}`;
}

function dayTable(days: readonly DayCounts[]): readonly string[] {
  const busy = days.filter((counts) => totalOf(counts) > 0);
  if (busy.length === 0) return [];
  const rows = [...busy]
    .reverse()
    .map((counts) => [
      day(counts.atMs),
      ...STACK.map((result) => (counts[result] === 0 ? '<span class="dim">–</span>' : groupDigits(counts[result]))),
    ]);
  const table = tableOf(['day', ...STACK.map((result) => WORDS[result])], rows, 'numbers');
  return ['<details>', '<summary>Numbers by day</summary>', ...table, '</details>'];
}

/** Cells are HTML already. */
function tableOf(heads: readonly string[], rows: readonly (readonly string[])[], className = ''): readonly string[] {
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return [
    className === '' ? '<table>' : `<table class="${className}">`,
    row(heads, 'th'),
    ...rows.map((cells) => row(cells, 'td')),
    '</table>',
  ];
}

function day(ms: number): string {
  return formatSecond(ms).slice(0, '2026-11-20'.length);
}

const STYLE = `
figure { margin: .6rem 0 0; }
.most { font-size: .85rem; line-height: 1; padding-bottom: .3rem; }
.chart { display: flex; align-items: stretch; gap: 2px; height: 11rem; border-top: 1px dashed var(--line); border-bottom: 1px solid var(--line); }
.chart > span { flex: 1 1 0; min-width: 0; display: flex; flex-direction: column; justify-content: flex-end; }
.chart i { display: block; min-height: 2px; }
.chart i:first-child { border-radius: 2px 2px 0 0; }
.axis { display: flex; justify-content: space-between; font-size: .85rem; padding-top: .3rem; }
figcaption { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin-top: .6rem; font-size: .93rem; }
figcaption i { display: inline-block; width: .75rem; height: .75rem; border-radius: 2px; margin-right: .45rem; }
i.prompt { background: var(--good); opacity: .75; } i.late { background: #e3a008; } i.undelivered { background: var(--bad); } i.pending { background: var(--dim); opacity: .6; }
.bar { display: block; } .bar i { display: block; height: .7rem; border-radius: 2px; min-width: 2px; }
.numbers td, .numbers th { width: auto; }
.numbers td:last-child, .numbers th:last-child { width: 30%; }
`;
