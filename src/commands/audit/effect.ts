import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AskEffect } from '../../audit/run.js';
import type { Deps } from '../../cli/deps.js';
import { interrupted, ToolError } from '../../errors.js';
import { digitsFrom, uuidFrom } from '../../simulator/random.js';
import { tunnelEnvironment } from '../../subprocess/environment.js';

type EffectDeps = Pick<Deps, 'random' | 'env' | 'cwd' | 'sleep' | 'signal' | 'platform'>;

/** One look at a database takes less. */
const LONGEST_MS = 30_000;

/** As many as the App Store's ids have. */
const ID_DIGITS = 15;

/**
 * Asks the program of `--effect`: exit 0 means that what was sent took effect, any other code that it did not. What was sent is named in
 * its environment, which is the user's without credentials for the App Store; what has no such id is given one that names nothing. Throws `ERR_AUDIT_EFFECT`
 * (usage) where it cannot be run or does not end within 30 s: its silence is no answer. Throws `interrupted` when the signal aborts.
 */
export function createEffect(command: string, deps: EffectDeps): AskEffect {
  return async ({ id, notificationUUID, originalTransactionId }) => {
    const names = {
      STOREWIRE_ATTEMPT_ID: id,
      // Never empty: a search for nothing, such as grep '', finds something everywhere.
      STOREWIRE_NOTIFICATION_UUID: notificationUUID ?? uuidFrom(deps.random),
      STOREWIRE_ORIGINAL_TRANSACTION_ID: originalTransactionId ?? digitsFrom(deps.random, ID_DIGITS),
    };
    const code = await run(command, names, deps);
    if (code === NOT_FOUND || code === NOT_RUNNABLE) throw failed(command, `it could not be run (exit code ${code})`);
    return code === 0;
  };
}

/** What the shell says of a command that it cannot find, or may not run (POSIX, 2.8.2). */
const NOT_FOUND = 127;

const NOT_RUNNABLE = 126;

async function run(
  command: string,
  names: Readonly<Record<string, string>>,
  { env, cwd, sleep, signal, platform }: EffectDeps,
): Promise<number | null> {
  if (signal.aborted) throw interrupted();
  const child = start(command, { ...tunnelEnvironment(env), ...names }, cwd, platform);
  const settled = new AbortController();
  const stop = (): void => settled.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const code = await Promise.race([
      ended.then(([exit]) => ({ exit })),
      sleep(LONGEST_MS, settled.signal).then(() => null),
    ]);
    if (code !== null) return code.exit;
    end(child, platform);
    throw signal.aborted ? interrupted() : failed(command, `it did not end within ${LONGEST_MS / 1_000} s`);
  } catch (error) {
    throw error instanceof ToolError ? error : failed(command, (error as Error).message);
  } finally {
    signal.removeEventListener('abort', stop);
    settled.abort();
  }
}

function start(command: string, env: Record<string, string>, cwd: string, platform: NodeJS.Platform): ChildProcess {
  const options = { env, cwd, stdio: 'ignore', windowsHide: true } as const;
  if (platform === 'win32') return spawn(command, { ...options, shell: true });
  // A group of its own, so that all of it can be ended.
  return spawn('/bin/sh', ['-c', command], { ...options, detached: true });
}

/** The whole group: a signal to the shell alone would leave what it started. */
function end(child: ChildProcess, platform: NodeJS.Platform): void {
  if (child.pid === undefined) return;
  const killer =
    platform === 'win32'
      ? spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' })
      : spawn('/bin/sh', ['-c', 'kill -s KILL -- "-$0"', String(child.pid)], { stdio: 'ignore' });
  killer.on('error', () => child.kill('SIGKILL'));
}

function failed(command: string, why: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_EFFECT', `--effect ${command}: ${why}`, {
    hint: 'Give a command that ends with 0 where STOREWIRE_NOTIFICATION_UUID took effect, and with 1 where it did not.',
  });
}
