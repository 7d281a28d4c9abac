import { isAddress } from '../../address/local-url.js';
import type { CommandDeps, Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { interrupted, ToolError } from '../../errors.js';
import { describeMade, openProjectAuthority } from '../../session/authority.js';
import { definedFlags } from '../../session/settings-flags.js';
import { describeWarnings } from '../../session/warnings.js';
import type { SettingFlags } from '../../settings/layer.js';
import { openSettings } from '../../settings/open.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import { toJsonLine } from '../../terminal/json.js';
import { prepareNotifications } from './build.js';
import { countOutcomes, openRoute, type Route, sendNotifications } from './deliver.js';
import { findDestination, findEmulatorDestination } from './destination.js';
import { buildCatalogue, buildRun, documentOfNotification, documentOfOutcome } from './json.js';
import { loadRequest, scrubSecret, type TriggerRequest } from './load.js';
import { exitOfTrigger } from './outcome.js';
import {
  type Destination,
  type OutputModeFlags,
  parseOutputMode,
  readArguments,
  type TriggerArguments,
} from './output-mode.js';
import { createRemarks, type Remarks } from './remarks.js';
import { parseTriggerRequest, type TriggerRequestFlags } from './request.js';
import { writeScenario } from './scenario-export.js';
import {
  describeCatalogue,
  describeLookup,
  describeOutcome,
  describeRoute,
  describeTriggerTally,
  hintOn,
  originalIdIn,
} from './view.js';

export interface TriggerOptions
  extends TriggerRequestFlags,
    OutputModeFlags,
    TriggerArguments,
    Pick<SettingFlags, 'profile' | 'environment' | 'bundleId' | 'appAppleId'> {
  /** Scenario to print as a story. */
  readonly exportScenario?: string;
  /** Pause between notifications, in milliseconds. */
  readonly interval: number;
  /** Deadline of the command, in milliseconds. */
  readonly timeout?: number;
  readonly yes: boolean;
  readonly json: boolean;
}

export type TriggerDeps = CommandDeps & Pick<Deps, 'isRunning' | 'suspend'>;

/** Lists the catalogue, or generates notifications and prints them, sends them, or sends them from an emulator. */
export async function runTrigger(given: TriggerOptions, deps: TriggerDeps): Promise<Exit> {
  const { event, url, to, ...flags } = moveEvent(given);
  const options = { ...flags, ...readArguments({ event, url }, to) };
  if (isEmpty(options)) return listCatalogue(options, deps);
  const { profile, environment, bundleId, appAppleId } = options;
  const open = openSettings({ ...deps, flags: definedFlags({ profile, environment, bundleId, appAppleId }) });
  if (!options.json) deps.stderr.write(describeWarnings(open.warnings, deps.stderr));
  if (options.exportScenario !== undefined) return writeScenario(options.exportScenario, options, open, deps);
  const plan = parseTriggerRequest(options, open, deps.now());
  const identity = { environment, bundleId, appAppleId };
  const openAuthority = once(async (): Promise<StoredAuthority> => {
    const stored = await openProjectAuthority(open, deps);
    if (stored.isNew) deps.stderr.write(describeMade(stored, deps.stderr));
    return stored;
  });
  const secret = async (): Promise<string> => {
    const { exportAuthority } = await import('../../simulator/authority/authority.js');
    return scrubSecret(exportAuthority((await openAuthority()).authority).keyPem);
  };
  const request = await loadRequest(plan, { open, given: identity, secret, random: deps.random }, deps);
  const total = countOutcomes(request);
  const mode = parseOutputMode(options) ?? (await findDestination(open, deps));
  const output = mode.kind === 'emulator' ? await findEmulatorDestination(mode.baseUrl, open, deps) : mode;
  const remarks = createRemarks(options, deps);
  if (output.kind === 'print') return printAll(request, await openAuthority(), remarks, options, deps);
  if (output.kind === 'to') await confirmForgery(request, output.destination, options.yes, deps);
  const deadlineMs = options.timeout === undefined ? Number.POSITIVE_INFINITY : deps.now() + options.timeout;
  const route = await openRoute(request, output, openAuthority, deadlineMs, remarks.add, deps);
  const asksProject = output.kind === 'emulator' && mode.kind === 'emulator' && mode.baseUrl === null;
  return sendAndReport(route, { total, remarks, asksProject }, options, deps);
}

/** In `--via-emulator REFUND` the type follows a flag that may have a value. */
function moveEvent(given: TriggerOptions): TriggerOptions {
  const { viaEmulator, event } = given;
  if (typeof viaEmulator !== 'string' || event !== undefined || isAddress(viaEmulator)) return given;
  return { ...given, viaEmulator: true, event: viaEmulator };
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | null = null;
  return () => (made ??= make());
}

function isEmpty(options: TriggerOptions & { readonly to?: string; readonly event?: string }): boolean {
  const { event, scenario, forge, like, next, scrub, exportScenario, to, print, viaEmulator } = options;
  const given = [event, scenario, forge, like, next, scrub, exportScenario, to, viaEmulator];
  return !print && given.every((value) => value === undefined || value === false);
}

function listCatalogue({ json }: TriggerOptions, { stdout, now }: TriggerDeps): Exit {
  const { paint, columns } = stdout;
  stdout.write(json ? toJsonLine(buildCatalogue()) : describeCatalogue({ paint, columns, nowMs: now() }));
  return EXIT.ok;
}

/** Prints one request body per line, the input of `decode`, `verify` and `curl --data @-`. */
async function printAll(
  request: TriggerRequest,
  signer: StoredAuthority,
  remarks: Remarks,
  { json }: TriggerOptions,
  { stdout, stderr, now, random, signal }: TriggerDeps,
): Promise<Exit> {
  const nowMs = now();
  stderr.write(describeRoute({ request, target: null, reach: null, isPlain: false, signer, nowMs }, stderr));
  const { authority } = signer;
  const documents: unknown[] = [];
  for await (const notification of prepareNotifications(request, { authority, now, random, onRemark: remarks.add })) {
    if (json) documents.push(documentOfNotification(notification));
    else stdout.write(`${notification.body}\n`);
    await stdout.drained();
    if (signal.aborted) throw interrupted();
    if (stdout.closed.aborted) break;
  }
  if (json)
    stdout.write(toJsonLine(buildRun({ request, target: null, signer, remarks: remarks.all }, documents, null)));
  return EXIT.ok;
}

interface Report {
  /** Outcomes to come. */
  readonly total: number;
  readonly remarks: Remarks;
  /** The project's emulator sends: `lookup` can ask it. */
  readonly asksProject: boolean;
}

async function sendAndReport(
  route: Route,
  { total, remarks, asksProject }: Report,
  { json, interval, timeout }: TriggerOptions,
  deps: TriggerDeps,
): Promise<Exit> {
  const { stdout, stderr, now } = deps;
  stderr.write(describeRoute({ ...route, nowMs: now() }, stderr));
  const documents: unknown[] = [];
  const shownHints = new Set<string>();
  let purchase: string | null = null;
  const view = { paint: stdout.paint, columns: stdout.columns, nowMs: now(), reach: route.reach, shownHints };
  const pace = {
    total,
    intervalMs: interval,
    timeoutMs: timeout ?? null,
    stopsWhereUnreachable: route.reach !== null,
  };
  const tally = await sendNotifications(route.sends, pace, deps, (outcome) => {
    if (json) documents.push(documentOfOutcome(outcome));
    else stdout.write(describeOutcome(outcome, view));
    const hint = hintOn(outcome, route.reach);
    if (hint !== null) shownHints.add(hint);
    if (outcome.notification.forged === null) purchase = originalIdIn(outcome.notification) ?? purchase;
  });
  stdout.write(
    json
      ? toJsonLine(buildRun({ ...route, remarks: remarks.all }, documents, tally))
      : describeTriggerTally(tally, route.request, view),
  );
  if (asksProject && purchase !== null && !json) stderr.write(describeLookup(purchase, stderr));
  if (tally.stoppedBy === 'signal') throw interrupted();
  return exitOfTrigger(tally);
}

/**
 * Confirms that a forgery may go to a public host, where it is an attack unless the user owns the endpoint: a prompt on a
 * terminal, `--yes` otherwise. Valid notifications need no confirmation. Throws `ERR_TRIGGER_FORGE_HOST` (usage).
 */
export async function confirmForgery(
  { selection }: { readonly selection: Pick<TriggerRequest['selection'], 'kind'> },
  { url, reach }: Destination,
  yes: boolean,
  { stdin, stderr, prompts }: Pick<Deps, 'stdin' | 'stderr' | 'prompts'>,
): Promise<void> {
  if (selection.kind !== 'forgery' || reach !== 'public' || yes) return;
  const canAsk = stdin.isTty && stderr.isTty;
  const question = {
    message: `Send a forgery to the public host ${url.hostname}? The endpoint must be your own.`,
    default: false,
  };
  if (canAsk && (await (await prompts()).confirm(question))) return;
  const message = `not confirmed: a forgery for the public host ${url.hostname}`;
  throw new ToolError('usage', 'ERR_TRIGGER_FORGE_HOST', message, { hint: 'If the endpoint is your own, add --yes.' });
}
