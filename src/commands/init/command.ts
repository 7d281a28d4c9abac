import { type Command, Option } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, EXIT_OF_ERROR, type Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import { downloadFolders, findKeyFiles, keyFolders } from '../../settings/key-files.js';
import { homeOf } from '../../settings/paths.js';
import { writeProfile } from '../../settings/write-profile.js';
import { collectAnswers } from './answers.js';
import { checkKeys, fillAppAppleId, unresolvedRefusal, warningsOf } from './key-check.js';
import type { InitDeps, InitOptions } from './options.js';
import { chooseProfile, readKnownSettings } from './profile.js';
import {
  describeInit,
  describeInitWarnings,
  describeKeyTest,
  describeTrials,
  type InitReport,
  initToJson,
} from './view.js';

export function registerInit(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runInit = runInit,
): void {
  const command = parent
    .command('init')
    .description('Set up the credentials of an app, from questions or flags')
    .option('--profile <name>', 'Write this profile (default: default)')
    .option('--environment <name>', 'Set the environment, sandbox or production')
    .option('--bundle-id <id>', 'Set the bundle id')
    .option('--app-apple-id <id>', 'Set the app Apple ID (digits), or none')
    .option('--private-key-path <file>', 'Use this In-App Purchase key, SubscriptionKey_<id>.p8')
    .option('--key-id <id>', 'Set its key id, if not in the file name')
    .option('--issuer-id <id>', 'Set its issuer id')
    .option('--connect-private-key-path <file>', 'Use this App Store Connect key, AuthKey_<id>.p8')
    .option('--connect-key-id <id>', 'Set its key id, if not in the file name')
    .option('--connect-issuer-id <id>', 'Set its issuer id, or none for an individual key')
    .addOption(new Option('--no-connect', 'Do not prompt for an App Store Connect key'))
    .option('--force', 'Replace a profile of the same name', false)
    .option('--no-try', 'Do not test the keys with Apple')
    .option('--yes', "Also test the keys at a base address that is not Apple's", false)
    .option('--json', 'Print one JSON document', false)
    .action(async (options: InitOptions) => finish(await run(options, deps)));
  withExamples(command, [
    ['storewire init', 'prompt for every value; finds keys in the usual folders'],
    ['storewire init --profile my-app', 'write a profile with this name'],
  ]);
}

/**
 * Runs `init`: writes a profile to the user file, from flags, prompts and existing settings, after testing the keys. Throws `ERR_INIT_*`,
 * `ERR_KEY_*`, `ERR_SETTINGS_*`, and the API error of a rejected key without a terminal.
 */
export async function runInit(options: InitOptions, deps: InitDeps): Promise<Exit> {
  const { env, cwd, platform, stdin, stderr, signal } = deps;
  const prompts = stdin.isTty && stderr.isTty ? await deps.prompts() : null;
  const home = homeOf(env, platform);
  const target = await chooseProfile(options, prompts, deps);
  if (target === null) {
    stderr.write('Nothing was written.\n');
    return EXIT.no;
  }
  const keyFiles = findKeyFiles([...keyFolders(env, cwd, home), ...downloadFolders(home)]);
  const known = readKnownSettings(target.content, target.files, keyFiles, deps);
  const notify = (text: string): void => stderr.write(`${text}\n`);
  const answers = await collectAnswers(options, known, { cwd, home, keyFiles, prompts, notify, signal });
  const showsProgress = !options.json || prompts !== null;
  const plan = { addresses: known.addresses, foreignToo: options.yes };
  if (options.try && showsProgress) stderr.write(describeKeyTest(answers, known.addresses));
  const trials = options.try ? await checkKeys(answers, plan, deps) : [];
  if (showsProgress) stderr.write(describeTrials(trials, stderr));
  const refusal = await unresolvedRefusal(trials, prompts);
  if (refusal !== null) {
    stderr.write('Nothing was written.\n');
    return EXIT_OF_ERROR[refusal.kind];
  }
  const settings = fillAppAppleId(answers, trials);
  const written = writeProfile(target.path, target.name, settings, Buffer.from(deps.random(6)).toString('hex'));
  const warnings = warningsOf(settings, trials, platform);
  show({ profile: target.name, path: target.path, ...written, settings, trials, warnings }, options, deps, home);
  return EXIT.ok;
}

function show(report: InitReport, { json }: InitOptions, { stdout, stderr, now }: InitDeps, home: string | null): void {
  if (json) {
    stdout.write(initToJson(report));
    return;
  }
  stderr.write(describeInitWarnings(report.warnings, stderr));
  stdout.write(describeInit(report, { paint: stdout.paint, columns: stdout.columns, nowMs: now() }, home));
}
