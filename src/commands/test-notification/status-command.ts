import type { Command } from 'commander';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import { ToolError } from '../../errors.js';
import { openServer, openServerSettings, requireEnvironment, type ServerDeps } from '../../session/server.js';
import {
  addFollowOptions,
  type FollowFlags,
  followToken,
  reportResults,
  startRun,
} from '../../session/test-notification.js';

export interface StatusOptions extends FollowFlags {
  readonly token: string;
  readonly environment?: string;
}

export function registerStatus(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runStatus): void {
  const command = addFollowOptions(
    parent
      .command('status')
      .description('Show the outcome of a TEST notification')
      .argument('<token>', 'Token printed by storewire test')
      .option('--environment <name>', 'Use sandbox or production'),
  ).action(async (token: string, flags: Omit<StatusOptions, 'token'>) => finish(await run({ token, ...flags }, deps)));
  withExamples(command, [
    ['storewire status TOKEN --environment sandbox', 'show the current outcome'],
    ['storewire status TOKEN --environment production --wait', 'wait for the outcome'],
  ]);
}

/** Runs `status`. Exit codes as for `test`; throws what requests throw. */
export async function runStatus(options: StatusOptions, deps: ServerDeps): Promise<Exit> {
  const startedMs = deps.now();
  const token = options.token.trim();
  if (token === '') throw emptyToken();
  const open = openServerSettings(options, options.environment, deps);
  const environment = requireEnvironment(open, deps);
  const run = startRun(await openServer(open, [environment], options, deps), options, deps, startedMs);
  const api = run.server.connect(environment, run.deadlineMs, run.notes.waiting);
  return reportResults([await followToken(environment, token, api, run)], run);
}

function emptyToken(): ToolError {
  return new ToolError('usage', 'ERR_USAGE_TOKEN', 'the token is empty', {
    hint: 'Pass the token printed by `storewire test`.',
  });
}
