/**
 * Realistic App Store Server Notifications for test suites: a certificate chain like Apple's under your own
 * root, payloads in which ids, dates, prices and status agree, and forgeries with exactly one defect.
 *
 * ```ts
 * import { randomBytes } from 'node:crypto';
 * import { buildNotification, createAuthority, signNotification } from 'storewire/testing';
 *
 * const nowMs = Date.now();
 * const authority = await createAuthority({ nowMs });
 * const chain = await authority.issueChain();
 * const built = buildNotification({ type: 'DID_RENEW', bundleId: 'com.example.app', nowMs, random: randomBytes });
 * const { body } = signNotification(built, chain);
 * await fetch('http://localhost:4280/', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
 * ```
 *
 * A verifier accepts them only if `authority.rootPem` is one of its trusted roots.
 */

import { now, sleep } from './clock.js';
import type { Emulator, EmulatorOptions } from './emulator/options.js';

export type { EmulatedAppSettings, UrlVersion } from './emulator/app-settings.js';

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
} from './emulator/options.js';

export type { CallLimits, RateLimits } from './emulator/rate-limit.js';

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

/** {@link EmulatorOptions}; `now` and `sleep` default to the real clock. */
export type EmulatorSetup = Omit<EmulatorOptions, 'now' | 'sleep'> & Partial<Pick<EmulatorOptions, 'now' | 'sleep'>>;

/**
 * Starts an App Store emulator for one app: the Server API (test, status, history), the App Store Connect API (apps), the
 * sender with Apple's retries and an OCSP responder. Listens on two free loopback ports by default; state is kept in memory.
 *
 * ```ts
 * const emulator = await startEmulator({ authority, stateFolder, random: randomBytes, sandboxUrl: 'http://localhost:3000/apple' });
 * const { attempts } = await emulator.send({ type: 'DID_RENEW' });
 * await emulator.stop();
 * ```
 *
 * Throws ToolError `ERR_EMULATOR_PORT`, `ERR_EMULATOR_URL` and `ERR_EMULATOR_FOLDER`.
 */
export async function startEmulator(setup: EmulatorSetup): Promise<Emulator> {
  const emulator = await import('./emulator/emulator.js');
  return emulator.startEmulatorServer({ now, sleep, ...setup });
}
