import { isJsonObject, type Json, type JsonObject } from '../../jws/json.js';
import type {
  Delivery,
  DocumentContext,
  Kind,
  PayloadDocument,
  Received,
  SendAttempt,
  TokenView,
} from '../../notification/document.js';
import { FIELD_OF_KIND, OUTER_PATH } from '../../notification/open.js';
import type { Repair } from './claim.js';
import { type Draft, draftToken } from './draft.js';

/** Whether an object is a document of ours: a kind we know, and tokens. */
export function isOwnDocument(value: JsonObject): boolean {
  return kindOf(value) !== null && Array.isArray(value.tokens);
}

/** The outermost JWS of a document of ours with what was known beside it; the document itself where it does not carry one. */
export function draftOwnDocument(
  value: JsonObject,
  repaired: readonly Repair[],
  beside: DocumentContext | null,
): Draft {
  const context = contextOf(value, beside);
  const tokens = (value.tokens as readonly Json[]).filter(isJsonObject);
  const outer = tokens.find((token) => token.path === OUTER_PATH || token.path === '') ?? tokens[0];
  if (typeof outer?.jws === 'string') return draftToken(outer.jws, repaired, context);
  return { type: 'document', document: readDocument(value, tokens, context), repaired };
}

/** Attempts, receipt and deliveries that stand in an object; what has another shape is left out. */
export function contextOf(value: JsonObject, beside: DocumentContext | null = null): DocumentContext | null {
  const sendAttempts = listOf(value.sendAttempts, isSendAttempt);
  const received = isReceived(value.received) ? value.received : null;
  const deliveries = listOf(value.deliveries, isDelivery);
  if (sendAttempts === null && received === null && deliveries === null) return beside;
  return {
    ...beside,
    ...(sendAttempts === null ? {} : { sendAttempts }),
    ...(received === null ? {} : { received }),
    ...(deliveries === null ? {} : { deliveries }),
  };
}

/** A verdict is not read back: anyone can write one, and without the JWS it cannot be checked. */
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

function isReceived(value: Json | undefined): value is JsonObject & Received {
  return isJsonObject(value) && typeof value.id === 'string' && typeof value.atMs === 'number';
}

function isDelivery(value: Json): value is JsonObject & Delivery {
  return isJsonObject(value) && typeof value.target === 'string' && typeof value.outcome === 'string';
}
