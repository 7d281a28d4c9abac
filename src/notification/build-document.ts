import { describeSignatureLength } from '../jws/es256.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { type Certificate, CertificateError, parseCertificate } from '../trust/certificate.js';
import type { Chain } from '../trust/chain.js';
import { isoSeconds } from '../trust/validity.js';
import type {
  CertificateSummary,
  DocumentContext,
  Kind,
  PayloadDocument,
  Problem,
  TokenView,
  Verification,
} from './document.js';
import { FIELD_OF_KIND, type OpenedPayload, type OpenedToken, payloadFields } from './open.js';
import { REASONS, type ReasonCode } from './reasons.js';
import type { VerificationContext } from './verification-context.js';
import { type PayloadVerdict, type TokenVerdict, type VerifyOptions, verifyPayload } from './verify.js';

/** Source of a payload, and its context. */
export interface Origin {
  readonly source: string;
  readonly repaired: readonly string[];
  readonly context?: DocumentContext;
}

interface DocumentOptions {
  /** Includes every `jws` and the full certificates. */
  readonly raw: boolean;
  readonly certificates?: boolean;
}

/** Builds the document of an opened payload, with its verification if `verdict` is given. */
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

/** Builds the document of a version 1 body: no token, nothing to verify, and its shared secret redacted. */
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

/** The document of a payload that came without its token. */
export function buildDecodedDocument(origin: Origin, kind: Kind, payload: JsonObject): PayloadDocument {
  return { ...opening(origin), kind, [FIELD_OF_KIND[kind]]: payload, tokens: [], ...origin.context };
}

/** Builds the document of an input that claims to be a payload but cannot be split into tokens. */
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

/** Redacts the app's shared secret, at the top level as Apple documents it and at any depth in a wrapped body. */
function redactPassword(body: JsonObject): JsonObject {
  return redact(body) as JsonObject;
}

/** Recursion is bounded by the nesting limit of the JSON parser. */
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

function viewToken(
  token: OpenedToken,
  verdict: TokenVerdict | null,
  { raw, certificates = true }: DocumentOptions,
): TokenView {
  return {
    path: token.path,
    header: certificates ? viewHeader(token.header ?? {}, verdict?.report.chain ?? null, raw) : (token.header ?? {}),
    ...(verdict?.report.chain ? { checkedAtMs: verdict.time.atMs, clock: verdict.time.clock } : {}),
    ...(raw ? { jws: token.text } : {}),
  };
}

/** Cached views of headers, without and with the full certificates. */
const views = { short: new WeakMap<JsonObject, JsonObject>(), raw: new WeakMap<JsonObject, JsonObject>() };

/** The header with each certificate summarised; an entry that is not a certificate is kept unchanged. Cached by header object. */
function viewHeader(header: JsonObject, chain: Chain | null, raw: boolean): JsonObject {
  const { x5c } = header;
  if (!Array.isArray(x5c)) return header;
  const cache = raw ? views.raw : views.short;
  const cached = cache.get(header);
  if (cached !== undefined) return cached;
  const certificates = chain === null ? [] : [chain.leaf, chain.intermediate, chain.sentRoot];
  const view = { ...header, x5c: x5c.map((entry, index) => summarise(entry, certificates[index], raw)) };
  cache.set(header, view);
  return view;
}

/** `known` is the certificate in `entry`, if it is already parsed. */
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
  const document = buildDocument(origin, opened, verdict, { raw: false });
  const tokens = document.tokens.map((token, index) => (index === 0 ? { ...token, jws: opened[0].text } : token));
  return { ...document, tokens, verification: verdict.verification };
}
