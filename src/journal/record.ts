import type { Check, Clock, Delivery, Kind, VerdictWord } from '../notification/document.js';
import type { Facts } from '../notification/facts.js';
import type { ReasonCode } from '../notification/reasons.js';

/** A verdict as it is recorded: what passed is not repeated, since the bytes are there to be judged again. */
export interface RecordedVerdict {
  readonly verdict: VerdictWord;
  readonly reason: ReasonCode | null;
  readonly root: string | null;
  readonly checkedAtMs: number | null;
  readonly clock: Clock | null;
  /** The checks that failed, outer token first. */
  readonly failed: readonly Check[];
}

/** What a list says of a payload without opening it. Strings are as signed: untrusted. */
export interface RecordedFacts extends Facts {
  readonly kind: Kind;
  /** notificationUUID; null where the payload has none. */
  readonly uuid: string | null;
}

/** A verified notification was received. The body stands last in its line, so that a reader can leave it unread. */
export interface ReceiptRecord {
  readonly type: 'receipt';
  /** 16 lower-case hex digits, random. */
  readonly id: string;
  readonly atMs: number;
  /** The client's address; null where it cannot be known. */
  readonly address: string | null;
  /** The `Content-Type` as received; null without one. */
  readonly contentType: string | null;
  readonly bytes: number;
  readonly facts: RecordedFacts;
  readonly verdict: RecordedVerdict;
  /** What the test authority signed: goes no further than this machine and private networks unless told otherwise. */
  readonly synthetic: boolean;
  /** Id of the first verified receipt of the same notificationUUID; null for the first. */
  readonly repeatOf: string | null;
  /** The status that was answered; null where an answer record follows, or none could be given. */
  readonly answered: number | null;
  /** Names of the targets it is owed to: those whose filters it passed and which have not accepted its UUID. */
  readonly targets: readonly string[];
  /** Ids of the listeners it had passed before this one; absent where there were none. */
  readonly via?: readonly string[];
  /** Oddities that were let pass, such as `key:SignedPayload` or `extra:note`. */
  readonly marks: readonly string[];
  /** The body as received: text where it is UTF-8. */
  readonly body: string;
}

/** Everything of a receipt but its body. */
export type ReceiptHead = Omit<ReceiptRecord, 'body'>;

/** The answer to a receipt, where it waited for a target. */
export interface AnswerRecord {
  readonly type: 'answer';
  readonly id: string;
  readonly atMs: number;
  readonly answered: number;
}

/** One attempt to hand a notification on is over. */
export interface DeliveryRecord extends Delivery {
  readonly type: 'delivery';
  readonly id: string;
  /**
   * notificationUUID of the receipt: acceptance counts for all its repeats. Null where it has none, and for whatever was not verified:
   * else the acceptance of a forged one would keep the genuine one from its targets.
   */
  readonly uuid: string | null;
  readonly atMs: number;
  /** No further attempt comes by itself. */
  readonly final: boolean;
  /** When the next one is due; null where none is. */
  readonly nextAtMs: number | null;
  /** What was said of a failure; never more than 200 characters, may quote the peer. */
  readonly detail?: string;
  /** Run of `replay` that made it; absent where `listen` did. */
  readonly run?: string;
}

/** A run of `replay`, so that it can be resumed: what was to be sent where. */
export interface RunRecord {
  readonly type: 'run';
  readonly run: string;
  readonly atMs: number;
  readonly state: 'started' | 'finished';
  /** Ids in the order they are sent; empty in `finished`. */
  readonly ids: readonly string[];
  readonly targets: readonly string[];
  /** Each goes only to those of the targets that were to have it and have not accepted it (`--failed`). */
  readonly failed?: boolean;
}

/** A body that is no verified notification: kept apart from the others, and only for a while. */
export interface RejectedRecord {
  readonly type: 'rejected';
  readonly id: string;
  readonly atMs: number;
  readonly address: string | null;
  readonly contentType: string | null;
  /** Of the whole body. */
  readonly bytes: number;
  /** Lower-case hex, of the whole body. */
  readonly sha256: string;
  /** A reason code of a verdict, or the code of the refusal where there was no token to judge. */
  readonly reason: string;
  readonly message: string;
  readonly answered: number;
  readonly facts: RecordedFacts | null;
  readonly verdict: RecordedVerdict | null;
  /** At most the first 32 KiB, as base64. */
  readonly bodyBase64: string;
}

export type JournalRecord = ReceiptRecord | AnswerRecord | DeliveryRecord | RunRecord | RejectedRecord;

/** Where a record stands. `file` is its file's number in the file system (inode): it stays the same when the file is renamed. */
export interface Location {
  readonly file: number;
  /** First byte of the line. */
  readonly offset: number;
  /** Bytes of the line with its newline. */
  readonly bytes: number;
}

/** Everything the journal knows of one notification that was received: its receipt and what became of it, from whichever file. */
export interface ReceiptEntry {
  readonly type: 'receipt';
  readonly receipt: ReceiptHead;
  readonly location: Location;
  /** The status that was answered; null where none was recorded. */
  readonly answered: number | null;
  /** In the order they were made. */
  readonly deliveries: readonly DeliveryRecord[];
}

/** A body that was no verified notification; `rejected.bodyBase64` is the whole body only where it had at most 32 KiB. */
export interface RejectedEntry {
  readonly type: 'rejected';
  readonly rejected: RejectedRecord;
  readonly deliveries: readonly DeliveryRecord[];
}

export type JournalEntry = ReceiptEntry | RejectedEntry;

/** A line that could not be read, where, and why: it is passed over, never repaired. */
export interface DamagedLine {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly where: 'middle' | 'end';
}
