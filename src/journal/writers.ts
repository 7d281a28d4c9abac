import { ToolError } from '../errors.js';
import { type Appender, appendLine } from './appender.js';
import { encodeReceipt, encodeRecord } from './encoding.js';
import { keyText, keyTextOf } from './index/key.js';
import { isRecordOf } from './index/record-store.js';
import type { IndexRow } from './index/row.js';
import type { LiveFiles } from './live-files.js';
import type { LiveIndex, LivePart } from './live-index.js';
import { notificationKey } from './notification-key.js';
import type { AnswerRecord, DeliveryRecord, ReceiptHead, ReceiptRecord, RecordedFacts } from './record.js';
import { encodeRejected, type RejectedHead } from './rejected.js';
import type { UsageMeter } from './usage.js';

/** Methods of an open journal: appending records, and reading them. */
export interface JournalWriters {
  /**
   * Records a verified receipt; resolves once it is on disk, with its slot in the index. `bodyJson` is the body as a JSON string literal, in
   * parts; not recorded where `bodyOf` names the receipt that holds it. Rejects with usage error `ERR_JOURNAL_FULL` at the size limit.
   */
  append(head: ReceiptHead, bodyJson: readonly Uint8Array[]): Promise<number>;
  /** Id of the first receipt of this notification, if the journal still holds it with its body and the same content; null otherwise. */
  holderOfBody(facts: RecordedFacts): Promise<string | null>;
  /** Records an answer or an attempt at a delivery. */
  note(record: AnswerRecord | DeliveryRecord): Promise<void>;
  /** Records the first 32 KiB of a body that is not verified. Callers must await it, since the body stays in memory until then. */
  reject(head: RejectedHead, body: Uint8Array): Promise<void>;
  /**
   * Reads a receipt with its body, which for a repeat is that of its first receipt. Throws `ERR_JOURNAL_READ` where it was removed, or
   * cannot be read now.
   */
  readReceipt(ref: number): Promise<ReceiptRecord>;
}

interface Written {
  readonly main: Appender;
  readonly rejected: Appender;
  readonly live: LiveFiles;
  readonly meter: UsageMeter;
}

export function createWriters({ main, rejected, live, meter }: Written): JournalWriters {
  const { index } = live;
  return {
    append: async (head, bodyJson) => {
      const line = encodeReceipt(head, head.bodyOf === undefined ? bodyJson : NO_BODY);
      if (!meter.hasRoomFor(line.bytes)) await meter.requireRoomFor(line.bytes);
      index.reserve(head);
      return new Promise((resolve, reject) => {
        main.append(line, (error, segment, offset) => {
          index.release(head);
          if (error !== null) return reject(error);
          meter.add(line.bytes);
          resolve(live.add(head, segment, { offset, bytes: line.bytes }));
        });
      });
    },
    note: (record) => {
      // An acceptance counts even if it cannot be recorded.
      if (record.type === 'delivery') index.addAcceptance(record);
      const line = encodeRecord(record);
      // Written beyond the limit, too: without it a restart would deliver again.
      meter.add(line.bytes);
      return new Promise((resolve, reject) =>
        main.append(line, (error, segment, offset) => {
          if (error !== null) return reject(error);
          live.add(record, segment, { offset, bytes: line.bytes });
          if (record.type === 'delivery') index.releaseAcceptance(record);
          resolve();
        }),
      );
    },
    reject: (head, body) => appendLine(rejected, encodeRejected(head, body)),
    holderOfBody: (facts) => holderOfBody(facts, index),
    readReceipt: async (ref) => readReceipt(ref, index),
  };
}

const NO_BODY: readonly Uint8Array[] = [Buffer.from('""')];

/** The first receipt was read from the disk just now: one that is still being written may fail. */
async function holderOfBody(facts: RecordedFacts, index: LiveIndex): Promise<string | null> {
  const key = notificationKey(facts);
  const first = key === null || facts.content === undefined ? null : index.firstReceipt(keyText(key, ''));
  if (first === null || first.head.bodyOf !== undefined || first.head.facts.content !== facts.content) return null;
  return (await first.part.isInPlace()) ? first.head.id : null;
}

/** A repeat without a body gets that of the first receipt. */
function readReceipt(ref: number, index: LiveIndex): ReceiptRecord {
  const place = index.placeOf(ref);
  const record = place === null ? null : recordAt(place.part, place.part.index.rowAt(place.row));
  if (record === null) throw noLongerHeld('the notification');
  if (record.bodyOf === undefined) return record;
  const first = index.firstReceipt(keyTextOf(record));
  const holder = first === null ? null : recordAt(first.part, first.data);
  if (holder === null || holder.bodyOf !== undefined) throw noLongerHeld(`the body of notification ${record.id}`);
  return { ...record, body: holder.body };
}

function recordAt(part: LivePart, row: IndexRow): ReceiptRecord | null {
  try {
    const record = part.recordAt(row);
    return record?.type === 'receipt' && isRecordOf(record, row) ? record : null;
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException | null)?.code ?? String(cause);
    throw new ToolError('usage', 'ERR_JOURNAL_READ', `the notification cannot be read from the journal: ${why}`, {
      cause,
    });
  }
}

function noLongerHeld(subject: string): ToolError {
  return new ToolError('usage', 'ERR_JOURNAL_READ', `${subject} is no longer in the journal`, {
    hint: 'It was pruned or damaged in the meantime.',
  });
}
