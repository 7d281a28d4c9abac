import type { SettingFlags } from '../../settings/layer.js';
import { openSettings } from '../../settings/open.js';
import type { StoredAuthority } from '../../simulator/authority-store.js';
import type { CommandDeps } from '../deps.js';
import { EXIT, type Exit } from '../exit.js';
import { interrupted } from '../interrupted.js';
import { openProjectAuthority } from '../project-authority.js';
import { describeMade } from '../render/authority.js';
import { toJsonLine } from '../render/json.js';
import { describeNotes, describeOutcome, describeTally, hintOn } from '../render/trigger.js';
import { describeCatalogue } from '../render/trigger-catalogue.js';
import { buildCatalogue, buildRun, documentOfMade, documentOfOutcome } from '../render/trigger-json.js';
import { confirmForgery } from '../trigger/confirm.js';
import { makeOrdered } from '../trigger/made.js';
import { type Order, type OrderFlags, readOrder } from '../trigger/order.js';
import { exitOf } from '../trigger/outcome.js';
import { countOf, openRoute, type Route } from '../trigger/route.js';
import { sendAll } from '../trigger/send-all.js';
import { readWay, type WayFlags } from '../trigger/way.js';

export interface TriggerOptions
  extends OrderFlags,
    WayFlags,
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
  const flags = Object.fromEntries(
    Object.entries({ profile, environment, bundleId, appAppleId }).filter(([, value]) => value !== undefined),
  );
  const open = openSettings({ ...deps, flags });
  const order = readOrder(options, open);
  const total = countOf(order);
  const way = readWay(options);
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
  order: Order,
  signer: StoredAuthority,
  { json }: TriggerOptions,
  { stdout, stderr, now, random, signal }: TriggerDeps,
): Promise<Exit> {
  stderr.write(describeNotes({ order, target: null, reach: null, isPlain: false, signer }, stderr));
  const documents: unknown[] = [];
  for await (const made of makeOrdered(order, { authority: signer.authority, now, random })) {
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
