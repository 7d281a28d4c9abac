import { type Command, Option } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, EXIT_OF_ERROR, type Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import { findKeyFiles, keyFolders } from '../../settings/key-files.js';
import { homeOf } from '../../settings/paths.js';
import { writeProfile } from '../../settings/write-profile.js';
import { collectAnswers } from './answers.js';
import { checkKeys, standingRefusal, takeAppAppleId, warningsOf } from './key-check.js';
import type { InitDeps, InitOptions } from './options.js';
import { chooseProfile, readKnownSettings } from './profile.js';
import {
  describeAsking,
  describeInit,
  describeInitWarnings,
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
    .option('--profile <name>', 'profile to write (default: default)')
    .option('--environment <name>', 'sandbox or production')
    .option('--bundle-id <id>', 'bundle id of the app')
    .option('--app-apple-id <id>', 'app Apple ID (digits), or none')
    .option('--private-key-path <file>', 'In-App Purchase key, SubscriptionKey_<id>.p8')
    .option('--key-id <id>', 'its key id, where the file name does not say it')
    .option('--issuer-id <id>', 'its issuer id')
    .option('--connect-private-key-path <file>', 'App Store Connect key, AuthKey_<id>.p8')
    .option('--connect-key-id <id>', 'its key id, where the file name does not say it')
    .option('--connect-issuer-id <id>', 'its issuer id, or none for an individual key')
    .addOption(new Option('--no-connect', 'do not ask for an App Store Connect key'))
    .option('--force', 'replace a profile of the same name', false)
    .option('--no-try', 'do not try the keys against Apple')
    .option('--yes', "try them at an address that is not Apple's, too", false)
    .option('--json', 'print one JSON document', false)
    .action(async (options: InitOptions) => finish(await run(options, deps)));
  withExamples(command, [
    ['storewire init', 'asks for everything, and finds the keys it can'],
    ['storewire init --profile my-app', 'the same for a profile of that name'],
  ]);
}

/**
 * Writes a profile into the user file, from flags, questions and what the settings say already, after the keys have been read and tried.
 * Throws `ERR_INIT_*`, `ERR_KEY_*` and `ERR_SETTINGS_*`, and what Apple's refusal of a key is where nobody is there to go on.
 */
export async function runInit(options: InitOptions, deps: InitDeps): Promise<Exit> {
  const { env, cwd, platform, stdin, stderr } = deps;
  const prompts = stdin.isTty && stderr.isTty ? await deps.prompts() : null;
  const home = homeOf(env, platform);
  const target = await chooseProfile(options, prompts, deps);
  if (target === null) {
    stderr.write('Nothing was written.\n');
    return EXIT.no;
  }
  const keyFiles = findKeyFiles(keyFolders(env, cwd, home));
  const known = readKnownSettings(target.content, target.files, keyFiles, deps);
  const tell = (text: string): void => stderr.write(`${text}\n`);
  const answers = await collectAnswers(options, known, { cwd, home, keyFiles, prompts, tell });
  const isHeard = !options.json || prompts !== null;
  const plan = { addresses: known.addresses, foreignToo: options.yes };
  if (options.try && isHeard) stderr.write(describeAsking(answers, known.addresses));
  const trials = options.try ? await checkKeys(answers, plan, deps) : [];
  if (isHeard) stderr.write(describeTrials(trials, stderr));
  const refusal = await standingRefusal(trials, prompts);
  if (refusal !== null) {
    stderr.write('Nothing was written.\n');
    return EXIT_OF_ERROR[refusal.kind];
  }
  const settings = takeAppAppleId(answers, trials);
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
