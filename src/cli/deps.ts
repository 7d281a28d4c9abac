import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Chalk, type ChalkInstance } from 'chalk';
import { now, sleep } from '../clock.js';
import { createDispatcher } from '../http/dispatcher.js';
import { colourLevel } from '../terminal/colour.js';
import { openPrompts, type Prompts } from '../terminal/prompts.js';

/** An output stream as commands see it. `paint` is chalk at this stream's own level: level 0 returns text unchanged. */
export interface OutputStream {
  write(data: string | Uint8Array): void;
  /** Resolves once all that was written has left the process; at once where the reader went away. */
  drained(): Promise<void>;
  readonly isTty: boolean;
  /** Width of the terminal in cells; Infinity where there is none, so that nothing is cut or wrapped in a pipe. */
  readonly columns: number;
  readonly paint: ChalkInstance;
  /** Aborts when nothing more can be written: with `'EPIPE'` where the reader went away, with the error where the system failed. */
  readonly closed: AbortSignal;
}

export interface InputStream {
  readonly isTty: boolean;
  /** The bytes as they come; may be read once. Aborting ends the iteration. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Terminal only: keys one by one, nothing echoed. */
  setRaw(on: boolean): void;
}

/** What a thread runs: the batches of `decode` and `verify`, or what `listen` receives. */
type WorkerFile = 'worker' | 'listen-worker';

export interface WorkerHandle {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The thread failed or ended: nothing more comes from it. The first call tells why. */
  onError(listener: (error: Error) => void): void;
  stop(): Promise<void>;
}

/** Everything of the outside world a command may use; a function asks for the slice it needs. */
export interface Deps {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
  /** The undici dispatcher every request goes through; made on first use. */
  readonly http: () => Promise<import('undici').Dispatcher>;
  /** Questions to whoever sits at the terminal, drawn on stderr; to be asked only where stdin and stderr are terminals. */
  readonly prompts: () => Promise<Prompts>;
  /** Aborts on SIGINT and SIGTERM; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Stops this process as Ctrl-Z does and resolves when it is continued. */
  readonly suspend: () => Promise<void>;
  /** Starts a thread that works on batches; null where work is to be done in this thread (unit tests). */
  readonly startWorker: ((file: WorkerFile) => WorkerHandle) | null;
  readonly cores: number;
  readonly platform: NodeJS.Platform;
  /** The effective user id; -1 where the system has none. */
  readonly userId: number;
  readonly processId: number;
  /** Whether a process of this id is there, whoever's it is. */
  readonly isRunning: (processId: number) => boolean;
}

/** What a command that talks to people and to servers uses: streams, settings, clock, network, questions. Add to it, or leave out. */
export type CommandDeps = Pick<
  Deps,
  | 'stdin'
  | 'stdout'
  | 'stderr'
  | 'env'
  | 'cwd'
  | 'now'
  | 'sleep'
  | 'random'
  | 'http'
  | 'prompts'
  | 'signal'
  | 'platform'
  | 'userId'
>;

/** What the shim needs beside {@link Deps}. */
interface SystemDeps extends Deps {
  /** The signal that stopped the run, for the shim to raise again. */
  interruptedBy(): NodeJS.Signals | null;
}

/** The real world. The only place that touches `process`, timers and randomness. */
export function systemDeps(): SystemDeps {
  const interrupt = catchSignals();
  const stderr = systemOutput(process.stderr, interrupt.signal);
  return {
    stdin: systemInput(),
    stdout: systemOutput(process.stdout, interrupt.signal),
    stderr,
    env: process.env,
    cwd: process.cwd(),
    ...threadDeps(),
    prompts: () => systemPrompts(stderr, interrupt.signal),
    signal: interrupt.signal,
    suspend,
    startWorker: startThread,
    cores: availableParallelism(),
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    processId: process.pid,
    isRunning,
    interruptedBy: interrupt.by,
  };
}

/** What a worker thread may use of the world. */
export function threadDeps(): Pick<Deps, 'now' | 'sleep' | 'random' | 'http'> {
  return { now, sleep, random: (bytes) => randomBytes(bytes), http: createDispatcher };
}

/** SIGINT and SIGTERM abort once; the handlers are gone then, so that a second Ctrl-C kills. */
function catchSignals(): { signal: AbortSignal; by: () => NodeJS.Signals | null } {
  const controller = new AbortController();
  let caught: NodeJS.Signals | null = null;
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = (name: NodeJS.Signals): void => {
    caught = name;
    for (const each of signals) process.removeListener(each, onSignal);
    controller.abort(name);
  };
  for (const each of signals) process.on(each, onSignal);
  return { signal: controller.signal, by: () => caught };
}

function systemInput(): InputStream {
  const stdin = (): NodeJS.ReadStream => process.stdin;
  return {
    get isTty() {
      return stdin().isTTY === true;
    },
    chunks: (signal) => readStdin(stdin(), signal),
    setRaw(on) {
      stdin().setRawMode?.(on);
    },
  };
}

async function* readStdin(stdin: NodeJS.ReadStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = (): void => void stdin.destroy();
  if (signal.aborted) return;
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stdin) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    stdin.destroy();
  }
}

/** A terminal that does not tell its width. */
const DEFAULT_COLUMNS = 80;

function systemOutput(stream: NodeJS.WriteStream, stop: AbortSignal): OutputStream {
  const closed = new AbortController();
  stream.on('error', (error: NodeJS.ErrnoException) => {
    closed.abort(error.code === 'EPIPE' ? 'EPIPE' : error);
  });
  const isTty = stream.isTTY === true;
  return {
    ...trackWrites(stream, closed.signal, stop),
    isTty,
    get columns() {
      return isTty ? stream.columns || DEFAULT_COLUMNS : Number.POSITIVE_INFINITY;
    },
    paint: new Chalk({ level: colourLevel('auto', process.env, isTty) }),
    closed: closed.signal,
  };
}

/** How long a run that was stopped waits for a reader that does not read, such as a pager nobody scrolls. */
const LAST_WORDS_MS = 1_000;

/** Counts what was written and not yet taken by the system, so that a buffer may be used again once nothing is. */
function trackWrites(
  stream: NodeJS.WriteStream,
  closed: AbortSignal,
  stop: AbortSignal,
): Pick<OutputStream, 'write' | 'drained'> {
  let pending = 0;
  let isGivenUp = false;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const giveUp = (): void => {
    isGivenUp = true;
    wake();
  };
  closed.addEventListener('abort', giveUp, { once: true });
  stop.addEventListener('abort', () => void setTimeout(giveUp, LAST_WORDS_MS).unref(), { once: true });
  return {
    write(data) {
      if (closed.aborted) return;
      pending += 1;
      stream.write(data, () => {
        pending -= 1;
        if (pending === 0) wake();
      });
    },
    drained: () =>
      pending === 0 || isGivenUp ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve)),
  };
}

/** Drawn on stderr, so that stdout keeps the answer alone. */
function systemPrompts({ paint }: OutputStream, signal: AbortSignal): Promise<Prompts> {
  return openPrompts({ input: process.stdin, output: process.stderr, paint, signal, turn: () => sleep(0) });
}

/** Longest wait for a stop that does not come: without a shell above us nobody stops, and the prompt must return. */
const SUSPEND_MS = 50;

/**
 * Stops the whole process group, as the terminal does on Ctrl-Z: a shell that waits for a pipeline or a script sees the job stop only
 * when every process in it has. Windows has no such thing.
 */
async function suspend(): Promise<void> {
  if (process.platform === 'win32') return;
  const continued = new AbortController();
  process.once('SIGCONT', () => continued.abort());
  process.kill(0, 'SIGTSTP');
  await sleep(SUSPEND_MS, continued.signal);
}

/** Signal 0 is not sent; to be refused means that there is somebody. */
function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Memory of one thread: what a batch needs, several times over; garbage is collected early so that a long run stays flat. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 };

function startThread(file: WorkerFile): WorkerHandle {
  // Not imported: one payload needs no threads, and start-up pays for every module.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const worker = new Worker(path.join(import.meta.dirname, `${file}.cjs`), { resourceLimits: WORKER_LIMITS });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => void worker.on('message', listener),
    onError: (listener) => {
      worker.on('error', listener);
      // Also after `stop`, when nobody waits any more. A batch that nobody answers would end the process, with 0, as if all was done.
      worker.on('exit', () => listener(new Error('a worker thread ended before its work')));
    },
    stop: async () => void (await worker.terminate()),
  };
}
