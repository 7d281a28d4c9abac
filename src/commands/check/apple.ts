import type { Dispatcher } from 'undici';
import { isLoopback } from '../../address/reach.js';
import type { Deps } from '../../cli/deps.js';
import type { CheckPlan } from '../../endpoint-check/step.js';
import { ToolError } from '../../errors.js';
import { request } from '../../http/request.js';
import { requireBundleId, requireServerKey } from '../../session/api-keys.js';
import { type Connect, openConnect } from '../../session/connect.js';
import { openServer, type Server, type ServerDeps } from '../../session/server.js';
import { describeWarnings } from '../../session/warnings.js';
import type { KeySettings } from '../../settings/key.js';
import { findKeyFiles, keyFolders } from '../../settings/key-files.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp, resolveConnect, resolveServer } from '../../settings/resolve.js';
import type { Environment } from '../../settings/setting.js';
import type { ConnectFound } from './connect-steps.js';
import { type Deadline, failureOf } from './deadline.js';
import type { Availability, CheckOptions } from './model.js';
import type { ClockFound, KeyShown } from './settings-steps.js';

export type CheckDeps = ServerDeps & Pick<Deps, 'signal'>;

/** Apple's side as this run's settings have it. */
export interface Apple {
  readonly bundleId: string | null;
  readonly appAppleId: string | null;
  readonly server: Availability<Server & KeyShown>;
  readonly connect: Availability<Connect>;
  /** Where each API is. */
  readonly address: Readonly<Record<Environment | 'connect', string>>;
}

interface AppleOptions {
  readonly open: OpenSettings;
  /** Null where none was named. */
  readonly environments: readonly Environment[] | null;
  readonly plan: CheckPlan;
  readonly options: CheckOptions;
}

/**
 * Reads the keys that are there and asks nothing. A key that is missing, or bad, is part of the result; wrong settings are thrown (usage),
 * and so is a missing bundle id where a group that needs it was named.
 */
export async function openApple(wish: AppleOptions, deps: CheckDeps): Promise<Apple> {
  const { open, plan } = wish;
  const { bundleId, appAppleId } = resolveApp(open);
  const keyFiles = findKeyFiles(keyFolders(deps.env, deps.cwd, open.home));
  const { key: serverKey, address } = resolveServer(open, keyFiles);
  const { key: connectKey, address: connectAddress } = resolveConnect(open, keyFiles);
  const isNamed = { server: namesKey(serverKey), connect: namesKey(connectKey) };
  const needsOne = plan.required.has('settings') && !isNamed.server && !isNamed.connect;
  const server = await tryOpening(isNamed.server || needsOne || plan.required.has('test'), ABSENT.server, async () => {
    const { keyId, issuerId } = requireServerKey(serverKey);
    const opened = await openServer(open, wish.environments ?? [], wish.options, deps);
    return { ...opened, keyId, issuerId };
  });
  if (server.state === 'absent') deps.stderr.write(describeWarnings(open.warnings, deps.stderr));
  const connect = await tryOpening(isNamed.connect || plan.required.has('app-store-connect'), ABSENT.connect, () =>
    openConnect(open, wish.options, deps),
  );
  if (plan.required.has('test') && !isBad(server)) requireBundleId({ bundleId });
  if (plan.required.has('app-store-connect') && !isBad(connect)) requireBundleId({ bundleId });
  return {
    bundleId: bundleId?.value ?? null,
    appAppleId: appAppleId === null ? null : String(appAppleId.value),
    server,
    connect,
    address: { sandbox: address.sandbox.value, production: address.production.value, connect: connectAddress.value },
  };
}

/** An issuer alone, which may stand anywhere for other tools, is no key. */
function namesKey({ keyId, privateKey }: KeySettings): boolean {
  return keyId !== null || privateKey !== null;
}

/** Said before that the bundle id is missing, too. */
function isBad(key: Availability<unknown>): boolean {
  return key.state === 'refused' && key.error.kind === 'auth';
}

const ABSENT = {
  server: 'no In-App Purchase key is set',
  connect: 'no App Store Connect key is set',
} as const;

async function tryOpening<T>(isWanted: boolean, why: string, opening: () => Promise<T>): Promise<Availability<T>> {
  if (!isWanted) return { state: 'absent', why };
  try {
    return { state: 'open', value: await opening() };
  } catch (error) {
    if (error instanceof ToolError && error.kind === 'auth') return { state: 'refused', error };
    if (error instanceof ToolError && error.code === 'ERR_SETTINGS_BUNDLE_ID_MISSING')
      return { state: 'refused', error };
    throw error;
  }
}

/** The app in App Store Connect. Throws only when interrupted. */
export async function askConnect(
  { connect, bundleId }: Apple,
  deadline: Deadline,
  deps: CheckDeps,
): Promise<ConnectFound> {
  if (connect.state === 'absent') return { state: 'not-asked', why: connect.why };
  if (connect.state === 'refused') return { state: 'failed', error: connect.error };
  if (bundleId === null) return { state: 'not-asked', why: 'the bundle id is not set' };
  try {
    const app = await connect.value.apiUntil(deadline.signal).findApp(bundleId);
    return app === null ? { state: 'no-app' } : { state: 'app', app };
  } catch (error) {
    return { state: 'failed', error: failureOf(error, deps) };
  }
}

/** One question takes no longer. */
const CLOCK_TIMEOUT_MS = 15_000;

/** Compares the clocks with the API that a key is there for; null where there is none that can be used. Throws only when interrupted. */
export async function compareClocks(
  { server, connect, address }: Apple,
  environments: readonly Environment[] | null,
  deadline: Deadline,
  deps: CheckDeps,
): Promise<ClockFound | null> {
  if (server.state !== 'open' && connect.state !== 'open') return null;
  const baseUrl = server.state === 'open' ? address[environments?.[0] ?? 'sandbox'] : address.connect;
  const { host } = new URL(baseUrl);
  const { now, sleep } = deps;
  const { signal } = deadline;
  try {
    const dispatcher = await deps.http();
    return { host, aheadMs: await askClock({ baseUrl, dispatcher, timeoutMs: CLOCK_TIMEOUT_MS, now, sleep, signal }) };
  } catch (error) {
    return { host, error: failureOf(error, deps) };
  }
}

/** Whether TESTs come from a stand-in on this machine, such as the emulator, which reaches what Apple does not. */
export function isLocalEmulator({ address }: Apple, environment: Environment): boolean {
  return isLoopback(new URL(address[environment]).hostname);
}

interface ClockQuestion {
  /** Of one of Apple's APIs. */
  readonly baseUrl: string;
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * How far this machine's clock is ahead of the server's, in ms, negative where it is behind; exact to a second and the way there and
 * back. Null where the answer has no date. Sent without a token: a refusal has a date too. Throws as `request` does.
 */
async function askClock(question: ClockQuestion): Promise<number | null> {
  const { baseUrl, dispatcher, timeoutMs, now, sleep, signal } = question;
  const before = now();
  const headers = { accept: 'application/json', 'user-agent': 'storewire' };
  const limits = { timeoutMs, maxBodyBytes: MOST_BYTES, longerBody: 'cut' as const };
  const answer = await request({
    dispatcher,
    method: 'GET',
    url: new URL(`${baseUrl}/`),
    headers,
    ...limits,
    sleep,
    signal,
  });
  const between = (before + now()) / 2;
  const theirs = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(theirs) ? null : Math.round(between - (theirs + HALF_A_SECOND));
}

const MOST_BYTES = 64 * 1024;

/** The date of an answer is cut to whole seconds. */
const HALF_A_SECOND = 500;
