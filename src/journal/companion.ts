import { join } from 'node:path';
import { type Appender, appendLine, openAppender } from './appender.js';
import { fileCalls } from './file-calls.js';
import { formatStamp } from './files.js';
import { encodeRecord } from './line.js';
import type { DeliveryRecord, RunRecord } from './record.js';

/** What another command than `listen` adds to the journal: a file of its own, so that both may write at once. */
export interface Companion {
  /** Resolves once it is on disk. Throws usage error `ERR_JOURNAL_WRITE`. */
  note(record: DeliveryRecord | RunRecord): Promise<void>;
  close(): Promise<void>;
}

export interface CompanionOptions {
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

/** A run has one file, however long it gets: it holds no bodies. */
const NEVER = Number.POSITIVE_INFINITY;

/** Opens the file on the first note: a run that sends nothing leaves none. The folder must exist. */
export async function openCompanion(
  folder: string,
  command: 'replay',
  { now, random }: CompanionOptions,
): Promise<Companion> {
  const suffix = Buffer.from(random(4)).toString('hex');
  const path = join(folder, `${command}-${formatStamp(now())}-${suffix}.ndjson`);
  let opened: Promise<Appender> | null = null;
  return {
    note: async (record) => {
      opened ??= openAppender({ path, maxBytes: NEVER, maxAgeMs: NEVER, now, calls: fileCalls });
      await appendLine(await opened, encodeRecord(record));
    },
    close: async () => {
      await (await opened)?.close();
    },
  };
}
