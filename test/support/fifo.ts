import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A named pipe that the processes of a test hold open: its end is the event that all of them are gone. */
export interface Fifo {
  /** What the first writer printed first. */
  readonly printed: Promise<string>;
  /** Resolves once no process has the pipe open any more. */
  readonly closed: Promise<unknown>;
}

/** Makes the named pipe and reads it. A process opens it with `exec 9>"$file"`; its children inherit descriptor 9. */
export function openFifo(file: string): Fifo {
  execFileSync('mkfifo', [file]);
  const reader = spawn('cat', [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(reader, 'close');
  return { printed: once(reader.stdout, 'data').then(([chunk]) => String(chunk).trim()), closed };
}
