import { deliveryResult, paintResult, quietResult, type TargetResult } from '../../document-view/delivery-result.js';
import { factsOfEntry, idOfEntry, receivedAtMs } from '../../journal/query.js';
import type { DeliveryRecord, JournalEntry, ReceiptEntry } from '../../journal/record.js';
import { type DeliveryStatus, SHORT_ID_LENGTH } from '../../journal/summary.js';
import { type Cell, layCells } from '../../terminal/columns.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { formatAge, formatSecond } from '../../terminal/format.js';
import { laySentence, type View } from '../../terminal/layout.js';
import { keepEnd } from '../../terminal/width.js';

interface JournalLineView extends View {
  readonly shortenId: (id: string) => string;
  /** How the notification stands, over all its receipts. */
  readonly statusOf: (entry: ReceiptEntry) => DeliveryStatus;
}

const INDENT = SHORT_ID_LENGTH + 2;

/** Fits DID_CHANGE_RENEWAL_PREF and everything shorter. */
const TYPE_WIDTH = 24;

const ENVIRONMENT_WIDTH = 'Production'.length;

const STATUS_WIDTH = 3;

const VERDICT_WIDTH = 'invalid'.length;

const PRODUCT_WIDTH = 24;

/** From here on each entry has one line; below, all of them have two. */
const WIDE = 150;

/**
 * One thing that was received: which, when, what, from where, how it was answered and judged, how each target took it, the product and how
 * long ago; below it why it was rejected. Each line ends in a newline.
 */
export function describeEntryLine(entry: JournalEntry, view: JournalLineView): string {
  const lines = view.columns >= WIDE ? layWide(entry, view) : layNarrow(entry, view);
  return [...lines, ...layRejection(entry, view)].map((line) => `${line}\n`).join('');
}

function layWide(entry: JournalEntry, view: JournalLineView): readonly string[] {
  const product = productOf(entry) ?? '–';
  const cells = [
    ...nameCells(entry, view),
    { text: product, width: PRODUCT_WIDTH },
    answerCell(entry, view),
    verdictCell(entry, view),
    ...resultCells(entry, view),
    ageCell(entry, view),
  ];
  return layCells(cells, view, INDENT);
}

function layNarrow(entry: JournalEntry, view: JournalLineView): readonly string[] {
  const product = productOf(entry);
  const below = [
    verdictCell(entry, view),
    ...resultCells(entry, view),
    ...(product === null ? [] : [{ text: product }]),
    ageCell(entry, view),
  ];
  const room = { columns: view.columns - INDENT };
  return [
    ...layCells([...nameCells(entry, view), answerCell(entry, view)], view, INDENT),
    ...layCells(below, room, 0).map((line) => ' '.repeat(INDENT) + line),
  ];
}

function nameCells(entry: JournalEntry, { shortenId, paint, columns }: JournalLineView): readonly Cell[] {
  const facts = factsOfEntry(entry);
  const type = keepEnd(showText(facts?.type ?? 'not a notification'), columns - INDENT);
  return [
    { text: shortenId(idOfEntry(entry)), width: SHORT_ID_LENGTH },
    { text: formatSecond(receivedAtMs(entry)), colour: paint.dim },
    { text: type, width: TYPE_WIDTH, colour: paint.bold },
    { text: keepEnd(showText(facts?.environment ?? '–'), ENVIRONMENT_WIDTH), width: ENVIRONMENT_WIDTH },
  ];
}

function answerCell(entry: JournalEntry, { paint }: View): Cell {
  const answered = entry.type === 'receipt' ? entry.answered : entry.rejected.answered;
  if (answered === null) return { text: '–', width: STATUS_WIDTH };
  const colour = answered >= 200 && answered <= 206 ? paint.green : paint.yellow;
  return { text: String(answered), width: STATUS_WIDTH, colour };
}

function verdictCell(entry: JournalEntry, { paint }: View): Cell {
  const { verdict } = entry.type === 'receipt' ? entry.receipt : entry.rejected;
  const word = verdict?.verdict ?? 'refused';
  const colour = word === 'valid' ? paint.green : word === 'undetermined' ? paint.yellow : paint.red;
  const signer = entry.type === 'receipt' && entry.receipt.synthetic ? ', test authority' : '';
  return { text: word + signer, width: VERDICT_WIDTH, colour: () => colour(word) + signer };
}

function ageCell(entry: JournalEntry, { paint, nowMs }: View): Cell {
  return { text: formatAge(receivedAtMs(entry), nowMs), colour: paint.dim };
}

function productOf(entry: JournalEntry): string | null {
  const facts = factsOfEntry(entry);
  const product = facts?.productId ?? facts?.bundleId ?? null;
  return product === null ? null : keepEnd(showText(product), PRODUCT_WIDTH);
}

function resultCells(entry: JournalEntry, view: JournalLineView): readonly Cell[] {
  const results = resultsOf(entry, view).map((result) => ({
    text: result.text,
    colour: () => paintResult(result, view),
  }));
  const repeatOf = entry.type === 'receipt' ? entry.receipt.repeatOf : null;
  if (repeatOf === null) return results;
  return [...results, { text: `repeat of ${view.shortenId(repeatOf)}`, colour: view.paint.dim }];
}

/** The last word of each target, in the order of the first attempts; then those that have not been asked. */
function resultsOf(entry: JournalEntry, view: JournalLineView): readonly TargetResult[] {
  const last = new Map<string, DeliveryRecord>();
  for (const delivery of entry.deliveries) last.set(delivery.target, delivery);
  const accepted = entry.type === 'receipt' ? view.statusOf(entry).accepted : [];
  const tried = [...last.values()].map((delivery) => {
    const result = deliveryResult(delivery, delivery.attempt);
    const isSettled = delivery.outcome !== 'accepted' && accepted.includes(delivery.target);
    return isSettled ? { text: `${result.text}, accepted another time`, tone: 'quiet' as const } : result;
  });
  const untried = entry.type === 'receipt' ? entry.receipt.targets.filter((name) => !last.has(name)) : [];
  return [
    ...tried,
    ...untried.map((name) => quietResult(name, accepted.includes(name) ? 'accepted another time' : 'owed')),
  ];
}

function layRejection(entry: JournalEntry, { paint, columns }: View): readonly string[] {
  if (entry.type === 'receipt') return [];
  const { reason, message } = entry.rejected;
  const lines = laySentence(escapeText(`${reason}: ${message}`), { columns: columns - INDENT }, true);
  return lines.map((line) => ' '.repeat(INDENT) + paint.dim(line));
}
