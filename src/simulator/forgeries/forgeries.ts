import { ToolError } from '../../errors.js';
import { signJws } from '../../jws/es256.js';
import { isJsonObject, type Json, type JsonObject, stringifyJson } from '../../jws/json.js';
import type { Kind } from '../../notification/document.js';
import type { ReasonCode } from '../../notification/reasons.js';
import type { ChainOptions, SigningChain } from '../authority/chain.js';
import { type SignedNotification, signNotification, signPayload } from '../authority/sign-payload.js';
import { createXcodeSigner, signAsXcode } from '../authority/xcode.js';
import type { App, AppEnvironment } from '../payloads/app.js';
import type { BuiltNotification } from '../payloads/assemble.js';
import { setField } from '../payloads/edits.js';
import { buildLegacyBody } from '../payloads/legacy.js';
import type { NotificationOptions } from '../payloads/notification.js';
import { buildTransaction } from '../payloads/single.js';

/** What a verifier must be told to see a defect: options of `verify`. What is left out plays no part. */
export interface ForgeryNeeds {
  readonly kind?: Kind;
  readonly bundleId?: string;
  readonly appAppleId?: number;
  readonly environment?: AppEnvironment;
  /** Ask the OCSP responders that the chain names, and what they are to answer about the leaf. */
  readonly online?: 'revoked' | 'no answer';
}

/** The good payload and the means to change one thing in it. */
export interface Workshop {
  readonly event: NotificationOptions;
  readonly app: App;
  readonly built: BuiltNotification;
  readonly chain: SigningChain;
  readonly good: SignedNotification;
  readonly issueChain: (options: ChainOptions) => Promise<SigningChain>;
  readonly issueUnderStranger: () => Promise<SigningChain>;
}

interface Forged {
  readonly signedPayload: string;
  readonly changed: string;
  readonly needs?: ForgeryNeeds;
}

const DAY_MS = 86_400_000;

/** One way to fail for each reason code. Nested tokens stay good unless they are the point. */
export const FORGERIES: Readonly<Record<ReasonCode, (workshop: Workshop) => Forged | Promise<Forged>>> = {
  MALFORMED_JWS: ({ good }) => ({
    signedPayload: good.signedPayload.slice(0, good.signedPayload.lastIndexOf('.')),
    changed: 'the signature is cut off',
  }),
  UNSUPPORTED_ALGORITHM: (workshop) => ({
    signedPayload: signWithHeader(workshop, { alg: 'none', x5c: workshop.chain.x5c }),
    changed: 'the header says alg none',
  }),
  MALFORMED_PAYLOAD: ({ good, chain }) => ({
    signedPayload: signPayload(setField(good.notification, ['version'], 2), chain),
    changed: 'version is a number where Apple documents a string',
  }),
  WRONG_KIND: (workshop) => ({
    signedPayload: nestedTransaction(workshop),
    changed: 'a genuine transaction of the app in the place of the notification',
    needs: { kind: 'notification' },
  }),
  CHAIN_MISSING: (workshop) => ({
    signedPayload: signWithHeader(workshop, {}),
    changed: 'the header has no x5c',
  }),
  CHAIN_LENGTH: ({ good, chain }) => ({
    signedPayload: signPayload(good.notification, { ...chain, x5c: chain.x5c.slice(0, 2) }),
    changed: 'the root is left out of x5c',
  }),
  CERTIFICATE_UNREADABLE: ({ good, chain }) => ({
    signedPayload: signPayload(good.notification, { ...chain, x5c: [cutShort(chain.x5c[0]), ...chain.x5c.slice(1)] }),
    changed: 'the second half of the leaf certificate is missing',
  }),
  UNTRUSTED_ROOT: async ({ good, issueUnderStranger }) => ({
    signedPayload: signPayload(good.notification, await issueUnderStranger()),
    changed: 'the chain stands under another root of the same name',
  }),
  CHAIN_BROKEN: badChain(
    { leaf: { signedByStranger: true } },
    'the leaf was not signed with the key of the intermediate',
  ),
  MISSING_MARKER_OID: badChain({ leaf: { marker: false } }, 'the leaf lacks the marker extension'),
  CERTIFICATE_EXPIRED: (workshop) =>
    badChain({ leaf: expiredAt(workshop.event.nowMs) }, 'the leaf expired a day before it signed')(workshop),
  CERTIFICATE_NOT_YET_VALID: (workshop) =>
    badChain(
      { leaf: { notBeforeMs: workshop.event.nowMs + DAY_MS } },
      'the leaf is valid from a day later on',
    )(workshop),
  CERTIFICATE_REVOKED: ({ good }) => ({
    signedPayload: good.signedPayload,
    changed: 'nothing in the payload: the responder says that the leaf is revoked',
    needs: { online: 'revoked' },
  }),
  REVOCATION_UNKNOWN: ({ good }) => ({
    signedPayload: good.signedPayload,
    changed: 'nothing in the payload: the responder gives no answer',
    needs: { online: 'no answer' },
  }),
  SIGNATURE_MISMATCH: ({ good }) => ({
    signedPayload: withChangedPayload(good),
    changed: 'the last digit of notificationUUID was changed after signing',
  }),
  BUNDLE_ID_MISMATCH: ({ app, built, chain }) => ({
    signedPayload: signEdited(built, { bundleId: () => `${app.bundleId}.other` }, chain),
    changed: 'it is about another app: bundle id',
    needs: { bundleId: app.bundleId },
  }),
  APP_APPLE_ID_MISMATCH: ({ app, built, chain }) => ({
    signedPayload: signEdited(built, { appAppleId: () => app.appAppleId + 1 }, chain),
    changed: 'it is about another app: app Apple ID',
    needs: { appAppleId: app.appAppleId },
  }),
  ENVIRONMENT_MISMATCH: ({ app, built, chain }) => ({
    signedPayload: signEdited(built, environmentEdits(app.environment), chain),
    changed: 'it comes from the other environment',
    needs: { environment: app.environment },
  }),
  NESTED_MISMATCH: ({ app, built, chain }) => ({
    signedPayload: signNotification(withForeignToken(built, app), chain).signedPayload,
    changed: 'the nested token is one of another app, signed as well as any',
  }),
  XCODE_SIGNED: async ({ good, event }) => ({
    signedPayload: signAsXcode(good.notification, await createXcodeSigner(event)),
    changed: 'StoreKit Testing in Xcode signed it',
  }),
  LEGACY_V1: ({ event }) => ({
    signedPayload: stringifyJson(buildLegacyBody(event)),
    changed: 'a version 1 body in the place of the notification',
  }),
};

/** Only the notification is signed with the bad chain. */
function badChain(options: ChainOptions, changed: string) {
  return async ({ good, issueChain }: Workshop): Promise<Forged> => ({
    signedPayload: signPayload(good.notification, await issueChain(options)),
    changed,
  });
}

function signWithHeader({ good, chain }: Workshop, header: JsonObject): string {
  return signJws(good.notification, { key: chain.leafKey, header });
}

/** The transaction of the notification, or any of the app where it carries none. */
function nestedTransaction({ built, event, chain }: Workshop): string {
  return signPayload(built.transaction ?? buildTransaction(event), chain);
}

function cutShort(base64: string): string {
  const der = Buffer.from(base64, 'base64');
  return der.subarray(0, der.length / 2).toString('base64');
}

function expiredAt(nowMs: number): NonNullable<ChainOptions['leaf']> {
  return { notBeforeMs: nowMs - 30 * DAY_MS, notAfterMs: nowMs - DAY_MS };
}

function withChangedPayload({ signedPayload, notification }: SignedNotification): string {
  const [header, , signature] = signedPayload.split('.');
  const uuid = String(notification.notificationUUID);
  const changed = { ...notification, notificationUUID: uuid.slice(0, -1) + (uuid.endsWith('0') ? '1' : '0') };
  return [header, Buffer.from(stringifyJson(changed)).toString('base64url'), signature].join('.');
}

/** New values of fields, by name, wherever they stand in the notification or its nested payloads. */
type FieldEdits = Readonly<Record<string, (value: Json) => Json>>;

function signEdited(built: BuiltNotification, edits: FieldEdits, chain: SigningChain): string {
  const { notification, ...nested } = built;
  return signNotification({ notification: editFields(notification, edits), ...editFields(nested, edits) }, chain)
    .signedPayload;
}

function editFields(target: JsonObject, edits: FieldEdits): JsonObject {
  const edited = Object.entries(target).map(([name, value]) => {
    const edit = edits[name];
    if (value === undefined) return [name, value];
    if (edit !== undefined) return [name, edit(value)];
    return [name, isJsonObject(value) ? editFields(value, edits) : value];
  });
  return Object.fromEntries(edited);
}

/** An external purchase token names no environment: the prefix of its id tells. */
function environmentEdits(environment: AppEnvironment): FieldEdits {
  const other = environment === 'Sandbox' ? 'Production' : 'Sandbox';
  const externalPurchaseId = (id: Json) => (other === 'Sandbox' ? `SANDBOX_${id}` : String(id).replace('SANDBOX_', ''));
  return { environment: () => other, receiptType: () => other, externalPurchaseId };
}

function withForeignToken(built: BuiltNotification, app: App): BuiltNotification {
  const bundleId = `${app.bundleId}.other`;
  const { transaction, appTransaction } = built;
  if (transaction !== undefined) return { ...built, transaction: { ...transaction, bundleId } };
  if (appTransaction !== undefined) return { ...built, appTransaction: { ...appTransaction, bundleId } };
  throw new ToolError('usage', 'ERR_SIMULATOR_NOT_NESTED', 'This notification carries no nested token to exchange.', {
    hint: 'Choose a type that carries a transaction, such as DID_RENEW.',
  });
}
