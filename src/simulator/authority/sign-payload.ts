import { signJws } from '../../jws/es256.js';
import { isJsonObject, type JsonObject, stringifyJson } from '../../jws/json.js';
import type { BuiltNotification } from '../payloads/assemble.js';
import type { SigningChain } from './chain.js';

/** The part of a chain that signing uses. */
export type Signer = Pick<SigningChain, 'leafKey'> & { readonly x5c: readonly string[] };

/** A signed notification. */
export interface SignedNotification {
  /** Compact JWS, nested tokens included. */
  readonly signedPayload: string;
  /** Request body of the App Store: `{"signedPayload":"…"}`. */
  readonly body: string;
  /** Payload as signed, with the nested tokens in their fields. */
  readonly notification: JsonObject;
}

/** Signs one payload as the App Store does: the header holds `alg` and `x5c` only. */
export function signPayload(payload: object | string, signer: Signer): string {
  return signJws(payload, { key: signer.leafKey, header: { x5c: signer.x5c } });
}

/**
 * Signs the nested tokens, sets their fields and signs the notification. A field that already has a value keeps it.
 * `nested` is the signer of the nested tokens, if it differs.
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
    const parent = notification[container];
    if (payload === undefined || !isJsonObject(parent) || parent[field] !== undefined) continue;
    notification = { ...notification, [container]: { ...parent, [field]: sign(payload) } };
  }
  return notification;
}
