import { describeSignatureLength } from '../jws/es256.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { type Certificate, CertificateError, parseCertificate } from '../trust/certificate.js';
import type { Chain } from '../trust/chain.js';
import { isoSeconds } from '../trust/validity.js';
import type {
  CertificateSummary,
  DocumentContext,
  PayloadDocument,
  Problem,
  TokenView,
  Verification,
} from './document.js';
import { type OpenedPayload, type OpenedToken, payloadFields } from './open.js';
import { REASONS, type ReasonCode } from './reasons.js';
import type { VerificationContext } from './verification-context.js';
import { type PayloadVerdict, type TokenVerdict, type VerifyOptions, verifyPayload } from './verify.js';

/** Where a payload came from and what stood beside it. */
interface Origin {
  readonly source: string;
  readonly repaired: readonly string[];
  readonly context?: DocumentContext;
}

interface DocumentOptions {
  /** Adds every `jws` and the certificates in full. */
  readonly raw: boolean;
}

/** The document of a payload that was opened, and judged where `verdict` is given. */
export function buildDocument(
  origin: Origin,
  opened: OpenedPayload,
  verdict: PayloadVerdict | null,
  options: DocumentOptions,
): PayloadDocument {
  const problems = verdict === null ? opened.flatMap(problemsOf) : [];
  return {
    ...opening(origin),
    kind: opened[0].kind,
    ...payloadFields(opened),
    tokens: opened.map((token, index) => viewToken(token, verdict?.tokens[index] ?? null, options)),
    ...(problems.length === 0 ? {} : { problems }),
    ...(verdict === null ? {} : { verification: verdict.verification }),
    ...origin.context,
  };
}

/** The document of a version 1 body: no token, nothing to verify, and its shared secret left out. */
export function buildLegacyDocument(
  origin: Origin,
  body: JsonObject,
  verification: Verification | null,
): PayloadDocument {
  return {
    ...opening(origin),
    kind: 'notificationV1',
    payload: redactPassword(body),
    tokens: [],
    ...(verification === null ? {} : { verification }),
    ...origin.context,
  };
}

/** The document of what claims to be a payload and cannot even be split. */
export function buildUnreadableDocument(
  origin: Origin,
  problem: Problem,
  verification: Verification | null,
): PayloadDocument {
  return {
    ...opening(origin),
    kind: 'unknown',
    tokens: [],
    ...(verification === null ? { problems: [problem] } : { verification }),
    ...origin.context,
  };
}

function opening(origin: Origin): { kind: 'unknown'; source: string; repaired?: readonly string[] } {
  const repaired = origin.repaired.length === 0 ? {} : { repaired: origin.repaired };
  return { kind: 'unknown', source: origin.source, ...repaired };
}

const REDACTED = '[redacted]';

/** The app's shared secret; at the top as Apple documents it, and wherever else a body that was passed on holds one. */
function redactPassword(body: JsonObject): JsonObject {
  return redact(body) as JsonObject;
}

/** The nesting of a parsed body is limited, and so is this. */
function redact(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((entry: Json) => redact(entry) as Json);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key.toLowerCase() === 'password' ? REDACTED : redact(inner)]),
  ) as JsonObject;
}

function problemsOf(token: OpenedToken): readonly Problem[] {
  const defect = token.formatDefect ?? describeSignatureLength(token.header, token.signature);
  if (defect !== null) return [toProblem(token.path, 'MALFORMED_JWS', defect)];
  return token.payloadDefect === null ? [] : [toProblem(token.path, 'MALFORMED_PAYLOAD', token.payloadDefect)];
}

export function toProblem(token: string, code: ReasonCode, message: string): Problem {
  return { token, code, message, hint: REASONS[code].hint };
}

function viewToken(token: OpenedToken, verdict: TokenVerdict | null, { raw }: DocumentOptions): TokenView {
  return {
    path: token.path,
    header: viewHeader(token.header ?? {}, verdict?.report.chain ?? null, raw),
    ...(verdict?.report.chain ? { checkedAtMs: verdict.moment.atMs, clock: verdict.moment.clock } : {}),
    ...(raw ? { jws: token.text } : {}),
  };
}

/** Views of headers seen before, without and with the certificates in full. */
const views = { short: new WeakMap<JsonObject, JsonObject>(), raw: new WeakMap<JsonObject, JsonObject>() };

/** The header as sent, each certificate summarised; what is no certificate is kept as it stands. One object for one header. */
function viewHeader(header: JsonObject, chain: Chain | null, raw: boolean): JsonObject {
  const { x5c } = header;
  if (!Array.isArray(x5c)) return header;
  const seen = raw ? views.raw : views.short;
  const known = seen.get(header);
  if (known !== undefined) return known;
  const certificates = chain === null ? [] : [chain.leaf, chain.intermediate, chain.sentRoot];
  const view = { ...header, x5c: x5c.map((entry, index) => summarise(entry, certificates[index], raw)) };
  seen.set(header, view);
  return view;
}

/** `known` is the certificate in `entry` where it has been read before. */
function summarise(entry: Json, known: Certificate | undefined, raw: boolean): Json {
  if (typeof entry !== 'string') return entry;
  try {
    const summary = summariseCertificate(known ?? parseCertificate(Buffer.from(entry, 'base64')));
    return { ...summary, ...(raw ? { der: entry } : {}) };
  } catch (error) {
    if (error instanceof CertificateError) return entry;
    throw error;
  }
}

function summariseCertificate(certificate: Certificate): CertificateSummary & JsonObject {
  return {
    subject: certificate.subject,
    serial: certificate.serial,
    sha256: certificate.sha256,
    notBefore: isoSeconds(certificate.notBeforeMs),
    notAfter: isoSeconds(certificate.notAfterMs),
  };
}

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
  engine: VerificationContext,
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
