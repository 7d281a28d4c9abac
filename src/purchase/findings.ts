import { arrivalFindings } from './arrival-findings.js';
import type { PeriodGap } from './build-periods.js';
import { limitFindings, momentText, nounOf, plural } from './finding-text.js';
import type { AppliedEvent } from './fold-group.js';
import { RECOVERY } from './fold-group.js';
import { FAILED, missingNotifications } from './missing-notifications.js';
import type { PurchaseFinding, PurchaseState } from './purchase.js';

/** Everything noticed about one purchase, what matters most first. */
export function purchaseFindings(purchase: {
  readonly id: string;
  readonly environment: string | null;
  readonly asOfMs: number;
  readonly events: readonly AppliedEvent[];
  readonly gaps: readonly PeriodGap[];
  readonly unseen: readonly number[];
}): readonly PurchaseFinding[] {
  const { id, environment, asOfMs, events, gaps, unseen } = purchase;
  const hintFor = (atMs: number | null): string => askApple(id, environment, asOfMs - (atMs ?? asOfMs));
  return [
    ...limitFindings(gaps.map((gap) => missingPeriod(gap, hintFor(gap.toMs ?? gap.fromMs)))),
    ...limitFindings(recoveries(events, hintFor)),
    ...limitFindings(missingNotifications(events, { unseen, hintFor })),
    ...limitFindings(events.flatMap((event) => statusDiffers(event, hintFor) ?? [])),
    ...arrivalFindings(events, { environment, asOfMs }),
    ...unverified(events),
  ];
}

const DAY_MS = 86_400_000;

/** Days that Apple keeps notifications (apple.md 12.1). */
const KEPT_DAYS = { Production: 180, Sandbox: 30 } as const;

/** An id of Apple's is digits; anything else is of a payload that nobody should copy into a shell. */
const APPLE_ID = /^\d{1,20}$/;

/** The command that asks Apple what it sent, while Apple keeps it. */
function askApple(id: string, environment: string | null, ageMs: number): string {
  if (environment !== 'Production' && environment !== 'Sandbox') return '';
  const days = KEPT_DAYS[environment];
  if (ageMs >= days * DAY_MS) return `Apple keeps notifications of ${environment} for ${days} days only`;
  const transaction = APPLE_ID.test(id) ? ` --transaction-id ${id}` : '';
  return `storewire history --environment ${environment.toLowerCase()}${transaction} --since ${days}d lists what Apple sent`;
}

function missingPeriod({ fromMs, toMs, events }: PeriodGap, hint: string): PurchaseFinding {
  const message =
    toMs === null
      ? `The last known period ended at ${momentText(fromMs)}, and no notification covers what followed`
      : `No notification covers the time from ${momentText(fromMs)} to ${momentText(toMs)}`;
  return { id: 'missing-period', message, hint, events };
}

/** A recovery that is the first event of all had its failure before the history begins. */
function recoveries(
  events: readonly AppliedEvent[],
  hintFor: (atMs: number | null) => string,
): readonly PurchaseFinding[] {
  const notifications = events.filter(({ record, isIgnored }) => record.isNotification && !isIgnored);
  let hasFailed = false;
  return notifications.flatMap(({ record, index, stateAfter }, at): readonly PurchaseFinding[] => {
    const isFinding = record.type === RECOVERY && !hasFailed && at > 0;
    if (stateAfter !== 'unknown') hasFailed = FAILED.has(stateAfter);
    if (!isFinding) return [];
    const message = `The payment signed at ${momentText(record.signedMs)} follows a failed renewal for which there is no notification`;
    return [{ id: 'recovery-without-failure', message, hint: hintFor(record.signedMs), events: [index] }];
  });
}

/** Apple's status (apple.md 3) of each state; null for one that has none. */
export const STATUS_OF_STATE: Readonly<Record<PurchaseState, number | null>> = {
  active: 1,
  expired: 2,
  'in-billing-retry': 3,
  'in-grace-period': 4,
  revoked: 5,
  refunded: 5,
  migrated: null,
  unknown: null,
};

const STATUS_WORDS = ['', 'active', 'expired', 'in billing retry', 'in grace period', 'revoked'];

/** The status is of the whole subscription when it was signed, also beside an earlier transaction. */
function statusDiffers(event: AppliedEvent, hintFor: (atMs: number | null) => string): PurchaseFinding | null {
  const { record, index, stateAfter, stateAtSigning, isIgnored } = event;
  const { status } = record;
  const known = status === null ? undefined : STATUS_WORDS[status];
  const expected = STATUS_OF_STATE[stateAfter];
  if (!known || expected === null || isIgnored) return null;
  if (status === expected || status === STATUS_OF_STATE[stateAtSigning]) return null;
  const message = `In ${record.type} signed at ${momentText(record.signedMs)} data.status is ${status} (${known}), but the state after it is ${stateAfter.replaceAll('-', ' ')}`;
  return { id: 'status-differs', message, hint: hintFor(record.signedMs), events: [index] };
}

function unverified(events: readonly AppliedEvent[]): readonly PurchaseFinding[] {
  const hint = 'storewire verify shows each check';
  const failed = events.filter(({ record }) => record.verdict === 'invalid');
  const open = events.filter(({ record }) => record.verdict === null || record.verdict === 'undetermined');
  const effect = failed.some(({ isIgnored }) => isIgnored) ? ' and changed nothing' : '';
  const found: PurchaseFinding[] = [];
  if (failed.length > 0) {
    const message = `${share(failed, events)} failed verification${effect}`;
    found.push({ id: 'unverified', message, hint, events: indexes(failed) });
  }
  if (open.length > 0) {
    const message = `${share(open, events)} ${plural(open.length, 'was', 'were')} not verified`;
    found.push({ id: 'unverified', message, hint, events: indexes(open) });
  }
  return found;
}

function share(some: readonly AppliedEvent[], all: readonly AppliedEvent[]): string {
  return `${some.length} of ${all.length} ${nounOf(all)}`;
}

function indexes(events: readonly AppliedEvent[]): readonly number[] {
  return events.map(({ index }) => index);
}
