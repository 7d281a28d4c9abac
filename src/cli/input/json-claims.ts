import { isJsonObject, type Json, type JsonObject, stringifyJson } from '../../jws/json.js';
import type { DocumentContext } from '../../notification/document.js';
import type { Repair } from './claim.js';
import { type Draft, draftToken } from './draft.js';
import { contextOf, draftOwnDocument, isOwnDocument } from './own-document.js';

/** Fields of Apple's responses and payloads whose value is a JWS, whatever it looks like. */
const SIGNED_FIELDS: ReadonlySet<string> = new Set([
  'signedTransactionInfo',
  'signedRenewalInfo',
  'signedAppTransactionInfo',
]);
const SIGNED_LIST = 'signedTransactions';
const SIGNED_PAYLOAD = 'signedpayload';

const TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/**
 * Every claim in a parsed JSON value, in the order it stands there. Strings are taken as they stand: a value where a JWS belongs is one
 * claim whatever it holds, any other string is one if it is shaped like a JWS, and none is searched.
 */
export function draftsOfJson(value: Json, repaired: readonly Repair[]): Draft[] {
  const drafts: Draft[] = [];
  collect(value, true, { drafts, repaired, beside: null });
  return drafts;
}

interface Collection {
  readonly drafts: Draft[];
  readonly repaired: readonly Repair[];
  /** Attempts that stand beside a document of ours, in the object around it. */
  readonly beside: DocumentContext | null;
}

/** `isListed`: in an array of payloads, where each string stands for one. The nesting of the value is limited, and so is this. */
function collect(value: Json | undefined, isListed: boolean, collection: Collection): void {
  if (typeof value === 'string') {
    if (isListed || TOKEN.test(value)) collection.drafts.push(draftToken(value, collection.repaired));
  } else if (Array.isArray(value)) {
    for (const entry of value as readonly Json[]) collect(entry, isListed, collection);
  } else if (isJsonObject(value)) {
    collectObject(value, collection);
  }
}

function collectObject(value: JsonObject, { drafts, repaired, beside }: Collection): void {
  if (isOwnDocument(value)) {
    drafts.push(draftOwnDocument(value, repaired, beside));
    return;
  }
  const keys = Object.keys(value);
  if (isLegacyBody(value) && !keys.some(isSignedPayload)) {
    drafts.push({ type: 'v1', body: value, repaired });
    return;
  }
  const inside = { drafts, repaired, beside: contextOf(value) };
  for (const key of keys) collectField(key, value[key], inside);
}

function collectField(key: string, value: Json | undefined, inside: Collection): void {
  const { drafts, repaired, beside } = inside;
  if (isSignedPayload(key)) {
    drafts.push(draftToken(asText(value), repaired, beside));
  } else if (SIGNED_FIELDS.has(key)) {
    if (value !== null) drafts.push(draftToken(asText(value), repaired));
  } else {
    collect(value, key === SIGNED_LIST, inside);
  }
}

/** Apple's name for it in any letter case, as the endpoint accepts it. */
function isSignedPayload(key: string): boolean {
  return key.length === SIGNED_PAYLOAD.length && key.toLowerCase() === SIGNED_PAYLOAD;
}

/** Version 1: apple.md section 8. */
function isLegacyBody(value: JsonObject): boolean {
  return typeof value.notification_type === 'string' || isJsonObject(value.unified_receipt);
}

function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : stringifyJson(value);
}
