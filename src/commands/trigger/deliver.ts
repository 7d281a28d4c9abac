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
import {
  type BuildContext,
  buildNotifications,
  type PreparedNotification,
  type PrepareOptions,
  prepareNotifications,
  type UnsignedNotification,
} from './build.js';
import {
  type EmulatorAttempt,
  type EmulatorControl,
  type EmulatorDestination,
  openEmulatorControl,
} from './emulator-client.js';
import type { TriggerRequest } from './load.js';
import { type Outcome, type OutcomeWord, outcomeWord, type TriggerTally } from './outcome.js';
import type { Destination, OutputMode } from './output-mode.js';
import type { RequestedApp } from './request.js';

/** Delivery plan of a request, before the first notification is sent. */
export interface Route {
  /** The request, completed with the app of the emulator. */
  readonly request: TriggerRequest;
  /** Displayable target. */
  readonly target: string;
  /** Null with an emulator, which sends to the notification URL of its app. */
  readonly reach: Reach | null;
  readonly isPlain: boolean;
  /** Signing authority; null if the emulator signs. */
  readonly signer: StoredAuthority | null;
  readonly sends: AsyncIterable<PendingSend>;
}

type RouteDeps = Pick<Deps, 'http' | 'now' | 'sleep' | 'random' | 'signal'>;

/** The emulator answers after its delivery attempt, which may take 30 seconds. */
const EMULATOR_TIMEOUT_MS = 45_000;

/** Plans the delivery, by `deadlineMs`; sends nothing. Calls `openAuthority` unless the emulator signs. Throws as {@link openEmulatorControl} does. */
export async function openRoute(
  request: TriggerRequest,
  output: Extract<OutputMode, { kind: 'to' }> | EmulatorDestination,
  openAuthority: () => Promise<StoredAuthority>,
  deadlineMs: number,
  onRemark: BuildContext['onRemark'],
  deps: RouteDeps,
): Promise<Route> {
  const building = { now: deps.now, random: deps.random, onRemark };
  const prepareWith = ({ authority }: StoredAuthority) => ({ ...building, authority });
  if (output.kind === 'to') {
    const { url, reach } = output.destination;
    const signer = await openAuthority();
    const sends = directSends(request, prepareWith(signer), output.destination, deps);
    return { request, target: displayUrl(url, 'report'), reach, isPlain: url.protocol === 'http:', signer, sends };
  }
  const control = openEmulatorControl(
    output,
    () => Math.max(1, Math.min(EMULATOR_TIMEOUT_MS, deadlineMs - deps.now())),
    deps,
  );
  const { completed, isEmulatorApp } = await completeApp(request, control);
  const target = `the emulator at ${displayUrl(output.baseUrl, 'report')}`;
  const route = { request: completed, target, reach: null, isPlain: false };
  const emulated = isEmulatorApp ? emulatorSendsOf(completed, control, building) : null;
  if (emulated !== null) return { ...route, signer: null, sends: emulated };
  const signer = await openAuthority();
  return { ...route, signer, sends: presignedSends(completed, prepareWith(signer), control) };
}

/** Notifications that the emulator signs: valid ones, and those with its own leaf revoked. Null for other forgeries. */
function emulatorSendsOf(
  request: TriggerRequest,
  control: EmulatorControl,
  building: BuildContext,
): AsyncIterable<PendingSend> | null {
  const { selection } = request;
  if (selection.kind !== 'forgery') return emulatorSends(request, control, building);
  return selection.reason === 'CERTIFICATE_REVOKED' ? revokedSends(request, control, building) : null;
}

/** Number of notifications of a request. Throws `ERR_SIMULATOR_SCENARIO` (usage). */
export function countOutcomes({ selection, count }: TriggerRequest): number {
  switch (selection.kind) {
    case 'scenario':
      return count * findScenario(selection.name).events.length;
    case 'story':
      return count * selection.story.steps.length;
    case 'like':
      return selection.notifications.length;
    default:
      return count;
  }
}

/** Completes the app from the emulator's. For another app, notifications are signed here. */
async function completeApp(
  request: TriggerRequest,
  control: EmulatorControl,
): Promise<{ completed: TriggerRequest; isEmulatorApp: boolean }> {
  const known = await control.readApp();
  const app: RequestedApp = {
    ...request.app,
    bundleId: request.app.bundleId ?? known.bundleId,
    bundleIdSource: request.app.bundleIdSource ?? 'emulator',
    appAppleId: request.app.appAppleId ?? known.appAppleId,
  };
  const isEmulatorApp = app.bundleId === known.bundleId && app.appAppleId === known.appAppleId;
  return { completed: { ...request, app }, isEmulatorApp };
}

/** Sends one notification. `timeoutMs` limits the wait for the response. */
export type PendingSend = (timeoutMs: number) => Promise<Outcome>;

/** Signed here, sent to the destination. */
async function* directSends(
  request: TriggerRequest,
  prepareOptions: PrepareOptions,
  destination: Destination,
  deps: Pick<Deps, 'sleep' | 'now' | 'signal'>,
): AsyncGenerator<PendingSend, void> {
  const route = { destination, environment: request.app.environment };
  for await (const notification of prepareNotifications(request, prepareOptions)) {
    yield (timeoutMs) => sendDirectly(notification, route, timeoutMs, deps);
  }
}

/** Signed here, sent by the emulator to the notification URL of its app. */
async function* presignedSends(
  request: TriggerRequest,
  prepareOptions: PrepareOptions,
  control: EmulatorControl,
): AsyncGenerator<PendingSend, void> {
  const { environment } = request.app;
  for await (const notification of prepareNotifications(request, prepareOptions)) {
    yield async () =>
      toOutcome(await control.send({ environment, signedPayload: notification.signedPayload }), notification);
  }
}

/** Signed by the emulator, whose certificates name its OCSP responder: online checks can pass. */
async function* emulatorSends(
  request: TriggerRequest,
  control: EmulatorControl,
  building: BuildContext,
): AsyncGenerator<PendingSend, void> {
  for (const unsigned of buildNotifications(request, building)) {
    yield () => sendFromEmulator(unsigned, request, control, null);
  }
}

/** The same while its OCSP responder reports the leaf as revoked: an endpoint with online checks must reject it. */
async function* revokedSends(
  request: TriggerRequest,
  control: EmulatorControl,
  building: BuildContext,
): AsyncGenerator<PendingSend, void> {
  for (const unsigned of buildNotifications(request, building)) {
    yield async () => {
      await control.setLeafState('revoked');
      try {
        return await sendFromEmulator(unsigned, request, control, REVOKED);
      } finally {
        await control.setLeafState('good');
      }
    };
  }
}

const REVOKED = 'no change: the OCSP responder reports the leaf as revoked';

async function sendFromEmulator(
  { type, subtype, step, built }: UnsignedNotification,
  { app }: TriggerRequest,
  control: EmulatorControl,
  forged: string | null,
): Promise<Outcome> {
  const attempt = await control.send({ environment: app.environment, payload: { ...built } });
  const { signedPayload } = attempt;
  const body = stringifyJson({ signedPayload });
  return toOutcome(attempt, { type, subtype, signedPayload, body, step, forged });
}

/** The emulator retries as Apple does, so its next attempt is Apple's. It does not return the endpoint's response body. */
function toOutcome(
  { result, httpStatus, ms, detail, nextAfterMs }: EmulatorAttempt,
  notification: PreparedNotification,
): Outcome {
  const retry = { retry: nextAfterMs !== null, afterMs: nextAfterMs };
  return { notification, target: 'emulator', result, httpStatus, ms, detail, answer: '', retry };
}

/** Timeout of one delivery. Apple's is not documented. */
const DELIVERY_TIMEOUT_MS = 30_000;

interface DirectRoute {
  readonly destination: Destination;
  readonly environment: AppEnvironment;
}

/** Sends one notification once, as the App Store does. Throws `interrupted` when the signal aborts. */
async function sendDirectly(
  notification: PreparedNotification,
  { destination, environment }: DirectRoute,
  timeoutMs: number,
  { sleep, now, signal }: Pick<Deps, 'sleep' | 'now' | 'signal'>,
): Promise<Outcome> {
  const { url } = destination;
  const { result, httpStatus, ms, detail, responseBody } = await deliver({
    url,
    body: notification.body,
    timeoutMs,
    sleep,
    now,
    signal,
  });
  return {
    notification,
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

export interface TriggerPace {
  /** Number of notifications. */
  readonly total: number;
  /** Pause between notifications, in milliseconds. */
  readonly intervalMs: number;
  /** Deadline in milliseconds from now; null for none. */
  readonly timeoutMs: number | null;
  /** Stop when the connection fails, since the next one would fail too. */
  readonly stopsWhereUnreachable: boolean;
}

/** Results that every further notification would get as well. */
const PERSISTENT: ReadonlySet<SendAttemptResult> = new Set(['SOCKET_ISSUE', 'TLS_ISSUE']);

/**
 * Sends notifications in sequence, each after the response to the one before. Stops early at the deadline, when the signal
 * aborts between two, or when the endpoint is unreachable; `stoppedBy` of the tally names the cause.
 */
export async function sendNotifications(
  sends: AsyncIterable<PendingSend>,
  { total, intervalMs, timeoutMs, stopsWhereUnreachable }: TriggerPace,
  { now, sleep, signal }: Pick<Deps, 'now' | 'sleep' | 'signal'>,
  onOutcome: (outcome: Outcome) => void,
): Promise<TriggerTally> {
  const endMs = timeoutMs === null ? Number.POSITIVE_INFINITY : now() + timeoutMs;
  const counts: Record<OutcomeWord, number> = { accepted: 0, refused: 0, unreachable: 0, 'timed-out': 0 };
  let sent = 0;
  const tally = (stoppedBy: TriggerTally['stoppedBy']): TriggerTally => ({
    ...counts,
    notSent: total - sent,
    stoppedBy,
  });
  for await (const send of sends) {
    if (sent > 0 && intervalMs > 0) await sleep(Math.min(intervalMs, Math.max(0, endMs - now())), signal);
    if (signal.aborted) return tally('signal');
    const leftMs = endMs - now();
    if (leftMs <= 0) return tally('deadline');
    const outcome = await send(Math.min(DELIVERY_TIMEOUT_MS, leftMs));
    sent += 1;
    counts[outcomeWord(outcome)] += 1;
    onOutcome(outcome);
    if (stopsWhereUnreachable && PERSISTENT.has(outcome.result) && sent < total) return tally('unreachable');
  }
  return tally(null);
}
