import type { CommandDeps, Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { interrupted, ToolError } from '../../errors.js';
import { definedFlags } from '../../session/settings-flags.js';
import { describeMade, openProjectAuthority } from '../../session/trust.js';
import type { SettingFlags } from '../../settings/layer.js';
import { openSettings } from '../../settings/open.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import { toJsonLine } from '../../terminal/json.js';
import { prepareNotifications } from './build.js';
import { countOf, openRoute, type Route, sendAll } from './deliver.js';
import { buildCatalogue, buildRun, documentOfMade, documentOfOutcome } from './json.js';
import { exitOf } from './outcome.js';
import {
  type Destination,
  type OutputModeFlags,
  parseOutputMode,
  parseTriggerRequest,
  type TriggerRequest,
  type TriggerRequestFlags,
} from './request.js';
import { describeCatalogue, describeNotes, describeOutcome, describeTally, hintOn } from './view.js';

export interface TriggerOptions
  extends TriggerRequestFlags,
    OutputModeFlags,
    Pick<SettingFlags, 'profile' | 'environment' | 'bundleId' | 'appAppleId'> {
  /** Milliseconds between two. */
  readonly interval: number;
  /** Milliseconds for the whole; none where left out. */
  readonly timeout?: number;
  readonly yes: boolean;
  readonly json: boolean;
}

export type TriggerDeps = CommandDeps;

/** Lists what there is; or makes what is ordered and prints it, sends it, or has an emulator send it. */
export async function runTrigger(options: TriggerOptions, deps: TriggerDeps): Promise<Exit> {
  if (isBare(options)) return listAll(options, deps);
  const { profile, environment, bundleId, appAppleId } = options;
  const open = openSettings({ ...deps, flags: definedFlags({ profile, environment, bundleId, appAppleId }) });
  const order = parseTriggerRequest(options, open);
  const total = countOf(order);
  const way = parseOutputMode(options);
  const openAuthority = async (): Promise<StoredAuthority> => {
    const stored = await openProjectAuthority(open, deps);
    if (stored.isNew) deps.stderr.write(describeMade(stored, deps.stderr));
    return stored;
  };
  if (way.kind === 'print') return printAll(order, await openAuthority(), options, deps);
  if (way.kind === 'to') await confirmForgery(order, way.destination, options.yes, deps);
  return sendAndTell(await openRoute(order, way, openAuthority, deps), total, options, deps);
}

function isBare({ event, scenario, forge, to, print, viaEmulator }: TriggerOptions): boolean {
  return !print && [event, scenario, forge, to, viaEmulator].every((given) => given === undefined);
}

function listAll({ json }: TriggerOptions, { stdout, now }: TriggerDeps): Exit {
  const { paint, columns } = stdout;
  stdout.write(json ? toJsonLine(buildCatalogue()) : describeCatalogue({ paint, columns, nowMs: now() }));
  return EXIT.ok;
}

/** One body a line, as it would be posted: what `decode`, `verify` and `curl --data @-` take. */
async function printAll(
  order: TriggerRequest,
  signer: StoredAuthority,
  { json }: TriggerOptions,
  { stdout, stderr, now, random, signal }: TriggerDeps,
): Promise<Exit> {
  stderr.write(describeNotes({ order, target: null, reach: null, isPlain: false, signer }, stderr));
  const documents: unknown[] = [];
  for await (const made of prepareNotifications(order, { authority: signer.authority, now, random })) {
    if (json) documents.push(documentOfMade(made));
    else stdout.write(`${made.body}\n`);
    await stdout.drained();
    if (signal.aborted) throw interrupted();
    if (stdout.closed.aborted) break;
  }
  if (json) stdout.write(toJsonLine(buildRun({ order, target: null, signer }, documents, null)));
  return EXIT.ok;
}

async function sendAndTell(
  route: Route,
  total: number,
  { json, interval, timeout }: TriggerOptions,
  deps: TriggerDeps,
): Promise<Exit> {
  const { stdout, stderr, now } = deps;
  stderr.write(describeNotes(route, stderr));
  const documents: unknown[] = [];
  const told = new Set<string>();
  const view = { paint: stdout.paint, columns: stdout.columns, nowMs: now(), reach: route.reach, told };
  const pace = {
    total,
    intervalMs: interval,
    timeoutMs: timeout ?? null,
    stopsWhereUnreachable: route.reach !== null,
  };
  const tally = await sendAll(route.errands, pace, deps, (outcome) => {
    if (json) documents.push(documentOfOutcome(outcome));
    else stdout.write(describeOutcome(outcome, view));
    const hint = hintOn(outcome, route.reach);
    if (hint !== null) told.add(hint);
  });
  stdout.write(json ? toJsonLine(buildRun(route, documents, tally)) : describeTally(tally, route.order, view));
  if (tally.stoppedBy === 'signal') throw interrupted();
  return exitOf(tally);
}

/**
 * A forgery for a public host is an attack if the host is somebody else's: asked on a terminal, else `--yes` is needed. What is in
 * order and made up harms nobody and is not asked about. Throws `ERR_TRIGGER_FORGE_HOST` (usage) without a yes.
 */
export async function confirmForgery(
  { what }: TriggerRequest,
  { url, reach }: Destination,
  yes: boolean,
  { stdin, stderr, prompts }: Pick<Deps, 'stdin' | 'stderr' | 'prompts'>,
): Promise<void> {
  if (what.kind !== 'forgery' || reach !== 'public' || yes) return;
  const isAnswered = stdin.isTty && stderr.isTty;
  const question = { message: `${url.hostname} is a public host. Is it yours, to be sent a forgery?`, default: false };
  if (isAnswered && (await (await prompts()).confirm(question))) return;
  throw new ToolError('usage', 'ERR_TRIGGER_FORGE_HOST', `nothing was sent: ${url.hostname} is a public host`, {
    hint: 'Where the endpoint is your own, add --yes.',
  });
}
