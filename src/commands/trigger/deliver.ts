import { displayUrl } from '../../address/display.js';
import type { Reach } from '../../address/reach.js';
import type { Deps } from '../../cli/deps.js';
import { stringifyJson } from '../../jws/json.js';
import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { deliver } from '../../sender/deliver.js';
import { appleRetries } from '../../sender/retry-schedule.js';
import type { StoredAuthority } from '../../simulator/authority/authority-file.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import { findScenario } from '../../simulator/scenarios/scenarios.js';
import { type PreparedNotification, type PrepareOptions, prepareNotifications } from './build.js';
import { type EmulatorAttempt, type EmulatorControl, openEmulatorControl } from './emulator-client.js';
import { type Outcome, type OutcomeWord, outcomeWord, type Tally } from './outcome.js';
import type { Destination, OutputMode, RequestedApp, TriggerRequest } from './request.js';

/** An order on its way: what is known before the first notification goes out. */
export interface Route {
  /** The order with what the emulator had to add. */
  readonly order: TriggerRequest;
  /** Where to, fit to be shown. */
  readonly target: string;
  /** Null where the emulator knows, which sends to the URL its app is set to. */
  readonly reach: Reach | null;
  readonly isPlain: boolean;
  /** Who signs; null where the emulator does. */
  readonly signer: StoredAuthority | null;
  readonly errands: AsyncIterable<PendingSend>;
}

type RouteDeps = Pick<Deps, 'env' | 'http' | 'now' | 'sleep' | 'random' | 'signal'>;

/** An emulator answers once the endpoint has, or after its own 30 seconds. */
const EMULATOR_TIMEOUT_MS = 45_000;

/** Sends nothing yet. `openAuthority` is called where notifications are signed here. Throws what the emulator's control does. */
export async function openRoute(
  order: TriggerRequest,
  way: Exclude<OutputMode, { kind: 'print' }>,
  openAuthority: () => Promise<StoredAuthority>,
  deps: RouteDeps,
): Promise<Route> {
  const makeWith = ({ authority }: StoredAuthority) => ({ authority, now: deps.now, random: deps.random });
  if (way.kind === 'to') {
    const { url, reach } = way.destination;
    const signer = await openAuthority();
    const errands = directSends(order, makeWith(signer), way.destination, deps);
    return { order, target: displayUrl(url, 'report'), reach, isPlain: url.protocol === 'http:', signer, errands };
  }
  const control = openEmulatorControl(way.baseUrl, EMULATOR_TIMEOUT_MS, deps);
  const { filled, isSame } = await askForApp(order, control);
  const target = `the emulator at ${displayUrl(way.baseUrl, 'report')}`;
  const route = { order: filled, target, reach: null, isPlain: false };
  const built = isSame ? errandsOfEmulator(filled, control) : null;
  if (built !== null) return { ...route, signer: null, errands: built };
  const signer = await openAuthority();
  return { ...route, signer, errands: presignedSends(filled, makeWith(signer), control) };
}

/** What the emulator can make by itself: single events, in order or with its own certificate revoked. Null for the rest. */
function errandsOfEmulator(order: TriggerRequest, control: EmulatorControl): AsyncIterable<PendingSend> | null {
  const { what } = order;
  if (what.kind === 'event') return emulatorSends(what, order, control);
  return what.kind === 'forgery' && what.reason === 'CERTIFICATE_REVOKED' ? revokedSends(what, order, control) : null;
}

/** How many notifications an order comes to. Throws `ERR_SIMULATOR_SCENARIO` (usage). */
export function countOf({ what, count }: TriggerRequest): number {
  return what.kind === 'scenario' ? count * findScenario(what.name).events.length : count;
}

/** The emulator plays for one app: what was not said is taken from it, and what was said otherwise is signed here. */
async function askForApp(
  order: TriggerRequest,
  control: EmulatorControl,
): Promise<{ filled: TriggerRequest; isSame: boolean }> {
  const known = await control.readApp();
  const app: RequestedApp = {
    ...order.app,
    bundleId: order.app.bundleId ?? known.bundleId,
    appAppleId: order.app.appAppleId ?? known.appAppleId,
  };
  const isSame = app.bundleId === known.bundleId && app.appAppleId === known.appAppleId;
  return { filled: { ...order, app }, isSame };
}

/** One notification that is to be sent: made already, or by whoever sends it. At most `timeoutMs` are waited for the answer. */
export type PendingSend = (timeoutMs: number) => Promise<Outcome>;

/** Made here and posted to the destination. */
async function* directSends(
  order: TriggerRequest,
  making: PrepareOptions,
  destination: Destination,
  deps: Pick<Deps, 'sleep' | 'now' | 'signal'>,
): AsyncGenerator<PendingSend, void> {
  const route = { destination, environment: order.app.environment };
  for await (const made of prepareNotifications(order, making)) {
    yield (timeoutMs) => sendDirectly(made, route, timeoutMs, deps);
  }
}

/** Made here and handed to an emulator, which sends it to the URL that its app is set to. */
async function* presignedSends(
  order: TriggerRequest,
  making: PrepareOptions,
  control: EmulatorControl,
): AsyncGenerator<PendingSend, void> {
  const { environment } = order.app;
  for await (const made of prepareNotifications(order, making)) {
    yield async () => toOutcome(await control.send({ environment, signedPayload: made.signedPayload }), made);
  }
}

/** Made by the emulator, whose certificates name its OCSP responder: online checks can pass. */
async function* emulatorSends(
  event: Event,
  order: TriggerRequest,
  control: EmulatorControl,
): AsyncGenerator<PendingSend, void> {
  for (let run = 0; run < order.count; run++) yield () => haveBuilt(event, order, control, null);
}

/** The same, while its responder says that the certificate was revoked: an endpoint that asks must refuse it. */
async function* revokedSends(
  event: Event,
  order: TriggerRequest,
  control: EmulatorControl,
): AsyncGenerator<PendingSend, void> {
  for (let run = 0; run < order.count; run++) {
    yield async () => {
      await control.setLeafState('revoked');
      try {
        return await haveBuilt(
          event,
          order,
          control,
          'nothing in the payload: the responder says that the leaf is revoked',
        );
      } finally {
        await control.setLeafState('good');
      }
    };
  }
}

type Event = Pick<PreparedNotification, 'type' | 'subtype'>;

async function haveBuilt(
  { type, subtype }: Event,
  { app, edits }: TriggerRequest,
  control: EmulatorControl,
  forged: string | null,
): Promise<Outcome> {
  const attempt = await control.send({
    environment: app.environment,
    type,
    ...(subtype === null ? {} : { subtype }),
    ...(app.productId === null ? {} : { productId: app.productId }),
    set: edits.set,
    remove: edits.remove,
  });
  const { signedPayload } = attempt;
  const body = stringifyJson({ signedPayload });
  return toOutcome(attempt, { type, subtype, signedPayload, body, step: null, forged });
}

/** The emulator plays Apple, so what it will do is what Apple would. It keeps the endpoint's answer to itself. */
function toOutcome(
  { result, httpStatus, ms, detail, nextAfterMs }: EmulatorAttempt,
  made: PreparedNotification,
): Outcome {
  const retry = { retry: nextAfterMs !== null, afterMs: nextAfterMs };
  return { made, target: 'emulator', result, httpStatus, ms, detail, answer: '', retry };
}

/** Longest wait for one answer. Apple's own is not documented. */
const DELIVERY_TIMEOUT_MS = 30_000;

interface DirectRoute {
  readonly destination: Destination;
  readonly environment: AppEnvironment;
}

/** Posts one notification as the App Store does, once. Throws `interrupted` when the signal aborts. */
async function sendDirectly(
  made: PreparedNotification,
  { destination, environment }: DirectRoute,
  timeoutMs: number,
  { sleep, now, signal }: Pick<Deps, 'sleep' | 'now' | 'signal'>,
): Promise<Outcome> {
  const { url } = destination;
  const { result, httpStatus, ms, detail, responseBody } = await deliver({
    url,
    body: made.body,
    timeoutMs,
    sleep,
    now,
    signal,
  });
  return {
    made,
    target: displayUrl(url, 'report'),
    result,
    httpStatus,
    ms,
    detail,
    answer: startOf(responseBody),
    retry: appleRetries(result, httpStatus, environment, 1),
  };
}

const ANSWER_BYTES = 1_024;

function startOf(body: Uint8Array): string {
  return Buffer.from(body.subarray(0, ANSWER_BYTES)).toString().trim();
}

export interface Pace {
  /** How many errands there are. */
  readonly total: number;
  /** Pause between two, in milliseconds. */
  readonly intervalMs: number;
  /** Deadline of the whole, in milliseconds from now; null for none. */
  readonly timeoutMs: number | null;
  /** Whether an endpoint that cannot be connected to ends it all: the next attempt would fail alike. */
  readonly stopsWhereUnreachable: boolean;
}

/** What stands in the way of every further notification as well. */
const LASTING: ReadonlySet<SendAttemptResult> = new Set(['SOCKET_ISSUE', 'TLS_ISSUE']);

/**
 * Sends one after the other, each after the answer to the one before, as a story wants it. Stops early at the deadline, when
 * the signal aborts between two, or where nothing can be reached; the tally says which.
 */
export async function sendAll(
  errands: AsyncIterable<PendingSend>,
  { total, intervalMs, timeoutMs, stopsWhereUnreachable }: Pace,
  { now, sleep, signal }: Pick<Deps, 'now' | 'sleep' | 'signal'>,
  onOutcome: (outcome: Outcome) => void,
): Promise<Tally> {
  const endMs = timeoutMs === null ? Number.POSITIVE_INFINITY : now() + timeoutMs;
  const counts: Record<OutcomeWord, number> = { accepted: 0, refused: 0, unreachable: 0, 'timed-out': 0 };
  let sent = 0;
  const tally = (stoppedBy: Tally['stoppedBy']): Tally => ({ ...counts, notSent: total - sent, stoppedBy });
  for await (const errand of errands) {
    if (sent > 0 && intervalMs > 0) await sleep(Math.min(intervalMs, Math.max(0, endMs - now())), signal);
    if (signal.aborted) return tally('signal');
    const leftMs = endMs - now();
    if (leftMs <= 0) return tally('deadline');
    const outcome = await errand(Math.min(DELIVERY_TIMEOUT_MS, leftMs));
    sent += 1;
    counts[outcomeWord(outcome)] += 1;
    onOutcome(outcome);
    if (stopsWhereUnreachable && LASTING.has(outcome.result) && sent < total) return tally('unreachable');
  }
  return tally(null);
}
