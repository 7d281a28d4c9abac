import { stringifyJson } from '../jws/json.js';
import type { PurchaseDocument } from './purchase.js';
import type { PurchaseRecord } from './purchase-record.js';

/**
 * Records of one purchase in the order of `signedDate`, without repeats. The order of the input decides nothing: records
 * of the same moment are ordered by what they say.
 */
export function orderRecords(records: readonly PurchaseRecord[]): readonly PurchaseRecord[] {
  const contents = new Map<PurchaseRecord, string>();
  const contentOf = (record: PurchaseRecord): string => {
    const known = contents.get(record);
    if (known !== undefined) return known;
    const { notification, transaction, renewalInfo, appTransaction } = record.document;
    const content = stringifyJson([notification, transaction, renewalInfo, appTransaction]);
    contents.set(record, content);
    return content;
  };
  const signedAgain = mergeSignedAgain(records.filter(isAlone));
  const others = dropRepeats(
    records.filter((record) => !isAlone(record)),
    contentOf,
  );
  return [...signedAgain, ...others].sort(
    (one, other) =>
      momentOf(one) - momentOf(other) ||
      purchaseOf(one) - purchaseOf(other) ||
      rankOf(one) - rankOf(other) ||
      compareTexts(one.type, other.type) ||
      compareTexts(one.uuid ?? '', other.uuid ?? '') ||
      compareTexts(contentOf(one), contentOf(other)),
  );
}

/** A transaction or renewal info by itself, as the Server API returns it. */
function isAlone({ isNotification, transaction, renewal }: PurchaseRecord): boolean {
  return !isNotification && (transaction === null) !== (renewal === null);
}

/**
 * Every call of the Server API signs its tokens anew. A token that says the same again, with nothing else in between, is one record: the
 * latest.
 */
function mergeSignedAgain(records: readonly PurchaseRecord[]): readonly PurchaseRecord[] {
  const merged = new Map<string, PurchaseRecord[]>();
  const lastSaid = new Map<string, string>();
  // Of the same moment, what says the same stands together.
  const sorted = records
    .map((record) => ({ record, statement: statementOf(record) }))
    .sort(
      (one, other) =>
        momentOf(one.record) - momentOf(other.record) ||
        compareTexts(one.statement, other.statement) ||
        compareTexts(one.record.document.source, other.record.document.source),
    );
  for (const { record, statement } of sorted) {
    const { type, transaction } = record;
    const key = `${type} ${transaction?.id ?? ''}`;
    const kept = merged.get(key) ?? [];
    merged.set(key, kept);
    const last = kept.at(-1);
    if (last === undefined || lastSaid.get(key) !== statement) kept.push(record);
    else kept.splice(-1, 1, { ...record, repeats: last.repeats + 1 });
    lastSaid.set(key, statement);
  }
  return [...merged.values()].flat();
}

function statementOf({ document, verdict }: PurchaseRecord): string {
  const { signedDate: _, ...said } = document.transaction ?? document.renewalInfo ?? {};
  return stringifyJson([said, verdict]);
}

/**
 * Same UUID and same content is a repeat. Same UUID with other content is not: all samples of Apple's libraries have one
 * UUID (apple.md 12.18). Content is compared only where a UUID is met again.
 */
function dropRepeats(
  records: readonly PurchaseRecord[],
  contentOf: (record: PurchaseRecord) => string,
): PurchaseRecord[] {
  const byUuid = new Map<string | null, PurchaseRecord[]>();
  for (const record of records) {
    const same = byUuid.get(record.uuid);
    if (same === undefined) byUuid.set(record.uuid, [record]);
    else same.push(record);
  }
  return [...byUuid.values()].flatMap((same) => (same.length === 1 ? same : mergeSame(same, contentOf)));
}

function mergeSame(
  records: readonly PurchaseRecord[],
  contentOf: (record: PurchaseRecord) => string,
): readonly PurchaseRecord[] {
  const byContent = new Map<string, PurchaseRecord[]>();
  for (const record of records) {
    const content = contentOf(record);
    const same = byContent.get(content);
    if (same === undefined) byContent.set(content, [record]);
    else same.push(record);
  }
  return [...byContent.values()].map(mergeCopies);
}

/** The best verified copy, with the first arrival. One notification read from two sources (journal and history) is no repeat. */
function mergeCopies(copies: readonly PurchaseRecord[]): PurchaseRecord {
  const [best] = [...copies].sort(
    (one, other) =>
      VERDICTS.indexOf(one.verdict) - VERDICTS.indexOf(other.verdict) ||
      channelOf(one.document) - channelOf(other.document) ||
      compareTexts(one.document.source, other.document.source),
  );
  if (best === undefined) throw new RangeError('no copies');
  const arrivals = copies.flatMap(({ receivedMs }) => receivedMs ?? []);
  const counts = [0, 1, 2].map((channel) => copies.filter(({ document }) => channelOf(document) === channel).length);
  return {
    ...best,
    receivedMs: arrivals.length === 0 ? null : arrivals.reduce((first, ms) => Math.min(first, ms)),
    repeats: counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
  };
}

const VERDICTS: readonly PurchaseRecord['verdict'][] = ['valid', 'undetermined', null, 'invalid'];

function channelOf({ received, sendAttempts }: PurchaseDocument): number {
  if (received !== undefined) return 0;
  return sendAttempts === undefined ? 2 : 1;
}

/** A payload without a signing date stands where its purchase begins. */
function momentOf({ signedMs, transaction }: PurchaseRecord): number {
  return signedMs ?? transaction?.revokedMs ?? transaction?.purchaseMs ?? 0;
}

/** Of the same millisecond: what an older transaction met is before what a newer one did. */
function purchaseOf({ transaction }: PurchaseRecord): number {
  return transaction?.purchaseMs ?? Number.MAX_SAFE_INTEGER;
}

/** Causes before effects, for records of the same millisecond. */
const RANKS: readonly string[] = [
  'SUBSCRIBED',
  'ONE_TIME_CHARGE',
  'DID_FAIL_TO_RENEW',
  'GRACE_PERIOD_EXPIRED',
  'DID_RENEW',
  '',
  'EXPIRED',
  'REFUND',
  'REFUND_REVERSED',
  'REVOKE',
  'transaction',
  'renewalInfo',
];

function rankOf({ type }: PurchaseRecord): number {
  const rank = RANKS.indexOf(type.split('.', 1)[0] ?? '');
  return rank === -1 ? RANKS.indexOf('') : rank;
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
