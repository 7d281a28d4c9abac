import type { RecordedFacts, RecordedVerdict } from '../../journal/record.js';
import type { VerifiedDocument } from '../../notification/build-document.js';
import type { AppExpectations } from '../../notification/check-app.js';
import type { TrustedRoot } from '../../trust/roots.js';

/** A body to be judged. */
export interface BodyToVerify {
  readonly body: Uint8Array;
  /** When it was received, in milliseconds. */
  readonly atMs: number;
}

/** Why a body is refused: what is answered and recorded. `message` holds nothing of the peer's. */
export interface BodyRefusal {
  readonly status: 400 | 401 | 413 | 415 | 422;
  /** A reason code of a verdict, or `NOT_JSON`, `NOT_AN_OBJECT`, `NO_SIGNED_PAYLOAD`, `TWO_SIGNED_PAYLOADS`, `NOT_UTF8`, … */
  readonly code: string;
  readonly message: string;
}

/** What is known of a body once it was judged. Plain data: it comes from a worker thread. */
export interface VerifiedBody {
  /** Null for a verified notification. */
  readonly refusal: BodyRefusal | null;
  /** Null where there was no token to judge. */
  readonly verdict: RecordedVerdict | null;
  readonly facts: RecordedFacts | null;
  /** Signed by a test authority of this tool, trusted or not. */
  readonly synthetic: boolean;
  /** What happened, in one sentence; null where nothing could be read. May quote the payload: escape before showing. */
  readonly title: string | null;
  readonly meaning: string | null;
  readonly marks: readonly string[];
  /** With its outermost JWS, `received` and `deliveries` left to the listener; where documents are wanted. */
  readonly document: VerifiedDocument | null;
  /** The body as received: the very bytes that were given. */
  readonly body: Uint8Array;
  /** What may be recorded of it: the body, but a version 1 notification without the app's shared secret. */
  readonly bodyToKeep: Uint8Array;
  /** The body as a JSON string literal in UTF-8, in parts, for the journal; null where it is refused. Views of `body` are among them. */
  readonly bodyJson: readonly Uint8Array[] | null;
}

/** Who signs and for which app, for judging. */
export interface VerificationOptions {
  readonly roots: readonly TrustedRoot[];
  readonly expectations: AppExpectations;
  readonly wantsDocuments: boolean;
}
