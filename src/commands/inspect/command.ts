import type { Command } from 'commander';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { addForwardOptions } from '../../cli/forward-options.js';
import { collect, portOption, withExamples } from '../../cli/options.js';
import type { InspectDeps, InspectFlags } from './options.js';

export function registerInspect(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runInspect = runInspect,
): void {
  const command = parent
    .command('inspect')
    .description('Serve a local page to look at notifications: the journal, live, or what is given')
    .argument('[input...]', 'Payload, file, directory, or - for standard input')
    .option('--port <n>', 'Serve the page on this port (default: 4281; 0: any free)', portOption)
    .option('--root <file>', 'Also trust this root, PEM or DER (repeatable)', collect)
    .option('--profile <name>', 'Use this settings profile');
  addForwardOptions(command.optionsGroup('Replay to:'));
  command.action(async (inputs: readonly string[], flags: InspectFlags) => finish(await run(inputs, flags, deps)));
  withExamples(command, [
    ['storewire inspect', 'the journal of this project, live beside listen'],
    ['storewire inspect payloads.ndjson', 'the payloads of a file'],
    ['storewire inspect -f http://localhost:3000/apple', 'and replay to your app'],
    ['storewire listen --inspect', 'endpoint and page in one'],
  ]);
}

/** Loads the server on first use, so that other commands start without it. */
async function runInspect(inputs: readonly string[], flags: InspectFlags, deps: InspectDeps): Promise<Exit> {
  const { runInspect: run } = await import('./run.js');
  return run(inputs, flags, deps);
}
