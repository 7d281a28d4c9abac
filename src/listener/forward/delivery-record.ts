import type { DeliveryRecord } from '../../journal/record.js';
import type { Attempt, Parcel } from './target.js';

/** When and where an attempt was made, and what follows by itself. */
export interface AttemptMade extends Pick<DeliveryRecord, 'target' | 'attempt' | 'atMs' | 'final' | 'nextAtMs'> {
  /** Of `replay`. */
  readonly run?: string;
}

/**
 * What is recorded of an attempt. What is not proved has no UUID here: the genuine notification it claims to be would count as accepted,
 * and be kept from the target.
 */
export function buildDeliveryRecord(
  { id, uuid, verdict }: Pick<Parcel, 'id' | 'uuid' | 'verdict'>,
  { run, ...made }: AttemptMade,
  { httpStatus, ms, outcome, detail }: Pick<Attempt, 'httpStatus' | 'ms' | 'outcome' | 'detail'>,
): DeliveryRecord {
  return {
    type: 'delivery',
    id,
    uuid: verdict === 'valid' ? uuid : null,
    ...made,
    httpStatus,
    ms,
    outcome,
    ...(detail === null ? {} : { detail }),
    ...(run === undefined ? {} : { run }),
  };
}
