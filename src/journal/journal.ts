import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import { openSegments, type Segments } from './append-file.js';
import { type Appender, appendLine, openAppender } from './appender.js';
import { type EncodedLine, encodeReceipt, encodeRecord, parseRecord } from './encoding.js';
import { type FileCalls, fileCalls } from './file-io.js';
import { DRAFT_ENDING, journalWriteError, listFiles, MAIN_FILE, REJECTED_FILE } from './files.js';
import { DEFAULT_JOURNAL_LIMITS, type JournalLimits } from './limits.js';
import { followCommandJournals, loadJournalIndex } from './load-index.js';
import { type LockOptions, takeLock } from './lock.js';
import { createJournalIndex, type JournalIndex, type WritableJournalIndex } from './memory-index.js';
import { notificationKey } from './notification-key.js';
import { deleteOld } from './prune.js';
import type { AnswerRecord, DamagedLine, DeliveryRecord, ReceiptHead, ReceiptRecord, RecordedFacts } from './record.js';
import { encodeRejected, type RejectedHead, trimRejected } from './rejected.js';
import { type JournalUsage, openUsageMeter, type UsageMeter } from './usage.js';

export interface JournalOptions extends LockOptions {
  /** Called for each line that could not be read while the index was loaded. */
  readonly onDamagedLine?: (line: DamagedLine) => void;
  readonly limits?: Partial<JournalLimits>;
  /** System calls; a test injects failing ones. */
  readonly calls?: FileCalls;
}

/** The journal of received notifications and their deliveries, open for the one process that receives. */
export interface Journal {
  readonly path: string;
  readonly index: JournalIndex;
  /**
   * Records a verified receipt; resolves once it is on disk, with its slot in the index. `bodyJson` is the body as a JSON string literal, in
   * parts; not recorded where `bodyOf` names the receipt that holds it. Rejects with usage error `ERR_JOURNAL_FULL` at the size limit.
   */
  append(head: ReceiptHead, bodyJson: readonly Uint8Array[]): Promise<number>;
  /** Id of the first receipt of this notification, if the journal still holds it with its body and the same content; null otherwise. */
  holderOfBody(facts: RecordedFacts): Promise<string | null>;
  usage(): JournalUsage;
  /** Records an answer or an attempt at a delivery. */
  note(record: AnswerRecord | DeliveryRecord): Promise<void>;
  /** Records the first 32 KiB of a body that is not verified. Callers must await it, since the body stays in memory until then. */
  reject(head: RejectedHead, body: Uint8Array): Promise<void>;
  /** Reads a receipt with its body. Throws `ERR_JOURNAL_READ` where it was removed, or cannot be read now. */
  readReceipt(ref: number): Promise<ReceiptRecord>;
  /** Reads the deliveries that `replay` recorded since. Throws `ERR_JOURNAL_READ` where they cannot be read now. */
  catchUp(): Promise<void>;
  /** Waits for pending writes, closes the files, releases the lock. */
  close(): Promise<void>;
}

/**
 * Opens the journal in an existing state folder. A write resolves once it is synced and rejects with usage error `ERR_JOURNAL_WRITE`, which
 * names the cause; the next write is tried again. Throws `ERR_JOURNAL_IN_USE` where another process has it open.
 */
export async function openJournal(folder: string, options: JournalOptions): Promise<Journal> {
  const closers: (() => Promise<void>)[] = [];
  try {
    return await openParts(folder, options, closers);
  } catch (cause) {
    await closeAll(closers);
    throw cause instanceof ToolError ? cause : journalWriteError(folder, cause);
  }
}

/** Adds the cleanup of each step to `closers`, so that a failure half-way leaves nothing open. */
async function openParts(folder: string, options: JournalOptions, closers: (() => Promise<void>)[]): Promise<Journal> {
  const { now, onDamagedLine = ignoreDamagedLine } = options;
  const limits = { ...DEFAULT_JOURNAL_LIMITS, ...options.limits };
  const lock = await takeLock(folder, options);
  closers.push(lock.release);
  await deleteExpired(folder, limits, now());
  // Records that cannot be deleted now, as on a full disk, must not prevent the start.
  await deleteOld(folder, now() - limits.retentionMs).catch(() => undefined);
  const files = await listFiles(folder);
  const meter = await openUsageMeter(folder, limits.totalBytes, now);
  const enforceLimits = async (): Promise<void> => {
    await deleteExpired(folder, limits, now());
    await meter.refresh();
  };
  const index = createJournalIndex();
  const commandJournals = followCommandJournals();
  await loadJournalIndex(files, index, commandJournals, onDamagedLine);

  const open = async (name: string, maxBytes: number): Promise<Appender> => {
    const calls = options.calls ?? fileCalls;
    const appender = await openAppender({
      path: join(folder, name),
      maxBytes,
      maxAgeMs: limits.openMs,
      now,
      calls,
      onRotated: enforceLimits,
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
    index,
    ...createWriters(main, rejected, index, segments, meter),
    usage: meter.current,
    holderOfBody: async (facts) => {
      const ref = index.firstRefWithContent(notificationKey(facts), facts.content);
      if (ref < 0) return null;
      const { id, file } = index.locationOf(ref);
      return (await segments.isInPlace(file)) ? id : null;
    },
    readReceipt: (ref) => readReceipt(ref, index, segments),
    catchUp: async () => {
      try {
        for await (const record of commandJournals.readNew(await listFiles(folder), ignoreDamagedLine)) {
          if (record.type === 'delivery') index.addDelivery(record);
        }
      } catch (cause) {
        throw readError(`the deliveries of replay cannot be read from ${folder}`, cause);
      }
    },
    close: () => closeAll(closers),
  };
}

/** Closes in reverse order, so that the lock is released last. */
async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
}

function ignoreDamagedLine(): void {}

function createWriters(
  main: Appender,
  rejected: Appender,
  index: WritableJournalIndex,
  segments: Segments,
  meter: UsageMeter,
): Pick<Journal, 'append' | 'note' | 'reject'> {
  const write = (head: ReceiptHead, line: EncodedLine): Promise<number> =>
    new Promise((resolve, reject) => {
      main.append(line, (error, segment, offset) => {
        if (error === null) {
          meter.add(line.bytes);
          resolve(index.addReceipt(head, { file: segments.indexOf(segment), offset, bytes: line.bytes }));
        } else {
          index.cancel(head);
          reject(error);
        }
      });
    });
  return {
    append: async (head, bodyJson) => {
      const line = encodeReceipt(head, head.bodyOf === undefined ? bodyJson : NO_BODY);
      if (!meter.hasRoomFor(line.bytes)) await meter.requireRoomFor(line.bytes);
      index.reserve(head);
      return write(head, line);
    },
    note: (record) => {
      // An acceptance counts even if it cannot be recorded.
      if (record.type === 'delivery') index.addDelivery(record);
      // Written beyond the limit, too: without it a restart would deliver again.
      const line = encodeRecord(record);
      meter.add(line.bytes);
      return appendLine(main, line);
    },
    reject: (head, body) => appendLine(rejected, encodeRejected(head, body)),
  };
}

const NO_BODY: readonly Uint8Array[] = [Buffer.from('""')];

/** A repeat without a body gets that of the first receipt. */
async function readReceipt(ref: number, index: WritableJournalIndex, segments: Segments): Promise<ReceiptRecord> {
  const receipt = await readLine(ref, index, segments);
  if (receipt.bodyOf === undefined) return receipt;
  const first = index.firstRefOf(ref);
  if (first < 0) throw noLongerHeld(receipt.id);
  return { ...receipt, body: (await readLine(first, index, segments)).body };
}

async function readLine(ref: number, index: WritableJournalIndex, segments: Segments): Promise<ReceiptRecord> {
  const { id, file, offset, bytes } = index.locationOf(ref);
  const line = await segments.read(file, offset, bytes).catch((cause: unknown) => {
    throw readError(`notification ${id} cannot be read from the journal`, cause);
  });
  const record = line === null ? null : parseRecord(line);
  if (record?.type === 'receipt' && record.id === id) return record;
  throw noLongerHeld(id);
}

function noLongerHeld(id: string): ToolError {
  return new ToolError('usage', 'ERR_JOURNAL_READ', `notification ${id} is no longer in the journal`, {
    hint: 'It was pruned or damaged in the meantime.',
  });
}

function readError(message: string, cause: unknown): ToolError {
  const why = (cause as NodeJS.ErrnoException | null)?.code ?? String(cause);
  return new ToolError('usage', 'ERR_JOURNAL_READ', `${message}: ${why}`, { cause });
}

/** Deletes expired files, rejected bodies beyond their limit, and drafts of a `prune` that was killed. */
async function deleteExpired(folder: string, limits: JournalLimits, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith(DRAFT_ENDING)) await unlink(join(folder, name));
  for (const { path, newestMs } of await listFiles(folder)) {
    if (newestMs !== null && newestMs < nowMs - limits.retentionMs) await unlink(path);
  }
  await trimRejected(folder, limits.rejectedTotalBytes - limits.rejectedBytes);
}
