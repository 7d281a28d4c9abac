import { dirname } from 'node:path';
import type { KeptChange } from '../../connect-api/kept.js';
import { isBeingWritten } from '../../journal/lock.js';
import type { Deps } from '../deps.js';
import type { KeptFile } from './kept-file.js';

/** Whether the listener that made this claim still runs: a process of its number does, and one writes to the journal beside. */
export async function isHeld(
  { claimedBy }: Pick<KeptChange, 'claimedBy'>,
  { path }: Pick<KeptFile, 'path'>,
  { isRunning }: Pick<Deps, 'isRunning'>,
): Promise<boolean> {
  return claimedBy !== null && isRunning(claimedBy) && (await isBeingWritten(dirname(path)));
}
