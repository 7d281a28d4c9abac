import { isJsonObject, type Json, type JsonObject, stringifyJson, tryParseJson } from '../../jws/json.js';
import type {
  Delivery,
  DocumentContext,
  Kind,
  PayloadDocument,
  Received,
  SendAttempt,
  TokenView,
} from '../../notification/document.js';
import { decodedKind } from '../../notification/kind.js';
import { FIELD_OF_KIND, OUTER_PATH } from '../../notification/open.js';
import { type Repair, tokenClaim, type UnplacedClaim } from '../claim.js';
import { decodeBase64Body } from './base64-body.js';
import { findTokens, inOrder } from './find-tokens.js';

/** Fields of Apple's responses and payloads with a JWS as value: any value is a claim. */
const SIGNED_FIELDS: ReadonlySet<string> = new Set([
  'signedTransactionInfo',
  'signedRenewalInfo',
  'signedAppTransactionInfo',
]);

const SIGNED_LIST = 'signedTransactions';

const SIGNED_PAYLOAD = 'signedpayload';

const TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/**
 * Every claim in a parsed JSON value, in order. A field for a JWS is a claim whatever its value; another string is a claim if it has the
 * form of a JWS. A string that holds such a body, or its base64, is opened as logs and queues wrap it; the value of a field for a JWS never
 * is. An object that is a payload after decoding is a claim of its own, beside the tokens nested in it.
 */
export function claimsInJson(value: Json, repaired: readonly Repair[]): UnplacedClaim[] {
  const claims: UnplacedClaim[] = [];
  collect(value, true, { claims, repaired, beside: null, depth: 0 });
  const kind = claims.length === 0 && isJsonObject(value) ? decodedKind(value) : null;
  if (kind !== null) claims.push({ type: 'decoded', kind, payload: value as JsonObject, repaired });
  return claims;
}

interface Collection {
  readonly claims: UnplacedClaim[];
  readonly repaired: readonly Repair[];
  /** Attempts, receipt and deliveries in the object around a document of ours. */
  readonly beside: DocumentContext | null;
  /** Strings opened around the value. */
  readonly depth: number;
}

/** Structured logs and queues wrap a body two or three times. */
const MAX_DEPTH = 8;

/** `isListed`: in an array of payloads, where each string is one. The recursion is bounded by the nesting limit of the parser. */
function collect(value: Json | undefined, isListed: boolean, collection: Collection): void {
  if (typeof value === 'string') {
    if (TOKEN.test(value)) collection.claims.push(tokenClaim(value, collection.repaired));
    else if (!openString(value, collection) && isListed) collection.claims.push(tokenClaim(value, collection.repaired));
  } else if (Array.isArray(value)) {
    for (const entry of value as readonly Json[]) collect(entry, isListed, collection);
  } else if (isJsonObject(value)) {
    collectObject(value, collection);
  }
}

/** Opens a string that holds a body or a token; false where it holds none. */
function openString(value: string, collection: Collection): boolean {
  const { claims, repaired, depth } = collection;
  if (depth === MAX_DEPTH) return false;
  const decoded = decodeBase64Body(value);
  if (decoded === null && !INNER_BODY.test(value)) return false;
  const text = decoded ?? value;
  const inside = inOrder([...repaired, decoded === null ? 'nested-json' : 'base64']);
  const opened = { ...collection, repaired: inside, depth: depth + 1 };
  const json = /^\s*[{["]/.test(text) ? tryParseJson(text) : undefined;
  const before = claims.length;
  if (json !== undefined) {
    collect(json, false, opened);
    return claims.length > before;
  }
  for (const token of findTokens(text))
    if (namesChain(token.text)) claims.push(tokenClaim(token.text, inOrder([...inside, ...token.repaired])));
  if (claims.length > before) return true;
  if (decoded !== null) return openString(decoded, opened);
  collect(bodyWithin(text), false, opened);
  return claims.length > before;
}

/** The start of a token, or a field of a body: the string is opened. */
const INNER_BODY = /eyJ|signedPayload|"notification_?[tT]ype"/;

/** The decoded payload or version 1 body that words are put around, as a log line has it. */
export function bodyWithin(text: string): Json | undefined {
  return /"notification_?[tT]ype"/.test(text)
    ? tryParseJson(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
    : undefined;
}

/** True for a token with a certificate chain, as Apple's have. A bearer token beside it in a log is a user's session. */
function namesChain(token: string): boolean {
  const header = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url');
  return header.includes('"x5c"');
}

function collectObject(value: JsonObject, collection: Collection): void {
  const { claims, repaired, beside } = collection;
  if (isOwnDocument(value)) {
    claims.push(claimOfOwnDocument(value, repaired, beside));
    return;
  }
  const keys = Object.keys(value);
  if (isLegacyBody(value) && !keys.some(isSignedPayload)) {
    claims.push({ type: 'v1', body: value, repaired });
    return;
  }
  if (isDecodedNotification(value) && !keys.some(isSignedPayload))
    claims.push({ type: 'decoded', kind: 'notification', payload: value, repaired });
  const inside = { ...collection, beside: contextOf(value) };
  for (const key of keys) collectField(key, value[key], inside);
}

function collectField(key: string, value: Json | undefined, inside: Collection): void {
  const { claims, repaired, beside } = inside;
  if (isSignedPayload(key)) {
    claims.push(tokenClaim(asText(value), repaired, beside));
  } else if (SIGNED_FIELDS.has(key)) {
    if (value !== null) claims.push(tokenClaim(asText(value), repaired));
  } else {
    collect(value, key === SIGNED_LIST, inside);
  }
}

/** `signedPayload` in any letter case, as the endpoint accepts it. */
function isSignedPayload(key: string): boolean {
  return key.length === SIGNED_PAYLOAD.length && key.toLowerCase() === SIGNED_PAYLOAD;
}

/** A notification after decoding: a library's result, a database column, the payload part on a web page. */
function isDecodedNotification(value: JsonObject): boolean {
  return (
    typeof value.notificationType === 'string' &&
    (typeof value.notificationUUID === 'string' || isJsonObject(value.data) || isJsonObject(value.summary))
  );
}

/** Version 1: apple.md section 8. With `data` it is version 2, decoded by something that changed the key names. */
function isLegacyBody(value: JsonObject): boolean {
  return (
    (typeof value.notification_type === 'string' && !isJsonObject(value.data)) || isJsonObject(value.unified_receipt)
  );
}

function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : stringifyJson(value);
}

/** True for a document of ours: a known kind, and tokens. */
function isOwnDocument(value: JsonObject): boolean {
  return kindOf(value) !== null && Array.isArray(value.tokens);
}

/** The outermost JWS of a document of ours with its context; the document itself where it has no JWS. */
function claimOfOwnDocument(
  value: JsonObject,
  repaired: readonly Repair[],
  beside: DocumentContext | null,
): UnplacedClaim {
  const context = contextOf(value, beside);
  const tokens = (value.tokens as readonly Json[]).filter(isJsonObject);
  const outer = tokens.find((token) => token.path === OUTER_PATH || token.path === '') ?? tokens[0];
  if (typeof outer?.jws === 'string') return tokenClaim(outer.jws, repaired, context);
  return { type: 'document', document: readDocument(value, tokens, context), repaired };
}

/** Attempts, receipt and deliveries of an object; values of another shape are left out. */
function contextOf(value: JsonObject, beside: DocumentContext | null = null): DocumentContext | null {
  const sendAttempts = listOf(value.sendAttempts, isSendAttempt);
  const { subscriptionStatus } = value;
  const received = readReceived(value.received);
  const deliveries = listOf(value.deliveries, isDelivery);
  const hasStatus = Number.isSafeInteger(subscriptionStatus);
  if (sendAttempts === null && received === null && deliveries === null && !hasStatus) return beside;
  return {
    ...beside,
    ...(hasStatus ? { subscriptionStatus: subscriptionStatus as number } : {}),
    ...(sendAttempts === null ? {} : { sendAttempts }),
    ...(received === null ? {} : { received }),
    ...(deliveries === null ? {} : { deliveries }),
  };
}

/** Leaves out the verdict: it could have been forged, and cannot be checked without the JWS. */
function readDocument(
  value: JsonObject,
  tokens: readonly JsonObject[],
  context: DocumentContext | null,
): PayloadDocument {
  const fields = new Set(Object.values(FIELD_OF_KIND));
  const payloads = [...fields].filter((field) => isJsonObject(value[field])).map((field) => [field, value[field]]);
  return {
    kind: kindOf(value) ?? 'unknown',
    source: typeof value.source === 'string' ? value.source : '',
    ...(Object.fromEntries(payloads) as Partial<PayloadDocument>),
    tokens: tokens.filter(isTokenView).map(({ path, header }) => ({ path, header })),
    ...context,
  };
}

function kindOf(value: JsonObject): Kind | null {
  return typeof value.kind === 'string' && Object.hasOwn(FIELD_OF_KIND, value.kind) ? (value.kind as Kind) : null;
}

function isTokenView(value: JsonObject): value is JsonObject & TokenView {
  return typeof value.path === 'string' && isJsonObject(value.header);
}

function listOf<T>(value: Json | undefined, isOne: (entry: Json) => entry is Json & T): readonly T[] | null {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isOne) : null;
}

function isSendAttempt(value: Json): value is JsonObject & SendAttempt {
  return isJsonObject(value) && typeof value.attemptDate === 'number' && typeof value.sendAttemptResult === 'string';
}

function readReceived(value: Json | undefined): Received | null {
  if (!isJsonObject(value)) return null;
  const { id, atMs, answered, repeatOf } = value;
  if (typeof id !== 'string' || typeof atMs !== 'number') return null;
  return {
    id,
    atMs,
    answered: typeof answered === 'number' ? answered : null,
    repeatOf: typeof repeatOf === 'string' ? repeatOf : null,
  };
}

const OUTCOMES: readonly unknown[] = [
  'accepted',
  'refused',
  'unreachable',
  'timed-out',
] satisfies Delivery['outcome'][];

function isDelivery(value: Json): value is JsonObject & Delivery {
  if (!isJsonObject(value)) return false;
  const { target, attempt, httpStatus, ms, outcome } = value;
  const hasStatus = httpStatus === null || typeof httpStatus === 'number';
  return (
    typeof target === 'string' &&
    typeof attempt === 'number' &&
    hasStatus &&
    typeof ms === 'number' &&
    OUTCOMES.includes(outcome)
  );
}
