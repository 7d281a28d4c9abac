import { ToolError } from '../errors.js';
import { listFiles } from './files.js';

/** Size of the journal, without rejected bodies. */
export interface JournalUsage {
  readonly bytes: number;
  readonly limitBytes: number;
}

/** Keeps the size of the journal within its limit. */
export interface UsageMeter {
  current(): JournalUsage;
  /** Counts bytes that were written. */
  add(bytes: number): void;
  /** Reads the sizes of the files again, as after a rotation. */
  refresh(): Promise<void>;
  /** True if so many more bytes fit. */
  hasRoomFor(bytes: number): boolean;
  /** Resolves if so many bytes fit after all, as after a `prune`; throws usage error `ERR_JOURNAL_FULL` otherwise. */
  requireRoomFor(bytes: number): Promise<void>;
}

/** Between two looks at the files of a full journal, in milliseconds. */
const REFRESH_MS = 1_000;

/**
 * Meters main files and those of `replay`. Rejected bodies have a limit of their own: anybody can send them, so they must not use up the
 * space of notifications.
 */
export async function openUsageMeter(folder: string, limitBytes: number, now: () => number): Promise<UsageMeter> {
  let bytes = 0;
  let refreshedAtMs = 0;
  const refresh = async (): Promise<void> => {
    refreshedAtMs = now();
    const files = (await listFiles(folder)).filter(({ kind }) => kind !== 'rejected');
    bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  };
  const hasRoomFor = (more: number): boolean => bytes + more <= limitBytes;
  await refresh();
  return {
    current: () => ({ bytes, limitBytes }),
    add: (more) => {
      bytes += more;
    },
    refresh,
    hasRoomFor,
    requireRoomFor: async (more) => {
      if (now() - refreshedAtMs >= REFRESH_MS) await refresh();
      if (!hasRoomFor(more)) throw journalFullError(limitBytes);
    },
  };
}

function journalFullError(limitBytes: number): ToolError {
  const mib = Math.floor(limitBytes / 1_048_576);
  return new ToolError('usage', 'ERR_JOURNAL_FULL', `the journal has reached its limit of ${mib} MiB`, {
    hint: 'Delete old records: storewire journal prune --older-than 7d. Or raise --journal-limit.',
  });
}
