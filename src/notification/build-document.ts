import { describeSignatureLength } from '../jws/es256.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { DocumentContext, Kind, PayloadDocument, Problem, TokenView, Verification } from './document.js';
import type { HeaderView } from './header-view.js';
import { FIELD_OF_KIND, type OpenedPayload, type OpenedToken, payloadFields } from './open.js';
import { REASONS, type ReasonCode } from './reasons.js';
import type { PayloadVerdict, TokenVerdict } from './verify.js';

/** Source of a payload, and its context. */
export interface Origin {
  readonly source: string;
  readonly repaired: readonly string[];
  readonly context?: DocumentContext;
}

interface DocumentOptions {
  /** Includes every `jws` and the full certificates. */
  readonly raw: boolean;
  /** Summarises the certificates of a header; null where nothing shows them, which leaves each as its base64. */
  readonly headerView: HeaderView | null;
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

function viewToken(token: OpenedToken, verdict: TokenVerdict | null, { raw, headerView }: DocumentOptions): TokenView {
  return {
    path: token.path,
    header: headerView?.(token.header ?? {}, verdict?.report.chain ?? null, raw) ?? token.header ?? {},
    ...(verdict?.report.chain ? { checkedAtMs: verdict.time.atMs, clock: verdict.time.clock } : {}),
    ...(raw ? { jws: token.text } : {}),
  };
}
