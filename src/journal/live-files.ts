import { isSameFile, type Segment } from './append-file.js';
import type { RecordHead } from './encoding.js';
import { closeFd, readerOf, statOf } from './file-io.js';
import type { JournalFile } from './files.js';
import { GrowingIndex } from './index/file-index.js';
import { StoredIndex, writeIndex } from './index/index-file.js';
import { openIndex } from './index/open-index.js';
import { openRecordStore, type RecordStore, readRecordAt, readWholeRecordAt } from './index/record-store.js';
import { LiveIndex, type LivePart } from './live-index.js';
import { findPending } from './pending.js';
import type { DamagedLine } from './record.js';
import { openListed, scanFile } from './scan.js';

/** The files behind the index of a running `listen`. */
export interface LiveFiles {
  readonly index: LiveIndex;
  /** Goes on with the file that is open for writing. */
  attach(segment: Segment): Promise<void>;
  /** Adds a record that was written to a segment; returns its slot. The first one in a new segment completes the one before. */
  add(record: RecordHead, segment: Segment, location: { readonly offset: number; readonly bytes: number }): number;
  /** Reads the deliveries that `replay` recorded since. */
  catchUp(files: readonly JournalFile[]): Promise<void>;
  /** Closes files that may have been deleted, since an open file keeps its disk space. */
  releaseFiles(): void;
  /** Waits for the indexes that are being written, and closes the files. */
  close(): Promise<void>;
}

interface LiveFilesOptions {
  readonly onDamagedLine: (line: DamagedLine) => void;
  /** A file of this size is rotated before it is written to. */
  readonly mainBytes: number;
}

/**
 * Opens the files of a journal, except those that came with a clone, before the one that goes on being written is opened for writing: a torn
 * last line is still seen as such.
 */
export async function openLiveFiles(
  files: readonly JournalFile[],
  { onDamagedLine, mainBytes }: LiveFilesOptions,
): Promise<LiveFiles> {
  const index = new LiveIndex();
  const store = openRecordStore();
  const replays = new Map<number, ReplayPart>();
  const parts: LivePart[] = [];
  let unattached: State['unattached'] = null;
  for (const file of files) {
    if (file.kind === 'rejected') continue;
    const isActive = file.kind === 'main' && file.stampMs === null;
    const isGrowing = isActive && file.bytes <= mainBytes;
    const opened = await openIndex(file, isGrowing ? { isGrowing } : { isLookedUpOften: true });
    for (const line of opened.damagedLines) onDamagedLine({ path: file.path, ...line });
    const part = index.addPart(partOfFile(file, opened, store));
    parts.push(part);
    if (isActive) unattached = { part, file };
    if (file.kind === 'replay') replays.set(file.inode, { end: opened.end, file, more: null });
  }
  index.setPending(findPending(index, parts));
  // An open file would keep its disk space when it is pruned.
  store.close();
  return followFiles({ index, store, replays, unattached, active: null });
}

interface ActivePart {
  readonly part: LivePart;
  readonly segment: Segment;
}

/** A file of `replay`, with what was added to it since the start. */
interface ReplayPart {
  readonly file: JournalFile;
  end: number;
  more: LivePart | null;
}

interface State {
  readonly index: LiveIndex;
  readonly store: RecordStore;
  readonly replays: Map<number, ReplayPart>;
  /** The file that an earlier run wrote last, until its segment is known. */
  unattached: { readonly part: LivePart; readonly file: JournalFile } | null;
  active: ActivePart | null;
}

function followFiles(state: State): LiveFiles {
  const { index, store, replays } = state;
  const writing = new Set<Promise<void>>();
  const begin = (segment: Segment): LivePart => {
    const part = index.addPart(partOfSegment(segment, new GrowingIndex([], true)));
    state.active = { part, segment };
    return part;
  };
  return {
    index,
    async attach(segment) {
      const { ino } = await statOf(segment.fd);
      if (state.unattached?.file.inode !== ino) return void begin(segment);
      const { part, file } = state.unattached;
      // A file that could not be rotated.
      if (!(part.index instanceof GrowingIndex && part.index.isLive))
        part.index = await openIndex(file, { isGrowing: true });
      state.active = { part, segment };
    },
    add(record, segment, location) {
      if (state.active?.segment === segment) return index.addRecord(state.active.part, record, location);
      if (state.active !== null) {
        const done = complete(state.active).finally(() => writing.delete(done));
        writing.add(done);
      }
      return index.addRecord(begin(segment), record, location);
    },
    async catchUp(files) {
      for (const file of files) {
        if (file.kind !== 'replay') continue;
        const replay = replays.get(file.inode) ?? { end: 0, file, more: null };
        replays.set(file.inode, replay);
        if (file.bytes <= replay.end) continue;
        replay.more ??= index.addPart(partOfFile(file, new GrowingIndex([], true), store));
        for await (const { found, end } of scanFile(file, { from: replay.end, onDamagedLine: ignore })) {
          for (const { record, ...location } of found) {
            if (location.offset < end) index.addRecord(replay.more, record, location);
          }
          replay.end = end;
        }
      }
    },
    releaseFiles: store.close,
    async close() {
      await Promise.all(writing);
      store.close();
    },
  };
}

function ignore(): void {}

/** Writes the index of a full segment, and uses it from disk from now on, so that the memory does not grow with the journal. */
async function complete({ part, segment: { path, fd } }: ActivePart): Promise<void> {
  const { index } = part;
  if (fd < 0 || path === '') return;
  try {
    const { ino, size, mtimeMs } = await statOf(fd);
    // What a failed write left is not in the index: the next reader builds it.
    if (index.end !== size || (index instanceof GrowingIndex && index.hasGap)) return;
    const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
    await readerOf(fd)(tail, 0, tail.length, size - tail.length);
    await writeIndex(path, index, { inode: String(ino), bytes: size, mtimeMs, tail: tail.toString('base64') });
    const stored = StoredIndex.open(path, true);
    if (stored?.size === index.size && stored.state.inode === String(ino)) part.index = stored;
  } catch {
    // The file may have been deleted meanwhile. The index in memory goes on to be used.
  }
}

const TAIL_BYTES = 64;

function partOfFile(file: JournalFile, index: LivePart['index'], store: RecordStore): LivePart {
  return {
    kind: file.kind === 'replay' ? 'replay' : 'main',
    index,
    earlierRows: index.size,
    isInPlace: async () => (await openListed(file).then(closeIfOpen)) !== null,
    headAt: (row) => store.headAt(file, row),
    recordAt: (row) => store.recordAt(file, row),
  };
}

function partOfSegment(segment: Segment, index: LivePart['index']): LivePart {
  return {
    kind: 'main',
    index,
    earlierRows: 0,
    isInPlace: async () =>
      segment.path !== '' && segment.fd >= 0 && isSameFile(segment.path, (await statOf(segment.fd)).ino),
    headAt: (row) => (segment.fd < 0 ? null : readRecordAt(segment.fd, row)),
    recordAt: (row) => (segment.fd < 0 ? null : readWholeRecordAt(segment.fd, row)),
  };
}

async function closeIfOpen(fd: number | null): Promise<true | null> {
  if (fd === null) return null;
  await closeFd(fd);
  return true;
}
