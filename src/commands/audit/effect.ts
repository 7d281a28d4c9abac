import type { AskEffect } from '../../audit/run.js';
import type { Deps } from '../../cli/deps.js';
import { interrupted, ToolError } from '../../errors.js';
import { digitsFrom, uuidFrom } from '../../simulator/random.js';
import { tunnelEnvironment } from '../../subprocess/environment.js';
import { startProcess, waitForExit } from '../../subprocess/run.js';

type EffectDeps = Pick<Deps, 'random' | 'env' | 'cwd' | 'sleep' | 'signal' | 'platform'>;

/** Deadline of one run; a look into a database takes less. */
const TIMEOUT_MS = 30_000;

/** Length of the App Store's transaction ids. */
const ID_DIGITS = 15;

/**
 * Builds the check that runs the program of `--effect`: exit 0 means that the request took effect, any other code that it did not. The
 * ids of the request are in its environment, which is the user's without credentials for the App Store; a request without such an id gets
 * a random one. Throws `ERR_AUDIT_EFFECT` (usage) where the program cannot be run or does not end within 30 s, since no exit is no
 * answer. Throws `interrupted` when the signal aborts.
 */
export function createEffect(command: string, deps: EffectDeps): AskEffect {
  return async ({ id, notificationUUID, originalTransactionId }) => {
    const variables = {
      STOREWIRE_ATTEMPT_ID: id,
      // Never empty: a search for nothing, such as grep '', finds something everywhere.
      STOREWIRE_NOTIFICATION_UUID: notificationUUID ?? uuidFrom(deps.random),
      STOREWIRE_ORIGINAL_TRANSACTION_ID: originalTransactionId ?? digitsFrom(deps.random, ID_DIGITS),
    };
    const code = await run(command, variables, deps);
    if (code === NOT_FOUND || code === NOT_RUNNABLE) throw failed(command, `it could not be run (exit code ${code})`);
    return code === 0;
  };
}

/** Exit codes of a shell for a command that it cannot find, or may not run (POSIX, 2.8.2). */
const NOT_FOUND = 127;

const NOT_RUNNABLE = 126;

async function run(
  command: string,
  variables: Readonly<Record<string, string>>,
  { env, cwd, sleep, signal, platform }: EffectDeps,
): Promise<number | null> {
  if (signal.aborted) throw interrupted();
  const environment = { ...tunnelEnvironment(env), ...variables };
  const program = startProcess({ command: { shell: command }, env: environment, cwd, stdio: 'ignore', platform });
  const outcome = await waitForExit(program, { timeoutMs: TIMEOUT_MS, sleep, signal });
  if (outcome === 'exit') {
    const { code } = await program.exited.catch((error: Error) => {
      throw failed(command, error.message);
    });
    return code;
  }
  program.kill('KILL');
  if (outcome === 'interrupted') throw interrupted();
  throw failed(command, `it did not end within ${TIMEOUT_MS / 1_000} s`);
}

function failed(command: string, why: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_EFFECT', `--effect ${command}: ${why}`, {
    hint: 'Pass a command that ends with 0 where STOREWIRE_NOTIFICATION_UUID took effect, and with 1 where it did not.',
  });
}
