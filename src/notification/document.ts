import type { JsonObject } from '../jws/json.js';
import type { CheckId, ReasonCode } from './reasons.js';

/** What a payload is, told from the fields it has. */
export type Kind =
  | 'notification'
  | 'transaction'
  | 'renewalInfo'
  | 'appTransaction'
  | 'realtimeRequest'
  | 'notificationV1'
  | 'unknown';

/** Why a moment was chosen: the payload's own date, the outer payload's, the present, or `--at`. */
export type Clock = 'signedDate' | 'receiptCreationDate' | 'now' | 'at';

/** One certificate of an `x5c` header. Dates are ISO 8601 UTC; `sha256` is upper-case hex of the DER bytes. */
export interface CertificateSummary {
  readonly subject: string;
  readonly serial: string;
  readonly sha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** Standard base64 DER, as it stood in the header; with `--raw` only. */
  readonly der?: string;
}

/** One JWS of a document. `header` keeps every field as sent, but for `x5c`, which is summarised. */
export interface TokenView {
  readonly path: string;
  readonly header: JsonObject;
  readonly checkedAtMs?: number;
  readonly clock?: Clock;
  readonly jws?: string;
}

/** `ok`: true passed, false failed, null not looked at (`detail` says why). `reason` is there on a failed check only. */
export interface Check {
  readonly id: CheckId;
  readonly token: string;
  readonly ok: boolean | null;
  readonly reason?: ReasonCode;
  readonly expected?: string;
  readonly found?: string;
  readonly detail?: string;
  readonly hint?: string;
}

export type VerdictWord = 'valid' | 'invalid' | 'undetermined';

export interface Verification {
  readonly verdict: VerdictWord;
  /** Code of the first failed check, outer token first; null when nothing failed. */
  readonly reason: ReasonCode | null;
  /** `Apple Root CA - G3`, `test authority`, or the SHA-256 of a `--root`; null where no trusted root was reached. */
  readonly root: string | null;
  /** Moment (ms) the outer chain was judged at; null where there was no chain to judge. */
  readonly checkedAtMs: number | null;
  readonly clock: Clock | null;
  readonly checks: readonly Check[];
}

export interface SendAttempt {
  readonly attemptDate: number;
  readonly sendAttemptResult: string;
}

export interface Received {
  readonly id: string;
  readonly atMs: number;
  /** Null where no answer was given. */
  readonly answered: number | null;
  readonly repeatOf: string | null;
}

export interface Delivery {
  readonly target: string;
  readonly attempt: number;
  readonly httpStatus: number | null;
  readonly ms: number;
  readonly outcome: 'accepted' | 'refused' | 'unreachable' | 'timed-out';
}

/** Parts of a document that do not come from the payload itself; kept when a document is read again. */
export interface DocumentContext {
  readonly sendAttempts?: readonly SendAttempt[];
  readonly received?: Received;
  readonly deliveries?: readonly Delivery[];
}

/**
 * The one JSON shape of a payload: what one command writes, another reads.
 * Payload objects are as signed, unknown fields kept; integers beyond 2^53 are bigint here and plain digits in JSON.
 */
export interface PayloadDocument extends DocumentContext {
  readonly kind: Kind;
  readonly source: string;
  readonly repaired?: readonly string[];
  readonly notification?: JsonObject;
  readonly transaction?: JsonObject;
  readonly renewalInfo?: JsonObject;
  readonly appTransaction?: JsonObject;
  readonly realtimeRequest?: JsonObject;
  /** Kinds `unknown` and `notificationV1` (its `password` redacted). */
  readonly payload?: JsonObject;
  readonly tokens: readonly TokenView[];
  readonly verification?: Verification;
  /** What cannot be opened, outermost first: a damaged token is told, never dropped. */
  readonly problems?: readonly Problem[];
}

/** A token that could not be opened: where, and why. */
export interface Problem {
  readonly token: string;
  readonly code: ReasonCode;
  readonly message: string;
  readonly hint?: string;
}
