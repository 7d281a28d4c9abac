import type { Command } from 'commander';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { addFlags } from '../../cli/flags.js';
import { withExamples } from '../../cli/options.js';
import { PAYLOAD_OPERANDS } from '../../pipeline/payloads.js';
import { VERIFY_FLAGS, type VerifyFlags } from './flags.js';
import { runVerify } from './run.js';

export function registerVerify(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runVerify): void {
  const command = parent
    .command('verify')
    .description('Verify that Apple signed a payload, and name every check')
    .argument(...PAYLOAD_OPERANDS);
  addFlags(command, VERIFY_FLAGS);
  withExamples(command, [
    ['storewire verify payload.json', 'one notification'],
    ['storewire verify payload.json --bundle-id com.example.app', 'of this app'],
    ['storewire verify archive.ndjson --summary', 'totals of a large archive'],
    ['storewire verify old.jws --at 2022-03-04', 'certificates checked as of a date'],
  ]).action(async (inputs: readonly string[], flags: VerifyFlags) => finish(await run({ inputs, ...flags }, deps)));
}
