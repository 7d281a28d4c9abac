import { buildDocument, type Origin } from './build-document.js';
import type { PayloadDocument, Verification } from './document.js';
import { viewHeader } from './header-view.js';
import type { OpenedPayload } from './open.js';
import type { VerificationContext } from './verification-context.js';
import { type PayloadVerdict, type VerifyOptions, verifyPayload } from './verify.js';

/** A document with its verdict. */
export type VerifiedDocument = PayloadDocument & { readonly verification: Verification };

/**
 * Verifies a payload received over the network and builds its document for the journal: with its outermost JWS, so that it can be
 * verified and sent again, and with summarised certificates. Never throws: the document of a malformed token has the failed check.
 */
export function buildVerifiedDocument(
  jws: string,
  origin: Origin,
  options: VerifyOptions,
  verification: VerificationContext,
): VerifiedDocument {
  const opened = verification.open(jws);
  return documentWithVerdict(origin, opened, verifyPayload(opened, options, verification));
}

/** {@link buildVerifiedDocument} for a payload that is already opened and verified. */
export function documentWithVerdict(origin: Origin, opened: OpenedPayload, verdict: PayloadVerdict): VerifiedDocument {
  const document = buildDocument(origin, opened, verdict, { raw: false, headerView: viewHeader });
  const tokens = document.tokens.map((token, index) => (index === 0 ? { ...token, jws: opened[0].text } : token));
  return { ...document, tokens, verification: verdict.verification };
}
