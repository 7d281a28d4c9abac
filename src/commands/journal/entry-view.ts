import { deliveryResult } from '../../document-view/delivery-result.js';
import { describeVerification } from '../../document-view/verification.js';
import type { DeliveryStatus } from '../../journal/delivery-status.js';
import { idOfEntry, receivedAtMs } from '../../journal/query.js';
import type { DeliveryRecord, JournalEntry, ReceiptEntry } from '../../journal/record.js';
import type { PayloadDocument } from '../../notification/document.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { formatAge, formatMoment, groupDigits } from '../../terminal/format.js';
import { joinParts, layRows, laySentence, type Row, type View } from '../../terminal/layout.js';

interface JournalEntryView extends View {
  /** Every check of every token. */
  readonly verbose: boolean;
  readonly standing: DeliveryStatus | null;
}

/** Describes one entry in full: its verification, its receipt and each delivery. Ends in a newline. */
export function describeEntry(entry: JournalEntry, document: PayloadDocument, view: JournalEntryView): string {
  const { verbose } = view;
  const verification = describeVerification(document, { ...view, verbose, showSource: false });
  const head = verification === '' ? layRefusal(entry, view) : `${verification}\n`;
  return head + joinParts([layReceipt(entry, view), layDeliveries(entry, view)]);
}

/** Describes the refusal of a body without a token, which has no verdict. */
function layRefusal(entry: JournalEntry, view: View): string {
  if (entry.type === 'receipt') return '';
  const { reason, message } = entry.rejected;
  const lines = [
    `${view.paint.red.bold('rejected')}  ${view.paint.red(escapeText(reason))}`,
    ...laySentence(escapeText(message), view, true),
  ];
  return `${lines.join('\n')}\n\n`;
}

function layReceipt(entry: JournalEntry, view: JournalEntryView): readonly string[] {
  const { address, contentType, bytes } = entry.type === 'receipt' ? entry.receipt : entry.rejected;
  const answered = entry.type === 'receipt' ? entry.answered : entry.rejected.answered;
  const atMs = receivedAtMs(entry);
  const rows: readonly Row[] = [
    { label: 'id', value: idOfEntry(entry) },
    { label: 'at', value: formatMoment(atMs) ?? String(atMs), remark: formatAge(atMs, view.nowMs) },
    { label: 'from', value: address === null ? 'unknown' : showText(address) },
    {
      label: 'body',
      value: `${groupDigits(bytes)} bytes`,
      remark: contentType === null ? 'no content type' : showText(contentType),
    },
    { label: 'answer', value: answered === null ? 'none' : String(answered) },
    ...(entry.type === 'receipt' ? receiptRows(entry) : rejectedRows(entry.rejected)),
  ];
  return [view.paint.bold('Received'), ...layRows(rows, view)];
}

function receiptRows({ receipt }: ReceiptEntry): readonly Row[] {
  const { repeatOf, synthetic, marks } = receipt;
  return [
    ...(repeatOf === null ? [] : [{ label: 'repeat of', value: repeatOf, remark: 'the same notificationUUID' }]),
    ...(synthetic ? [{ label: 'signed by', value: 'the test authority, not Apple' }] : []),
    ...(marks.length === 0 ? [] : [{ label: 'unusual', value: marks.map(showText).join(', ') }]),
  ];
}

function rejectedRows({
  sha256,
  bytes,
  bodyBase64,
}: Extract<JournalEntry, { type: 'rejected' }>['rejected']): readonly Row[] {
  const body = Buffer.from(bodyBase64, 'base64');
  const isWhole = body.length === bytes;
  return [
    { label: 'sha256', value: showText(sha256) },
    {
      label: 'stored',
      value: isWhole ? 'the whole body' : `the first ${groupDigits(body.length)} bytes`,
      remark: isWhole ? null : 'too little to replay',
    },
    { label: 'content', value: showText(body.toString('utf8')) },
  ];
}

function layDeliveries(entry: JournalEntry, view: JournalEntryView): readonly string[] {
  const untried = untriedRows(entry, view);
  if (entry.deliveries.length + untried.length === 0) return [];
  const rows = [...entry.deliveries.map((delivery) => deliveryRow(delivery, view)), ...untried];
  return [view.paint.bold('Deliveries'), ...layRows(rows, view)];
}

/** One attempt with its time, result and next attempt. */
function deliveryRow(delivery: DeliveryRecord, { nowMs }: View): Row {
  const { atMs, ms, attempt, run, detail, outcome } = delivery;
  const details = [
    `attempt ${attempt}${run === undefined ? '' : ' (replay)'}`,
    `${groupDigits(Math.round(ms))} ms`,
    formatAge(atMs, nowMs),
    ...(detail === undefined ? [] : [showText(detail)]),
    ...nextOf(delivery, nowMs),
  ];
  return {
    label: formatMoment(atMs) ?? String(atMs),
    value: deliveryResult(delivery).text,
    remark: details.join(', '),
    ...(outcome === 'accepted' ? {} : { tone: 'warning' }),
  };
}

function nextOf({ outcome, final, nextAtMs, run }: DeliveryRecord, nowMs: number): readonly string[] {
  if (outcome === 'accepted' || run !== undefined) return [];
  if (final) return ['no automatic retry'];
  return nextAtMs === null || nextAtMs < nowMs ? [] : [`next attempt ${formatAge(nextAtMs, nowMs)}`];
}

function untriedRows(entry: JournalEntry, { standing }: JournalEntryView): readonly Row[] {
  if (entry.type === 'rejected') return [];
  const tried = new Set(entry.deliveries.map(({ target }) => target));
  return entry.receipt.targets
    .filter((target) => !tried.has(target))
    .map((target) => ({
      label: 'not tried',
      value: `– ${target}`,
      remark: standing?.accepted.includes(target) === true ? 'accepted in another attempt' : 'pending',
    }));
}
