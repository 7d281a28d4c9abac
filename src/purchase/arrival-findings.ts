import { lateArrival, retriedUntilMs } from '../notification/late-arrival.js';
import { formatDistance } from '../terminal/format.js';
import { limitFindings, momentText, plural } from './finding-text.js';
import type { AppliedEvent } from './fold-group.js';
import type { PurchaseFinding } from './purchase.js';
import { signedDateMs } from './signed-facts.js';

/** Deliveries that failed, were late, overtaken or repeated. */
export function arrivalFindings(
  events: readonly AppliedEvent[],
  { environment, asOfMs }: { readonly environment: string | null; readonly asOfMs: number },
): readonly PurchaseFinding[] {
  return [
    ...limitFindings(events.flatMap((event) => undelivered(event, environment, asOfMs) ?? [])),
    ...limitFindings(overtaken(events)),
    ...limitFindings(events.flatMap((event) => late(event, environment) ?? [])),
    ...repeated(events),
  ];
}

/** Apple's history knows only failed attempts of it, and the journal does not have it. */
function undelivered(
  { record, index }: AppliedEvent,
  environment: string | null,
  asOfMs: number,
): PurchaseFinding | null {
  const { sendAttempts } = record.document;
  if (record.receivedMs !== null || sendAttempts === undefined || sendAttempts.length === 0) return null;
  const tries = `${sendAttempts.length} ${plural(sendAttempts.length, 'attempt', 'attempts')}`;
  const datesMs = sendAttempts.flatMap(({ attemptDate }) => signedDateMs(attemptDate) ?? []);
  const retry = retryWords(datesMs, environment, asOfMs);
  const message = `${record.type} signed at ${momentText(record.signedMs)} was not delivered: ${tries} failed${retry}`;
  return { id: 'undelivered', message, hint: 'storewire replay sends it to your server again', events: [index] };
}

/** Retries are Apple's practice in two environments; nothing is known of another one. */
function retryWords(attemptsMs: readonly number[], environment: string | null, asOfMs: number): string {
  if (environment === 'Sandbox') return ', and the sandbox does not retry';
  if (environment !== 'Production' || attemptsMs.length === 0) return '';
  const untilMs = retriedUntilMs(attemptsMs, asOfMs);
  return untilMs === null ? ', and Apple retries no more' : `; Apple may still retry, until ${momentText(untilMs)}`;
}

/** Events that were signed before others and arrived after them: each with those that overtook it. */
function overtaken(events: readonly AppliedEvent[]): readonly PurchaseFinding[] {
  const overtakers = new Map<AppliedEvent, AppliedEvent[]>();
  let latest: AppliedEvent | null = null;
  for (const event of events) {
    const { receivedMs, signedMs } = event.record;
    if (receivedMs === null || signedMs === null) continue;
    if (latest === null || (latest.record.receivedMs ?? 0) <= receivedMs) {
      latest = event;
      continue;
    }
    // Signed in the same millisecond: there is no order to keep.
    if (latest.record.signedMs === signedMs) continue;
    const known = overtakers.get(latest);
    if (known === undefined) overtakers.set(latest, [event]);
    else known.push(event);
  }
  return [...overtakers].map(([{ record, index }, others]) => {
    const [first] = others;
    const more = others.length === 1 ? '' : ` and ${others.length - 1} more`;
    return {
      id: 'out-of-order',
      message: `${record.type} arrived at ${momentText(record.receivedMs)}, after ${first?.record.type}${more} signed later`,
      hint: 'Order by signedDate, and ignore what is older than what you have',
      events: [index, ...others.map((other) => other.index)],
    };
  });
}

function late({ record, index }: AppliedEvent, environment: string | null): PurchaseFinding | null {
  const { receivedMs, signedMs, type } = record;
  const arrival = receivedMs === null ? null : lateArrival({ signedAtMs: signedMs, environment }, receivedMs);
  if (arrival === null) return null;
  const attempt = arrival.attempt === null ? '' : `, when Apple's attempt ${arrival.attempt} of 6 is due`;
  const message = `${type} arrived ${formatDistance(arrival.ageMs)} after it was signed at ${momentText(signedMs)}${attempt}`;
  const hint = arrival.attempt === null ? '' : 'Earlier attempts failed: storewire history shows the result of each';
  return { id: 'late-arrival', message, hint, events: [index] };
}

function repeated(events: readonly AppliedEvent[]): readonly PurchaseFinding[] {
  // A token alone is a statement of the Server API, which signs it anew for each call: no delivery.
  const own = events.filter(({ record }) => record.repeats > 0 && record.isNotification);
  if (own.length === 0) return [];
  const repeats = own.reduce((sum, { record }) => sum + record.repeats, 0);
  const message = `${own.length} ${plural(own.length, 'event is', 'events are')} here more than once (${repeats} ${plural(repeats, 'repeat', 'repeats')})`;
  const hint = 'Apple repeats a notification that was not answered with 200 to 206: deduplicate by notificationUUID';
  return [{ id: 'repeats', message, hint, events: own.map(({ index }) => index) }];
}
