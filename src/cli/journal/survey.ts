import type { Tear } from '../../journal/entry.js';
import type { RecordHead } from '../../journal/line.js';
import { readJournal } from '../../journal/read.js';
import type { RunRecord } from '../../journal/record.js';
import { createShortIds, type ShortIds } from './short-ids.js';
import { createStandings, type Standings } from './standing.js';

/** What only the whole journal can tell, gathered in one pass over its records, without their bodies. */
export interface Survey {
  readonly standings: Standings;
  readonly shortIds: ShortIds;
  /** Nothing was received yet, verified or not. */
  readonly isEmpty: boolean;
  /** Verified notifications, each counted once however often it came. */
  readonly notifications: number;
  readonly runs: readonly RunRecord[];
  readonly tears: readonly Tear[];
}

/** Reads the journal once; one that is not there (`folder` null) is empty. */
export async function surveyJournal(folder: string | null): Promise<Survey> {
  const standings = createStandings();
  const shortIds = createShortIds();
  const tears: Tear[] = [];
  const runs: RunRecord[] = [];
  let notifications = 0;
  let isEmpty = true;
  const add = (record: RecordHead): void => {
    if (record.type === 'receipt') standings.addReceipt(record);
    if (record.type === 'receipt' && record.repeatOf === null) notifications += 1;
    if (record.type === 'receipt' || record.type === 'rejected') {
      shortIds.add(record.id);
      isEmpty = false;
    }
    if (record.type === 'delivery') standings.addDelivery(record);
    if (record.type === 'run') runs.push(record);
  };
  const records = folder === null ? [] : readJournal(folder, { onTear: (tear) => void tears.push(tear) });
  for await (const { record } of records) add(record);
  return { standings, shortIds, isEmpty, notifications, runs, tears };
}
