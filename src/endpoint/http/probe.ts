import { isJsonObject, stringifyJson } from '../../jws/json.js';
import { createAuthority } from '../../simulator/authority.js';
import { buildNotification } from '../../simulator/payloads/notification.js';
import { signPayload } from '../../simulator/sign-payload.js';
import type { World } from '../world.js';

/** Size of a real notification with two nested tokens (apple.md 1). */
export const USUAL_BODY_BYTES = 18_800;

/** Nobody's. */
const BUNDLE_ID = 'invalid.storewire.check';
/** How many bytes of the body one of padding makes: it is in two tokens, which are in a third, each in base64. */
const GROWTH = 2 * (4 / 3) ** 2;

/**
 * A body like Apple's in shape and size that no server can take for Apple's: its chain is made up on the spot and its signature signs
 * nothing. Its type is TEST and its app nobody's, so that a server that believes it all the same has nothing to do.
 */
export async function makeProbe({ now, random }: Pick<World, 'now' | 'random'>): Promise<string> {
  const nowMs = now();
  const chain = await (await createAuthority({ nowMs })).issueChain();
  const { notification } = buildNotification({ type: 'TEST', nowMs, random, bundleId: BUNDLE_ID });
  const data = isJsonObject(notification.data) ? notification.data : {};
  const make = (padding: number): string => {
    const token = unsigned(signPayload({ bundleId: BUNDLE_ID, padding: 'x'.repeat(padding) }, chain));
    const filled = { ...data, signedTransactionInfo: token, signedRenewalInfo: token };
    return stringifyJson({ signedPayload: unsigned(signPayload({ ...notification, data: filled }, chain)) });
  };
  const missing = Math.max(0, USUAL_BODY_BYTES - make(0).length);
  return make(Math.round(missing / GROWTH));
}

/** An ES256 signature has 64 bytes; these are nobody's. */
const NO_SIGNATURE = Buffer.alloc(64, 1).toString('base64url');

function unsigned(jws: string): string {
  return `${jws.slice(0, jws.lastIndexOf('.'))}.${NO_SIGNATURE}`;
}
