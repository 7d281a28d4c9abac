import type { ChalkInstance } from 'chalk';

/** An output stream as commands see it. `paint` is chalk at this stream's own level: level 0 returns text unchanged. */
export interface OutputStream {
  write(data: string | Uint8Array): void;
  /** Resolves once what was written has left the process's buffer; at once where the reader went away. */
  drained(): Promise<void>;
  readonly isTty: boolean;
  /** Width of the terminal in cells; 80 where there is none. */
  readonly columns: number;
  readonly paint: ChalkInstance;
  /** Aborts when the reader of this stream goes away (EPIPE). */
  readonly closed: AbortSignal;
}

export interface InputStream {
  readonly isTty: boolean;
  /** The bytes as they come; may be read once. Aborting ends the iteration. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Terminal only: keys one by one, nothing echoed. */
  setRaw(on: boolean): void;
}

export interface WorkerHandle {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
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
  /** Aborts on SIGINT and SIGTERM; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Stops this process as Ctrl-Z does and resolves when it is continued. */
  readonly suspend: () => Promise<void>;
  /** Starts a thread that verifies or decodes batches; null where work is to be done in this thread (unit tests). */
  readonly startWorker: (() => WorkerHandle) | null;
  readonly cores: number;
  readonly platform: NodeJS.Platform;
  /** The effective user id; -1 where the system has none. */
  readonly userId: number;
}
