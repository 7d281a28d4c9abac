import { describeJson, isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { Delivery, PayloadDocument, Received, SendAttempt, TokenView } from '../notification/document.js';
import { environmentOf } from '../notification/kind.js';
import { showText } from '../terminal/escape.js';
import { formatAge, formatMoment, groupDigits } from '../terminal/format.js';
import type { Row } from '../terminal/layout.js';
import { foreignLabel, rowsOf, selectRows } from './fields.js';
import { NOT_KNOWN, type ValueContext } from './values.js';

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData', 'unclaimInfo'] as const;

/** Shown first, wherever they are in the container. */
const APP_FIELDS = ['bundleId', 'appAppleId', 'environment'];

const MOMENT_AND_ID = ['signedDate', 'notificationUUID'];

/** Shown in the headline. */
const HEADLINE_FIELDS = ['notificationType', 'subtype'];

/**
 * The rows of an outer notification: app, environment, date, id, then the other fields of its container and of the notification itself.
 * `opened`: fields of nested tokens that have a group of their own.
 */
export function notificationRows(
  notification: JsonObject,
  context: ValueContext,
  opened: readonly string[],
): readonly Row[] {
  const name = containerOf(notification);
  const container = name === null ? {} : (notification[name] as JsonObject);
  const object = CONTAINERS.find((known) => known === name) ?? 'data';
  const headline = HEADLINE_FIELDS.filter((field) => typeof notification[field] === 'string');
  return [
    ...selectRows(container, object, context, APP_FIELDS),
    ...derivedEnvironment(notification, name),
    ...momentRows(notification, context),
    ...rowsOf(container, object, context, new Set([...APP_FIELDS, ...opened])),
    ...rowsOf(notification, 'notification', context, new Set([...headline, ...MOMENT_AND_ID, name ?? ''])),
    ...newContainerRow(name),
  ];
}

/** The name of the container object; for unknown containers the first object. */
export function containerOf(notification: JsonObject): string | null {
  const isObject = (name: string): boolean => Object.hasOwn(notification, name) && isJsonObject(notification[name]);
  return CONTAINERS.find(isObject) ?? Object.keys(notification).find(isObject) ?? null;
}

/** External purchase tokens have no environment field: it follows from the prefix of their id. */
function derivedEnvironment(notification: JsonObject, container: string | null): readonly Row[] {
  const environment = container === 'externalPurchaseToken' ? environmentOf(notification, 'notification') : null;
  return environment === null ? [] : [{ label: 'environment', value: environment, remark: 'from externalPurchaseId' }];
}

function momentRows(notification: JsonObject, context: ValueContext): readonly Row[] {
  const rows = selectRows(notification, 'notification', context, MOMENT_AND_ID);
  if (Object.hasOwn(notification, 'signedDate')) return rows;
  return [{ label: 'signedDate', value: '–', remark: 'absent, as in payloads from before mid-2022' }, ...rows];
}

function newContainerRow(name: string | null): readonly Row[] {
  if (name === null || CONTAINERS.some((known) => known === name)) return [];
  return [{ label: foreignLabel(name), foreign: true, value: '', remark: `${NOT_KNOWN}; its fields are shown above` }];
}

/** Delivery of a payload: Apple's send attempts, the receipt, the forwards to targets. */
export function historyRows({ sendAttempts, received, deliveries }: PayloadDocument, nowMs: number): readonly Row[] {
  return [
    ...(sendAttempts ?? []).map((attempt, index) => attemptRow(attempt, index, nowMs)),
    ...(received === undefined ? [] : [receivedRow(received, nowMs)]),
    ...(deliveries ?? []).map(deliveryRow),
  ];
}

function attemptRow({ attemptDate, sendAttemptResult }: SendAttempt, index: number, nowMs: number): Row {
  return {
    label: `attempt ${index + 1}`,
    value: `${momentText(attemptDate)}  ${showText(String(sendAttemptResult))}`,
    remark: formatAge(attemptDate, nowMs),
  };
}

function receivedRow({ id, atMs, answered, repeatOf }: Received, nowMs: number): Row {
  const repeat = repeatOf === null ? '' : `, a repeat of ${showText(repeatOf)}`;
  return {
    label: 'received',
    value: `${momentText(atMs)}  ${answered === null ? 'not answered' : `answered ${answered}`}, ${showText(id)}${repeat}`,
    remark: formatAge(atMs, nowMs),
  };
}

function deliveryRow({ target, attempt, httpStatus, ms, outcome }: Delivery): Row {
  const status = httpStatus === null ? '' : ` ${httpStatus}`;
  return {
    label: 'forwarded',
    value: `${outcome}${status} by ${showText(target)}`,
    remark: `attempt ${attempt}, ${groupDigits(ms)} ms`,
  };
}

function momentText(ms: number): string {
  return formatMoment(ms) ?? String(ms);
}

/**
 * The chain of the outer token: leaf, its validity, and issuers, as their certificates name them; nothing is verified. No rows where the
 * header has no certificates.
 */
export function certificateRows({ tokens }: PayloadDocument): readonly Row[] {
  const [outer, ...nested] = tokens;
  const chain = outer === undefined ? [] : chainOf(outer);
  const differ = nested.some((token) => fingerprintsOf(token) !== fingerprintsOf(outer!));
  return [
    ...chain.slice(0, MOST_CERTIFICATES).map((certificate, index) => certificateRow(certificate, index, chain.length)),
    ...(differ ? [{ label: 'nested', value: 'signed with other certificates' }] : []),
  ];
}

/** Genuine chains have three; longer ones are invalid anyway. */
const MOST_CERTIFICATES = 5;

function certificateRow(certificate: Json, index: number, count: number): Row {
  if (index === 0) return { label: 'leaf', value: nameOf(certificate), remark: validityOf(certificate) };
  return { label: index === count - 1 && count > 2 ? 'root' : 'issued by', value: nameOf(certificate) };
}

function chainOf({ header }: TokenView): readonly Json[] {
  const { x5c } = header;
  return Array.isArray(x5c) ? x5c : [];
}

/** `CN=Apple Root CA - G3, OU=…` is `Apple Root CA - G3`; the whole subject where it has no common name. */
function nameOf(certificate: Json): string {
  if (!isJsonObject(certificate) || typeof certificate.subject !== 'string') return 'not a certificate';
  const { subject } = certificate;
  return showText(/(?:^|, )CN=((?:[^,\\]|\\.)*)/.exec(subject)?.[1] ?? subject);
}

function validityOf(certificate: Json): string | null {
  if (!isJsonObject(certificate)) return null;
  const { notBefore, notAfter } = certificate;
  return isDay(notBefore) && isDay(notAfter) ? `${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}` : null;
}

function isDay(value: Json | undefined): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);
}

function fingerprintsOf(token: TokenView): string {
  return chainOf(token)
    .map((certificate) => describeJson(isJsonObject(certificate) ? certificate.sha256 : certificate))
    .join(' ');
}
