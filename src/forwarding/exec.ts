import { interrupted } from '../errors.js';
import { childEnvironment } from '../subprocess/environment.js';
import { readLines } from '../subprocess/output-lines.js';
import {
  drainOutput,
  endProcess,
  type ProcessExit,
  type Subprocess,
  startProcess,
  waitForExit,
} from '../subprocess/run.js';
import { cut } from './outcome.js';
import type { DeliveryAttempt, ExecTarget, ForwardedNotification, SendDeps } from './target.js';

/** Lines reported of one run, so that a program that prints without end cannot flood the output. */
const MAX_LINES = 200;

/**
 * Runs the program of `--exec` once, with the document as one JSON line on its stdin (which it need not read) and `STOREWIRE_ID` in its
 * environment. Exit code 0 is accepted, every other one is refused and final. After `timeoutMs` its process group is ended.
 * Throws ToolError (interrupted) when `signal` aborts; the process group is ended then, too.
 */
export async function runExecTarget(
  target: ExecTarget,
  notification: ForwardedNotification,
  deps: SendDeps,
): Promise<DeliveryAttempt> {
  const { now, platform, signal, sleep, timeoutMs } = deps;
  if (signal?.aborted) throw interrupted(STOPPED);
  const startedMs = now();
  const env = { ...childEnvironment(deps.env), STOREWIRE_ID: notification.id };
  const program = startProcess({ command: { shell: target.command }, env, stdio: 'pipe', platform });
  reportOutput(program, target, deps);
  writeDocument(program, notification);
  const outcome = await waitForExit(program, { timeoutMs, sleep, signal });
  if (outcome !== 'exit') await endProcess(program, sleep);
  const ms = now() - startedMs;
  const startError = await program.exited.then(() => null, describeStart);
  if (outcome === 'interrupted') throw interrupted(STOPPED);
  if (startError !== null) return attempt('unreachable', ms, startError, true);
  if (outcome === 'deadline') return attempt('timed-out', ms, `did not end within ${timeoutMs / 1000} s`, false);
  await drainOutput(program, sleep);
  return attemptOf(await program.exited, ms);
}

function reportOutput({ child }: Subprocess, { name }: ExecTarget, { onOutput }: SendDeps): void {
  let lines = 0;
  const onLine = (line: string): void => {
    lines += 1;
    if (lines <= MAX_LINES) onOutput?.(name, line);
  };
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) readLines(stream, onLine);
}

/** A program may end without reading its stdin, which breaks the pipe; that is no failure. */
function writeDocument({ child: { stdin } }: Subprocess, notification: ForwardedNotification): void {
  stdin?.on('error', () => stdin.destroy());
  stdin?.end(notification.documentJson());
}

function attemptOf({ code, signal }: ProcessExit, ms: number): DeliveryAttempt {
  if (code === 0) return { httpStatus: null, ms, outcome: 'accepted', detail: null, retriable: false, retryAtMs: null };
  return attempt('refused', ms, signal === null ? describeCode(code) : `was ended by ${signal}`, false);
}

function describeCode(code: number | null): string {
  // Exit codes of a shell for a command that it cannot find, or may not run (POSIX, 2.8.2).
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
