import { lstatSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Found {
  readonly path: string;
  /** Of the entry itself: a symbolic link is not followed. */
  readonly stats: Stats;
}

/** The nearest entry called `name` in `folder` or above it, up to the root of the file system; null where there is none. */
export function findUpwards(folder: string, name: string): Found | null {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    const stats = linkStatsOf(path);
    if (stats !== null) return { path, stats };
    if (dirname(at) === at) return null;
  }
}

/** What a path leads to, links followed; null where nothing is there or it cannot be looked at. */
export function statsOf(path: string): Stats | null {
  return look(() => statSync(path, { throwIfNoEntry: false }));
}

/** As {@link statsOf}, of the link itself. */
export function linkStatsOf(path: string): Stats | null {
  return look(() => lstatSync(path, { throwIfNoEntry: false }));
}

/** A folder that may not be entered holds nothing for us, as for git; any other failure is the caller's. */
function look(stat: () => Stats | undefined): Stats | null {
  try {
    return stat() ?? null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG')
      return null;
    throw error;
  }
}
