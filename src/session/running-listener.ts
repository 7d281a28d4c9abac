import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reachOf } from '../address/reach.js';
import { isValidUrl } from '../address/valid-url.js';
import type { Deps } from '../cli/deps.js';
import { isBeingWritten } from '../journal/lock.js';
import { replaceFile } from '../settings/replace-file.js';

/** The `listen` of a project, as other commands of the same project find it. */
export interface RunningListener {
  /** Local URL with its path, which may be secret. */
  readonly url: string;
  readonly processId: number;
  /** It accepts what `trigger` signs. */
  readonly trustsTrigger: boolean;
  /** URL for App Store Connect, where a tunnel runs or one was given. */
  readonly publicUrl: string | null;
}

/** Beside the journal, in the state folder. */
const RECORD_FILE = 'listen.json';

const SUFFIX_BYTES = 4;

/** Records the listener that holds the journal of this state folder. Throws system errors. */
export function recordListener(
  folder: string,
  listener: RunningListener,
  { random }: { readonly random: (bytes: number) => Uint8Array },
): void {
  const record = { ...listener, folder: nameOf(folder) };
  replaceFile(
    join(folder, RECORD_FILE),
    `${JSON.stringify(record)}\n`,
    Buffer.from(random(SUFFIX_BYTES)).toString('hex'),
  );
}

/** Removes the record of a listener that stops. */
export function forgetListener(folder: string): void {
  rmSync(join(folder, RECORD_FILE), { force: true });
}

/**
 * The recorded listener of a state folder. `gone`: its process has ended without removing the record. Null without a record, and for one
 * that this machine's `listen` has not written, such as one from a clone: synthetic notifications go nowhere that the user did not choose.
 */
export async function findListener(
  folder: string,
  { userId, isRunning }: Pick<Deps, 'userId' | 'isRunning'>,
): Promise<{ readonly state: 'running' | 'gone'; readonly listener: RunningListener } | null> {
  const listener = readRecord(folder, userId);
  if (listener === null) return null;
  const isAlive = isRunning(listener.processId) && (await isBeingWritten(folder));
  return { state: isAlive ? 'running' : 'gone', listener };
}

function readRecord(folder: string, userId: number): RunningListener | null {
  const path = join(folder, RECORD_FILE);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || (userId !== -1 && stats.uid !== userId)) return null;
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as Partial<RunningListener> & { folder?: unknown };
    const { url, processId, trustsTrigger, publicUrl } = record;
    if (record.folder !== nameOf(folder) || !Number.isSafeInteger(processId) || !isLocalUrl(url)) return null;
    return {
      url,
      processId: processId!,
      trustsTrigger: trustsTrigger === true,
      publicUrl: isHttpUrl(publicUrl) ? publicUrl : null,
    };
  } catch (error) {
    // Removed meanwhile, or not JSON.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isLocalUrl(text: unknown): text is string {
  return isHttpUrl(text) && reachOf(new URL(text).hostname) !== 'public';
}

function isHttpUrl(text: unknown): text is string {
  return typeof text === 'string' && /^https?:/.test(text) && isValidUrl(text);
}

/** The inode of the folder: a clone cannot know it in advance. */
function nameOf(folder: string): string {
  return String(lstatSync(folder, { bigint: true }).ino);
}
