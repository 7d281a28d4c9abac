import { type FileHandle, open as openFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, type Exit } from '../../cli/exit.js';
import { momentOf } from '../../cli/options.js';
import { createReporter } from '../../cli/reporter.js';
import { documentToJsonLine } from '../../document-view/json.js';
import { interrupted, ToolError } from '../../errors.js';
import { type ContextForRoot, type EntryFilter, listEntries, readDocument } from '../../journal/query.js';
import type { JournalEntry } from '../../journal/record.js';
import { type JournalSummary, pendingTargets, summarizeJournal } from '../../journal/summary.js';
import { createContextsByRoot, describeDamagedLines, findJournalFolder } from '../../session/journal.js';
import { readTrustedRoots } from '../../session/trust.js';
import { openSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve.js';
import { STATE_FILE_MODE } from '../../settings/state-folder.js';
import { describeEntryLine } from './list-view.js';
import type { JournalDeps, JournalExportOptions, JournalFilterFlags, JournalListOptions } from './options.js';
import { describeExported, describeListed, type Listed } from './view.js';

/** Lists what was received, the newest last. Exit 0, whatever there is. */
export async function runList(options: JournalListOptions, deps: JournalDeps): Promise<Exit> {
  const { stdout, stderr, signal } = deps;
  const journal = await openForReading(options, deps);
  if (journal === null) {
    createReporter(options, deps).say(NO_JOURNAL);
    return EXIT.ok;
  }
  const { folder, summary, contextFor } = journal;
  const view = {
    ...{ paint: stdout.paint, columns: stdout.columns, nowMs: deps.now(), shortenId: summary.shortIds.shorten },
    statusOf: ({ receipt }: Extract<JournalEntry, { type: 'receipt' }>) => summary.statuses.of(receipt),
  };
  const listed = countListed(summary);
  for await (const entry of listEntries(folder, filterOf(options, deps), options.limit ?? null, summary)) {
    if (signal.aborted) throw interrupted();
    if (stdout.closed.aborted) return EXIT.ok;
    listed.add(entry);
    stdout.write(
      options.json ? documentToJsonLine(await readDocument(entry, folder, contextFor)) : describeEntryLine(entry, view),
    );
    await stdout.drained();
  }
  if (!options.json) stderr.write(describeListed(listed.counts(), stderr));
  return EXIT.ok;
}

/** Writes the documents of what was verified (with `--rejected`, of what was not), one a line. */
export async function runExport(options: JournalExportOptions, deps: JournalDeps): Promise<Exit> {
  const { stdout, stderr, signal } = deps;
  const journal = await openForReading(options, deps);
  const sink = await openSink(options.output, deps);
  let count = 0;
  try {
    if (journal === null) return EXIT.ok;
    const { folder, summary, contextFor } = journal;
    const asked = filterOf(options, deps);
    // What was not verified has no JWS to speak of, and whoever reads this wants one.
    const filter: EntryFilter = asked.only.length === 0 ? { ...asked, only: ['verified'] } : asked;
    for await (const entry of listEntries(folder, filter, options.limit ?? null, summary)) {
      if (signal.aborted) throw interrupted();
      if (stdout.closed.aborted) return EXIT.ok;
      await sink.write(documentToJsonLine(await readDocument(entry, folder, contextFor)));
      count += 1;
    }
    return EXIT.ok;
  } finally {
    await sink.close();
    stderr.write(describeExported(count, options.output ?? null, stderr));
  }
}

const NO_JOURNAL = 'No journal here yet: nothing was received. `storewire listen` begins one.';

interface OpenJournal {
  readonly folder: string;
  readonly summary: JournalSummary;
  readonly contextFor: ContextForRoot;
}

/** Null where there is none yet. Tells torn lines. */
async function openForReading({ profile }: JournalFilterFlags, deps: JournalDeps): Promise<OpenJournal | null> {
  const open = openSettings({ ...deps, flags: profile === undefined ? {} : { profile } });
  const folder = findJournalFolder(open, deps);
  if (folder === null) return null;
  const summary = await summarizeJournal(folder);
  deps.stderr.write(describeDamagedLines(summary.damagedLines, deps.stderr));
  const roots = readTrustedRoots(resolveApp(open).roots?.value ?? [], deps.cwd);
  return summary.isEmpty ? null : { folder, summary, contextFor: createContextsByRoot(folder, roots) };
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

function countListed({ statuses }: JournalSummary): { add(entry: JournalEntry): void; counts(): Listed } {
  let [shown, repeats, rejected, owed] = [0, 0, 0, 0];
  return {
    add(entry) {
      shown += 1;
      if (entry.type === 'rejected') rejected += 1;
      else if (entry.receipt.repeatOf !== null) repeats += 1;
      else if (pendingTargets(statuses.of(entry.receipt)).length > 0) owed += 1;
    },
    counts: () => ({ shown, repeats, rejected, owed }),
  };
}

interface Sink {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** A file is made for its owner alone, and what was in it is replaced. Throws usage `ERR_OUTPUT_WRITE`. */
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
  const file = await told(output, () => openPrivately(path.resolve(cwd, output)));
  return { write: (text) => told(output, () => file.appendFile(text)), close: () => told(output, () => file.close()) };
}

async function openPrivately(place: string): Promise<FileHandle> {
  const file = await openFile(place, 'w', STATE_FILE_MODE);
  // What is no file, such as /dev/null, is everybody's.
  if ((await file.stat()).isFile()) await file.chmod(STATE_FILE_MODE);
  return file;
}

async function told<T>(output: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = `${output} cannot be written: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`;
    throw new ToolError('usage', 'ERR_OUTPUT_WRITE', message, { cause });
  }
}
