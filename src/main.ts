import type { Command } from 'commander';
import type { Deps } from './cli/deps.js';
import { EXIT, type Exit } from './cli/exit.js';
import { applyColour } from './cli/global-flags.js';
import { planPlainRun } from './plain-run.js';

/**
 * Runs one command line (`argv` without node and script) and resolves with its exit code, once the output has been written. Errors are
 * written to stderr; a bug is thrown, for the shim. Their report is loaded on failure only: every start would pay for it.
 */
export async function main(argv: readonly string[], deps: Deps): Promise<Exit> {
  let code: Exit = EXIT.ok;
  let stopDebug = (): void => undefined;
  const failure = (): Promise<typeof import('./cli/failure.js')> => import('./cli/failure.js');
  const run: { argv: readonly string[]; command?: string | undefined; program?: Command } = { argv };
  try {
    await applyColour('auto', deps);
    const plainRun = await planPlainRun(argv);
    if (plainRun !== null) {
      code = await plainRun(deps);
    } else {
      const [{ buildProgram, commandNameIn }, { spellOutDebug }] = await Promise.all([
        import('./program.js'),
        import('./cli/global-options.js'),
      ]);
      const words = spellOutDebug(argv);
      run.command = commandNameIn(words);
      const finish = (exit: Exit): void => {
        code = exit;
      };
      run.program = await buildProgram(words, deps, finish, (stop) => {
        stopDebug = stop;
      });
      await run.program.parseAsync(words, { from: 'user' });
    }
  } catch (error) {
    code = (await failure()).reportFailure(error, run, deps);
  }
  stopDebug();
  await deps.stdout.drained();
  const { reason } = deps.stdout.closed;
  if (reason instanceof Error) {
    const { outputError, reportFailure } = await failure();
    code = reportFailure(outputError(reason), run, deps);
  }
  await deps.stderr.drained();
  return code;
}
