import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { fstatSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { now, sleep } from '../clock.js';
import { ToolError } from '../errors.js';
import { createDispatcher } from '../http/dispatcher.js';
import type { Prompts } from '../terminal/prompts.js';
import type { WorkerHandle } from '../worker-pool/pool.js';
import type { Deps, InputStream, OutputStream, WorkerFile } from './deps.js';
import { systemOutput } from './system-output.js';

/** {@link Deps}, and the addition for the shim. */
interface SystemDeps extends Deps {
  /** The signal that stopped the run, for the shim to raise again. */
  interruptedBy(): NodeJS.Signals | null;
}

/** The real world. The only place that touches `process`, timers and randomness. */
export function systemDeps(): SystemDeps {
  const interrupt = catchSignals();
  const stderr = systemOutput(2, () => process.stderr, interrupt.signal);
  return {
    stdin: systemInput(),
    stdout: systemOutput(1, () => process.stdout, interrupt.signal),
    stderr,
    env: process.env,
    get cwd() {
      return workingFolder();
    },
    ...threadDeps(),
    lookUp: async (name, signal) =>
      (await import('../subprocess/look-up.js')).lookUp(name, { node: process.execPath, env: process.env, signal }),
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

/** Throws ToolError (usage) `ERR_CWD_GONE` where the folder was deleted. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    const hint = 'Change to a folder that exists: cd';
    throw new ToolError('usage', 'ERR_CWD_GONE', 'the working folder does not exist any more', { hint, cause });
  }
}

/** The slice for a worker thread. */
export function threadDeps(): Pick<Deps, 'now' | 'sleep' | 'random' | 'http'> {
  return { now, sleep, random: (bytes) => randomBytes(bytes), http: createDispatcher };
}

/**
 * SIGINT, SIGTERM and SIGHUP abort once. The handlers of the first two are gone then, so that a second Ctrl-C kills; a terminal that closes
 * sends SIGHUP more than once, from the shell and from the system.
 */
function catchSignals(): { signal: AbortSignal; by: () => NodeJS.Signals | null } {
  const controller = new AbortController();
  // Each request in flight listens; from eleven on Node would warn of a leak.
  setMaxListeners(0, controller.signal);
  let caught: NodeJS.Signals | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    caught ??= name;
    for (const each of ['SIGINT', 'SIGTERM']) process.removeListener(each, onSignal);
    controller.abort(name);
  };
  for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(each, onSignal);
  return { signal: controller.signal, by: () => caught };
}

function systemInput(): InputStream {
  const stdin = (): NodeJS.ReadStream => process.stdin;
  return {
    get isTty() {
      return stdin().isTTY === true;
    },
    get isPiped() {
      return isPipeOrFile(0);
    },
    chunks: (signal) => readStdin(stdin(), signal),
    setRaw(on) {
      stdin().setRawMode?.(on);
    },
    onLine: (listener, signal) => void watchLines(listener, signal),
  };
}

function isPipeOrFile(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    // Closed by the parent process.
    return false;
  }
}

async function watchLines(listener: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { watchTypedLines } = await import('../subprocess/typed-lines.js');
  const { stdin, pid: processId, platform } = process;
  const onContinued = (act: () => void): (() => void) => {
    process.on('SIGCONT', act);
    return () => void process.off('SIGCONT', act);
  };
  await watchTypedLines({ stdin, processId, platform, onContinued }, listener, signal);
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

/** Drawn on stderr, so that stdout keeps the answer alone. */
async function systemPrompts({ paint }: OutputStream, signal: AbortSignal): Promise<Prompts> {
  const { openPrompts } = await import('../terminal/prompts.js');
  return openPrompts({ input: process.stdin, output: process.stderr, paint, signal, turn: () => sleep(0) });
}

/** Longest wait for SIGTSTP: without a parent shell the process does not stop, and the prompt must return. */
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

/** Signal 0 only checks that the process exists; EPERM means that it does, and belongs to another user. */
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
      // An exit before the answer must be an error: a batch without an answer would end the process with 0, as if all were done.
      worker.on('exit', () => listener(new Error('a worker thread ended before its work')));
    },
    stop: async () => void (await worker.terminate()),
  };
}
