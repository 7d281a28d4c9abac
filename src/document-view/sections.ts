import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { Delivery, PayloadDocument, Received, SendAttempt, TokenView } from '../notification/document.js';
import { environmentOf } from '../notification/kind.js';
import { showText } from '../terminal/escape.js';
import { formatAge, formatMoment, groupDigits } from '../terminal/format.js';
import type { Row } from '../terminal/layout.js';
import { foreignLabel, rowsOf, selectRows } from './fields.js';
import { NOT_KNOWN, type ValueContext } from './values.js';

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData', 'unclaimInfo'] as const;

/** To which app, in which environment: first, wherever in the container they stand. */
const APP_FIELDS = ['bundleId', 'appAppleId', 'environment'];

const MOMENT_AND_ID = ['signedDate', 'notificationUUID'];

/** They are the headline. */
const HEADLINE_FIELDS = ['notificationType', 'subtype'];

/**
 * The rows of an outer notification: app, environment, moment, id, then what else its container and the notification itself say.
 * `opened` are the names of nested tokens that have a group of their own.
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
    ...toldEnvironment(notification, name),
    ...momentRows(notification, context),
    ...rowsOf(container, object, context, new Set([...APP_FIELDS, ...opened])),
    ...rowsOf(notification, 'notification', context, new Set([...headline, ...MOMENT_AND_ID, name ?? ''])),
    ...newContainerRow(name),
  ];
}

/** The one object that says what it is about; of a kind newer than this version: the first object there is. */
export function containerOf(notification: JsonObject): string | null {
  const isObject = (name: string): boolean => Object.hasOwn(notification, name) && isJsonObject(notification[name]);
  return CONTAINERS.find(isObject) ?? Object.keys(notification).find(isObject) ?? null;
}

/** External purchase tokens have no environment field: the prefix of their id tells. */
function toldEnvironment(notification: JsonObject, container: string | null): readonly Row[] {
  const environment = container === 'externalPurchaseToken' ? environmentOf(notification, 'notification') : null;
  return environment === null
    ? []
    : [{ label: 'environment', value: environment, remark: 'told by externalPurchaseId' }];
}

function momentRows(notification: JsonObject, context: ValueContext): readonly Row[] {
  const rows = selectRows(notification, 'notification', context, MOMENT_AND_ID);
  if (Object.hasOwn(notification, 'signedDate')) return rows;
  return [{ label: 'signedDate', value: '–', remark: 'absent, as was usual before mid 2022' }, ...rows];
}

function newContainerRow(name: string | null): readonly Row[] {
  if (name === null || CONTAINERS.some((known) => known === name)) return [];
  return [
    { label: foreignLabel(name), foreign: true, value: '', remark: `${NOT_KNOWN}; what it holds is shown above` },
  ];
}

/** What became of a payload on its way: Apple's attempts to send it, how it was received, where it was handed on to. */
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
 * Whom the outer token names as its signer: leaf, how long it is valid, and who issued it. Names in certificates prove nothing;
 * that is the verdict's business. No rows where the header holds no certificates.
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

/** The App Store sends three; what has more is refused anyway. */
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
    .map((certificate) => (isJsonObject(certificate) ? certificate.sha256 : certificate))
    .join(' ');
}
