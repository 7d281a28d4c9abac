import type { Command } from 'commander';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { addFlags } from '../../cli/flags.js';
import { withExamples } from '../../cli/options.js';
import { PAYLOAD_OPERANDS } from '../../pipeline/payloads.js';
import { DECODE_FLAGS, type DecodeOptions, runDecode } from './run.js';

export function registerDecode(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runDecode): void {
  const command = parent
    .command('decode')
    .description('Show the content of a payload and its nested tokens, unverified')
    .argument(...PAYLOAD_OPERANDS);
  withExamples(addFlags(command, DECODE_FLAGS), [
    ['storewire decode payload.json', 'one notification as text'],
    ['pbpaste | storewire decode', 'from the clipboard'],
    ['storewire decode', 'prompts for a paste'],
    ['storewire decode app.log --json', 'every token in a log, as JSON lines'],
  ]).action(async (inputs: readonly string[], flags: Omit<DecodeOptions, 'inputs'>) =>
    finish(await run({ inputs, ...flags }, deps)),
  );
}
