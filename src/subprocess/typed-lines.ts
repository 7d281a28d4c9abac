import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** The terminal of this process, and its place in the job control of the shell. */
export interface TypedLinesOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly processId: number;
  readonly platform: NodeJS.Platform;
  /** Calls the listener after each SIGCONT; returns a function that removes it. */
  onContinued(listener: () => void): () => void;
}

/**
 * Calls `onLine` with each line typed at the terminal, without its newline, until `signal` aborts. Reads only while this process is in the
 * foreground, which `fg` and `bg` change: the system stops a background job that reads from its terminal.
 */
export async function watchTypedLines(
  { stdin, processId, platform, onContinued }: TypedLinesOptions,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let rest = '';
  stdin.setEncoding('utf8');
  const onData = (text: string): void => {
    const lines = (rest + text).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) onLine(line);
  };
  const readInForeground = async (): Promise<void> => {
    stdin.off('data', onData).pause();
    if (signal.aborted || !(await isForeground(processId, platform)) || signal.aborted) return;
    stdin.off('data', onData).on('data', onData).resume();
  };
  const remove = onContinued(() => void readInForeground());
  signal.addEventListener('abort', () => {
    remove();
    stdin.off('data', onData).destroy();
  });
  // A terminal that was closed: SIGHUP ends the process.
  stdin.on('error', ignore);
  await readInForeground();
}

const MAX_LINE = 1_000;

function ignore(): void {}

/** False where it cannot be known: then nothing is read. */
async function isForeground(processId: number, platform: NodeJS.Platform): Promise<boolean> {
  if (platform === 'win32') return true;
  try {
    if (platform === 'linux') {
      const [, , group, , , foreground] = readFileSync('/proc/self/stat', 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return group === foreground;
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(processId)]);
    return stdout.includes('+');
  } catch {
    return false;
  }
}
