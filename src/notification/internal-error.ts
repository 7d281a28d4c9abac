import { buildUnreadableDocument, type Origin, toProblem } from './build-document.js';
import type { PayloadDocument } from './document.js';
import { OUTER_PATH } from './open.js';
import type { VerificationContext } from './verification-context.js';
import { buildVerifiedDocument, type VerifiedDocument } from './verified-document.js';
import { rejectToken, type VerifyOptions } from './verify.js';

const LONGEST_MESSAGE = 300;

/**
 * Document of a payload on which this tool failed. The failure says nothing about the payload, so its verdict is `undetermined`, reason
 * `INTERNAL_ERROR`; without `isVerified` it has a problem with that code. The error's message may quote the payload.
 */
export function buildFailedDocument(origin: Origin, error: unknown, isVerified: boolean): PayloadDocument {
  const { name, message } = asError(error);
  const found = `${name}: ${message}`.slice(0, LONGEST_MESSAGE);
  const finding = { ok: false, reason: 'INTERNAL_ERROR', found } as const;
  return buildUnreadableDocument(
    origin,
    toProblem(OUTER_PATH, 'INTERNAL_ERROR', found),
    isVerified ? rejectToken(OUTER_PATH, finding) : null,
  );
}

/** What was thrown as an error; anything may be thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`thrown: ${typeof thrown}`);
}

/** {@link buildVerifiedDocument} that also has a document for a payload on which this tool fails: it ends no list or export. */
export function buildVerdictDocument(
  jws: string,
  origin: Origin,
  options: VerifyOptions,
  context: VerificationContext,
): VerifiedDocument {
  try {
    return buildVerifiedDocument(jws, origin, options, context);
  } catch (error) {
    const document = buildFailedDocument(origin, error, true) as VerifiedDocument;
    return { ...document, tokens: [{ path: OUTER_PATH, header: {}, jws }] };
  }
}
