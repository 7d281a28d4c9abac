import { deliveryResult, paintResult, quietResult, type TargetResult } from '../../document-view/delivery-result.js';
import type { Target } from '../../forwarding/target.js';
import type { DeliveryRecord } from '../../journal/record.js';
import { SHORT_ID_LENGTH } from '../../journal/summary.js';
import type { Delivery, PayloadDocument } from '../../notification/document.js';
import { type Cell, layCells } from '../../terminal/columns.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { countOf, formatSecond, groupDigits, SECOND_WIDTH } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { laySentence, type View } from '../../terminal/layout.js';
import type { SaidOnce } from '../../terminal/once.js';
import { keepEnd } from '../../terminal/width.js';
import type { Item, Planned, Sent, Tally, Withheld } from './item.js';

/** How ids are shortened: as much of each as names no other one. */
export interface ReplayView extends View {
  readonly shortenId: (id: string) => string;
  /** Reasons are given once, and again only where they change. */
  readonly told: SaidOnce;
}

const INDENT = SECOND_WIDTH + 2;

/** Fits DID_CHANGE_RENEWAL_PREF and everything shorter. */
const TYPE_WIDTH = 24;

const ENVIRONMENT_WIDTH = 'Production'.length;

/** One notification that was sent: a line with what each target said, and below it why one did not take it. Ends in a newline. */
export function describeSent(sent: Sent, view: ReplayView): string {
  const results = [
    ...sent.deliveries.map((delivery) => deliveryResult(delivery)),
    ...sent.notSent.map((target) => quietResult(target, 'not sent')),
    ...sent.withheld.map(({ target }) => quietResult(target, 'withheld')),
  ];
  const reasons = [...sent.deliveries.map(({ target, detail }) => ({ target, why: detail ?? '' })), ...sent.withheld];
  return layItem(sent, results, reasons, view);
}

/** The same of one that would be sent. */
export function describePlanned(planned: Planned, view: ReplayView): string {
  const results = [
    ...planned.send.map(({ name }) => ({ text: `→ ${name}`, tone: 'good' as const })),
    ...planned.withheld.map(({ target }) => quietResult(target, 'withheld')),
  ];
  return layItem(planned, results, planned.withheld, view);
}

/** `reasons`: one for each target that has one to give; '' where all is well. */
function layItem(
  { item }: Planned,
  results: readonly TargetResult[],
  reasons: readonly Withheld[],
  view: ReplayView,
): string {
  const { paint, columns, told } = view;
  const shown = results.length === 0 ? [quietResult('no target', 'wants it')] : results;
  const cells = [
    ...itemCells(item, view),
    ...shown.map((result) => ({ text: result.text, colour: () => paintResult(result, view) })),
  ];
  const below = reasons
    .filter(({ target, why }) => told.isNew(target, why) && why !== '')
    .flatMap(({ target, why }) => laySentence(`${target}: ${escapeText(why)}`, { columns: columns - INDENT }, true));
  return [...layCells(cells, view, INDENT), ...below.map((line) => ' '.repeat(INDENT) + paint.dim(line))]
    .map((line) => `${line}\n`)
    .join('');
}

function itemCells({ id, receivedAtMs, facts, synthetic, verdict }: Item, view: ReplayView): readonly Cell[] {
  const { paint, columns, shortenId } = view;
  const isVerified = verdict.verdict === 'valid';
  return [
    { text: formatSecond(receivedAtMs ?? facts.signedAtMs), colour: paint.dim },
    { text: keepEnd(showText(facts.type), columns - INDENT), width: TYPE_WIDTH, colour: paint.bold },
    { text: keepEnd(showText(facts.environment ?? '–'), ENVIRONMENT_WIDTH), width: ENVIRONMENT_WIDTH },
    { text: shortenId(id), width: SHORT_ID_LENGTH },
    ...(synthetic ? [{ text: 'test authority', colour: paint.dim }] : []),
    ...(isVerified || synthetic ? [] : [{ text: verdict.reason ?? verdict.verdict, colour: paint.red }]),
  ];
}

/** Words of {@link Tally.stoppedBy}. */
const STOPPED: Readonly<Record<NonNullable<Tally['stoppedBy']>, string>> = {
  signal: 'Interrupted.',
  deadline: 'The time was up.',
  unreachable: 'No target can be reached.',
  output: 'Nobody reads the output any more.',
  error: 'It could not go on.',
};

/** For stderr: how many of what, and what to type next. */
export function describeTally(
  tally: Tally,
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
      : [`Given up, as it could not be reached three times in a row: ${givenUp.join(', ')}.`]),
  ];
  const lines = [...laySentence(sentences.join(' '), { columns }), ...(next === null ? [] : [paint.dim(next)])];
  return `\n${lines.map((line) => `${line}\n`).join('')}`;
}

function countsOf(tally: Tally): readonly string[] {
  const words = [
    ['accepted', tally.accepted],
    ['refused', tally.refused],
    ['unreachable', tally.unreachable],
    ['timed out', tally['timed-out']],
    ['withheld', tally.withheld],
    ['not sent', tally.notSent],
    ['wanted by no target', tally.unmatched],
    ['left out, as they had been delivered before', tally.alreadyDelivered],
  ] as const;
  return words.filter(([, count]) => count > 0).map(([word, count]) => `${groupDigits(count)} ${word}`);
}

/** For stderr, before anything is sent: where to, as far as it may be shown. */
export function describeTargets(targets: readonly Target[]): string {
  // A target that was given no name has that of its host.
  const places = targets.map(({ name, shown }) => (shown.split('/')[2] === name ? shown : `${name} (${shown})`));
  return `To ${places.join(', ')}`;
}

/** For stderr, after `--dry-run`. */
export function describeDryRun(count: number, { paint }: Pick<View, 'paint'>): string {
  return `\n${countOf(count, 'notification')} would be sent. ${paint.dim('Nothing was sent: --dry-run.')}\n`;
}

/** Where nothing of the journal is to be sent. `hasPending`: some target has still to accept something, though nothing that was asked for. */
export function describeNothing(isFailed: boolean, hasPending: boolean, notifications: number): string {
  if (notifications === 0) return `${isFailed ? 'Nothing failed' : 'Nothing to send'}: nothing was received yet.`;
  const there = `${countOf(notifications, 'notification')} in the journal`;
  if (!isFailed) return `Nothing to send. ${there}, and none of that kind.`;
  return hasPending
    ? `Nothing to send. ${there}; what is still owed is of another kind, or to other targets.`
    : `Nothing failed. ${there}, and every target has accepted what it was to have.`;
}

/** What is owed to targets that are not among those of this run; null where nothing is. */
export function describePendingElsewhere(
  open: ReadonlyMap<string, number>,
  targets: readonly { readonly name: string }[],
): string | null {
  const others = [...open].filter(([name]) => targets.every((target) => target.name !== name));
  if (others.length === 0) return null;
  const owed = others.map(([name, count]) => `${name} (${groupDigits(count)})`).join(', ');
  return `Owed to targets that are not named here: ${owed}. To send there: --forward-to ${others[0]![0]}=URL`;
}

/** The document with the deliveries of this run; `withheld` where a target did not get it though its filter would let it. */
export function sentToJson({ document, deliveries, withheld }: Sent): string {
  return toJsonLine({ ...document(), deliveries: deliveries.map(toDelivery), ...withheldOf(withheld) });
}

/** The document with the names of the targets it would go to. */
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
