import type { RecordedFacts, RecordedVerdict } from '../../journal/record.js';
import type { AppExpectations } from '../../notification/check-app.js';
import type { VerifiedDocument } from '../../notification/verified-document.js';
import type { TrustedRoot } from '../../trust/roots.js';

/** Body to verify. */
export interface BodyToVerify {
  readonly body: Uint8Array;
  /** Time of receipt, in milliseconds. */
  readonly atMs: number;
  /** Address of the client, which gets its share of the time; null or absent if unknown. */
  readonly address?: string | null;
}

/** Refusal of a body, to answer and record. `message` never quotes the peer. */
export interface BodyRefusal {
  readonly status: 400 | 401 | 413 | 415 | 422 | 503;
  /** A reason code of a verdict, or `NOT_JSON`, `NOT_AN_OBJECT`, `NO_SIGNED_PAYLOAD`, `TWO_SIGNED_PAYLOADS`, `NOT_UTF8`, … */
  readonly code: string;
  readonly message: string;
  /** Recognised format of the body, for example `double-encoded` or `revenuecat-event`; absent where it is not recognised. */
  readonly format?: string;
}

/** Result of verifying a body. Plain data, as it crosses threads. */
export interface VerifiedBody {
  /** Null for a verified notification. */
  readonly refusal: BodyRefusal | null;
  /** Null without a token to verify. */
  readonly verdict: RecordedVerdict | null;
  readonly facts: RecordedFacts | null;
  /** Signed by a test authority of this tool, trusted or not. */
  readonly synthetic: boolean;
  /** The event in one sentence; null if unreadable. May quote the payload: escape before display. */
  readonly title: string | null;
  readonly meaning: string | null;
  readonly marks: readonly string[];
  /** Includes the outermost JWS; the listener adds `received` and `deliveries`. Null unless `wantsDocuments`. */
  readonly document: VerifiedDocument | null;
  /** The bytes as received. */
  readonly body: Uint8Array;
  /** Bytes that may be recorded: the body, except that a version 1 notification loses the app's shared secret. */
  readonly bodyToKeep: Uint8Array;
  /** The body as a JSON string literal in UTF-8, in parts, for the journal; null if refused. Some parts are views of `body`. */
  readonly bodyJson: readonly Uint8Array[] | null;
}

/** Trusted roots and expected app. */
export interface VerificationOptions {
  readonly roots: readonly TrustedRoot[];
  readonly expectations: AppExpectations;
  readonly wantsDocuments: boolean;
}
