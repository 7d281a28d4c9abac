import { SHORT_ID_LENGTH } from '../../../journal/short-ids.js';
import type { DeliveryEvent, VerifiedEvent } from '../../../listener/events.js';
import type { VerifiedBody } from '../../../listener/verification/result.js';
import { formatMoment, formatSecond, SECOND_WIDTH } from '../../../terminal/format.js';
import type { View } from '../../../terminal/layout.js';

/** Drawing options of the lines of `listen`. */
export interface ListenView extends Pick<View, 'paint' | 'columns'> {
  /** The test authority is trusted: its notifications are labelled, in a wider verdict column. */
  readonly trustsAuthority: boolean;
  /** Faults are injected: some answers are wrong on purpose. */
  readonly injectsFaults: boolean;
  /** At least one target is set. */
  readonly hasTargets: boolean;
  /** Lists every check of each notification below its line. */
  readonly verbose: boolean;
}

const TIME_WIDTH = '08:30:41Z'.length;

/** Column of text below a line: the one after the time. */
export function indentOf({ columns }: Pick<View, 'columns'>): number {
  return (Number.isFinite(columns) ? TIME_WIDTH : SECOND_WIDTH) + 2;
}

/** Time of day in UTC; in a pipe, which has no day lines, date and time. */
export function formatTime(atMs: number, { columns }: Pick<View, 'columns'>): string {
  const second = formatSecond(atMs);
  return Number.isFinite(columns) ? second.slice('2026-11-20T'.length) : second;
}

/** `2026-11-20`. */
export function formatDay(atMs: number): string {
  return (formatMoment(atMs) ?? '').slice(0, '2026-11-20'.length);
}

/** Columns from which the line includes the product. */
const WIDE = 110;

export function isWide({ columns }: Pick<View, 'columns'>): boolean {
  return columns >= WIDE;
}

/** The part of a notification that its line needs; small, because thousands may be held at once. */
export interface Arrival
  extends Pick<
      VerifiedEvent,
      'id' | 'atMs' | 'answered' | 'repeatOf' | 'sameUuidAs' | 'late' | 'askedAgain' | 'targets' | 'withheld'
    >,
    Pick<VerifiedBody, 'refusal' | 'verdict' | 'facts' | 'synthetic' | 'title' | 'meaning' | 'marks'> {}

/** Latest finished attempt per target, in order; null before the first. */
export type Results = ReadonlyMap<string, DeliveryEvent | null>;

export function toArrival(event: VerifiedEvent): Arrival {
  const { result, id, atMs, answered, repeatOf, sameUuidAs, late, askedAgain, targets, withheld } = event;
  const { refusal, verdict, facts, synthetic, title, meaning, marks } = result;
  return {
    ...{ id, atMs, answered, repeatOf, targets, withheld, refusal, verdict, facts, synthetic, title, meaning, marks },
    ...(sameUuidAs === undefined ? {} : { sameUuidAs }),
    ...(late === undefined ? {} : { late }),
    ...(askedAgain === undefined ? {} : { askedAgain }),
  };
}

/** True for the statuses that Apple counts as delivered, 200–206. */
export function isDelivered(answered: number): boolean {
  return answered >= 200 && answered <= 206;
}

/** Prefix of the id, long enough for `journal show` and `replay`. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}
