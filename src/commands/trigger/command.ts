import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CompletionSource, completes } from '../../cli/completion.js';
import { EVENTS } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { collect, durationOption, parseEnvironment, wholeNumber, withExamples } from '../../cli/options.js';
import { REASONS, type ReasonCode } from '../../notification/reasons.js';
import type { TriggerDeps, TriggerOptions } from './run.js';

/** A forgery can be made for each of them. */
const FORGEABLE = Object.keys(REASONS) as readonly ReasonCode[];

export function registerTrigger(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runTrigger = runTrigger,
): void {
  const command = parent
    .command('trigger')
    .description('Send a signed test notification, or a scenario of several')
    .argument('[type]', 'TYPE or TYPE.SUBTYPE; without anything, lists all there are')
    .option('--scenario <name>', 'send a story of several instead')
    .option('--to <url>', 'endpoint to send to')
    .option('--print', 'write the bodies to stdout instead', false)
    .option('--via-emulator <url>', 'have a running emulator send it')
    .option('--set <path=value>', 'set a field (repeatable)', collect)
    .option('--remove <path>', 'leave a field out (repeatable)', collect)
    .option('--forge <reason>', 'make it fail for this reason', parseReason)
    .option('--environment <name>', 'sandbox (where not set) or production', parseEnvironment)
    .option('--bundle-id <id>', 'app it names')
    .option('--app-apple-id <id>', 'app Apple ID it names')
    .option('--product-id <id>', 'product it is about')
    .option('--count <n>', 'so many, each with ids of its own', wholeNumber(1), 1)
    .addOption(new Option('--interval <duration>', 'pause between two').argParser(durationOption).default(0, 'none'))
    .option('--timeout <duration>', 'deadline of the command', durationOption)
    .option('--yes', 'send a forgery to a public host unasked', false)
    .option('--profile <name>', 'settings profile')
    .option('--json', 'print one JSON document', false)
    .action(async (event: string | undefined, flags: Omit<TriggerOptions, 'event'>) =>
      finish(await run({ ...flags, ...(event === undefined ? {} : { event }) }, deps)),
    );
  completes(command, {
    type: EVENTS,
    '--scenario': completeScenarios,
    '--forge': completeReasons,
  });
  withExamples(command, [
    ['storewire trigger', 'every type and scenario'],
    ['storewire trigger DID_RENEW --to http://localhost:4280/', 'one notification'],
    ['storewire trigger --scenario billing-retry --to URL', 'a story, step by step'],
    ['storewire trigger REFUND --print | storewire decode', 'only look at it'],
  ]);
}

/** What it takes to build payloads and to send them is loaded here, so that other commands do not pay for it. */
async function runTrigger(options: TriggerOptions, deps: TriggerDeps): Promise<Exit> {
  const { runTrigger: run } = await import('./run.js');
  return run(options, deps);
}

function parseReason(text: string): ReasonCode {
  const reason = FORGEABLE.find((known) => known === text.toUpperCase());
  if (reason === undefined) throw new InvalidArgumentError(`It is one of ${FORGEABLE.join(', ')}.`);
  return reason;
}

const completeScenarios: CompletionSource = async () => {
  const { SCENARIOS } = await import('../../simulator/scenarios/scenarios.js');
  return { candidates: SCENARIOS.map(({ name, title }) => ({ value: name, about: title })), files: false };
};

const completeReasons: CompletionSource = async () => {
  const { REASONS } = await import('../../notification/reasons.js');
  return { candidates: Object.entries(REASONS).map(([value, { title }]) => ({ value, about: title })), files: false };
};
