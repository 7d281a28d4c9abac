import { ToolError } from '../../errors.js';
import { signJws } from '../../jws/es256.js';
import { describeJson, isJsonObject, type Json, type JsonObject, stringifyJson } from '../../jws/json.js';
import type { Kind } from '../../notification/document.js';
import type { ForgeableReason } from '../../notification/reasons.js';
import type { ChainOptions, SigningChain } from '../authority/chain.js';
import { type SignedNotification, signNotification, signPayload } from '../authority/sign-payload.js';
import { createXcodeSigner, signAsXcode } from '../authority/xcode.js';
import type { App, AppEnvironment } from '../payloads/app.js';
import type { BuiltNotification } from '../payloads/assemble.js';
import { setField } from '../payloads/edits.js';
import { buildLegacyBody } from '../payloads/legacy.js';
import type { NotificationOptions } from '../payloads/notification.js';
import { buildTransaction } from '../payloads/single.js';

/** Options of `verify` that reveal a defect; an absent one does not matter. */
export interface ForgeryNeeds {
  readonly kind?: Kind;
  readonly bundleId?: string;
  readonly appAppleId?: number;
  readonly environment?: AppEnvironment;
  /** Online revocation check, with the answer that the responder must give for the leaf. */
  readonly online?: 'revoked' | 'no answer';
}

/** The valid notification, and functions that issue other chains. */
export interface ForgeryContext {
  readonly event: NotificationOptions;
  readonly app: App;
  readonly built: BuiltNotification;
  readonly chain: SigningChain;
  readonly good: SignedNotification;
  readonly issueChain: (options: ChainOptions) => Promise<SigningChain>;
  readonly issueUnderOtherRoot: () => Promise<SigningChain>;
}

interface Forged {
  readonly signedPayload: string;
  readonly changed: string;
  readonly needs?: ForgeryNeeds;
}

const DAY_MS = 86_400_000;

/** One forgery for each reason code. Nested tokens stay valid unless they are the defect. */
export const FORGERIES: Readonly<Record<ForgeableReason, (context: ForgeryContext) => Forged | Promise<Forged>>> = {
  MALFORMED_JWS: ({ good }) => ({
    signedPayload: good.signedPayload.slice(0, good.signedPayload.lastIndexOf('.')),
    changed: 'the signature is missing',
  }),
  UNSUPPORTED_ALGORITHM: (context) => ({
    signedPayload: signWithHeader(context, { alg: 'none', x5c: context.chain.x5c }),
    changed: 'the header has alg none',
  }),
  MALFORMED_PAYLOAD: ({ good, chain }) => ({
    signedPayload: signPayload(setField(good.notification, ['version'], 2), chain),
    changed: 'version is a number where Apple documents a string',
  }),
  WRONG_KIND: (context) => ({
    signedPayload: nestedTransaction(context),
    changed: 'a valid transaction instead of a notification',
    needs: { kind: 'notification' },
  }),
  CHAIN_MISSING: (context) => ({
    signedPayload: signWithHeader(context, {}),
    changed: 'the header has no x5c',
  }),
  CHAIN_LENGTH: ({ good, chain }) => ({
    signedPayload: signPayload(good.notification, { ...chain, x5c: chain.x5c.slice(0, 2) }),
    changed: 'the root is missing from x5c',
  }),
  CERTIFICATE_UNREADABLE: ({ good, chain }) => ({
    signedPayload: signPayload(good.notification, { ...chain, x5c: [truncate(chain.x5c[0]), ...chain.x5c.slice(1)] }),
    changed: 'the second half of the leaf certificate is missing',
  }),
  UNTRUSTED_ROOT: async ({ good, issueUnderOtherRoot }) => ({
    signedPayload: signPayload(good.notification, await issueUnderOtherRoot()),
    changed: 'the chain ends in another root of the same name',
  }),
  CHAIN_BROKEN: defectiveChain({ leaf: { signedByStranger: true } }, 'the leaf is not signed by the intermediate'),
  MISSING_MARKER_OID: defectiveChain({ leaf: { marker: false } }, 'the leaf lacks the marker extension'),
  CERTIFICATE_EXPIRED: (context) =>
    defectiveChain({ leaf: expiredAt(context.event.nowMs) }, 'the leaf expired a day before the signing time')(context),
  CERTIFICATE_NOT_YET_VALID: (context) =>
    defectiveChain(
      { leaf: { notBeforeMs: context.event.nowMs + DAY_MS } },
      'the leaf becomes valid a day after the signing time',
    )(context),
  CERTIFICATE_REVOKED: ({ good }) => ({
    signedPayload: good.signedPayload,
    changed: 'no change: the OCSP responder reports the leaf as revoked',
    needs: { online: 'revoked' },
  }),
  REVOCATION_UNKNOWN: ({ good }) => ({
    signedPayload: good.signedPayload,
    changed: 'no change: the OCSP responder does not answer',
    needs: { online: 'no answer' },
  }),
  SIGNATURE_MISMATCH: ({ good }) => ({
    signedPayload: withChangedPayload(good),
    changed: 'the last digit of notificationUUID changed after signing',
  }),
  BUNDLE_ID_MISMATCH: ({ app, built, chain }) => ({
    signedPayload: signEdited(built, { bundleId: () => `${app.bundleId}.other` }, chain),
    changed: 'the bundle id is that of another app',
    needs: { bundleId: app.bundleId },
  }),
  APP_APPLE_ID_MISMATCH: ({ app, built, chain }) => ({
    signedPayload: signEdited(built, { appAppleId: () => app.appAppleId + 1 }, chain),
    changed: 'the app Apple ID is that of another app',
    needs: { appAppleId: app.appAppleId },
  }),
  ENVIRONMENT_MISMATCH: ({ app, built, chain }) => ({
    signedPayload: signEdited(built, environmentEdits(app.environment), chain),
    changed: 'the environment is the other one',
    needs: { environment: app.environment },
  }),
  AMBIGUOUS_APP: ({ good, chain }) => ({
    signedPayload: signPayload(withTwoContainers(good.notification), chain),
    changed: 'two objects that no version of the documentation knows each name the app',
  }),
  NESTED_MISMATCH: ({ app, built, chain }) => ({
    signedPayload: signNotification(withForeignToken(built, app), chain).signedPayload,
    changed: 'the nested token is a valid one of another app',
  }),
  XCODE_SIGNED: async ({ good, event }) => ({
    signedPayload: signAsXcode(good.notification, await createXcodeSigner(event)),
    changed: 'the signature is that of StoreKit Testing in Xcode',
  }),
  LEGACY_V1: ({ event }) => ({
    signedPayload: stringifyJson(buildLegacyBody(event)),
    changed: 'a version 1 body instead of a notification',
  }),
};

/** Only the notification is signed with the defective chain. */
function defectiveChain(options: ChainOptions, changed: string) {
  return async ({ good, issueChain }: ForgeryContext): Promise<Forged> => ({
    signedPayload: signPayload(good.notification, await issueChain(options)),
    changed,
  });
}

function signWithHeader({ good, chain }: ForgeryContext, header: JsonObject): string {
  return signJws(good.notification, { key: chain.leafKey, header });
}

/** Transaction of the notification, or any of the app if it has none. */
function nestedTransaction({ built, event, chain }: ForgeryContext): string {
  return signPayload(built.transaction ?? buildTransaction(event), chain);
}

function truncate(base64: string): string {
  const der = Buffer.from(base64, 'base64');
  return der.subarray(0, der.length / 2).toString('base64');
}

function expiredAt(nowMs: number): NonNullable<ChainOptions['leaf']> {
  return { notBeforeMs: nowMs - 30 * DAY_MS, notAfterMs: nowMs - DAY_MS };
}

function withChangedPayload({ signedPayload, notification }: SignedNotification): string {
  const [header, , signature] = signedPayload.split('.');
  const uuid = describeJson(notification.notificationUUID);
  const changed = { ...notification, notificationUUID: uuid.slice(0, -1) + (uuid.endsWith('0') ? '1' : '0') };
  return [header, Buffer.from(stringifyJson(changed)).toString('base64url'), signature].join('.');
}

/** Moves the object that names the app to a name that is not documented, and adds a second one. */
function withTwoContainers(notification: JsonObject): JsonObject {
  const containers = new Set(['data', 'summary', 'externalPurchaseToken', 'appData', 'unclaimInfo']);
  const fields = Object.entries(notification);
  const [[, container] = []] = fields.filter(([name]) => containers.has(name));
  const others = Object.fromEntries(fields.filter(([name]) => !containers.has(name)));
  return { ...others, newerData: container, evenNewerData: container };
}

/** New values by field name, at any depth of the notification and its nested payloads. */
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

/** An external purchase token has no environment field; the prefix of its id marks Sandbox. */
function environmentEdits(environment: AppEnvironment): FieldEdits {
  const other = environment === 'Sandbox' ? 'Production' : 'Sandbox';
  const externalPurchaseId = (value: Json) => {
    const id = describeJson(value);
    return other === 'Sandbox' ? `SANDBOX_${id}` : id.replace('SANDBOX_', '');
  };
  return { environment: () => other, receiptType: () => other, externalPurchaseId };
}

function withForeignToken(built: BuiltNotification, app: App): BuiltNotification {
  const bundleId = `${app.bundleId}.other`;
  const { transaction, appTransaction } = built;
  if (transaction !== undefined) return { ...built, transaction: { ...transaction, bundleId } };
  if (appTransaction !== undefined) return { ...built, appTransaction: { ...appTransaction, bundleId } };
  throw new ToolError('usage', 'ERR_SIMULATOR_NOT_NESTED', 'this notification has no nested token to replace', {
    hint: 'Use a type with a transaction, for example DID_RENEW.',
  });
}
