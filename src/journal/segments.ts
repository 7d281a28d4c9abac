import type { Segment } from './append-file.js';
import { closeFd, openForRead, readerOf } from './file-calls.js';

/** The main files of this run, by number. */
export interface Segments {
  /** Of the one that is being written: a new number where it is a new one. */
  indexOf(segment: Segment): number;
  /** A part of a file; null where it is gone. */
  read(index: number, offset: number, bytes: number): Promise<Buffer | null>;
  close(): Promise<void>;
}

/** `paths`: those from before, which are opened when they are first read. `current` closes its own. */
export function keepSegments(paths: readonly string[], current: Segment): Segments {
  const written: Segment[] = [current];
  const opened = new Map<string, Promise<number | null>>();
  const openOnce = (path: string): Promise<number | null> => {
    const known = opened.get(path);
    if (known !== undefined) return known;
    const opening = openForRead(path).catch(noneWhereMissing);
    opened.set(path, opening);
    return opening;
  };
  return {
    indexOf: (segment) => {
      if (written.at(-1) !== segment) written.push(segment);
      return paths.length + written.length - 1;
    },
    read: async (index, offset, bytes) => {
      const path = paths[index];
      const fd = path === undefined ? written[index - paths.length]?.fd : await openOnce(path);
      if (fd === undefined || fd === null || fd < 0) return null;
      const part = Buffer.allocUnsafe(bytes);
      return (await readerOf(fd)(part, 0, bytes, offset)) === bytes ? part : null;
    },
    close: async () => {
      for (const fd of await Promise.all(opened.values())) if (fd !== null) await closeFd(fd);
    },
  };
}

function noneWhereMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
