import { isJsonObject, type Json, type JsonObject, stringifyJson } from '../../jws/json.js';
import { fieldsOf } from '../../notification/catalogue/fields.js';
import { DEFAULT_APP } from './app.js';
import type { BuiltNotification } from './assemble.js';
import { DIGIT_GROUPS, withoutBreaks } from './broken-text.js';
import { createIdentityMap, type IdentityKind } from './identity-map.js';

export interface ScrubOptions {
  /** Secret that the replacements are derived from: the same secret gives the same replacements, and without it they lead nowhere. */
  readonly secret: string;
  /** Replacement of the bundle id. Default: `com.example.app`. */
  readonly bundleId?: string | undefined;
  /** Replacement of the app Apple ID. Default: 1234567890. */
  readonly appAppleId?: number | undefined;
}

export interface ScrubReport {
  /** Number of different values replaced, by kind, in words: `transaction id`. */
  readonly replaced: Readonly<Record<string, number>>;
  /** Fields that Apple does not document, kept except for the values replaced: nobody can say what they hold. */
  readonly unknown: readonly string[];
  /** Fields removed: tokens that this version cannot take apart. */
  readonly removed: readonly string[];
}

export interface Scrubbed {
  readonly notifications: readonly BuiltNotification[];
  readonly report: ScrubReport;
}

/**
 * Replaces every id, account token and name of the app by a synthetic one of the same shape: the same value by the same replacement, in all
 * fields of all notifications, also inside of other text. Dates, prices, products, offers and storefronts stay. Fields that Apple does not
 * document are searched for the values replaced and for what looks like an id or encodes one, and are named in the report.
 */
export function scrubNotifications(given: readonly BuiltNotification[], options: ScrubOptions): Scrubbed {
  const map = createIdentityMap({
    secret: options.secret,
    bundleId: options.bundleId ?? DEFAULT_APP.bundleId,
    appAppleId: options.appAppleId ?? DEFAULT_APP.appAppleId,
  });
  const removed = new Set<string>();
  const notifications = given.map((built) => withoutTokens(built, removed));
  const unknown = new Set<string>();
  const collector = { add: map.add, onUnknown: (path: string) => unknown.add(path) };
  for (const built of notifications)
    for (const [root, payload] of payloadsOf(built)) collect(root, root, payload, collector);
  return {
    notifications: notifications.map(
      (built) =>
        Object.fromEntries(
          payloadsOf(built).map(([name, payload]) => [name, map.replace(payload)]),
        ) as unknown as BuiltNotification,
    ),
    report: { replaced: map.counts(), unknown: [...unknown].sort(), removed: [...removed].sort() },
  };
}

const PAYLOADS = ['notification', 'transaction', 'renewalInfo', 'appTransaction'] as const;

function payloadsOf(built: BuiltNotification): readonly (readonly [string, JsonObject])[] {
  return PAYLOADS.flatMap((name) => (built[name] === undefined ? [] : [[name, built[name]] as const]));
}

/** Fields that identify a customer, a purchase, a request or the app, by name, in any object. */
const IDENTIFYING: Readonly<Record<string, IdentityKind>> = {
  transactionId: 'transaction id',
  originalTransactionId: 'transaction id',
  previousOriginalTransactionId: 'transaction id',
  webOrderLineItemId: 'order line item id',
  appTransactionId: 'app transaction id',
  subscriptionGroupIdentifier: 'subscription group id',
  appAccountToken: 'account token',
  notificationUUID: 'notification UUID',
  requestReferenceId: 'request id',
  requestIdentifier: 'request id',
  consistencyToken: 'device or state token',
  deviceVerification: 'device or state token',
  deviceVerificationNonce: 'device or state token',
  unclaimSeatIds: 'seat id',
  seatClaimId: 'seat id',
  externalPurchaseId: 'external purchase id',
  versionExternalIdentifier: 'version id',
  appAppleId: 'app Apple ID',
  bundleId: 'bundle id',
};

interface Collector {
  readonly add: (kind: IdentityKind, value: string | number | bigint) => void;
  readonly onUnknown: (path: string) => void;
}

/** Collects the values that identify. `object`: name in the catalogue; '' for one that it does not know. */
function collect(object: string, path: string, payload: JsonObject, collector: Collector): void {
  const documented = new Map(fieldsOf(object).map((field) => [field.name, field]));
  for (const [name, value] of Object.entries(payload)) {
    const field = documented.get(name);
    const kind = Object.hasOwn(IDENTIFYING, name) ? IDENTIFYING[name] : undefined;
    const place = `${path}.${name}`;
    if (kind !== undefined) addAll(kind, value, collector.add);
    else if (field === undefined) collectUnknown(place, value, collector);
    else if (field.type === 'uuid') addAll('request id', value, collector.add);
    if (kind === undefined) collectInside(field?.of ?? '', place, value, collector, field !== undefined);
  }
}

function collectInside(
  object: string,
  path: string,
  value: Json | undefined,
  collector: Collector,
  isKnown: boolean,
): void {
  if (Array.isArray(value))
    for (const item of value as readonly Json[]) collectInside(object, path, item, collector, isKnown);
  else if (isJsonObject(value) && isKnown) collect(object, path, value, collector);
  else if (isJsonObject(value)) collectNames(value, collector);
}

/** Objects that nobody documents: their ids go by the names they share with documented ones. */
function collectNames(payload: JsonObject, collector: Collector): void {
  for (const [name, value] of Object.entries(payload)) {
    const kind = Object.hasOwn(IDENTIFYING, name) ? IDENTIFYING[name] : undefined;
    if (kind !== undefined) addAll(kind, value, collector.add);
    else collectInside('', name, value, collector, false);
  }
}

const UUID = /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/gi;

const SHORTEST_NUMBER = 9;

/** Base64, hex and escapes, which may hold an id: letters of both cases with digits, or that change case again and again. */
const ENCODED = [
  /(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])[\w+/-]{12,}={0,2}/g,
  /(?=[\w+/-]*[a-z][A-Z][\w+/-]*[a-z][A-Z])[\w+/-]{12,}={0,2}/g,
  /(?=[\da-f]*\d)(?=[\da-f]*[a-f])[\da-f]{12,}/gi,
  /(?:(?:%|\\x|\\u00|&#x?)[\da-f]{2,3};?)+/gi,
];

const ISO_DATE = /\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?/g;

/** Ids by their looks in a field that Apple does not document: UUIDs, long numbers, and what may encode them. */
function collectUnknown(path: string, value: Json | undefined, { add, onUnknown }: Collector): void {
  onUnknown(path);
  const inner = textsOf(value);
  for (const text of [value === undefined ? '' : stringifyJson(value), ...inner]) {
    for (const [uuid] of withoutBreaks(text).matchAll(UUID)) add('id of an unknown field', uuid);
    for (const [groups] of text.replaceAll(UUID, ' ').matchAll(DIGIT_GROUPS)) {
      const numbers = groups.replaceAll(/\d+/g, (group) => (isDate(group) ? '|' : group)).split('|');
      for (const digits of numbers.map(withoutBreaks))
        if (digits.length >= SHORTEST_NUMBER) add('id of an unknown field', digits);
    }
  }
  for (const each of inner) {
    const rest = each.replaceAll(UUID, ' ').replaceAll(ISO_DATE, ' ');
    for (const pattern of ENCODED) for (const [found] of rest.matchAll(pattern)) add('id of an unknown field', found);
  }
}

function textsOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(textsOf);
  return isJsonObject(value) ? Object.values(value).flatMap(textsOf) : [];
}

/** Milliseconds from 2008, when the App Store opened, to 2100: dates stay. */
function isDate(digits: string): boolean {
  const value = Number(digits);
  return digits.length === 13 && value > Date.UTC(2008) && value < Date.UTC(2100);
}

function addAll(kind: IdentityKind, value: Json | undefined, add: Collector['add']): void {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) addAll(kind, item, add);
  else if (typeof value === 'number' || typeof value === 'bigint') add(kind, value);
  else if (typeof value === 'string' && value !== '') add(kind, value);
}

const TOKEN = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/;

/** Tokens in other fields than those that are taken apart would carry the original ids, encoded. */
function withoutTokens(built: BuiltNotification, removed: Set<string>): BuiltNotification {
  const strip = (value: Json | undefined, path: string): Json | undefined => {
    if (typeof value === 'string') {
      if (!TOKEN.test(value)) return value;
      removed.add(path);
      return undefined;
    }
    if (Array.isArray(value))
      return (value as readonly Json[]).map((item) => strip(item, path)).filter((item) => item !== undefined);
    return isJsonObject(value) ? stripObject(value, path) : value;
  };
  const stripObject = (payload: JsonObject, path: string): JsonObject =>
    Object.fromEntries(
      Object.entries(payload)
        .map(([name, value]) => [name, strip(value, `${path}.${name}`)] as const)
        .filter(([, value]) => value !== undefined),
    );
  return Object.fromEntries(
    payloadsOf(built).map(([name, payload]) => [name, stripObject(payload, name)]),
  ) as unknown as BuiltNotification;
}
