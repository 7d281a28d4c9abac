import type { DeliveryRecord } from '../../journal/record.js';
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

/**
 * What is recorded of an attempt. A replay tries once; what `listen` tries by itself goes on as it was. What is not proved has no UUID
 * here: the genuine notification it claims to be would count as accepted.
 */
export function recordAttempt({ id, facts, verdict }: Item, made: AttemptMade, attempt: Attempt): DeliveryRecord {
  const { target, number, run, atMs } = made;
  const { httpStatus, ms, outcome, detail } = attempt;
  return {
    type: 'delivery',
    id,
    uuid: verdict.verdict === 'valid' ? facts.uuid : null,
    atMs,
    target,
    attempt: number,
    httpStatus,
    ms,
    outcome,
    final: true,
    nextAtMs: null,
    ...(detail === null ? {} : { detail }),
    run,
  };
}
