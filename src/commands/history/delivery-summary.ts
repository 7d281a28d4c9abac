import type { SendAttempt } from '../../notification/document.js';
import { factsOf } from '../../notification/facts.js';
import { payloadIdsOf } from '../../notification/payload-filter.js';
import type { VerifiedDocument } from '../../notification/verified-document.js';
import { PENDING, type SentNotification, SUCCESS } from '../../server-api/responses.js';

/** `prompt`: accepted at the first attempt. `late`: at a later one. `undelivered`: at none so far. `pending`: no attempt yet. */
export type DeliveryState = 'prompt' | 'late' | 'undelivered' | 'pending';

/** One notification and its attempts. Strings are as signed: untrusted. */
export interface SentRecord {
  readonly uuid: string | null;
  readonly type: string;
  readonly productId: string | null;
  readonly originalTransactionId: string | null;
  /** When it was signed, or first attempted; null where neither is known. */
  readonly sentAtMs: number | null;
  readonly attempts: readonly SendAttempt[];
  readonly result: DeliveryState;
  readonly isValid: boolean;
}

export function recordOf(item: SentNotification, document: VerifiedDocument): SentRecord {
  const { type, productId, signedAtMs } = factsOf(document);
  const ids = payloadIdsOf(document);
  const attempts = [...item.sendAttempts].sort((one, other) => one.attemptDate - other.attemptDate);
  return {
    ...{ type, productId, attempts, result: resultOf(attempts, item.firstResult) },
    uuid: ids.uuid[0] ?? null,
    originalTransactionId: ids.transactionId[0] ?? null,
    sentAtMs: signedAtMs ?? attempts[0]?.attemptDate ?? null,
    isValid: document.verification.verdict === 'valid',
  };
}

function resultOf(attempts: readonly SendAttempt[], firstResult: SentNotification['firstResult']): DeliveryState {
  const at = attempts.findIndex(({ sendAttemptResult }) => sendAttemptResult === SUCCESS);
  if (at === 0) return 'prompt';
  if (at > 0) return 'late';
  if (attempts.length > 0) return 'undelivered';
  if (firstResult === null || firstResult === PENDING) return 'pending';
  return firstResult === SUCCESS ? 'prompt' : 'undelivered';
}

export type ResultCounts = Readonly<Record<DeliveryState, number>>;

export interface DayCounts extends ResultCounts {
  /** Midnight in UTC. */
  readonly atMs: number;
}

export interface FailureCounts {
  /** `sendAttemptResult`. */
  readonly result: string;
  readonly attempts: number;
  /** Notifications with at least one such attempt. */
  readonly notifications: number;
  readonly lastAtMs: number;
}

export interface DeliverySummary {
  readonly total: number;
  readonly invalid: number;
  readonly counts: ResultCounts;
  /** Every day of the range, also those without a notification. */
  readonly days: readonly DayCounts[];
  /** The most frequent first. */
  readonly failures: readonly FailureCounts[];
  /** Delivered notifications by the attempt that succeeded, from the first attempt on. */
  readonly byAttempt: readonly number[];
  /** The newest first. */
  readonly undelivered: readonly SentRecord[];
  /** The longest delay first. */
  readonly late: readonly SentRecord[];
}

/** The time that was asked for. */
export interface HistoryRange {
  readonly startMs: number;
  readonly endMs: number;
}

export function summarizeDeliveries(records: readonly SentRecord[], range: HistoryRange): DeliverySummary {
  const byAttempt: number[] = [];
  for (const { attempts, result } of records) {
    if (result !== 'prompt' && result !== 'late') continue;
    const at = Math.max(
      0,
      attempts.findIndex(({ sendAttemptResult }) => sendAttemptResult === SUCCESS),
    );
    while (byAttempt.length <= at) byAttempt.push(0);
    byAttempt[at]! += 1;
  }
  return {
    ...{ total: records.length, invalid: records.filter(({ isValid }) => !isValid).length, byAttempt },
    ...{ counts: countResults(records), days: countDays(records, range), failures: countFailures(records) },
    undelivered: records
      .filter(({ result }) => result === 'undelivered')
      .sort((one, other) => (other.sentAtMs ?? 0) - (one.sentAtMs ?? 0)),
    late: records
      .filter(({ result }) => result === 'late')
      .sort((one, other) => (delayOf(other) ?? 0) - (delayOf(one) ?? 0)),
  };
}

/** Milliseconds from the first attempt to the one that succeeded; null where none did. */
export function delayOf({ attempts }: SentRecord): number | null {
  const success = attempts.find(({ sendAttemptResult }) => sendAttemptResult === SUCCESS);
  return success === undefined ? null : success.attemptDate - attempts[0]!.attemptDate;
}

function countResults(records: readonly SentRecord[]): ResultCounts {
  const counts = { prompt: 0, late: 0, undelivered: 0, pending: 0 };
  for (const { result } of records) counts[result] += 1;
  return counts;
}

const DAY_MS = 86_400_000;

/** Apple's history holds 180 days. */
const MOST_DAYS = 200;

/** A signed date outside the range is an odd one: it counts on the nearest day. */
function countDays(records: readonly SentRecord[], { startMs, endMs }: HistoryRange): readonly DayCounts[] {
  const last = Math.floor(endMs / DAY_MS);
  const first = Math.max(last - MOST_DAYS + 1, Math.floor(startMs / DAY_MS));
  const byDay = new Map<number, SentRecord[]>();
  for (const record of records) {
    if (record.sentAtMs === null) continue;
    const day = Math.min(last, Math.max(first, Math.floor(record.sentAtMs / DAY_MS)));
    const sameDay = byDay.get(day);
    if (sameDay === undefined) byDay.set(day, [record]);
    else sameDay.push(record);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    atMs: (first + index) * DAY_MS,
    ...countResults(byDay.get(first + index) ?? []),
  }));
}

function countFailures(records: readonly SentRecord[]): readonly FailureCounts[] {
  const failures = new Map<string, { attempts: number; notifications: number; lastAtMs: number }>();
  for (const { attempts } of records) {
    const seen = new Set<string>();
    for (const { sendAttemptResult: result, attemptDate } of attempts) {
      if (result === SUCCESS) continue;
      const failure = failures.get(result) ?? { attempts: 0, notifications: 0, lastAtMs: attemptDate };
      failure.attempts += 1;
      failure.lastAtMs = Math.max(failure.lastAtMs, attemptDate);
      if (!seen.has(result)) failure.notifications += 1;
      seen.add(result);
      failures.set(result, failure);
    }
  }
  return [...failures]
    .map(([result, counts]) => ({ result, ...counts }))
    .sort((one, other) => other.attempts - one.attempts || (one.result < other.result ? -1 : 1));
}
