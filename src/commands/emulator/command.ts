import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { wholeNumber, withExamples } from '../../cli/options.js';
import type { EmulatorEvent } from '../../emulator/events.js';
import type { Emulator } from '../../emulator/options.js';
import { ToolError } from '../../errors.js';
import { readAppAppleId } from '../../session/app.js';
import { definedFlags } from '../../session/settings-flags.js';
import { describeMade, openProjectAuthority } from '../../session/trust.js';
import type { SettingFlags } from '../../settings/layer.js';
import { type OpenSettings, openSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve.js';
import { ensureStateFolder, findStateFolder } from '../../settings/state-folder.js';
import type { View } from '../../terminal/layout.js';
import { describeEmulatorEvent, describeReady, describeStopped, emulatorEventToJson } from './view.js';

export interface EmulatorCommandOptions extends Pick<SettingFlags, 'profile' | 'bundleId' | 'appAppleId'> {
  readonly port: number;
  readonly host: string;
  readonly sandboxUrl?: string;
  readonly productionUrl?: string;
  readonly timeScale?: number;
  readonly step: boolean;
  readonly unreleased: boolean;
  readonly json: boolean;
}

export type EmulatorDeps = Pick<
  Deps,
  'stdout' | 'stderr' | 'env' | 'cwd' | 'now' | 'sleep' | 'random' | 'signal' | 'platform' | 'userId'
>;

/** Beside the 4280 of `listen`, and the same each time: what a shell has exported stays right. */
const DEFAULT_PORT = 4290;

const EMULATOR_FOLDER = 'emulator';

export function registerEmulator(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runEmulator = runEmulator,
): void {
  const command = parent
    .command('emulator')
    .description('Run a local App Store: both APIs, sender with retries, OCSP')
    .option('--port <n>', 'port; the next one is used too; 0 for any', parsePort, DEFAULT_PORT)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--bundle-id <id>', 'bundle id of the app')
    .option('--app-apple-id <id>', 'app Apple ID (digits)')
    .option('--sandbox-url <url>', 'notification URL of the sandbox')
    .option('--production-url <url>', 'notification URL of production')
    .option('--time-scale <n>', 'let retry time pass n times as fast', parseTimeScale)
    .option('--step', 'let retry time pass only through the control API', false)
    .option('--unreleased', 'production answers 401, as before a first release', false)
    .option('--profile <name>', 'settings profile')
    .option('--json', 'print one JSON event a line', false)
    .action(async (options: EmulatorCommandOptions) => finish(await run(options, deps)));
  withExamples(command, [
    [
      'storewire emulator --sandbox-url http://localhost:3000/apple',
      "TEST arrives at your server, Apple's part played here",
    ],
    ['storewire emulator --production-url http://localhost:3000 --time-scale 3600', 'an hour of retries in a second'],
    ['storewire emulator --port 0 --json', 'for a script'],
  ]);
}

/** Runs until it is interrupted, which is its usual end: exit 0 once it was ready. */
export async function runEmulator(options: EmulatorCommandOptions, deps: EmulatorDeps): Promise<Exit> {
  checkTime(options);
  const emulator = await start(options, deps);
  const reason = await firstAbort([deps.signal, deps.stdout.closed]);
  await emulator.stop(reason);
  return EXIT.ok;
}

async function start(options: EmulatorCommandOptions, deps: EmulatorDeps): Promise<Emulator> {
  const { profile, bundleId, appAppleId, json, ...rest } = options;
  const flags = definedFlags({ profile, bundleId, appAppleId });
  const open = openSettings({ ...deps, flags });
  const app = appOf(open);
  const stored = await openProjectAuthority(open, deps);
  if (stored.isNew && !json) deps.stderr.write(describeMade(stored, deps.stderr));
  const stateFolder = join(stateFolderOf(open, deps), EMULATOR_FOLDER);
  const { now, sleep, random } = deps;
  const { startEmulator } = await import('../../emulator/emulator.js');
  const { authority } = stored;
  const onEvent = (event: EmulatorEvent): void => tell(event, options, deps);
  return startEmulator({ ...rest, ...app, authority, stateFolder, now, sleep, random, onEvent });
}

function stateFolderOf({ files }: OpenSettings, { cwd, userId }: EmulatorDeps): string {
  return ensureStateFolder(findStateFolder(cwd, files.project?.folder ?? null, userId), userId);
}

/** The app of the settings, so that the emulator stands in for the App Store without further flags. */
function appOf(open: OpenSettings): { bundleId?: string; appAppleId?: number } {
  const app = resolveApp(open);
  const appAppleId = readAppAppleId(app);
  return { ...(app.bundleId && { bundleId: app.bundleId.value }), ...(appAppleId !== null && { appAppleId }) };
}

/** The end goes to stderr where people read: it is about the run, and no part of what was asked for. */
function tell(event: EmulatorEvent, options: EmulatorCommandOptions, { stdout, stderr, now }: EmulatorDeps): void {
  const view: View = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  if (options.json) stdout.write(emulatorEventToJson(event));
  else if (event.event === 'ready') stdout.write(describeReady(event, options, view));
  else if (event.event === 'stopped') stderr.write(describeStopped(event, stderr));
  else stdout.write(describeEmulatorEvent(event, view));
}

function checkTime({ step, timeScale }: EmulatorCommandOptions): void {
  if (!step || timeScale === undefined) return;
  throw new ToolError('usage', 'ERR_USAGE_EMULATOR_TIME', '--step and --time-scale do not go together', {
    hint: 'With --step, retry time passes only when the control API says so.',
  });
}

/** Resolves with the reason of the first of these to abort: a signal's name, or EPIPE where nobody reads any more. */
function firstAbort(signals: readonly AbortSignal[]): Promise<string> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return Promise.resolve(String(any.reason));
  return new Promise((resolve) => {
    any.addEventListener('abort', () => resolve(String(any.reason)), { once: true });
  });
}

const LAST_PORT = 65_535;

/** The production Server API has the port after it. */
function parsePort(text: string): number {
  const port = wholeNumber(0)(text);
  if (port < LAST_PORT) return port;
  throw new InvalidArgumentError(`It must be below ${LAST_PORT}: the port after it is used, too.`);
}

/** A year of retries in three seconds is enough. */
const MOST_TIMES = 10_000_000;

function parseTimeScale(text: string): number {
  const times = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && times > 0 && times <= MOST_TIMES) return times;
  throw new InvalidArgumentError('It must be a number above 0, such as 3600 for an hour in a second.');
}
