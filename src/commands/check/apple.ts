import type { Dispatcher } from 'undici';
import { isLoopback } from '../../address/reach.js';
import type { Deps } from '../../cli/deps.js';
import type { CheckPlan } from '../../endpoint-check/step.js';
import { ToolError } from '../../errors.js';
import { request } from '../../http/request.js';
import { requireBundleId, requireServerKey } from '../../session/api-keys.js';
import { type Connect, findSimilarBundleId, openConnect } from '../../session/connect.js';
import { openServer, type Server, type ServerDeps } from '../../session/server.js';
import { describeWarnings } from '../../session/warnings.js';
import type { KeySettings } from '../../settings/key.js';
import { findKeyFiles, keyFolders } from '../../settings/key-files.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveConnect, resolveServer } from '../../settings/resolve.js';
import { resolveApp } from '../../settings/resolve-app.js';
import type { Environment } from '../../settings/setting.js';
import type { ConnectLookup } from './connect-steps.js';
import { type Deadline, failureOf } from './deadline.js';
import type { Availability, CheckOptions } from './model.js';
import type { ClockComparison, KeyIds } from './settings-steps.js';

export type CheckDeps = ServerDeps & Pick<Deps, 'signal' | 'lookUp'>;

/** Access to Apple's APIs with the settings of this run. */
export interface Apple {
  readonly bundleId: string | null;
  readonly appAppleId: string | null;
  readonly server: Availability<Server & KeyIds>;
  readonly connect: Availability<Connect>;
  /** Base address of each API. */
  readonly address: Readonly<Record<Environment | 'connect', string>>;
}

interface AppleOptions {
  readonly open: OpenSettings;
  /** Null if none was selected. */
  readonly environments: readonly Environment[] | null;
  readonly plan: CheckPlan;
  readonly options: CheckOptions;
}

/**
 * Reads the configured keys; sends nothing. A missing or invalid key is part of the result. Throws ToolError (usage) for invalid settings
 * and for a missing bundle id that a required group needs.
 */
export async function openApple(setup: AppleOptions, deps: CheckDeps): Promise<Apple> {
  const { open, plan } = setup;
  const { bundleId, appAppleId } = resolveApp(open);
  const keyFiles = findKeyFiles(keyFolders(deps.env, deps.cwd, open.home));
  const { key: serverKey, address } = resolveServer(open, keyFiles);
  const { key: connectKey, address: connectAddress } = resolveConnect(open, keyFiles);
  const isNamed = { server: namesKey(serverKey), connect: namesKey(connectKey) };
  const needsOne = plan.required.has('settings') && !isNamed.server && !isNamed.connect;
  const server = await tryOpening(isNamed.server || needsOne || plan.required.has('test'), ABSENT.server, async () => {
    const { keyId, issuerId } = requireServerKey(serverKey);
    const opened = await openServer(open, setup.environments ?? [], setup.options, deps);
    return { ...opened, keyId, issuerId };
  });
  if (server.state === 'absent') deps.stderr.write(describeWarnings(open.warnings, deps.stderr));
  const connect = await tryOpening(isNamed.connect || plan.required.has('app-store-connect'), ABSENT.connect, () =>
    openConnect(open, setup.options, deps),
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

/** An issuer id alone does not count as a key: it may be set for other tools. */
function namesKey({ keyId, privateKey }: KeySettings): boolean {
  return keyId !== null || privateKey !== null;
}

/** A missing or refused key is reported before a missing bundle id. */
function isBad(key: Availability<unknown>): boolean {
  return key.state === 'refused' && key.error.kind === 'auth';
}

const ABSENT = {
  server: 'no In-App Purchase key is configured',
  connect: 'no App Store Connect key is configured',
} as const;

async function tryOpening<T>(isNeeded: boolean, why: string, opening: () => Promise<T>): Promise<Availability<T>> {
  if (!isNeeded) return { state: 'absent', why };
  try {
    return { state: 'open', value: await opening() };
  } catch (error) {
    if (error instanceof ToolError && error.kind === 'auth') return { state: 'refused', error };
    if (error instanceof ToolError && error.code === 'ERR_SETTINGS_BUNDLE_ID_MISSING')
      return { state: 'refused', error };
    throw error;
  }
}

/** Looks the app up in App Store Connect. Throws only if interrupted. */
export async function readConnectApp(
  { connect, bundleId }: Apple,
  deadline: Deadline,
  deps: CheckDeps,
): Promise<ConnectLookup> {
  if (connect.state === 'absent') return { state: 'not-queried', why: connect.why };
  if (connect.state === 'refused') return { state: 'failed', error: connect.error };
  if (bundleId === null) return { state: 'not-queried', why: 'no bundle id is configured' };
  try {
    const api = connect.value.apiUntil(deadline.signal);
    const app = await api.findApp(bundleId);
    if (app !== null) return { state: 'app', app };
    return { state: 'no-app', similar: await findSimilarBundleId(api, bundleId) };
  } catch (error) {
    return { state: 'failed', error: failureOf(error, deps) };
  }
}

/** Limit of the request. */
const CLOCK_TIMEOUT_MS = 15_000;

/** Compares this machine's clock with an API that has a usable key; null if there is none. Throws only if interrupted. */
export async function compareClocks(
  { server, connect, address }: Apple,
  environments: readonly Environment[] | null,
  deadline: Deadline,
  deps: CheckDeps,
): Promise<ClockComparison | null> {
  if (server.state !== 'open' && connect.state !== 'open') return null;
  const baseUrl = server.state === 'open' ? address[environments?.[0] ?? 'sandbox'] : address.connect;
  const { host } = new URL(baseUrl);
  const { now, sleep } = deps;
  const { signal } = deadline;
  try {
    const dispatcher = await deps.http();
    return {
      host,
      aheadMs: await measureClockSkew({ baseUrl, dispatcher, timeoutMs: CLOCK_TIMEOUT_MS, now, sleep, signal }),
    };
  } catch (error) {
    return { host, error: failureOf(error, deps) };
  }
}

/** True if TESTs are sent by an emulator on this machine, which reaches hosts that Apple does not. */
export function isLocalEmulator({ address }: Apple, environment: Environment): boolean {
  return isLoopback(new URL(address[environment]).hostname);
}

interface ClockRequest {
  /** Base address of one of Apple's APIs. */
  readonly baseUrl: string;
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Milliseconds by which this machine's clock is ahead of the server's (negative: behind), accurate to one second plus the round trip. Null
 * if the response has no Date header. Sent without a token, as an error response has a date too. Throws what `request` throws.
 */
async function measureClockSkew(options: ClockRequest): Promise<number | null> {
  const { baseUrl, dispatcher, timeoutMs, now, sleep, signal } = options;
  const before = now();
  const headers = { accept: 'application/json', 'user-agent': 'storewire' };
  const limits = { timeoutMs, maxBodyBytes: MOST_BYTES, longerBody: 'truncate' as const };
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

/** The Date header has whole seconds only, so the actual time is half a second later on average. */
const HALF_A_SECOND = 500;
