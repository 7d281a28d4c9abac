import type { ChalkInstance } from 'chalk';
import type { Prompts } from '../terminal/prompts.js';
import type { WorkerHandle } from '../worker-pool/pool.js';

/** An output stream as commands see it. `paint` is chalk at this stream's own level, set before a command runs: level 0
 * returns text unchanged. */
export interface OutputStream {
  write(data: string | Uint8Array): void;
  /** Resolves once all that was written has left the process; at once where the reader went away. */
  drained(): Promise<void>;
  readonly isTty: boolean;
  /** Width of the terminal in cells; Infinity where there is none, so that nothing is cut or wrapped in a pipe. */
  readonly columns: number;
  paint: ChalkInstance;
  /** Set on a stream that `--quiet` silences: takes errors all the same. */
  readonly forErrors?: OutputStream;
  /** Aborts when nothing more can be written: with `'EPIPE'` where the reader went away, with the error where the system failed. */
  readonly closed: AbortSignal;
}

export interface InputStream {
  readonly isTty: boolean;
  /** False for a terminal, a closed stdin and a device such as /dev/null, which a command with another source does not read. */
  readonly isPiped?: boolean;
  /** The bytes as they come; may be read once. Aborting ends the iteration. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Terminal only: keys one by one, nothing echoed. */
  setRaw(on: boolean): void;
  /**
   * Terminal only: calls the listener with each line typed while this process is in the foreground, until the signal aborts. Absent where
   * nobody may be asked.
   */
  onLine?(listener: (line: string) => void, signal: AbortSignal): void;
}

/** The program of a thread: batches of `decode` and `verify`, or requests of `listen`. */
export type WorkerFile = 'worker' | 'listen-worker';

/** Everything of the outside world that a command may use. A function takes the slice that it needs. */
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
  /** Addresses of a host from the system resolver; rejects with an error that has a `code` as those of node:dns. */
  readonly lookUp: (name: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Prompts, drawn on stderr. Only for use where stdin and stderr are terminals. */
  readonly prompts: () => Promise<Prompts>;
  /** Aborts on SIGINT, SIGTERM and SIGHUP; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Stops this process as Ctrl-Z does and resolves when it is continued. */
  readonly suspend: () => Promise<void>;
  /** Starts a worker thread; null where all work is done in this thread (unit tests). */
  readonly startWorker: ((file: WorkerFile) => WorkerHandle) | null;
  readonly cores: number;
  readonly platform: NodeJS.Platform;
  /** The effective user id; -1 where the system has none. */
  readonly userId: number;
  readonly processId: number;
  /** True for a running process of any user. */
  readonly isRunning: (processId: number) => boolean;
}

/** The usual slice for a command that prompts and sends requests: streams, settings, clock, network. Add to it, or leave out. */
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
