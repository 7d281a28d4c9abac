import { join } from 'node:path';
import type { ToolError } from '../errors.js';
import { type AppendFile, type AppendFileOptions, createAppendFile, type Segment } from './append-file.js';
import { type EncodedLine, encodeRecord } from './encoding.js';
import { fileCalls } from './file-io.js';
import { formatStamp, journalWriteError } from './files.js';
import type { DeliveryRecord, RunRecord } from './record.js';

/** Called once the line is on disk, or with the error that prevented it. */
type OnWritten = (error: ToolError | null, segment: Segment, offset: number) => void;

/**
 * Batching writer of a file that no other process writes. Lines that arrive during a write are gathered into the next batch: one write
 * and one sync for all of them. A failure fails the lines of its batch only; the next batch begins with a newline where bytes were left.
 */
export interface Appender {
  append(line: EncodedLine, onWritten: OnWritten): void;
  /**
   * Usage error `ERR_JOURNAL_WRITE` where another program moved, removed or truncated the file since the last write, or where the system
   * does not tell; else null.
   */
  loss(): ToolError | null;
  /** The file that was opened first. */
  readonly segment: Segment;
  /** Resolves once the queue is empty and the file and those rotated in this run are closed. */
  close(): Promise<void>;
}

/** Appends a line and resolves once it is on disk. Rejects with usage error `ERR_JOURNAL_WRITE`. */
export function appendLine(appender: Appender, line: EncodedLine): Promise<void> {
  return new Promise((resolve, reject) =>
    appender.append(line, (error) => (error === null ? resolve() : reject(error))),
  );
}

interface QueuedLine {
  readonly line: EncodedLine;
  readonly onWritten: OnWritten;
}

/**
 * Opens the file at once, so that a missing permission is reported before the first line, and writes the newline that a torn last line
 * lacks. Throws usage error `ERR_JOURNAL_WRITE`.
 */
export async function openAppender(options: AppendFileOptions): Promise<Appender> {
  const file = createAppendFile(options);
  try {
    await file.prepare(0);
    await file.repair();
  } catch (cause) {
    await file.close();
    throw journalWriteError(options.path, cause);
  }
  let queue: QueuedLine[] = [];
  let running: Promise<void> | null = null;
  let isClosed = false;

  const run = async (): Promise<void> => {
    await null;
    while (queue.length > 0) {
      const batch = queue.length <= MAX_LINES ? queue : queue.slice(0, MAX_LINES);
      queue = queue.slice(batch.length);
      await writeBatch(file, batch, options.path);
    }
    running = null;
  };

  return {
    segment: file.segment(),
    append: (line, onWritten) => {
      if (isClosed) return onWritten(journalWriteError(options.path, 'it is closed'), NO_SEGMENT, 0);
      queue.push({ line, onWritten });
      running ??= run();
    },
    loss: () => {
      try {
        const cause = file.loss();
        return cause === null ? null : journalWriteError(options.path, cause);
      } catch (cause) {
        return journalWriteError(options.path, cause);
      }
    },
    close: async () => {
      isClosed = true;
      while (running !== null) await running;
      await file.close();
    },
  };
}

/** Lines of a batch: each has five parts, plus one newline, and a system takes 1,024 parts in one write. */
const MAX_LINES = 204;

async function writeBatch(file: AppendFile, batch: readonly QueuedLine[], path: string): Promise<void> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (const { line } of batch) {
    for (const part of line.parts) parts.push(part);
    bytes += line.bytes;
  }
  try {
    await file.prepare(bytes);
    let offset = await file.write(parts, bytes);
    for (const { line, onWritten } of batch) {
      onWritten(null, file.segment(), offset);
      offset += line.bytes;
    }
  } catch (cause) {
    const error = journalWriteError(path, cause);
    for (const { onWritten } of batch) onWritten(error, NO_SEGMENT, 0);
  }
}

const NO_SEGMENT: Segment = { path: '', fd: -1 };

/** Journal file of a command other than `listen`: each run has its own, so that both can write at once. */
interface CommandJournal {
  /** Resolves once the record is on disk. Throws usage error `ERR_JOURNAL_WRITE`. */
  note(record: DeliveryRecord | RunRecord): Promise<void>;
  close(): Promise<void>;
}

interface CommandJournalOptions {
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

/** The file of a run is never rotated: it holds no bodies. */
const NEVER = Number.POSITIVE_INFINITY;

/** Opens the file on the first record, so that a run that sends nothing leaves no file. The folder must exist. */
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
