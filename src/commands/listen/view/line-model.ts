import { SHORT_ID_LENGTH } from '../../../journal/summary.js';
import type { DeliveryEvent, VerifiedEvent } from '../../../listener/events.js';
import type { VerifiedBody } from '../../../listener/verification/result.js';
import { formatMoment, formatSecond, SECOND_WIDTH } from '../../../terminal/format.js';
import type { View } from '../../../terminal/layout.js';

/** How the lines of a listener are drawn. */
export interface ListenView extends Pick<View, 'paint' | 'columns'> {
  /** The test authority is believed: each line of its notifications says so, and the column for that is wider. */
  readonly trustsTests: boolean;
  /** Answers are wrong on purpose. */
  readonly practises: boolean;
  /** There is somewhere to forward to. */
  readonly forwards: boolean;
  /** Every check of each notification below its line. */
  readonly verbose: boolean;
}

const TIME_WIDTH = '08:30:41Z'.length;

/** Where text below a line begins: under what follows its time. */
export function indentOf({ columns }: Pick<View, 'columns'>): number {
  return (Number.isFinite(columns) ? TIME_WIDTH : SECOND_WIDTH) + 2;
}

/** The time of day in UTC; in a pipe, where nobody has seen the date, the whole moment. */
export function formatTime(atMs: number, { columns }: Pick<View, 'columns'>): string {
  const second = formatSecond(atMs);
  return Number.isFinite(columns) ? second.slice('2026-11-20T'.length) : second;
}

/** `2026-11-20`. */
export function formatDay(atMs: number): string {
  return (formatMoment(atMs) ?? '').slice(0, '2026-11-20'.length);
}

/** From here on the product stands in the line. */
const WIDE = 110;

export function isWide({ columns }: Pick<View, 'columns'>): boolean {
  return columns >= WIDE;
}

/** What a line tells of a notification: small, since thousands may wait for their targets. */
export interface Arrival
  extends Pick<VerifiedEvent, 'id' | 'atMs' | 'answered' | 'repeatOf' | 'targets' | 'withheld'>,
    Pick<VerifiedBody, 'refusal' | 'verdict' | 'facts' | 'synthetic' | 'title' | 'meaning' | 'marks'> {}

/** Every target it goes to, in order, with its latest attempt; null where none is over. */
export type Results = ReadonlyMap<string, DeliveryEvent | null>;

export function arrivalOf({ judged, id, atMs, answered, repeatOf, targets, withheld }: VerifiedEvent): Arrival {
  const { refusal, verdict, facts, synthetic, title, meaning, marks } = judged;
  return { id, atMs, answered, repeatOf, targets, withheld, refusal, verdict, facts, synthetic, title, meaning, marks };
}

/** Whether Apple counts this answer as delivered. */
export function isTaken(answered: number): boolean {
  return answered >= 200 && answered <= 206;
}

/** By which name it is called: enough of its id for `journal show` and `replay`. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}
