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
      .option('--environment <name>', 'sandbox, production or both', parseEnvironments),
  ).action(async (options: TestOptions) => finish(await run(options, deps)));
  completes(command, { '--environment': ENVIRONMENTS_OR_BOTH });
  withExamples(command, [
    ['storewire test --environment sandbox --wait', 'ask, and tell what came of it'],
    ['storewire test --environment both --wait --json', 'both side by side, for a script'],
  ]);
}

/**
 * Requests a TEST of each environment, side by side. Exit 0 when the endpoint took it, 1 when it did not or no URL is set, 5 while
 * nothing is known, 3 and 4 as everywhere.
 */
export async function runTest(options: TestOptions, deps: ServerDeps): Promise<Exit> {
  const startedMs = deps.now();
  const { environment } = options;
  const open = openServerSettings(options, environment === 'both' ? undefined : environment, deps);
  const environments: readonly Environment[] =
    environment === 'both' ? ['sandbox', 'production'] : [requireEnvironment(open, 'sandbox, production or both')];
  const run = startRun(await openServer(open, environments, options, deps), options, deps, startedMs);
  const results = await Promise.all(environments.map((each) => testEnvironment(each, run)));
  return reportResults(results, run);
}
