/**
 * Realistic App Store Server Notifications for test suites: a certificate chain shaped like Apple's under a root of your
 * own, payloads in which ids, dates, prices and status agree, and forgeries with exactly one defect.
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
 * A verifier accepts them once it is given `authority.rootPem` as a root, and never before.
 */
export type { JsonObject } from './jws/json.js';
export type { ReasonCode } from './notification/reasons.js';
export {
  type Authority,
  type AuthorityOptions,
  createAuthority,
  type ExportedAuthority,
  exportAuthority,
  importAuthority,
} from './simulator/authority.js';
export type { CertificateName } from './simulator/certificate-plan.js';
export type { CertificateOverrides, ChainOptions, SigningChain } from './simulator/chain.js';
export { FORGEABLE_REASONS, type ForgeOptions, type Forgery, forge } from './simulator/forge.js';
export type { ForgeryNeeds } from './simulator/forgeries.js';
export type { AppEnvironment } from './simulator/payloads/app.js';
export type { BuiltNotification } from './simulator/payloads/built.js';
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
export { type SignedNotification, type Signer, signNotification, signPayload } from './simulator/sign-payload.js';
export { buildXcodeTransaction, createXcodeSigner, signAsXcode } from './simulator/xcode.js';
