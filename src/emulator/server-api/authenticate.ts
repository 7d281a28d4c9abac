import type { Identity } from '../identity.js';
import { checkToken } from '../jwt.js';

/** Longest life of a token. Source: docs, "Generating JSON Web Tokens for API requests". */
const MAX_TOKEN_SECONDS = 3_600;

export interface ServerApiCaller {
  readonly identity: Identity;
  readonly bundleId: string;
  readonly nowMs: number;
}

/** Why a token does not open the Server API, in words; null where it does. */
export async function tokenDefect(
  token: string | null,
  { identity, bundleId, nowMs }: ServerApiCaller,
): Promise<string | null> {
  const found = await checkToken({ token, nowMs, maxSeconds: () => MAX_TOKEN_SECONDS, keyOf: keyFinder(identity) });
  if ('defect' in found) return found.defect;
  const { iss, bid } = found.claims;
  if (iss !== identity.server.issuerId) return `iss is ${show(iss)}, the key belongs to ${identity.server.issuerId}`;
  return bid === bundleId ? null : `bid is ${show(bid)}, the app is ${bundleId}`;
}

function keyFinder({ server, connect, individual }: Identity) {
  return (keyId: string) => {
    if (keyId === server.keyId) return server.publicKey;
    return keyId === connect.keyId || keyId === individual.keyId
      ? 'the key is one of App Store Connect, and this API takes an In-App Purchase key (SubscriptionKey_….p8)'
      : `kid ${keyId} is not known, the key here is ${server.keyId}`;
  };
}

function show(claim: unknown): string {
  return claim === undefined ? 'missing' : String(claim);
}
