import type { Check, Clock, Delivery, Kind, VerdictWord } from '../notification/document.js';
import type { Facts } from '../notification/facts.js';
import type { ReasonCode } from '../notification/reasons.js';

/** A recorded verdict. Passed checks are left out, since the recorded body can be verified again. */
export interface RecordedVerdict {
  readonly verdict: VerdictWord;
  readonly reason: ReasonCode | null;
  readonly root: string | null;
  readonly checkedAtMs: number | null;
  readonly clock: Clock | null;
  /** The checks that failed, outer token first. */
  readonly failed: readonly Check[];
}

/** Facts of a payload for lists, which do not open it. Strings are as signed: untrusted. */
export interface RecordedFacts extends Facts {
  readonly kind: Kind;
  /** notificationUUID; null where the payload has none. */
  readonly uuid: string | null;
  /**
   * Start of the SHA-256 of the signed payload, 32 lower-case hex digits; only of a verified notification, and absent in records of
   * versions before it.
   */
  readonly content?: string;
  /** The `content`, where the first notification with this UUID has another; see `notificationKey`. */
  readonly variant?: string;
  /** Transaction of the notification; in records of earlier versions only of a CONSUMPTION_REQUEST. */
  readonly transactionId?: string;
  readonly originalTransactionId?: string;
  readonly appAccountToken?: string;
}

/** Receipt of a verified notification. The body is the last key of the line, so that a reader can skip it. */
export interface ReceiptRecord {
  readonly type: 'receipt';
  /** 16 lower-case hex digits, random. */
  readonly id: string;
  readonly atMs: number;
  /** Address of the client; null where it is unknown. */
  readonly address: string | null;
  /** `Content-Type` as received; null without one. */
  readonly contentType: string | null;
  readonly bytes: number;
  readonly facts: RecordedFacts;
  readonly verdict: RecordedVerdict;
  /** Signed by the test authority: forwarded to loopback and private networks only, unless `--forward-synthetic` is set. */
  readonly synthetic: boolean;
  /** Id of the first verified receipt of the same notificationUUID and content; null for the first. */
  readonly repeatOf: string | null;
  /** Status of the answer; null where an answer record follows, or no answer could be sent. */
  readonly answered: number | null;
  /** Names of the targets it is forwarded to: those whose filters match and which have not accepted its UUID. */
  readonly targets: readonly string[];
  /** Ids of the listeners that forwarded it here; absent where there were none. */
  readonly via?: readonly string[];
  /** Id of the receipt that holds the body, of which this is a repeat; absent where this one holds its own. */
  readonly bodyOf?: string;
  /** Accepted deviations of the body, such as `key:SignedPayload` or `extra:note`. */
  readonly marks: readonly string[];
  /** Body as received; empty where `bodyOf` names the receipt that holds it. */
  readonly body: string;
}

/** A receipt without its body. */
export type ReceiptHead = Omit<ReceiptRecord, 'body'>;

/** Answer to a receipt that waited for a target. */
export interface AnswerRecord {
  readonly type: 'answer';
  readonly id: string;
  readonly atMs: number;
  readonly answered: number;
}

/** Result of one attempt to forward a notification. */
export interface DeliveryRecord extends Delivery {
  readonly type: 'delivery';
  readonly id: string;
  /**
   * `notificationKey` of the receipt: acceptance counts for all its repeats. Null without a UUID, and for an unverified body, since the
   * acceptance of a forged notification would keep the genuine one from its targets.
   */
  readonly uuid: string | null;
  readonly atMs: number;
  /** No automatic attempt follows. */
  readonly final: boolean;
  /** Time of the next attempt (ms); null where none follows. */
  readonly nextAtMs: number | null;
  /** Description of a failure, at most 200 characters; may quote the peer. */
  readonly detail?: string;
  /** Id of the `replay` run that made the attempt; absent for `listen`. */
  readonly run?: string;
}

/** Start or end of a `replay` run, with its notifications and targets, so that it can be resumed. */
export interface RunRecord {
  readonly type: 'run';
  readonly run: string;
  readonly atMs: number;
  readonly state: 'started' | 'finished';
  /** Ids in the order of sending; empty in `finished`. */
  readonly ids: readonly string[];
  readonly targets: readonly string[];
  /** `--failed`: each notification is sent only to those of its targets that have not accepted it. */
  readonly failed?: boolean;
}

/** A rejected body. Stored apart from the receipts, in limited space. */
export interface RejectedRecord {
  readonly type: 'rejected';
  readonly id: string;
  readonly atMs: number;
  readonly address: string | null;
  readonly contentType: string | null;
  /** Size of the whole body. */
  readonly bytes: number;
  /** SHA-256 of the whole body, lower-case hex. */
  readonly sha256: string;
  /** Reason code of the verdict, or code of the refusal where the body held no token. */
  readonly reason: string;
  readonly message: string;
  readonly answered: number;
  readonly facts: RecordedFacts | null;
  readonly verdict: RecordedVerdict | null;
  /** At most the first 32 KiB, as base64. */
  readonly bodyBase64: string;
}

export type JournalRecord = ReceiptRecord | AnswerRecord | DeliveryRecord | RunRecord | RejectedRecord;

/** Location of a record. `file` is the inode number of its file, which a rename does not change. */
export interface Location {
  readonly file: number;
  /** Position of the first byte of the line. */
  readonly offset: number;
  /** Length of the line with its newline. */
  readonly bytes: number;
}

/** A received notification with its receipt and its deliveries from all files. */
export interface ReceiptEntry {
  readonly type: 'receipt';
  readonly receipt: ReceiptHead;
  readonly location: Location;
  /** Status of the answer; null where none was recorded. */
  readonly answered: number | null;
  /** Attempts in the order they were made. */
  readonly deliveries: readonly DeliveryRecord[];
  /** From a file that was not written in this folder: its verdict is a claim. */
  readonly isForeign?: boolean;
}

/** A rejected body; `rejected.bodyBase64` is complete only up to 32 KiB. */
export interface RejectedEntry {
  readonly type: 'rejected';
  readonly rejected: RejectedRecord;
  readonly deliveries: readonly DeliveryRecord[];
  readonly isForeign?: boolean;
}

export type JournalEntry = ReceiptEntry | RejectedEntry;

/** Root under which an entry was verified; null without one, and for a file that was not written in this folder, which could name any. */
export function recordedRoot(entry: JournalEntry): string | null {
  if (entry.isForeign === true) return null;
  return entry.type === 'receipt' ? entry.receipt.verdict.root : (entry.rejected.verdict?.root ?? null);
}

/** A line that could not be read. Readers skip it and never repair it. */
export interface DamagedLine {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly where: 'middle' | 'end';
}
