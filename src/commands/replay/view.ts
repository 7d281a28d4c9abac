import { deliveryResult, paintResult, quietResult, type TargetResult } from '../../document-view/delivery-result.js';
import { purchaseCell } from '../../document-view/purchase-cell.js';
import type { Target } from '../../forwarding/target.js';
import type { DeliveryRecord } from '../../journal/record.js';
import { SHORT_ID_LENGTH } from '../../journal/short-ids.js';
import type { Delivery, PayloadDocument } from '../../notification/document.js';
import { type Cell, layCells } from '../../terminal/columns.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { countOf, formatSecond, groupDigits } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { laySentence, type View } from '../../terminal/layout.js';
import type { SaidOnce } from '../../terminal/once.js';
import { keepEnd } from '../../terminal/width.js';
import type { Item, Planned, ReplayTally, SentItem, Withheld } from './item.js';

/** View of a run, with short ids and the reasons reported so far. */
export interface ReplayView extends View {
  readonly shortenId: (id: string) => string;
  /** A reason is printed once, and again only where it changes. */
  readonly reportedReasons: SaidOnce;
}

const INDENT = SHORT_ID_LENGTH + 2;

/** Length of DID_CHANGE_RENEWAL_PREF; a longer type moves the columns after it. */
const TYPE_WIDTH = 24;

const ENVIRONMENT_WIDTH = 'Production'.length;

/** Minimum columns for one line per notification; narrower terminals get two. */
const WIDE = 150;

/** Describes a sent notification with the result of each target, and the reasons of failures below. Ends in a newline. */
export function describeSent(sent: SentItem, view: ReplayView): string {
  const results = [
    ...sent.deliveries.map((delivery) => deliveryResult(delivery)),
    ...sent.notSent.map((target) => quietResult(target, 'not sent')),
    ...sent.withheld.map(({ target }) => quietResult(target, 'withheld')),
  ];
  const reasons = [...sent.deliveries.map(({ target, detail }) => ({ target, why: detail ?? '' })), ...sent.withheld];
  return layItem(sent, results, reasons, view);
}

/** Describes a notification that would be sent. Ends in a newline. */
export function describePlanned(planned: Planned, view: ReplayView): string {
  const results = [
    ...planned.send.map(({ name }) => ({ text: `→ ${name}`, tone: 'good' as const })),
    ...planned.withheld.map(({ target }) => quietResult(target, 'withheld')),
  ];
  return layItem(planned, results, planned.withheld, view);
}

/** `reasons` has one for each target; '' for a target that accepted. */
function layItem(
  { item }: Planned,
  results: readonly TargetResult[],
  reasons: readonly Withheld[],
  view: ReplayView,
): string {
  const { paint, columns, reportedReasons } = view;
  const shown = results.length === 0 ? [quietResult('no target', 'matches')] : results;
  const about = aboutCells(item, view);
  const outcomes = shown.map((result) => ({ text: result.text, colour: () => paintResult(result, view) }));
  const lines =
    columns >= WIDE
      ? layCells([...nameCells(item, view), ...about, ...outcomes], view, INDENT)
      : [
          ...layCells(nameCells(item, view), view, INDENT),
          ...layCells([...about, ...outcomes], { columns: columns - INDENT }, 0).map(indent),
        ];
  const below = reasons
    .filter(({ target, why }) => reportedReasons.isNew(target, why) && why !== '')
    .flatMap(({ target, why }) => laySentence(`${target}: ${escapeText(why)}`, { columns: columns - INDENT }, true));
  return [...lines, ...below.map((line) => indent(paint.dim(line)))].map((line) => `${line}\n`).join('');
}

const indent = (line: string): string => ' '.repeat(INDENT) + line;

/** The type comes last, so that a long one moves no column of a narrow terminal. */
function nameCells({ id, receivedAtMs, facts }: Item, { paint, columns, shortenId }: ReplayView): readonly Cell[] {
  return [
    { text: shortenId(id), width: SHORT_ID_LENGTH },
    { text: formatSecond(receivedAtMs ?? facts.signedAtMs), colour: paint.dim },
    { text: keepEnd(showText(facts.type), columns - INDENT), width: TYPE_WIDTH, colour: paint.bold },
  ];
}

function aboutCells({ facts, synthetic, verdict }: Item, { paint, columns }: ReplayView): readonly Cell[] {
  const isVerified = verdict.verdict === 'valid';
  return [
    { text: keepEnd(showText(facts.environment ?? '–'), ENVIRONMENT_WIDTH), width: ENVIRONMENT_WIDTH },
    purchaseCell(facts.originalTransactionId, columns),
    ...(synthetic ? [{ text: 'test authority', colour: paint.dim }] : []),
    ...(isVerified || synthetic ? [] : [{ text: verdict.reason ?? verdict.verdict, colour: paint.red }]),
  ];
}

/** Text for {@link ReplayTally.stoppedBy}. */
const STOPPED: Readonly<Record<NonNullable<ReplayTally['stoppedBy']>, string>> = {
  signal: 'Interrupted.',
  deadline: 'Timed out.',
  unreachable: 'No target is reachable.',
  output: 'Stdout was closed.',
  error: 'Stopped by an error.',
};

/** Totals of a run for stderr, with the command to type next. */
export function describeReplayTally(
  tally: ReplayTally,
  next: string | null,
  { paint, columns }: Pick<View, 'paint' | 'columns'>,
): string {
  const { notifications, stoppedBy, givenUp } = tally;
  const counts = countsOf(tally);
  const sentences = [
    ...(stoppedBy === null ? [] : [STOPPED[stoppedBy]]),
    `${countOf(notifications, 'notification')}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}.`,
    ...(givenUp.length === 0
      ? []
      : [`Given up after three attempts in a row without an answer: ${givenUp.join(', ')}.`]),
  ];
  const lines = [...laySentence(sentences.join(' '), { columns }), ...(next === null ? [] : [paint.dim(next)])];
  return `\n${lines.map((line) => `${line}\n`).join('')}`;
}

function countsOf(tally: ReplayTally): readonly string[] {
  const words = [
    ['accepted', tally.accepted],
    ['refused', tally.refused],
    ['unreachable', tally.unreachable],
    ['timed out', tally['timed-out']],
    ['withheld', tally.withheld],
    ['not sent', tally.notSent],
    ['matched by no target', tally.unmatched],
    ['skipped (already delivered)', tally.alreadyDelivered],
  ] as const;
  return words.filter(([, count]) => count > 0).map(([word, count]) => `${groupDigits(count)} ${word}`);
}

/** Targets of a run for stderr, without the keys in their URLs. */
export function describeTargets(targets: readonly Target[]): string {
  // A target without a name has the name of its host.
  const places = targets.map(({ name, shown }) => (shown.split('/')[2] === name ? shown : `${name} (${shown})`));
  return `Sending to ${places.join(', ')}`;
}

/** Summary of `--dry-run`, for stderr. */
export function describeDryRun(count: number, { paint }: Pick<View, 'paint'>): string {
  return `\n${countOf(count, 'notification')} would be sent. ${paint.dim('Nothing was sent: --dry-run.')}\n`;
}

/** Text for an empty selection. `hasPending`: there are pending deliveries, but none that was selected. */
export function describeNothing(isFailed: boolean, hasPending: boolean, notifications: number): string {
  if (notifications === 0) return 'Nothing to send: no notification was received yet.';
  const inJournal = `${countOf(notifications, 'notification')} in the journal`;
  if (!isFailed) return `Nothing to send: ${inJournal}, none of them selected.`;
  return hasPending
    ? `Nothing to send: ${inJournal}, no pending delivery for these targets and filters.`
    : `Nothing to send: ${inJournal}, no pending delivery.`;
}

/** Pending deliveries to targets that are not among those of this run; null where there are none. */
export function describePendingElsewhere(
  pendingByTarget: ReadonlyMap<string, number>,
  targets: readonly { readonly name: string }[],
): string | null {
  const others = [...pendingByTarget].filter(([name]) => targets.every((target) => target.name !== name));
  if (others.length === 0) return null;
  const pending = others.map(([name, count]) => `${name} (${groupDigits(count)})`).join(', ');
  return `Pending for other targets: ${pending}. To send there: --forward-to ${others[0]![0]}=URL`;
}

/** The document with the deliveries of this run, and `withheld` with the targets it was withheld from. */
export function sentToJson({ document, deliveries, withheld }: SentItem): string {
  return toJsonLine({ ...document(), deliveries: deliveries.map(toDelivery), ...withheldOf(withheld) });
}

/** The document with the names of its targets. */
export function plannedToJson({ send, withheld }: Planned, document: PayloadDocument): string {
  const targets = send.map(({ name }) => name);
  return toJsonLine({ ...document, deliveries: [], targets, ...withheldOf(withheld) });
}

function toDelivery({ target, attempt, httpStatus, ms, outcome }: DeliveryRecord): Delivery {
  return { target, attempt, httpStatus, ms, outcome };
}

function withheldOf(withheld: Planned['withheld']): object {
  return withheld.length === 0 ? {} : { withheld };
}
