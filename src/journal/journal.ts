import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import { openSegments, type Segments } from './append-file.js';
import { type Appender, appendLine, openAppender } from './appender.js';
import { encodeReceipt, encodeRecord, parseRecord } from './encoding.js';
import { type FileCalls, fileCalls } from './file-io.js';
import { DRAFT_ENDING, listFiles, MAIN_FILE, REJECTED_FILE, writeError } from './files.js';
import { followCommandJournals, loadJournalIndex } from './load-index.js';
import { type LockOptions, takeLock } from './lock.js';
import { createJournalIndex, type JournalIndex, type WritableJournalIndex } from './memory-index.js';
import { dropOld } from './prune.js';
import type { AnswerRecord, DamagedLine, DeliveryRecord, ReceiptHead, ReceiptRecord } from './record.js';
import { encodeRejected, type RejectedHead, trimRejected } from './rejected.js';

export interface JournalOptions extends LockOptions {
  /** Told of each line that could not be read, while the ledger is filled. */
  readonly onTear?: (tear: DamagedLine) => void;
  readonly limits?: Partial<JournalLimits>;
  /** Stand-ins for what may fail half-way. */
  readonly calls?: FileCalls;
}

interface JournalLimits {
  /** Of one main file, before it is rotated. */
  readonly mainBytes: number;
  /** Of one file of rejected bodies. */
  readonly rejectedBytes: number;
  /** Of all of them. */
  readonly rejectedTotalBytes: number;
  /** How long anything is kept, in milliseconds, and as long as a file is written to. */
  readonly keptMs: number;
  /** How long a file is written to before it is rotated, in milliseconds. */
  readonly openMs: number;
}

/** What was received and what became of it, open for the one process that receives. */
export interface Journal {
  readonly path: string;
  readonly ledger: JournalIndex;
  /** Records a verified receipt; resolves once it is on disk, with its slot in the ledger. `bodyJson`: the body as JSON string literal, in parts. */
  append(head: ReceiptHead, bodyJson: readonly Uint8Array[]): Promise<number>;
  note(record: AnswerRecord | DeliveryRecord): Promise<void>;
  /** Records a body that is not verified: its first 32 KiB. Wait for it: it is kept in memory until then. */
  reject(head: RejectedHead, body: Uint8Array): Promise<void>;
  /** Reads a receipt back, body included. Throws `ERR_JOURNAL_READ` where it is not there any more, or cannot be read now. */
  readReceipt(ref: number): Promise<ReceiptRecord>;
  /** Takes note of what `replay` delivered since. Throws `ERR_JOURNAL_READ` where that cannot be read now. */
  catchUp(): Promise<void>;
  /** Waits for what is being written, closes the files, releases the lock. */
  close(): Promise<void>;
}

/**
 * Opens the journal in a state folder that exists. All that is written resolves once it is synced and rejects with usage error
 * `ERR_JOURNAL_WRITE`, which says why; the next write is tried again. Throws `ERR_JOURNAL_IN_USE` where another process has it open.
 */
export async function openJournal(folder: string, options: JournalOptions): Promise<Journal> {
  const closers: (() => Promise<void>)[] = [];
  try {
    return await openParts(folder, options, closers);
  } catch (cause) {
    await closeAll(closers);
    throw cause instanceof ToolError ? cause : writeError(folder, cause);
  }
}

export const DEFAULT_LIMITS: JournalLimits = {
  mainBytes: 256 * 1024 * 1024,
  rejectedBytes: 10 * 1024 * 1024,
  rejectedTotalBytes: 100 * 1024 * 1024,
  keptMs: 30 * 86_400_000,
  openMs: 86_400_000,
};

/** `closers` gets what undoes each step, so that a failure half-way leaves nothing open. */
async function openParts(folder: string, options: JournalOptions, closers: (() => Promise<void>)[]): Promise<Journal> {
  const { now, onTear = ignoreTear } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const lock = await takeLock(folder, options);
  closers.push(lock.release);
  const tidy = (): Promise<void> => tidyUp(folder, limits, now());
  await tidy();
  // What cannot be dropped, as on a full disk, stays for now.
  await dropOld(folder, now() - limits.keptMs).catch(() => undefined);
  const files = await listFiles(folder);
  const ledger = createJournalIndex();
  const companions = followCommandJournals();
  await loadJournalIndex(files, ledger, companions, onTear);

  const open = async (name: string, maxBytes: number): Promise<Appender> => {
    const calls = options.calls ?? fileCalls;
    const appender = await openAppender({
      path: join(folder, name),
      maxBytes,
      maxAgeMs: limits.openMs,
      now,
      calls,
      onRotated: tidy,
    });
    closers.push(appender.close);
    return appender;
  };
  const main = await open(MAIN_FILE, limits.mainBytes);
  const rejected = await open(REJECTED_FILE, limits.rejectedBytes);
  const rotated = files.filter(({ kind, stampMs }) => kind === 'main' && stampMs !== null);
  const segments = openSegments(
    rotated.map(({ path }) => path),
    main.segment,
  );
  closers.push(segments.close);
  return {
    path: join(folder, MAIN_FILE),
    ledger,
    ...createWriters(main, rejected, ledger, segments),
    readReceipt: (ref) => readReceipt(ref, ledger, segments),
    catchUp: async () => {
      try {
        for await (const record of companions.readOn(await listFiles(folder), ignoreTear)) {
          if (record.type === 'delivery') ledger.deliver(record);
        }
      } catch (cause) {
        throw readError(`what replay delivered cannot be read from ${folder}`, cause);
      }
    },
    close: () => closeAll(closers),
  };
}

/** The lock, which was taken first, goes last. */
async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
}

function ignoreTear(): void {}

function createWriters(
  main: Appender,
  rejected: Appender,
  ledger: WritableJournalIndex,
  segments: Segments,
): Pick<Journal, 'append' | 'note' | 'reject'> {
  return {
    append: (head, bodyJson) =>
      new Promise((resolve, reject) => {
        const line = encodeReceipt(head, bodyJson);
        ledger.expect(head);
        main.append(line, (error, segment, offset) => {
          if (error === null) {
            resolve(ledger.receive(head, { file: segments.indexOf(segment), offset, bytes: line.bytes }));
          } else {
            ledger.forget(head);
            reject(error);
          }
        });
      }),
    note: (record) => {
      // What was accepted was accepted, whether or not it can be written down.
      if (record.type === 'delivery') ledger.deliver(record);
      return appendLine(main, encodeRecord(record));
    },
    reject: (head, body) => appendLine(rejected, encodeRejected(head, body)),
  };
}

async function readReceipt(ref: number, ledger: WritableJournalIndex, segments: Segments): Promise<ReceiptRecord> {
  const { id, file, offset, bytes } = ledger.placeOf(ref);
  const line = await segments.read(file, offset, bytes).catch((cause: unknown) => {
    throw readError(`notification ${id} cannot be read from the journal`, cause);
  });
  const record = line === null ? null : parseRecord(line);
  if (record?.type === 'receipt' && record.id === id) return record;
  throw new ToolError('usage', 'ERR_JOURNAL_READ', `notification ${id} cannot be read from the journal any more`, {
    hint: 'It was pruned or damaged meanwhile.',
  });
}

function readError(message: string, cause: unknown): ToolError {
  const why = (cause as NodeJS.ErrnoException | null)?.code ?? String(cause);
  return new ToolError('usage', 'ERR_JOURNAL_READ', `${message}: ${why}`, { cause });
}

/** Drops what is too old, too much, or was left by a `prune` that was killed. */
async function tidyUp(folder: string, limits: JournalLimits, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith(DRAFT_ENDING)) await unlink(join(folder, name));
  for (const { path, youngestMs } of await listFiles(folder)) {
    if (youngestMs !== null && youngestMs < nowMs - limits.keptMs) await unlink(path);
  }
  await trimRejected(folder, limits.rejectedTotalBytes - limits.rejectedBytes);
}
