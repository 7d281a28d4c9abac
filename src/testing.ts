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
import type { JsonObject } from './jws/json.js';
import type { ForgeableReason } from './notification/reasons.js';
import { type Authority, type AuthorityOptions, createAuthority } from './simulator/authority/authority.js';
import { type SignedNotification, type Signer, signNotification } from './simulator/authority/sign-payload.js';
import { buildXcodeTransaction, createXcodeSigner } from './simulator/authority/xcode.js';
import { type ForgeOptions, type Forgery, forge } from './simulator/forgeries/forge.js';
import type { BuiltNotification } from './simulator/payloads/assemble.js';
import { buildLegacyBody } from './simulator/payloads/legacy.js';
import { buildNotification, type NotificationOptions } from './simulator/payloads/notification.js';
import type { PayloadOptions } from './simulator/payloads/options.js';
import {
  buildAppTransaction,
  buildRealtimeRequest,
  buildRenewalInfo,
  buildTransaction,
} from './simulator/payloads/single.js';
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
export { signAsXcode } from './simulator/authority/xcode.js';
export { FORGEABLE_REASONS, type ForgeOptions, type Forgery } from './simulator/forgeries/forge.js';
export type { ForgeryNeeds } from './simulator/forgeries/forgeries.js';
export type { AppEnvironment } from './simulator/payloads/app.js';
export type { BuiltNotification } from './simulator/payloads/assemble.js';
export { SIMULATED_EVENTS, type SimulatedEvent } from './simulator/payloads/events.js';
export type { NotificationOptions } from './simulator/payloads/notification.js';
export type { PayloadOptions } from './simulator/payloads/options.js';
export type { ProductType } from './simulator/payloads/purchase.js';
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
  return { ...signNotification(buildDraft(event), await chainOf(authority)), rootPem: authority.rootPem };
}

/** Options of a builder: the clock is the real one and ids are random, unless `nowMs` and `random` say otherwise. */
type Defaulted<T> = Omit<T, 'nowMs' | 'random'> & Partial<Pick<PayloadOptions, 'nowMs' | 'random'>>;

type NotificationDraft = Partial<NotificationOptions>;
type PayloadDraft = Defaulted<PayloadOptions>;
type ForgeryDraft = Defaulted<Partial<ForgeOptions>>;

function withDefaults<T extends object>(options: T): T & Pick<PayloadOptions, 'nowMs' | 'random'> {
  return { nowMs: now(), random: randomBytes, ...options };
}

/**
 * Builds the notification of one event, TEST by default. Ids, dates, prices, status, transaction and renewal info agree with the event
 * and with each other; with the same `nowMs` and `random` the result is the same.
 * Throws (usage) `ERR_SIMULATOR_EVENT` for an unknown type or subtype, `ERR_SIMULATOR_PRODUCT_TYPE` for a product type
 * that never gets this event, `ERR_SIMULATOR_PERIOD` and `ERR_SIMULATOR_PATH`.
 */
const buildDraft = (options: NotificationDraft = {}): BuiltNotification =>
  buildNotification({ type: 'TEST', ...withDefaults(options) });

/** Builds a transaction as an app sends it to its server: of an active subscription, or of a one-time purchase. */
const draftTransaction = (options: PayloadDraft = {}): JsonObject => buildTransaction(withDefaults(options));

/** Builds the renewal info of an active subscription. It belongs to {@link buildTransaction} with the same options, `nowMs` and `random` among them. */
const draftRenewalInfo = (options: PayloadDraft = {}): JsonObject => buildRenewalInfo(withDefaults(options));

/** Builds the app transaction of one installation. */
const draftAppTransaction = (options: PayloadDraft = {}): JsonObject => buildAppTransaction(withDefaults(options));

/** Builds a Retention Messaging API request, which also arrives as `{"signedPayload":…}` but has no notificationType. */
const draftRealtimeRequest = (options: PayloadDraft = {}): JsonObject => buildRealtimeRequest(withDefaults(options));

/** Builds the body of a version 1 DID_RENEW notification: plain JSON, unsigned, with a random `password`. */
const draftLegacyBody = (options: PayloadDraft = {}): JsonObject => buildLegacyBody(withDefaults(options));

/** Builds a transaction of StoreKit Testing: environment Xcode, ids from 0, dates with fractions of a millisecond. */
const draftXcodeTransaction = (options: PayloadDraft = {}): JsonObject => buildXcodeTransaction(withDefaults(options));

/** Creates a root certificate with a fresh key: P-384, ECDSA with SHA-384, as Apple Root CA - G3. */
const newAuthority = (options: Partial<AuthorityOptions> = {}): Promise<Authority> =>
  createAuthority({ nowMs: now(), ...options });

/** Creates a signer like that of StoreKit Testing in Xcode: one self-signed P-256 certificate, valid for a year. */
const newXcodeSigner = (options: { readonly nowMs?: number } = {}): Promise<Signer> =>
  createXcodeSigner({ nowMs: now(), ...options });

/**
 * Creates a payload that fails verification for exactly the given reason, by one change to a valid one. Everything else
 * stays valid: unless the signature is the defect, the changed payload is signed again. Without an `authority` its root is that of
 * {@link createTestNotification}.
 * Throws (usage) `ERR_SIMULATOR_OCSP_URL` for CERTIFICATE_REVOKED without `ocspUrls`, `ERR_SIMULATOR_NOT_NESTED` for
 * NESTED_MISMATCH of a type without nested tokens, and the errors of `buildNotification`.
 */
const forgeDraft = async (reason: ForgeableReason, options: ForgeryDraft = {}): Promise<Forgery> =>
  forge(reason, { ...withDefaults(options), authority: options.authority ?? (await sharedAuthority()) });

export {
  buildDraft as buildNotification,
  draftAppTransaction as buildAppTransaction,
  draftLegacyBody as buildLegacyBody,
  draftRealtimeRequest as buildRealtimeRequest,
  draftRenewalInfo as buildRenewalInfo,
  draftTransaction as buildTransaction,
  draftXcodeTransaction as buildXcodeTransaction,
  forgeDraft as forge,
  newAuthority as createAuthority,
  newXcodeSigner as createXcodeSigner,
};

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
