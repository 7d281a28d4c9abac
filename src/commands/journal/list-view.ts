import { deliveryResult, paintResult, quietResult, type TargetResult } from '../../document-view/delivery-result.js';
import { keepLastWords } from '../../document-view/line.js';
import { purchaseCell } from '../../document-view/purchase-cell.js';
import type { DeliveryStatus } from '../../journal/delivery-status.js';
import { factsOfEntry, idOfEntry, receivedAtMs } from '../../journal/query.js';
import type { DeliveryRecord, JournalEntry, ReceiptEntry } from '../../journal/record.js';
import { SHORT_ID_LENGTH } from '../../journal/short-ids.js';
import { type Cell, layCells } from '../../terminal/columns.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { formatAge, formatSecond } from '../../terminal/format.js';
import { laySentence, type View } from '../../terminal/layout.js';
import { keepEnd } from '../../terminal/width.js';

interface JournalLineView extends View {
  readonly shortenId: (id: string) => string;
  /** Delivery status over all receipts of the notification. */
  readonly statusOf: (entry: ReceiptEntry) => DeliveryStatus;
}

const INDENT = SHORT_ID_LENGTH + 2;

/** Length of DID_CHANGE_RENEWAL_PREF; a longer type moves the columns after it. */
const TYPE_WIDTH = 24;

const ENVIRONMENT_WIDTH = 'Production'.length;

const STATUS_WIDTH = 3;

const VERDICT_WIDTH = 'invalid'.length;

const PRODUCT_WIDTH = 24;

/** Leaves room for the age in 80 columns. */
const NARROW_PRODUCT_WIDTH = 18;

/** Minimum columns for one line per entry; narrower terminals get two or three. */
const WIDE = 150;

/**
 * Describes one entry of the list: id, time, type, environment, product, purchase, answer, verdict, deliveries and age; below it the reason of a
 * rejection. Each line ends in a newline.
 */
export function describeEntryLine(entry: JournalEntry, view: JournalLineView): string {
  const lines = view.columns >= WIDE ? layWide(entry, view) : layNarrow(entry, view);
  return [...lines, ...layRejection(entry, view)].map((line) => `${line}\n`).join('');
}

function layWide(entry: JournalEntry, view: JournalLineView): readonly string[] {
  const cells = [
    ...nameCells(entry, view),
    environmentCell(entry),
    productCell(entry, PRODUCT_WIDTH, view),
    originalCell(entry, view),
    answerCell(entry, view),
    verdictCell(entry, view),
    ...signerCells(entry),
    ...resultCells(entry, view),
    ageCell(entry, view),
  ];
  return layCells(cells, view, INDENT);
}

/** The type comes last in its line, and the deliveries have a line of their own, so that no long text moves a column. */
function layNarrow(entry: JournalEntry, view: JournalLineView): readonly string[] {
  const facts = factsOfEntry(entry);
  const subject =
    facts === null
      ? []
      : [environmentCell(entry), productCell(entry, NARROW_PRODUCT_WIDTH, view), originalCell(entry, view)];
  const details = [answerCell(entry, view), verdictCell(entry, view), ...subject, ageCell(entry, view)];
  const deliveries = [...signerCells(entry), ...resultCells(entry, view)];
  const room = { columns: view.columns - INDENT };
  return [
    ...layCells(nameCells(entry, view), view, INDENT),
    ...[details, deliveries]
      .filter((cells) => cells.length > 0)
      .flatMap((cells) => layCells(cells, room, 0))
      .map((line) => ' '.repeat(INDENT) + line),
  ];
}

function nameCells(entry: JournalEntry, { shortenId, paint, columns }: JournalLineView): readonly Cell[] {
  const type = keepEnd(showText(factsOfEntry(entry)?.type ?? 'not a notification'), columns - INDENT);
  return [
    { text: shortenId(idOfEntry(entry)), width: SHORT_ID_LENGTH },
    { text: formatSecond(receivedAtMs(entry)), colour: paint.dim },
    { text: type, width: TYPE_WIDTH, colour: paint.bold },
  ];
}

function environmentCell(entry: JournalEntry): Cell {
  const environment = factsOfEntry(entry)?.environment ?? '–';
  return { text: keepEnd(showText(environment), ENVIRONMENT_WIDTH), width: ENVIRONMENT_WIDTH };
}

function answerCell(entry: JournalEntry, { paint }: View): Cell {
  const answered = entry.type === 'receipt' ? entry.answered : entry.rejected.answered;
  if (answered === null) return { text: '–', width: STATUS_WIDTH };
  const colour = answered >= 200 && answered <= 206 ? paint.green : paint.yellow;
  return { text: String(answered), width: STATUS_WIDTH, colour };
}

function verdictCell(entry: JournalEntry, { paint }: View): Cell {
  const { verdict } = entry.type === 'receipt' ? entry.receipt : entry.rejected;
  const recorded = verdict?.verdict ?? 'refused';
  const word = recorded === 'valid' && entry.isForeign === true ? 'claimed' : recorded;
  const colour =
    word === 'valid' ? paint.green : word === 'undetermined' || word === 'claimed' ? paint.yellow : paint.red;
  return { text: word, width: VERDICT_WIDTH, colour };
}

function signerCells(entry: JournalEntry): readonly Cell[] {
  return entry.type === 'receipt' && entry.receipt.synthetic ? [{ text: 'test authority' }] : [];
}

function ageCell(entry: JournalEntry, { paint, nowMs }: View): Cell {
  return { text: formatAge(receivedAtMs(entry), nowMs), colour: paint.dim };
}

/** Whole in a pipe. */
function productCell(entry: JournalEntry, width: number, { columns }: View): Cell {
  const facts = factsOfEntry(entry);
  const product = showText(facts?.productId ?? facts?.bundleId ?? '–');
  return { text: Number.isFinite(columns) ? keepLastWords(product, width) : product, width };
}

function originalCell(entry: JournalEntry, { columns }: View): Cell {
  return purchaseCell(factsOfEntry(entry)?.originalTransactionId, columns);
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

/** The last result of each target, in the order of the first attempts, then the targets without an attempt. */
function resultsOf(entry: JournalEntry, view: JournalLineView): readonly TargetResult[] {
  const last = new Map<string, DeliveryRecord>();
  for (const delivery of entry.deliveries) last.set(delivery.target, delivery);
  const accepted = entry.type === 'receipt' ? view.statusOf(entry).accepted : [];
  const tried = [...last.values()].map((delivery) => {
    const result = deliveryResult(delivery, delivery.attempt);
    const isSettled = delivery.outcome !== 'accepted' && accepted.includes(delivery.target);
    return isSettled ? { text: `${result.text}, accepted in another attempt`, tone: 'quiet' as const } : result;
  });
  const untried = entry.type === 'receipt' ? entry.receipt.targets.filter((name) => !last.has(name)) : [];
  return [
    ...tried,
    ...untried.map((name) => quietResult(name, accepted.includes(name) ? 'accepted in another attempt' : 'pending')),
  ];
}

function layRejection(entry: JournalEntry, { paint, columns }: View): readonly string[] {
  if (entry.type === 'receipt') return [];
  const { reason, message } = entry.rejected;
  const lines = laySentence(escapeText(`${reason}: ${message}`), { columns: columns - INDENT }, true);
  return lines.map((line) => ' '.repeat(INDENT) + paint.dim(line));
}
