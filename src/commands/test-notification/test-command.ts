import type { Command } from 'commander';
import { completes } from '../../cli/completion.js';
import { ENVIRONMENTS_OR_BOTH } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { parseEnvironments, withExamples } from '../../cli/options.js';
import { openServer, openServerSettings, requireEnvironment, type ServerDeps } from '../../session/server.js';
import {
  addFollowOptions,
  type FollowFlags,
  reportResults,
  startRun,
  testEnvironment,
} from '../../session/test-notification.js';
import type { Environment } from '../../settings/setting.js';

export interface TestOptions extends FollowFlags {
  readonly environment?: Environment | 'both';
}

export function registerTest(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runTest): void {
  const command = addFollowOptions(
    parent
      .command('test')
      .description('Request a TEST notification from Apple')
      .option('--environment <name>', 'Use sandbox, production or both', parseEnvironments),
  ).action(async (options: TestOptions) => finish(await run(options, deps)));
  completes(command, { '--environment': ENVIRONMENTS_OR_BOTH });
  withExamples(command, [
    ['storewire test --environment sandbox --wait', 'request one and wait for the outcome'],
    ['storewire test --environment both --wait --json', 'both in parallel, for a script'],
  ]);
}

/**
 * Runs `test`: requests a TEST in each environment, in parallel. Exit 0 if the endpoint accepted it, 1 if it did not or no URL is set, 5 if
 * pending, 3 and 4 as in every command.
 */
export async function runTest(options: TestOptions, deps: ServerDeps): Promise<Exit> {
  const startedMs = deps.now();
  const { environment } = options;
  const open = openServerSettings(options, environment === 'both' ? undefined : environment, deps);
  const environments: readonly Environment[] =
    environment === 'both'
      ? ['sandbox', 'production']
      : [requireEnvironment(open, deps, 'sandbox, production or both')];
  const run = startRun(await openServer(open, environments, options, deps), options, deps, startedMs);
  const results = await Promise.all(environments.map((each) => testEnvironment(each, run)));
  return reportResults(results, run);
}
