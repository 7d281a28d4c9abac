import { signJws } from '../../jws/es256.js';
import { isJsonObject, type JsonObject, stringifyJson } from '../../jws/json.js';
import type { BuiltNotification } from '../payloads/assemble.js';
import type { SigningChain } from './chain.js';

/** What signing needs of a chain: any object with these two will do. */
export type Signer = Pick<SigningChain, 'leafKey'> & { readonly x5c: readonly string[] };

/** A signed notification. */
export interface SignedNotification {
  /** The compact JWS with its nested tokens. */
  readonly signedPayload: string;
  /** What the App Store posts: `{"signedPayload":"…"}`. */
  readonly body: string;
  /** The payload as signed, nested tokens in their slots. */
  readonly notification: JsonObject;
}

/** Signs one payload as the App Store does: the header holds `alg` and `x5c`, nothing else. */
export function signPayload(payload: object | string, signer: Signer): string {
  return signJws(payload, { key: signer.leafKey, header: { x5c: signer.x5c } });
}

/**
 * Signs the nested tokens, puts them into their slots and signs the whole. A slot that was set by hand stays as it is.
 * `nested` signs the nested tokens where they are to have another signer than the notification.
 */
export function signNotification(
  built: BuiltNotification,
  signer: Signer,
  { nested = signer }: { readonly nested?: Signer } = {},
): SignedNotification {
  const notification = fillSlots(built, (payload) => signPayload(payload, nested));
  const signedPayload = signPayload(notification, signer);
  return { signedPayload, body: stringifyJson({ signedPayload }), notification };
}

const SLOTS = [
  { container: 'data', field: 'signedTransactionInfo', token: 'transaction' },
  { container: 'data', field: 'signedRenewalInfo', token: 'renewalInfo' },
  { container: 'appData', field: 'signedAppTransactionInfo', token: 'appTransaction' },
] as const;

function fillSlots(built: BuiltNotification, sign: (payload: JsonObject) => string): JsonObject {
  let notification = built.notification;
  for (const { container, field, token } of SLOTS) {
    const payload = built[token];
    const around = notification[container];
    if (payload === undefined || !isJsonObject(around) || around[field] !== undefined) continue;
    notification = { ...notification, [container]: { ...around, [field]: sign(payload) } };
  }
  return notification;
}
