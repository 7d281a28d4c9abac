import type { JsonObject } from '../jws/json.js';
import type { CheckId, ReasonCode } from './reasons.js';

/** Kind of a payload, detected from its field names. */
export type Kind =
  | 'notification'
  | 'transaction'
  | 'renewalInfo'
  | 'appTransaction'
  | 'realtimeRequest'
  | 'notificationV1'
  | 'unknown';

/** Source of a verification time: the date of the payload or of the outer payload, the current time, or `--at`. */
export type Clock = 'signedDate' | 'receiptCreationDate' | 'now' | 'at';

/** One certificate of an `x5c` header. Dates are ISO 8601 UTC; `sha256` is upper-case hex of the DER bytes. */
export interface CertificateSummary {
  readonly subject: string;
  readonly serial: string;
  readonly sha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** Standard base64 DER, as in the header; with `--raw` only. */
  readonly der?: string;
}

/** One JWS of a document. `header` has every field as sent, with `x5c` summarised. */
export interface TokenView {
  readonly path: string;
  readonly header: JsonObject;
  readonly checkedAtMs?: number;
  readonly clock?: Clock;
  readonly jws?: string;
}

/** One check. `ok`: true passed, false failed, null not checked (reason in `detail`). Only a failed check has `reason`. */
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

/** `undetermined`: it could not be decided. Anything but `valid` is not to be trusted. */
export type VerdictWord = 'valid' | 'invalid' | 'undetermined';

/** The verdict on a payload, and every check that led to it. */
export interface Verification {
  readonly verdict: VerdictWord;
  /** Code of the first failed check, outer token first; null when nothing failed. */
  readonly reason: ReasonCode | null;
  /** `Apple Root CA - G3`, `test authority`, or the SHA-256 of a `--root`; null if the chain reaches no trusted root. */
  readonly root: string | null;
  /** Verification time (ms) of the outer chain; null without a chain. */
  readonly checkedAtMs: number | null;
  readonly clock: Clock | null;
  readonly checks: readonly Check[];
}

/** One of Apple's attempts to deliver the notification, from its history. */
export interface SendAttempt {
  readonly attemptDate: number;
  readonly sendAttemptResult: string;
}

/** How a notification reached `storewire listen`. */
export interface Received {
  readonly id: string;
  readonly atMs: number;
  /** HTTP status of the response; null if none was sent. */
  readonly answered: number | null;
  readonly repeatOf: string | null;
}

/** One attempt of `storewire listen` to forward it. */
export interface Delivery {
  readonly target: string;
  readonly attempt: number;
  readonly httpStatus: number | null;
  readonly ms: number;
  readonly outcome: 'accepted' | 'refused' | 'unreachable' | 'timed-out';
}

/** Parts of a document that do not come from the payload; kept when a document is parsed again. */
export interface DocumentContext {
  /** Apple's status of the subscription that this token is the latest of, 1 to 5: unsigned, from the answer that had the token. */
  readonly subscriptionStatus?: number;
  readonly sendAttempts?: readonly SendAttempt[];
  readonly received?: Received;
  readonly deliveries?: readonly Delivery[];
}

/**
 * The JSON shape of a payload in all commands: the output of one is the input of another.
 * Payload objects are as signed, unknown fields included; integers beyond 2^53 are bigint here and plain digits in JSON.
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
  /** Another format, where the input is recognisably not a token of the App Store. */
  readonly recognised?: Recognised;
  /** Tokens that cannot be decoded, outermost first: a damaged token is reported, never dropped. */
  readonly problems?: readonly Problem[];
}

/** Another format given instead of a payload. `facts` quote the input. */
export interface Recognised {
  /** Stable id: `app-receipt`, `server-api-token`, `decoded-payload`, … */
  readonly format: string;
  readonly title: string;
  readonly explanation: string;
  readonly hint: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
}

/** A token that cannot be decoded: its path, and the defect. */
export interface Problem {
  readonly token: string;
  readonly code: ReasonCode;
  readonly message: string;
  readonly hint?: string;
}
