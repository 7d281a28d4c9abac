import { type FileHandle, open as openFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, type Exit } from '../../cli/exit.js';
import { filterFrom } from '../../cli/filter-flags.js';
import { momentOf } from '../../cli/options.js';
import { createReporter } from '../../cli/reporter.js';
import { documentToJsonLine } from '../../document-view/json.js';
import { interrupted, ToolError } from '../../errors.js';
import { pendingTargets } from '../../journal/delivery-status.js';
import { type ContextForRoot, type EntryFilter, listEntries, readDocument } from '../../journal/query.js';
import type { JournalReader } from '../../journal/reader.js';
import type { JournalEntry } from '../../journal/record.js';
import { createContextsByRoot, findJournalFolder, openReader } from '../../session/journal.js';
import { readTrustedRoots } from '../../session/trust.js';
import { openSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve-app.js';
import { STATE_FILE_MODE } from '../../settings/state-folder.js';
import { describeEntryLine } from './list-view.js';
import type { JournalDeps, JournalExportOptions, JournalFilterFlags, JournalListOptions } from './options.js';
import { describeExported, describeListed, type FilteredEntries, type ListedEntry } from './view.js';

/** Lists the entries of the journal, the newest last. Exit 0, also for an empty list. */
export async function runList(options: JournalListOptions, deps: JournalDeps): Promise<Exit> {
  const { stdout, stderr, signal } = deps;
  const journal = await openForReading(options, deps);
  if (journal === null) {
    createReporter(options, deps).say(NO_JOURNAL);
    return EXIT.ok;
  }
  const { reader, contextFor } = journal;
  const view = {
    ...{ paint: stdout.paint, columns: stdout.columns, nowMs: deps.now(), shortenId: reader.shortIds.shorten },
    statusOf: ({ receipt }: Extract<JournalEntry, { type: 'receipt' }>) => reader.statuses.of(receipt),
  };
  const listed = countListed(reader);
  const filtered = filterCounts(options, reader);
  try {
    for await (const entry of listEntries(reader, { ...filterOf(options, deps), ...filtered }, options.limit ?? null)) {
      if (signal.aborted) throw interrupted();
      if (stdout.closed.aborted) return EXIT.ok;
      listed.add(entry);
      stdout.write(
        options.json ? documentToJsonLine(readDocument(entry, reader, contextFor)) : describeEntryLine(entry, view),
      );
      await stdout.drained();
    }
  } finally {
    await reader.close();
  }
  if (!options.json || filtered !== null) stderr.write(describeListed(listed.counts(), filtered, stderr));
  return EXIT.ok;
}

/** Writes the documents of verified entries (with `--rejected`, of rejected ones), one a line. */
export async function runExport(options: JournalExportOptions, deps: JournalDeps): Promise<Exit> {
  const { stdout, stderr, signal } = deps;
  const journal = await openForReading(options, deps);
  const sink = await openSink(options.output, deps);
  let count = 0;
  let filtered: FilteredEntries | null = null;
  try {
    if (journal === null) return EXIT.ok;
    const { reader, contextFor } = journal;
    filtered = filterCounts(options, reader);
    const selected = { ...filterOf(options, deps), ...filtered };
    // Rejected bodies seldom hold a JWS, which the readers of an export need.
    const filter: EntryFilter = selected.only.length === 0 ? { ...selected, only: ['verified'] } : selected;
    for await (const entry of listEntries(reader, filter, options.limit ?? null)) {
      if (signal.aborted) throw interrupted();
      if (stdout.closed.aborted) return EXIT.ok;
      await sink.write(documentToJsonLine(readDocument(entry, reader, contextFor)));
      count += 1;
    }
    return EXIT.ok;
  } finally {
    await journal?.reader.close();
    await sink.close();
    stderr.write(describeExported(count, options.output ?? null, filtered, stderr));
  }
}

const NO_JOURNAL = 'No journal here yet: no notification was received. Start one with `storewire listen`.';

interface OpenJournal {
  readonly reader: JournalReader;
  readonly contextFor: ContextForRoot;
}

/** Opens the journal and warns about damaged lines; null where there is none yet. */
async function openForReading(
  { profile, verbose }: JournalFilterFlags,
  deps: JournalDeps,
): Promise<OpenJournal | null> {
  const open = openSettings({ ...deps, flags: profile === undefined ? {} : { profile } });
  const folder = findJournalFolder(open, deps);
  if (folder === null) return null;
  const reader = await openReader(folder, { verbose }, deps);
  const roots = await readTrustedRoots(resolveApp(open).roots?.value ?? [], deps);
  if (!reader.isEmpty || reader.damagedLines().length > 0)
    return { reader, contextFor: createContextsByRoot(folder, roots) };
  await reader.close();
  return null;
}

function filterOf(flags: JournalFilterFlags, { now }: JournalDeps): EntryFilter {
  const { since, events } = flags;
  const traits = ['failed', 'repeats', 'rejected'] as const;
  return {
    sinceMs: since === undefined ? null : momentOf(since, now()),
    events: events ?? null,
    only: traits.filter((trait) => flags[trait]),
  };
}

/** The conditions on ids and the counts of their report; null without one. */
function filterCounts(
  flags: JournalFilterFlags,
  { files }: JournalReader,
): (FilteredEntries & Pick<EntryFilter, 'ids' | 'onUnreadable'>) | null {
  const ids = filterFrom(flags);
  if (ids === null) return null;
  const counts = files.list.map(({ index }) => index.counts.receipts + index.counts.rejected);
  const filtered = {
    ids,
    of: counts.reduce((sum, each) => sum + each, 0),
    unreadable: 0,
    isLimited: flags.limit !== undefined,
    onUnreadable: () => {
      filtered.unreadable += 1;
    },
  };
  return filtered;
}

function countListed({ statuses }: JournalReader): { add(entry: JournalEntry): void; counts(): ListedEntry } {
  let [shown, repeats, rejected, pending] = [0, 0, 0, 0];
  return {
    add(entry) {
      shown += 1;
      if (entry.type === 'rejected') rejected += 1;
      else if (entry.receipt.repeatOf !== null) repeats += 1;
      else if (pendingTargets(statuses.of(entry.receipt)).length > 0) pending += 1;
    },
    counts: () => ({ shown, repeats, rejected, pending }),
  };
}

interface Sink {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the output: stdout, or a file for its owner only, which is overwritten. Throws usage `ERR_OUTPUT_WRITE`. */
async function openSink(output: string | undefined, { cwd, stdout }: JournalDeps): Promise<Sink> {
  if (output === undefined) {
    return {
      write: (text) => {
        stdout.write(text);
        return stdout.drained();
      },
      close: () => Promise.resolve(),
    };
  }
  const file = await reportFailure(output, () => openPrivately(path.resolve(cwd, output)));
  return {
    write: (text) => reportFailure(output, () => file.appendFile(text)),
    close: () => reportFailure(output, () => file.close()),
  };
}

async function openPrivately(file: string): Promise<FileHandle> {
  const handle = await openFile(file, 'w', STATE_FILE_MODE);
  // The permissions of a device such as /dev/null stay unchanged.
  if ((await handle.stat()).isFile()) await handle.chmod(STATE_FILE_MODE);
  return handle;
}

async function reportFailure<T>(output: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const message = `${output} cannot be written: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`;
    throw new ToolError('usage', 'ERR_OUTPUT_WRITE', message, {
      hint: 'Pass the path of a file that you can write.',
      cause,
    });
  }
}
