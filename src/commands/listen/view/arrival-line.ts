import { deliveryResult, paintResult, quietResult, type TargetResult } from '../../../document-view/delivery-result.js';
import { keepLastWords } from '../../../document-view/line.js';
import { purchaseCell } from '../../../document-view/purchase-cell.js';
import type { DeliveryEvent } from '../../../listener/events.js';
import { type Cell, GAP, layCells } from '../../../terminal/columns.js';
import { showText } from '../../../terminal/escape.js';
import { formatAge, groupDigits } from '../../../terminal/format.js';
import type { SaidOnce } from '../../../terminal/once.js';
import { keepEnd } from '../../../terminal/width.js';
import { APPLE_ROOT_NAME } from '../../../trust/roots.js';
import {
  type Arrival,
  formatTime,
  indentOf,
  isDelivered,
  isWide,
  type ListenView,
  type Results,
  shortId,
} from './line-model.js';
import { explainArrival } from './remarks.js';

/** Length of DID_CHANGE_RENEWAL_PREF; a longer type shifts the columns after it. */
const TYPE_WIDTH = 23;

const PRODUCT_WIDTH = 18;

const ENVIRONMENT_WIDTH = 'Production'.length;

const VERDICT_WIDTH = { apple: 'invalid'.length, authority: 'valid, test authority'.length };

/** Below this width the line wraps at the verdict anyway. */
const MIN_FOR_AUTHORITY = 80;

const ANSWER_WIDTH = 3;

/**
 * One line per notification: time, type, environment, purchase, verdict, status for Apple, result of each target. Dim lines below it explain what
 * was not explained before. Each line ends in a newline.
 */
export function describeArrival(arrival: Arrival, results: Results, explained: SaidOnce, view: ListenView): string {
  const cells = [...factCells(arrival, view), verdictCell(arrival, view), answerCell(arrival, view)];
  const lines = layCells(
    [...cells, ...resultCells(arrival, results, view), ...markCells(arrival, view)],
    view,
    indentOf(view),
  );
  return [...lines, ...explainArrival(arrival, results, explained, view)].map((line) => `${line}\n`).join('');
}

function factCells({ atMs, facts }: Arrival, view: ListenView): readonly Cell[] {
  const { paint, columns } = view;
  const wide = isWide(view);
  const time = { text: formatTime(atMs, view), colour: paint.dim };
  if (facts === null)
    return [time, { text: 'not a notification', width: factsWidth(wide, columns), colour: paint.dim }];
  const product = facts.productId ?? facts.bundleId;
  const productRoom = Number.isFinite(columns) ? PRODUCT_WIDTH : columns;
  return [
    time,
    { text: keepEnd(showText(facts.type), columns - indentOf(view)), width: TYPE_WIDTH, colour: paint.bold },
    { text: keepEnd(showText(facts.environment ?? '–'), ENVIRONMENT_WIDTH), width: ENVIRONMENT_WIDTH },
    ...(wide
      ? [{ text: product === null ? '–' : keepLastWords(showText(product), productRoom), width: PRODUCT_WIDTH }]
      : []),
    purchaseCell(facts.originalTransactionId, columns),
  ];
}

/** Width of the columns between time and verdict, gaps included. */
function factsWidth(wide: boolean, columns: number): number {
  const product = wide ? GAP + PRODUCT_WIDTH : 0;
  return TYPE_WIDTH + GAP + ENVIRONMENT_WIDTH + product + GAP + (purchaseCell(null, columns).width ?? 0);
}

function verdictCell({ verdict, synthetic, answered }: Arrival, { paint, trustsAuthority, columns }: ListenView): Cell {
  const isRefused = answered === null || !isDelivered(answered);
  const word = verdict?.verdict ?? (isRefused ? 'refused' : 'invalid');
  const colour = word === 'valid' ? paint.green : word === 'undetermined' ? paint.yellow : paint.red.bold;
  const signer = synthetic ? ', test authority' : isCustomRoot(verdict) ? ', your root' : '';
  const width = trustsAuthority && columns >= MIN_FOR_AUTHORITY ? VERDICT_WIDTH.authority : VERDICT_WIDTH.apple;
  return {
    text: `${word}${signer}`,
    width,
    colour: (text) => colour(text.slice(0, word.length)) + text.slice(word.length),
  };
}

function isCustomRoot(verdict: Arrival['verdict']): boolean {
  return verdict?.verdict === 'valid' && verdict.root !== null && verdict.root !== APPLE_ROOT_NAME;
}

function answerCell({ answered }: Arrival, { paint }: ListenView): Cell {
  if (answered === null) return { text: 'no answer', colour: paint.yellow };
  return { text: String(answered), width: ANSWER_WIDTH, colour: isDelivered(answered) ? paint.green : paint.yellow };
}

function resultCells({ withheld }: Arrival, results: Results, view: ListenView): readonly Cell[] {
  const attempts = [...results].map(([target, event]) =>
    event === null ? quietResult(target, 'pending') : attemptResult(event),
  );
  const notSent = withheld.map(({ target }) => quietResult(target, 'withheld'));
  return [...attempts, ...notSent].map((result) => resultCell(result, view));
}

export function resultCell(result: TargetResult, view: Pick<ListenView, 'paint'>): Cell {
  return { text: result.text, colour: () => paintResult(result, view) };
}

/** `✓ app 200`, `✗ app 503, retry in 5 seconds`. */
export function attemptResult(event: DeliveryEvent): TargetResult {
  const { text, tone } = deliveryResult(event, event.attempt);
  if (event.nextAtMs === null) return { text, tone };
  const waitMs = Math.round((event.nextAtMs - event.atMs) / 1_000) * 1_000;
  const wait = formatAge(event.atMs + waitMs, event.atMs);
  return { text: `${text}, retry ${wait}`, tone };
}

const ORDINALS: Readonly<Record<number, string>> = { 2: '2nd', 3: '3rd', 4: '4th', 5: '5th', 6: '6th' };

const HOUR_MS = 3_600_000;

const MAX_HOURS = 200;

/** `sent 13 h ago: the 3rd attempt, if Apple retried`. */
function describeLate({ ageMs, attempt }: NonNullable<Arrival['late']>): string {
  const hours = ageMs / HOUR_MS;
  const age =
    hours < 1.5
      ? `${Math.round(ageMs / 60_000)} min`
      : hours <= MAX_HOURS
        ? `${Math.round(hours)} h`
        : `${groupDigits(Math.round(hours / 24))} days`;
  return attempt === null ? `signed ${age} ago` : `sent ${age} ago: the ${ORDINALS[attempt]} attempt, if Apple retried`;
}

function markCells(arrival: Arrival, { paint, injectsFaults, hasTargets, columns }: ListenView): readonly Cell[] {
  const { id, repeatOf, sameUuidAs, late, askedAgain, answered, targets, withheld, refusal } = arrival;
  const isAnsweredHere = refusal === null && targets.length === 0;
  const isFault = injectsFaults && isAnsweredHere && (answered === null || !isDelivered(answered));
  const isUnmatched = hasTargets && isAnsweredHere && !isFault && repeatOf === null && withheld.length === 0;
  const marks = [
    ...(isFault ? ['injected fault'] : []),
    ...(isUnmatched ? ['no matching target'] : []),
    ...(repeatOf === null ? [] : [`repeat of ${shortId(repeatOf)}`]),
    ...(sameUuidAs === undefined || repeatOf !== null ? [] : ['same notificationUUID, other content']),
    ...(late === undefined ? [] : [describeLate(late)]),
    ...(askedAgain === true ? ['asked again'] : []),
    ...(Number.isFinite(columns) ? [] : [shortId(id)]),
  ];
  return marks.map((text) => ({ text, colour: paint.dim }));
}
