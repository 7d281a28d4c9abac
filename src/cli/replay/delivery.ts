import type { DeliveryRecord } from '../../journal/record.js';
import { buildDeliveryRecord } from '../../listener/forward/delivery-record.js';
import type { Attempt } from '../../listener/forward/target.js';
import type { Item } from './item.js';

/** The number of the next attempt at a target: attempts are counted from 1, whoever makes them. */
export function nextAttempt({ deliveries }: Pick<Item, 'deliveries'>, target: string): number {
  return Math.max(0, ...deliveries.filter((one) => one.target === target).map(({ attempt }) => attempt)) + 1;
}

export interface AttemptMade {
  readonly target: string;
  /** From {@link nextAttempt}. */
  readonly number: number;
  readonly run: string;
  /** When it was over, in milliseconds. */
  readonly atMs: number;
}

/** What is recorded of an attempt. A replay tries once; what `listen` tries by itself goes on as it was. */
export function recordAttempt(
  { id, facts, verdict }: Item,
  { number, ...made }: AttemptMade,
  attempt: Attempt,
): DeliveryRecord {
  const sent = { id, uuid: facts.uuid, verdict: verdict.verdict };
  return buildDeliveryRecord(sent, { ...made, attempt: number, final: true, nextAtMs: null }, attempt);
}
