import { buildDocument, type Origin } from './build-document.js';
import type { PayloadDocument, Verification } from './document.js';
import type { Engine } from './engine.js';
import type { OpenedPayload } from './open.js';
import { type PayloadVerdict, type VerifyOptions, verifyPayload } from './verify.js';

/** A document with its verdict. */
export type VerifiedDocument = PayloadDocument & { readonly verification: Verification };

/**
 * A payload that came over the network, judged, as it is kept: with its outermost JWS, so that it can be verified and sent again, and
 * the certificates summarised. Never throws: what is no token gets a document that says so.
 */
export function buildVerifiedDocument(
  jws: string,
  origin: Origin,
  options: VerifyOptions,
  engine: Engine,
): VerifiedDocument {
  const opened = engine.open(jws);
  return documentWithVerdict(origin, opened, verifyPayload(opened, options, engine));
}

/** {@link buildVerifiedDocument} of what was opened and judged before. */
export function documentWithVerdict(origin: Origin, opened: OpenedPayload, verdict: PayloadVerdict): VerifiedDocument {
  const document = buildDocument(origin, opened, verdict, { raw: false });
  const tokens = document.tokens.map((token, index) => (index === 0 ? { ...token, jws: opened[0].text } : token));
  return { ...document, tokens, verification: verdict.verification };
}
