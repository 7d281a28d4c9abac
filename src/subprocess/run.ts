import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasRunning } from './group.js';

/** A program with its arguments, or a line for the shell. */
export type CommandLine = { readonly file: string; readonly args: readonly string[] } | { readonly shell: string };

export interface StartOptions {
  readonly command: CommandLine;
  /** The whole environment: nothing is inherited, so that a key stays out unless it is passed here. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory; the caller's own where left out. */
  readonly cwd?: string;
  /** `pipe` gives the caller stdin, stdout and stderr; `ignore` connects all three to the null device. */
  readonly stdio: 'pipe' | 'ignore';
  readonly platform: NodeJS.Platform;
}

/** Exit code, or the signal that ended the process; the other one is null. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Subprocess {
  readonly child: ChildProcess;
  /** Resolves when the process exits, even if its children still hold its output. Rejects with the system's error if it could not be started. */
  readonly exited: Promise<ProcessExit>;
  /** Signals the process and all it started; Windows has no signals, there the process tree is terminated. */
  kill(signal: 'TERM' | 'KILL'): void;
  /** True while the process, or one that it started, runs; always false on Windows. */
  hasGroup(): Promise<boolean>;
}

type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Starts a process in a group of its own: Ctrl-C in the terminal does not reach it, and `kill` reaches its children. Never throws for a program that is missing. */
export function startProcess(options: StartOptions): Subprocess {
  const { platform, env } = options;
  const child = spawnChild(options);
  const exited = new Promise<ProcessExit>((resolve, reject) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    // Stays attached: a failing `kill` is reported as an `error` event too, and one without a listener would end this process.
    child.on('error', reject);
  });
  // Callers may await it later; a rejection before that would be unhandled.
  exited.catch(() => undefined);
  return {
    child,
    exited,
    kill: (signal) => killGroup(child, signal, platform, env),
    hasGroup: async () => child.pid !== undefined && hasRunning(child.pid, platform),
  };
}

function spawnChild({ command, env, cwd, stdio, platform }: StartOptions): ChildProcess {
  const options = { env, stdio, windowsHide: true, ...(cwd !== undefined && { cwd }) };
  if (platform === 'win32') {
    return 'shell' in command
      ? spawn(command.shell, { ...options, shell: true })
      : spawn(command.file, [...command.args], options);
  }
  const [file, args] =
    'shell' in command ? ['/bin/sh', ['-c', command.shell]] : ([command.file, [...command.args]] as const);
  return spawn(file, args, { ...options, detached: true });
}

/** Path of a program of Windows: of a name alone, Windows takes the one in the current folder, which may be a cloned repository. */
export function windowsProgram(name: string, env: Readonly<Record<string, string | undefined>>): string {
  return `${env.SystemRoot ?? env.SYSTEMROOT ?? 'C:\\Windows'}\\System32\\${name}.exe`;
}

/** A signal to the shell alone would leave the processes that it started. */
function killGroup(
  child: ChildProcess,
  signal: 'TERM' | 'KILL',
  platform: NodeJS.Platform,
  env: StartOptions['env'],
): void {
  if (child.pid === undefined) return;
  const killer =
    platform === 'win32'
      ? spawn(windowsProgram('taskkill', env), ['/pid', String(child.pid), '/T', '/F'], { env, stdio: 'ignore' })
      : spawn('/bin/sh', ['-c', 'kill -s "$0" -- "-$1"', signal, String(child.pid)], { env, stdio: 'ignore' });
  killer.on('error', () => child.kill(`SIG${signal}`));
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly sleep: Sleep;
  readonly signal?: AbortSignal | undefined;
}

/** Waits for the exit, the deadline or the abort of `signal`, and returns which came first; a process that could not be started has exited. */
export async function waitForExit(
  { exited }: Subprocess,
  { timeoutMs, sleep, signal }: WaitOptions,
): Promise<'exit' | 'deadline' | 'interrupted'> {
  const timer = new AbortController();
  const cancel = (): void => timer.abort();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const expired = sleep(timeoutMs, timer.signal).then(() => (signal?.aborted ? 'interrupted' : 'deadline'));
  const exit = (): 'exit' => 'exit';
  try {
    return await Promise.race([expired, exited.then(exit, exit)]);
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}

/** From SIGTERM to SIGKILL. */
const KILL_AFTER_MS = 2_000;

/** Sends SIGTERM to the group, SIGKILL after two seconds, and resolves once the process has exited. Its output is closed then. */
export async function endProcess(subprocess: Subprocess, sleep: Sleep): Promise<void> {
  const gone = new AbortController();
  subprocess.kill('TERM');
  void sleep(KILL_AFTER_MS, gone.signal).then(() => gone.signal.aborted || subprocess.kill('KILL'));
  await subprocess.exited.catch(() => undefined);
  gone.abort();
  closeStreams(subprocess.child);
}

const GROUP_POLL_MS = 20;

/** One second until a group is killed. */
const POLLS_BEFORE_KILL = 50;

/** Five seconds from then: what cannot be killed (another user's, or stuck in the kernel) is left. */
const POLLS_AFTER_KILL = 250;

/**
 * Waits until nothing of the group of a process that has exited is left; what ignores its SIGTERM for a second is killed. The exit of a
 * process does not say that those it started are gone, even those that were killed with it.
 */
export async function endGroup(subprocess: Subprocess, sleep: Sleep): Promise<void> {
  if (await isGroupGone(subprocess, sleep, POLLS_BEFORE_KILL)) return;
  subprocess.kill('KILL');
  await isGroupGone(subprocess, sleep, POLLS_AFTER_KILL);
}

/** Polls up to `polls` times; true once no process of the group is left. */
async function isGroupGone(subprocess: Subprocess, sleep: Sleep, polls: number): Promise<boolean> {
  for (let poll = 0; poll < polls; poll += 1) {
    if (!(await subprocess.hasGroup())) return true;
    await sleep(GROUP_POLL_MS);
  }
  return !(await subprocess.hasGroup());
}

/** The last output may arrive after the exit; a background job of the process may hold the pipe forever. */
const DRAIN_MS = 300;

/** Waits until the output of a process that has exited is read to its end, at most 300 ms, then closes its streams. */
export async function drainOutput({ child }: Subprocess, sleep: Sleep): Promise<void> {
  const closed = new AbortController();
  if (isOpen(child)) await Promise.race([once(child, 'close'), sleep(DRAIN_MS, closed.signal)]);
  closed.abort();
  closeStreams(child);
}

function isOpen({ stdout, stderr }: ChildProcess): boolean {
  return stdout?.closed === false || stderr?.closed === false;
}

function closeStreams({ stdin, stdout, stderr }: ChildProcess): void {
  for (const stream of [stdin, stdout, stderr]) stream?.destroy();
}
