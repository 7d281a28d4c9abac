import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { InvalidArgumentError } from '../../cli/flags.js';
import { hostOption, wholeNumber, withExamples } from '../../cli/options.js';
import type { EmulatorEvent, EmulatorReadyEvent } from '../../emulator/events.js';
import type { Emulator } from '../../emulator/options.js';
import { ToolError } from '../../errors.js';
import { readAppAppleId } from '../../session/app.js';
import { describeMade, openProjectAuthority } from '../../session/authority.js';
import { forgetEmulator, recordEmulator } from '../../session/running-emulator.js';
import { definedFlags } from '../../session/settings-flags.js';
import { describeWarnings } from '../../session/warnings.js';
import type { SettingFlags } from '../../settings/layer.js';
import { type OpenSettings, openSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve-app.js';
import { ensureStateFolder, findStateFolder } from '../../settings/state-folder.js';
import type { View } from '../../terminal/layout.js';
import { writeEnvFile } from './env-file.js';
import { describeEmulatorEvent, describeEmulatorReady, describeEmulatorStopped, emulatorEventToJson } from './view.js';

export interface EmulatorCommandOptions extends Pick<SettingFlags, 'profile' | 'bundleId' | 'appAppleId'> {
  readonly port: number;
  readonly host: string;
  readonly sandboxUrl?: string;
  readonly productionUrl?: string;
  readonly timeScale?: number;
  readonly step: boolean;
  readonly unreleased: boolean;
  readonly envFile?: string;
  readonly json: boolean;
}

export type EmulatorDeps = Pick<
  Deps,
  'stdout' | 'stderr' | 'env' | 'cwd' | 'now' | 'sleep' | 'random' | 'signal' | 'platform' | 'userId'
>;

/** A fixed port, next to the 4280 of `listen`, so that exported variables stay valid after a restart. */
const DEFAULT_PORT = 4290;

const EMULATOR_FOLDER = 'emulator';

const ENV_FILE = 'env';

export function registerEmulator(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runEmulator = runEmulator,
): void {
  const command = parent
    .command('emulator')
    .description('Run a local App Store: both APIs, sender with retries, OCSP')
    .addOption(
      new Option('--port <n>', 'Listen on this port and the next (0: any free)')
        .argParser(parsePort)
        .default(DEFAULT_PORT, `${DEFAULT_PORT}, ${DEFAULT_PORT + 1}`),
    )
    .option('--host <address>', 'Listen on this address', hostOption, '127.0.0.1')
    .option('--bundle-id <id>', 'Use this bundle id')
    .option('--app-apple-id <id>', 'Use this app Apple ID')
    .option('--sandbox-url <url>', 'Send sandbox notifications to this URL')
    .option('--production-url <url>', 'Send production notifications to this URL')
    .option('--time-scale <n>', 'Run the retry clock n times as fast', parseTimeScale)
    .option('--step', 'Advance the retry clock by the control API only', false)
    .option('--unreleased', 'Answer 401 in production, as before a first release', false)
    .option(
      '--env-file <file>',
      'Write the exports to this file (default: in .storewire); create it first, as Node reads it too',
    )
    .option('--profile <name>', 'Use this settings profile')
    .option('--json', 'Print one JSON event per line', false)
    .action(async (options: EmulatorCommandOptions) => finish(await run(options, deps)));
  withExamples(command, [
    ['storewire emulator --sandbox-url http://localhost:3000/apple', 'send sandbox notifications to your server'],
    ['storewire emulator --production-url http://localhost:3000 --time-scale 3600', 'one hour of retries per second'],
    ['storewire emulator --port 0 --json', 'for scripts: any free port, events as JSON'],
  ]);
}

/** Runs until interrupted, which is the normal end: exit 0. */
async function runEmulator(options: EmulatorCommandOptions, deps: EmulatorDeps): Promise<Exit> {
  checkTime(options);
  const { emulator, projectFolder } = await start(options, deps);
  const reason = await firstAbort([deps.signal, deps.stdout.closed]);
  forgetEmulator(projectFolder, emulator);
  await emulator.stop(reason);
  return EXIT.ok;
}

async function start(
  options: EmulatorCommandOptions,
  deps: EmulatorDeps,
): Promise<{ readonly emulator: Emulator; readonly projectFolder: string }> {
  const { profile, bundleId, appAppleId, json, envFile: _envFile, ...rest } = options;
  const flags = definedFlags({ profile, bundleId, appAppleId });
  const open = openSettings({ ...deps, flags });
  if (!json) deps.stderr.write(describeWarnings(open.warnings, deps.stderr));
  const app = appOf(open);
  const stored = await openProjectAuthority(open, deps);
  if (stored.isNew && !json) deps.stderr.write(describeMade(stored, deps.stderr));
  const projectFolder = stateFolderOf(open, deps);
  const stateFolder = join(projectFolder, EMULATOR_FOLDER);
  const { now, sleep, random } = deps;
  const { startEmulatorServer } = await import('../../emulator/emulator.js');
  const { authority } = stored;
  const envFile = resolve(deps.cwd, options.envFile ?? join(stateFolder, ENV_FILE));
  let ready: EmulatorReadyEvent | null = null;
  const print = (event: EmulatorEvent): void => printEvent(event, { ...options, envFile }, deps);
  const onEvent = (event: EmulatorEvent): void => {
    if (event.event === 'ready') ready = event;
    else print(event);
  };
  const emulator = await startEmulatorServer({ ...rest, ...app, authority, stateFolder, now, sleep, random, onEvent });
  if (ready !== null) await announce(ready, { envFile, projectFolder }, emulator, print, deps);
  return { emulator, projectFolder };
}

/** Writes the file of variables and the record for other commands, then prints that the emulator is ready. Stops it if the file cannot be written. */
async function announce(
  ready: EmulatorReadyEvent,
  { envFile, projectFolder }: { readonly envFile: string; readonly projectFolder: string },
  emulator: Emulator,
  print: (event: EmulatorEvent) => void,
  { random }: EmulatorDeps,
): Promise<void> {
  try {
    writeEnvFile(envFile, ready, random);
    recordEmulator(projectFolder, ready, { random });
  } catch (error) {
    await emulator.stop('failed');
    throw error;
  }
  print(ready);
}

function stateFolderOf({ files }: OpenSettings, { cwd, userId }: EmulatorDeps): string {
  return ensureStateFolder(findStateFolder(cwd, files.project?.folder ?? null, userId), userId);
}

/** App of the settings, as every other command uses it. */
function appOf(open: OpenSettings): { bundleId?: string; appAppleId?: number } {
  const app = resolveApp(open);
  const appAppleId = readAppAppleId(app);
  return { ...(app.bundleId && { bundleId: app.bundleId.value }), ...(appAppleId !== null && { appAppleId }) };
}

/** Prints an event. In text output the summary at the end goes to stderr. */
function printEvent(
  event: EmulatorEvent,
  options: EmulatorCommandOptions & { readonly envFile: string },
  { stdout, stderr, now }: EmulatorDeps,
): void {
  const view: View = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  if (options.json) stdout.write(emulatorEventToJson(event));
  else if (event.event === 'ready') stdout.write(describeEmulatorReady(event, options, view));
  else if (event.event === 'stopped') stderr.write(describeEmulatorStopped(event, stderr));
  else stdout.write(describeEmulatorEvent(event, view));
}

function checkTime({ step, timeScale }: EmulatorCommandOptions): void {
  if (!step || timeScale === undefined) return;
  throw new ToolError('usage', 'ERR_USAGE_EMULATOR_TIME', '--step and --time-scale cannot be combined', {
    hint: 'With --step, only the control API advances the retry clock.',
  });
}

/** Resolves with the reason of the first signal to abort: a signal name, or EPIPE for a closed stdout. */
function firstAbort(signals: readonly AbortSignal[]): Promise<string> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return Promise.resolve(String(any.reason));
  return new Promise((resolve) => {
    any.addEventListener('abort', () => resolve(String(any.reason)), { once: true });
  });
}

const MAX_PORT = 65_535;

/** The production Server API uses the next port. */
function parsePort(text: string): number {
  const port = wholeNumber(0)(text);
  if (port < MAX_PORT) return port;
  throw new InvalidArgumentError(`It must be below ${MAX_PORT}: the emulator also uses the next port.`);
}

/** A year in three seconds. */
const MAX_TIME_SCALE = 10_000_000;

function parseTimeScale(text: string): number {
  const scale = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && scale > 0 && scale <= MAX_TIME_SCALE) return scale;
  throw new InvalidArgumentError('It must be a number above 0, for example 3600 for one hour per second.');
}
