/**
 * Realistic App Store Server Notifications for test suites: a certificate chain like Apple's under a root of your own, payloads in which
 * ids, dates, prices and status agree, forgeries with exactly one defect, and an App Store that sends them.
 *
 * ```ts
 * import { createTestNotification, startEmulator } from 'storewire/testing';
 *
 * await using emulator = await startEmulator({ sandboxUrl: 'http://localhost:3000/apple' });
 * await emulator.play('billing-retry');
 * const { body } = await createTestNotification({ type: 'REFUND', bundleId: 'com.example.app' });
 * ```
 *
 * A verifier accepts them only if `rootPem`, which both results have, is one of its trusted roots.
 */

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { now, sleep } from './clock.js';
import type { Emulator, EmulatorOptions, NotificationView } from './emulator/options.js';
import { type Authority, createAuthority } from './simulator/authority/authority.js';
import { type SignedNotification, signNotification } from './simulator/authority/sign-payload.js';
import { buildNotification, type NotificationOptions } from './simulator/payloads/notification.js';
import type { ScenarioOptions } from './simulator/scenarios/scenarios.js';

export type { EmulatedAppSettings, UrlVersion } from './emulator/app-settings.js';

export type { ConsumptionAnswer, ConsumptionRequestView } from './emulator/consumption/consumption-requests.js';

export type { LoggedAttempt } from './emulator/delivery/notification-log.js';

export type {
  EmulatorAddresses,
  EmulatorCounts,
  EmulatorDeliveryEvent,
  EmulatorEvent,
  EmulatorReadyEvent,
  EmulatorStoppedEvent,
  RequestEvent,
  SettingsEvent,
} from './emulator/events.js';

export type {
  Emulator,
  EmulatorOptions,
  EmulatorState,
  NotificationToSend,
  NotificationView,
  TransactionView,
} from './emulator/options.js';

export type { CallLimits, RateLimitOptions, RateLimits, ServerCall } from './emulator/rate-limit.js';

export type { ReceivedCall } from './emulator/server-api/call-log.js';

export type { JsonObject } from './jws/json.js';

export type { ForgeableReason, ReasonCode } from './notification/reasons.js';

export {
  type Authority,
  type AuthorityOptions,
  createAuthority,
  type ExportedAuthority,
  exportAuthority,
  importAuthority,
} from './simulator/authority/authority.js';

export type { CertificateName } from './simulator/authority/certificate.js';

export type { CertificateOverrides, ChainOptions, SigningChain } from './simulator/authority/chain.js';
export {
  type SignedNotification,
  type Signer,
  signNotification,
  signPayload,
} from './simulator/authority/sign-payload.js';
export { buildXcodeTransaction, createXcodeSigner, signAsXcode } from './simulator/authority/xcode.js';
export { FORGEABLE_REASONS, type ForgeOptions, type Forgery, forge } from './simulator/forgeries/forge.js';
export type { ForgeryNeeds } from './simulator/forgeries/forgeries.js';
export type { AppEnvironment } from './simulator/payloads/app.js';
export type { BuiltNotification } from './simulator/payloads/assemble.js';
export { SIMULATED_EVENTS, type SimulatedEvent } from './simulator/payloads/events.js';
export { buildLegacyBody } from './simulator/payloads/legacy.js';
export { buildNotification, type NotificationOptions } from './simulator/payloads/notification.js';
export type { PayloadOptions } from './simulator/payloads/options.js';
export type { ProductType } from './simulator/payloads/purchase.js';
export {
  buildAppTransaction,
  buildRealtimeRequest,
  buildRenewalInfo,
  buildTransaction,
} from './simulator/payloads/single.js';
export { type Random, seededRandom } from './simulator/random.js';

export { SCENARIOS, type Scenario } from './simulator/scenarios/scenarios.js';

/** {@link EmulatorOptions}, each with a default: the authority of {@link createTestNotification}, a temporary folder, the real clock. */
export type EmulatorSetup = Partial<EmulatorOptions>;

/** Options of a scenario; the app is the emulator's. */
export type PlayOptions = Partial<Omit<ScenarioOptions, 'bundleId' | 'appAppleId'>>;

/** An emulator of a test suite; `await using` closes it. */
export interface RunningEmulator extends Emulator, AsyncDisposable {
  /** Certificate of the root that everything is signed under. */
  readonly rootPem: string;
  /**
   * Sends the notifications of a scenario in order, `billing-retry` for one: each after the first attempt of the one before. The last is
   * signed now and the others before. Throws (usage) `ERR_SIMULATOR_SCENARIO`, which lists the names, and the errors of `send`.
   */
  play(scenario: string, options?: PlayOptions): Promise<readonly NotificationView[]>;
  /** Stops the emulator and deletes the temporary folder of its keys. */
  close(): Promise<void>;
}

/**
 * Starts an App Store emulator for one app: the Server API (notifications, purchases, consumption information), the App Store Connect API (apps), the
 * sender with Apple's retries and an OCSP responder. Listens on two free loopback ports by default; state is kept in memory.
 *
 * ```ts
 * await using emulator = await startEmulator({ sandboxUrl: 'http://localhost:3000/apple' });
 * const { attempts } = await emulator.send({ type: 'DID_RENEW' });
 * emulator.calls(); // calls of the Server API that your server made, with their answers
 * emulator.state().consumption.answers; // what it answered to CONSUMPTION_REQUEST
 * ```
 *
 * Throws ToolError `ERR_EMULATOR_PORT`, `ERR_EMULATOR_URL` and `ERR_EMULATOR_FOLDER`.
 */
export async function startEmulator(setup: EmulatorSetup = {}): Promise<RunningEmulator> {
  const { startEmulatorServer } = await import('./emulator/emulator.js');
  const authority = setup.authority ?? (await sharedAuthority());
  const folder = setup.stateFolder === undefined ? mkdtempSync(join(tmpdir(), 'storewire-emulator-')) : null;
  const removeFolder = (): void => {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  const options = { now, sleep, random: randomBytes, authority, ...setup, stateFolder: setup.stateFolder ?? folder! };
  const emulator = await startEmulatorServer(options).catch((error: unknown) => {
    removeFolder();
    throw error;
  });
  const close = async (): Promise<void> => {
    await emulator.stop();
    removeFolder();
  };
  return {
    ...emulator,
    rootPem: authority.rootPem,
    play: (scenario, played) => play(emulator, scenario, { nowMs: options.now(), random: options.random, ...played }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function play(
  emulator: Emulator,
  scenario: string,
  options: ScenarioOptions,
): Promise<readonly NotificationView[]> {
  const { buildScenario } = await import('./simulator/scenarios/scenarios.js');
  const { bundleId, appAppleId, chain } = emulator;
  const { environment = 'Sandbox' } = options;
  const sent: NotificationView[] = [];
  for (const { built } of buildScenario(scenario, { ...options, bundleId, appAppleId })) {
    const { signedPayload } = signNotification(built, chain);
    sent.push(await emulator.send({ environment, signedPayload }));
  }
  return sent;
}

/** Options of {@link createTestNotification}: those of `buildNotification`, and the authority that signs. */
export type TestNotificationOptions = Partial<NotificationOptions> & { readonly authority?: Authority };

/** A signed notification, and the certificate of the root to trust it under. */
export interface TestNotification extends SignedNotification {
  readonly rootPem: string;
}

/**
 * Builds and signs a notification, TEST by default, for `com.example.app` in the sandbox. All of a process have the same root, and so has
 * the emulator, unless an `authority` is given. Throws the errors of `buildNotification`.
 */
export async function createTestNotification(options: TestNotificationOptions = {}): Promise<TestNotification> {
  const { authority: given, ...event } = options;
  const authority = given ?? (await sharedAuthority());
  const built = buildNotification({ type: 'TEST', nowMs: now(), random: randomBytes, ...event });
  return { ...signNotification(built, await chainOf(authority)), rootPem: authority.rootPem };
}

const YEAR_MS = 365 * 86_400_000;

/** A scenario ends today, so its first notification may be more than a year old, and its signature has to be good then. */
const AUTHORITY_AGE_MS = 5 * YEAR_MS;

let shared: Promise<Authority> | null = null;

/** The authority of a process: suites trust one root, wherever their notifications are made. */
function sharedAuthority(): Promise<Authority> {
  shared ??= createAuthority({ nowMs: now() - AUTHORITY_AGE_MS, validForMs: 2 * AUTHORITY_AGE_MS });
  return shared;
}

const chains = new WeakMap<Authority, ReturnType<Authority['issueChain']>>();

/** Issuing a chain takes longer than signing, and Apple uses one for years. */
function chainOf(authority: Authority): ReturnType<Authority['issueChain']> {
  const chain = chains.get(authority) ?? authority.issueChain();
  chains.set(authority, chain);
  return chain;
}
