import type { Command } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import {
  addPayloadOptions,
  jobViewOf,
  outputOf,
  type PayloadDeps,
  type PayloadFlags,
  runPayloads,
  unreadableError,
} from '../../pipeline/payloads.js';

export interface DecodeOptions extends PayloadFlags {
  readonly inputs: readonly string[];
}

export function registerDecode(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runDecode): void {
  const command = parent
    .command('decode')
    .description('Show the content of a payload and its nested tokens, unverified');
  withExamples(addPayloadOptions(command), [
    ['storewire decode payload.json', 'one notification as text'],
    ['pbpaste | storewire decode', 'from the clipboard'],
    ['storewire decode', 'prompts for a paste'],
    ['storewire decode app.log --json', 'every token in a log, as JSON lines'],
  ]).action(async (inputs: readonly string[], flags: PayloadFlags) => finish(await run({ inputs, ...flags }, deps)));
}

export async function runDecode(options: DecodeOptions, deps: PayloadDeps): Promise<Exit> {
  const job = {
    verify: null,
    ocspTimeoutMs: null,
    raw: options.raw,
    output: outputOf(options),
    view: jobViewOf(deps),
  };
  const error = unreadableError(await runPayloads(options.inputs, job, [], options, deps), options);
  if (error !== null) throw error;
  return EXIT.ok;
}
