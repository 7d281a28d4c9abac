import { lstatSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FILE_MODE, formatStamp, listFiles } from './files.js';

/** Records which folder the journal was made in. */
const MARKER_FILE = 'owner.json';

interface Marker {
  /** Inode of the state folder, which a clone or a copy cannot know in advance. */
  readonly folder: string;
  /** Files that were there before the first `listen` in this folder. */
  readonly foreign: readonly string[];
}

/** Tells by its name whether a file of the journal was not written in this folder: it came with a clone, or is of an earlier version. */
export function foreignFiles(folder: string): (name: string) => boolean {
  const marker = readMarker(folder);
  if (marker === null) return () => true;
  const names = new Set(marker.foreign);
  return (name) => names.has(name);
}

/**
 * Marks the journal as made in this folder. Files that are already there without a marker came with a clone or a copy, or are of an earlier
 * version: they are set apart, so that nothing in them is resumed, and can still be read. The caller holds the lock.
 */
export async function claimJournal(folder: string, nowMs: number): Promise<void> {
  if (readMarker(folder) !== null) return;
  const foreign: string[] = [];
  for (const { path, name, stampMs, bytes } of await listFiles(folder)) {
    if (bytes === 0) continue;
    const kept = stampMs === null ? name.replace(/\.ndjson$/, `-${formatStamp(nowMs)}.ndjson`) : name;
    if (kept !== name) await rename(path, join(folder, kept));
    foreign.push(kept);
  }
  const marker: Marker = { folder: inodeOf(folder), foreign };
  const draft = join(folder, `${MARKER_FILE}.new`);
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(marker)}\n`, { flag: 'wx', mode: FILE_MODE });
  await rename(draft, join(folder, MARKER_FILE));
}

/** Null where there is none, or it is of another folder. */
function readMarker(folder: string): Marker | null {
  let text: string;
  try {
    text = readFileSync(join(folder, MARKER_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const marker = parseMarker(text);
  return marker?.folder === inodeOf(folder) ? marker : null;
}

function parseMarker(text: string): Marker | null {
  try {
    const { folder, foreign } = JSON.parse(text) as Partial<Marker>;
    if (typeof folder !== 'string' || !Array.isArray(foreign)) return null;
    return { folder, foreign: foreign.filter((name) => typeof name === 'string') };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function inodeOf(folder: string): string {
  return String(lstatSync(folder, { bigint: true }).ino);
}
