import { type Command, Option } from 'commander';
import { type CompletionSource, completes } from '../../cli/completion.js';
import { EVENT_VALUES, LAST_ENTRY_OR_FILES } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { InvalidArgumentError } from '../../cli/flags.js';
import { collect, durationOption, parseEnvironment, wholeNumber, withExamples } from '../../cli/options.js';
import { nearestWord } from '../../notification/catalogue/edit-distance.js';
import { FORGEABLE_REASONS, type ForgeableReason } from '../../notification/reasons.js';
import type { TriggerDeps, TriggerOptions } from './run.js';

export function registerTrigger(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runTrigger = runTrigger,
): void {
  const command = parent
    .command('trigger')
    .description('Send a signed test notification, or a scenario of several')
    .argument('[type]', 'TYPE or TYPE.SUBTYPE; without arguments, lists all')
    .argument('[url]', 'Endpoint, as --to: URL, :3000/path or 3000/path')
    .helpOption('-h, --help', 'Show help');
  command
    .optionsGroup('What to send:')
    .option('--scenario <name>', 'Send a scenario, or a story: ./story.json')
    .option('--like <id>', 'Start from a real one: journal id, last, file or -')
    .option('--next <type>', 'With --like: the event that follows it')
    .option('--scrub', 'With --like: replace ids and tokens, for a fixture')
    .option('--forge <reason>', 'Make verification fail for this reason', parseReason)
    .option('--count <n>', 'Repeat n times, with new ids each time', wholeNumber(1), 1)
    .option('--export-scenario <name>', 'Print a scenario as a story file');
  command
    .optionsGroup('Content:')
    .option('--set <path=value>', 'Set a field (repeatable)', collect)
    .option('--remove <path>', 'Remove a field (repeatable)', collect)
    .option('--original-transaction-id <id>', 'Use this original transaction id')
    .option('--app-account-token <uuid>', 'Use this appAccountToken')
    .option('--seed <n>', 'Same ids in every run with this number', wholeNumber(0))
    .option('--environment <name>', 'Use sandbox (default) or production', parseEnvironment)
    .option('--bundle-id <id>', 'Use this bundle id')
    .option('--app-apple-id <id>', 'Use this app Apple ID')
    .option('--product-id <id>', 'Use this product id');
  command
    .optionsGroup('Sending and output:')
    .option('-f, --to <url>', "Send to this endpoint (default: the project's running listen)")
    .option('--print', 'Print the request bodies instead of sending', false)
    .option('--via-emulator [url]', "Send from a running emulator (default: the project's)")
    .addOption(
      new Option('--interval <duration>', 'Pause between notifications').argParser(durationOption).default(0, 'none'),
    )
    .option('--timeout <duration>', 'Stop after this time', durationOption)
    .option('--yes', 'Send a forgery to a public host without asking', false)
    .option('--profile <name>', 'Use this settings profile')
    .option('--json', 'Print one JSON document', false)
    .action(async (event: string | undefined, url: string | undefined, flags: Omit<TriggerOptions, 'event' | 'url'>) =>
      finish(
        await run({ ...flags, ...(event === undefined ? {} : { event }), ...(url === undefined ? {} : { url }) }, deps),
      ),
    );
  completes(command, {
    type: EVENT_VALUES,
    '--scenario': completeScenarios,
    '--export-scenario': completeScenarios,
    '--like': LAST_ENTRY_OR_FILES,
    '--next': EVENT_VALUES,
    '--forge': completeReasons,
  });
  withExamples(command, [
    ['storewire trigger', 'list types, scenarios and forgeries'],
    ['storewire trigger DID_RENEW :3000/apple', 'send one to http://localhost:3000/apple'],
    ['storewire trigger --scenario billing-retry --to URL', 'send a scenario'],
    ['storewire trigger --like last --next REFUND :3000/apple', 'what follows the last one received'],
    ['storewire trigger REFUND --print | storewire decode', 'decode one without sending'],
  ]);
}

/** Loads the simulator on use, to keep the start of other commands fast. */
async function runTrigger(options: TriggerOptions, deps: TriggerDeps): Promise<Exit> {
  const { runTrigger: run } = await import('./run.js');
  return run(options, deps);
}

function parseReason(text: string): ForgeableReason {
  const reason = FORGEABLE_REASONS.find((known) => known === text.toUpperCase());
  if (reason !== undefined) return reason;
  const nearest = nearestWord(text.toUpperCase(), FORGEABLE_REASONS);
  throw new InvalidArgumentError(
    nearest === null ? `It is one of ${FORGEABLE_REASONS.join(', ')}.` : `Did you mean ${nearest}?`,
  );
}

/** Scenarios, and story files. */
const completeScenarios: CompletionSource = async () => {
  const { SCENARIOS } = await import('../../simulator/scenarios/scenarios.js');
  return { candidates: SCENARIOS.map(({ name, title }) => ({ value: name, about: title })), files: true };
};

const completeReasons: CompletionSource = async () => {
  const { REASONS } = await import('../../notification/reasons.js');
  return { candidates: FORGEABLE_REASONS.map((value) => ({ value, about: REASONS[value].title })), files: false };
};
