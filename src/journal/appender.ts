import { join } from 'node:path';
import type { ToolError } from '../errors.js';
import { type AppendFile, type AppendFileOptions, createAppendFile, type Segment } from './append-file.js';
import { type EncodedLine, encodeRecord } from './encoding.js';
import { fileCalls } from './file-io.js';
import { formatStamp, writeError } from './files.js';
import type { DeliveryRecord, RunRecord } from './record.js';

/** Called once the line is on disk, or cannot be put there. */
type Written = (error: ToolError | null, segment: Segment, offset: number) => void;

/**
 * Appends lines to one file that nobody else writes. What comes while a write is under way is gathered into the next: one write and one
 * sync for all of it. A failure fails the lines of that write only; the next is tried again, behind a newline where bytes were left.
 */
export interface Appender {
  append(line: EncodedLine, written: Written): void;
  /** The file it began with. */
  readonly segment: Segment;
  /** Resolves once nothing is waiting, and the file and those rotated away in this run are closed. */
  close(): Promise<void>;
}

/** The same for one who waits. Rejects with usage error `ERR_JOURNAL_WRITE`. */
export function appendLine(appender: Appender, line: EncodedLine): Promise<void> {
  return new Promise((resolve, reject) =>
    appender.append(line, (error) => (error === null ? resolve() : reject(error))),
  );
}

interface Waiting {
  readonly line: EncodedLine;
  readonly written: Written;
}

/**
 * Opens the file, so that what forbids it is known at once, and writes the newline it may lack. Throws usage error `ERR_JOURNAL_WRITE`.
 */
export async function openAppender(options: AppendFileOptions): Promise<Appender> {
  const file = createAppendFile(options);
  try {
    await file.prepare(0);
    await file.repair();
  } catch (cause) {
    await file.close();
    throw writeError(options.path, cause);
  }
  let waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let isClosed = false;

  const run = async (): Promise<void> => {
    await null;
    while (waiting.length > 0) {
      const batch = waiting.length <= MAX_LINES ? waiting : waiting.slice(0, MAX_LINES);
      waiting = waiting.slice(batch.length);
      await writeBatch(file, batch, options.path);
    }
    running = null;
  };

  return {
    segment: file.segment(),
    append: (line, written) => {
      if (isClosed) return written(writeError(options.path, 'it is closed'), NO_SEGMENT, 0);
      waiting.push({ line, written });
      running ??= run();
    },
    close: async () => {
      isClosed = true;
      while (running !== null) await running;
      await file.close();
    },
  };
}

/** Of five parts each, and a newline: a system takes 1,024 parts in one write. */
const MAX_LINES = 204;

async function writeBatch(file: AppendFile, batch: readonly Waiting[], path: string): Promise<void> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (const { line } of batch) {
    for (const part of line.parts) parts.push(part);
    bytes += line.bytes;
  }
  try {
    await file.prepare(bytes);
    let offset = await file.write(parts, bytes);
    for (const { line, written } of batch) {
      written(null, file.segment(), offset);
      offset += line.bytes;
    }
  } catch (cause) {
    const error = writeError(path, cause);
    for (const { written } of batch) written(error, NO_SEGMENT, 0);
  }
}

const NO_SEGMENT: Segment = { path: '', fd: -1 };

/** What another command than `listen` adds to the journal: a file of its own, so that both may write at once. */
interface CommandJournal {
  /** Resolves once it is on disk. Throws usage error `ERR_JOURNAL_WRITE`. */
  note(record: DeliveryRecord | RunRecord): Promise<void>;
  close(): Promise<void>;
}

interface CommandJournalOptions {
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

/** A run has one file, however long it gets: it holds no bodies. */
const NEVER = Number.POSITIVE_INFINITY;

/** Opens the file on the first note: a run that sends nothing leaves none. The folder must exist. */
export async function openCommandJournal(
  folder: string,
  command: 'replay',
  { now, random }: CommandJournalOptions,
): Promise<CommandJournal> {
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
