/**
 * Checks every field that a reader relies on: a line may come from another version, another program or a damaged disk, and must not crash
 * one. Fields that are unknown here are let through.
 */
export function isRecord(value: Readonly<Record<string, unknown>>): boolean {
  const { type, atMs } = value;
  return isTime(atMs) && typeof type === 'string' && Object.hasOwn(SHAPES, type) && SHAPES[type]!(value);
}

type Shape = (record: Readonly<Record<string, unknown>>) => boolean;

const ID = /^[0-9a-f]{16}$/;

/** Range of a date, in milliseconds. */
const MAX_TIME_MS = 8.64e15;

const OUTCOMES: readonly unknown[] = ['accepted', 'refused', 'unreachable', 'timed-out'];

const SHAPES: Readonly<Record<string, Shape>> = {
  receipt: (record) =>
    isId(record.id) &&
    isArrival(record) &&
    isFacts(record.facts) &&
    isVerdict(record.verdict) &&
    isAbsentOr(record.repeatOf, isId) &&
    (record.bodyOf === undefined || isId(record.bodyOf)) &&
    isAbsentOr(record.answered, isCount) &&
    isNames(record.targets) &&
    isAbsentOr(record.via, isTexts) &&
    isTexts(record.marks) &&
    (record.body === undefined || isText(record.body)),
  answer: ({ id, answered }) => isId(id) && isCount(answered),
  delivery: (record) =>
    isId(record.id) &&
    isName(record.target) &&
    isCount(record.attempt) &&
    isAbsentOr(record.httpStatus, isCount) &&
    isCount(record.ms) &&
    OUTCOMES.includes(record.outcome) &&
    isAbsentOr(record.nextAtMs, isTime) &&
    [record.uuid, record.detail, record.run].every(isTextOrAbsent),
  run: ({ run, state, ids, targets }) =>
    isText(run) && (state === 'started' || state === 'finished') && isTexts(ids) && isNames(targets),
  rejected: (record) =>
    isId(record.id) &&
    isArrival(record) &&
    [record.sha256, record.reason, record.message, record.bodyBase64].every(isText) &&
    isCount(record.answered) &&
    isAbsentOr(record.facts, isFacts) &&
    isAbsentOr(record.verdict, isVerdict),
};

const KINDS: readonly unknown[] = [
  ...['notification', 'transaction', 'renewalInfo', 'appTransaction', 'realtimeRequest', 'notificationV1', 'unknown'],
];

const VERDICTS: readonly unknown[] = ['valid', 'invalid', 'undetermined'];

function isArrival({ address, contentType, bytes }: Readonly<Record<string, unknown>>): boolean {
  return isTextOrAbsent(address) && isTextOrAbsent(contentType) && isCount(bytes);
}

function isFacts(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { type, kind, uuid, bundleId, appAppleId, environment, productId, signedAtMs } = value;
  const optional = [uuid, bundleId, appAppleId, environment, productId, value.content, value.variant];
  const ids = [value.transactionId, value.originalTransactionId, value.appAccountToken];
  return (
    isText(type) &&
    KINDS.includes(kind) &&
    isAbsentOr(signedAtMs, isTime) &&
    [...optional, ...ids].every(isTextOrAbsent)
  );
}

function isVerdict(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { verdict, reason, root, checkedAtMs, clock, failed } = value;
  if (!VERDICTS.includes(verdict) || !isAbsentOr(checkedAtMs, isTime)) return false;
  return [reason, root, clock].every(isTextOrAbsent) && Array.isArray(failed) && failed.every(isCheck);
}

function isCheck(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { id, token, expected, found, detail } = value;
  return isText(id) && isText(token) && [expected, found, detail].every(isTextOrAbsent);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

/** Name of a target, which lists print as it is: no other than `listen` or `replay` accepts. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !/[\p{C}\p{Z}]/u.test(value);
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(isName);
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && ID.test(value);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= MAX_TIME_MS;
}

function isAbsentOr(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || value === null || check(value);
}
