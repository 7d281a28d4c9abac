import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { interrupted } from '../errors.js';
import { childEnvironment } from '../subprocess/environment.js';
import { readLines } from '../subprocess/output-lines.js';
import { cut } from './outcome.js';
import type { DeliveryAttempt, ExecTarget, ForwardedNotification, SendDeps } from './target.js';

/** From SIGTERM to SIGKILL. */
const KILL_AFTER_MS = 2_000;

/** What a program said last is on its way when it is gone; a background job of its own may hold the pipe for ever. */
const LAST_WORDS_MS = 300;

/** Of one run; a program that prints without end says nothing more after them. */
const MOST_LINES = 200;

type Ending = 'exit' | 'deadline' | 'interrupted';

/**
 * Runs the program of `--exec` once, with the document as one JSON line on its stdin (which it need not read) and `STOREWIRE_ID` in its
 * environment. Exit code 0 is accepted, everything else refused, for good. After `timeoutMs` it and all it started are ended.
 * Throws ToolError (interrupted) when `signal` aborts; the program is ended then, too.
 */
export async function runExecTarget(
  target: ExecTarget,
  parcel: ForwardedNotification,
  deps: SendDeps,
): Promise<DeliveryAttempt> {
  const { now, platform } = deps;
  if (deps.signal?.aborted) throw interrupted(STOPPED);
  const startedMs = now();
  const child = start(target.command, parcel.id, deps);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  hear(child, target, deps);
  feed(child, parcel);
  const failure = exited.then(() => null, describeStart);
  const ending = await firstOf(exited, deps);
  if (ending !== 'exit') await end(child, exited, platform, deps.sleep);
  const ms = now() - startedMs;
  const startFailure = await failure;
  if (ending === 'interrupted') throw interrupted(STOPPED);
  if (startFailure !== null) return attempt('unreachable', ms, startFailure, true);
  if (ending === 'deadline') return attempt('timed-out', ms, `did not end within ${deps.timeoutMs / 1000} s`, false);
  await lastWords(child, deps.sleep);
  return judgeExit(await exited, ms);
}

function start(command: string, id: string, { env, platform }: SendDeps): ChildProcess {
  const options = { env: { ...childEnvironment(env), STOREWIRE_ID: id }, stdio: 'pipe', windowsHide: true } as const;
  if (platform === 'win32') return spawn(command, { ...options, shell: true });
  // A group of its own, so that all of it can be ended; and Ctrl-C lets it finish.
  return spawn('/bin/sh', ['-c', command], { ...options, detached: true });
}

function hear(child: ChildProcess, { name }: ExecTarget, { onOutput }: SendDeps): void {
  let lines = 0;
  const onLine = (line: string): void => {
    lines += 1;
    if (lines <= MOST_LINES) onOutput?.(name, line);
  };
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) readLines(stream, onLine);
}

/** A program that ends without reading breaks the pipe, which is its good right. */
function feed({ stdin }: ChildProcess, parcel: ForwardedNotification): void {
  stdin?.on('error', () => stdin.destroy());
  stdin?.end(parcel.documentJson());
}

async function firstOf(exited: Promise<unknown>, { timeoutMs, sleep, signal }: SendDeps): Promise<Ending> {
  const settled = new AbortController();
  const stop = (): void => settled.abort();
  signal?.addEventListener('abort', stop, { once: true });
  const expired = sleep(timeoutMs, settled.signal).then((): Ending => (signal?.aborted ? 'interrupted' : 'deadline'));
  try {
    return await Promise.race([
      expired,
      exited.then(
        (): Ending => 'exit',
        (): Ending => 'exit',
      ),
    ]);
  } finally {
    signal?.removeEventListener('abort', stop);
    settled.abort();
  }
}

async function end(
  child: ChildProcess,
  exited: Promise<unknown>,
  platform: NodeJS.Platform,
  sleep: SendDeps['sleep'],
): Promise<void> {
  const gone = new AbortController();
  kill(child, 'TERM', platform);
  void sleep(KILL_AFTER_MS, gone.signal).then(() => gone.signal.aborted || kill(child, 'KILL', platform));
  await exited.catch(() => undefined);
  gone.abort();
  letGo(child);
}

/** The whole group: a signal to the shell alone would leave what it started. Windows has no groups; there it is the tree. */
function kill(child: ChildProcess, signal: 'TERM' | 'KILL', platform: NodeJS.Platform): void {
  if (child.pid === undefined) return;
  const killer =
    platform === 'win32'
      ? spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' })
      : spawn('/bin/sh', ['-c', 'kill -s "$0" -- "-$1"', signal, String(child.pid)], { stdio: 'ignore' });
  killer.on('error', () => child.kill(`SIG${signal}`));
}

async function lastWords(child: ChildProcess, sleep: SendDeps['sleep']): Promise<void> {
  const closed = new AbortController();
  if (isOpen(child)) await Promise.race([once(child, 'close'), sleep(LAST_WORDS_MS, closed.signal)]);
  closed.abort();
  letGo(child);
}

function isOpen({ stdout, stderr }: ChildProcess): boolean {
  return stdout?.closed === false || stderr?.closed === false;
}

function letGo({ stdin, stdout, stderr }: ChildProcess): void {
  for (const stream of [stdin, stdout, stderr]) stream?.destroy();
}

function judgeExit([code, signal]: readonly [number | null, NodeJS.Signals | null], ms: number): DeliveryAttempt {
  if (code === 0) return { httpStatus: null, ms, outcome: 'accepted', detail: null, retriable: false, retryAtMs: null };
  return attempt('refused', ms, signal === null ? describeCode(code) : `was ended by ${signal}`, false);
}

function describeCode(code: number | null): string {
  // What the shell says of a command that it cannot find, or may not run (POSIX, 2.8.2).
  if (code === 127) return 'was not found (exit code 127)';
  return code === 126 ? 'could not be run (exit code 126)' : `ended with exit code ${code}`;
}

function describeStart(error: Error): string {
  return `could not be started: ${error.message}`;
}

function attempt(outcome: DeliveryAttempt['outcome'], ms: number, detail: string, retriable: boolean): DeliveryAttempt {
  return { httpStatus: null, ms, outcome, detail: cut(detail), retriable, retryAtMs: null };
}

const STOPPED = 'stopped before the program had ended';
