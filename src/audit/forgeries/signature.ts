import { ES256_SIGNATURE_BYTES, signJws } from '../../jws/es256.js';
import { type JsonObject, stringifyJson } from '../../jws/json.js';
import type { SigningChain } from '../../simulator/authority/chain.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { type Forgery, type ForgeryFacts, type ForgeryKit, fillDraft, idsOf, postOf } from '../forgery.js';
import { derSignedToken, hmacToken, pemOf, signingInput, strangerKey, withSignature } from '../signers.js';
import {
  ALGORITHM_CHECK,
  ALGORITHM_FIX,
  ANCHOR_FIX,
  FORGE_ANYTHING,
  SIGNATURE_CHECK,
  SIGNATURE_FIX,
  X5C_CHECK,
} from './texts.js';

const CHEATED: Omit<ForgeryFacts, 'id' | 'title'> = {
  severity: 'critical',
  gain: `The chain can be copied from any token of the App Store. ${FORGE_ANYTHING}`,
  fix: SIGNATURE_FIX,
  appleCheck: SIGNATURE_CHECK,
  rests: 'authority',
};

/** Forgeries under a chain in order, whose signature does not belong to what they say. */
export const SIGNATURE_FORGERIES: readonly Forgery[] = [
  {
    ...CHEATED,
    id: 'forged.tampered-payload',
    title: 'a payload that was changed after it was signed',
    make: async (workshop) => {
      const before = workshop.draft();
      const after = workshop.draft();
      const [header, , signature] = signPayload(fillDraft(before, workshop.chain), workshop.chain).split('.');
      const payload = Buffer.from(stringifyJson(fillDraft(after, workshop.chain))).toString('base64url');
      return postOf([header, payload, signature].join('.'), after.ids);
    },
  },
  {
    ...CHEATED,
    id: 'forged.wrong-key',
    title: 'a chain in order, and a signature of another key',
    make: async ({ draft, chain }) => {
      const made = draft();
      const { privateKey } = strangerKey();
      return postOf(signJws(fillDraft(made, chain), { key: privateKey, header: { x5c: chain.x5c } }), made.ids);
    },
  },
  { ...CHEATED, id: 'forged.empty-signature', title: 'a signature of no bytes', make: withBytes(0) },
  {
    ...CHEATED,
    id: 'forged.zero-signature',
    title: 'a signature of 64 zeros (r = s = 0)',
    gain: `Some ECDSA code takes it for every message (CVE-2022-21449). ${CHEATED.gain}`,
    make: withBytes(ES256_SIGNATURE_BYTES),
  },
  {
    ...CHEATED,
    id: 'forged.der-signature',
    severity: 'medium',
    title: 'a true signature, encoded as DER instead of 64 raw bytes',
    gain: 'The same notification in more than one spelling: whoever tells repeats by their bytes is told of one twice.',
    fix: 'Take signatures of exactly 64 bytes, as RFC 7518 section 3.4 has them, and tell repeats by notificationUUID.',
    make: async ({ draft, chain }) => {
      const made = draft();
      const header = { alg: 'ES256', x5c: chain.x5c };
      return postOf(derSignedToken(header, fillDraft(made, chain), chain.leafKey), made.ids);
    },
  },
  {
    ...CHEATED,
    id: 'forged.swapped-nested',
    title: 'nested tokens of another purchase put into a signed notification',
    gain: 'A notification of a cheap purchase becomes one of a dear one: each nested token is genuine, the whole is not.',
    make: async (workshop) => {
      const { chain } = workshop;
      const signed = fillDraft(workshop.draft(), chain);
      const other = workshop.draft();
      const [header, , signature] = signPayload(signed, chain).split('.');
      const payload = { ...signed, ...pick(other, workshop) };
      const ids = { ...other.ids, notificationUUID: idsOf(payload, undefined).notificationUUID };
      return postOf([header, Buffer.from(stringifyJson(payload)).toString('base64url'), signature].join('.'), ids);
    },
  },
  {
    ...CHEATED,
    id: 'forged.genuine-nested',
    title: 'genuine nested tokens in a notification that anyone wrote',
    gain: 'Anyone who uses an app holds genuine transactions of it, and can say of them that they were refunded, revoked or renewed.',
    fix: `${SIGNATURE_FIX} Nested tokens prove themselves, not what the notification says about them.`,
    appleCheck: 'verifyAndDecodeNotification verifies the outer token for itself, whatever is nested in it.',
    make: async ({ draft, chain, impostor }) => {
      const made = draft();
      return postOf(signPayload(fillDraft(made, chain), impostor), made.ids);
    },
  },
];

function withBytes(count: number): Forgery['make'] {
  return async ({ draft, chain }) => {
    const made = draft();
    const input = signingInput({ alg: 'ES256', x5c: chain.x5c }, fillDraft(made, chain));
    return postOf(withSignature(input, new Uint8Array(count)), made.ids);
  };
}

/** The `data` of another notification, under the UUID of the first. */
function pick(other: ReturnType<ForgeryKit['draft']>, { chain }: ForgeryKit) {
  const { data } = fillDraft(other, chain);
  return data === undefined ? {} : { data };
}

const UNSIGNED: Omit<ForgeryFacts, 'id' | 'title'> = {
  severity: 'critical',
  gain: FORGE_ANYTHING,
  fix: ALGORITHM_FIX,
  appleCheck: ALGORITHM_CHECK,
  rests: 'authority',
};

/** Forgeries that ask for a weaker check than ES256, or bring the key they are to be checked with. */
export const ALGORITHM_FORGERIES: readonly Forgery[] = [
  algNone('forged.alg-none', 'none'),
  algNone('forged.alg-none-capital', 'None'),
  algNone('forged.alg-none-upper', 'NONE'),
  confused('forged.hs256-public-key', "the leaf's public key as the secret of an HMAC", (chain) =>
    pemOf(chain.leaf.publicKey),
  ),
  confused('forged.hs256-certificate', "the leaf's certificate as the secret of an HMAC", (chain) =>
    chain.leaf.toString(),
  ),
  confused('forged.hs256-x5c', 'the text of x5c[0] as the secret of an HMAC', (chain) => chain.x5c[0]),
  {
    ...UNSIGNED,
    id: 'forged.kid-empty-secret',
    title: 'an HMAC with an empty secret, named by a kid that is a path',
    fix: `${ALGORITHM_FIX} A kid is a name from outside: never a path or part of a query.`,
    appleCheck: X5C_CHECK,
    rests: 'nothing',
    make: async ({ draft, impostor }) => {
      const made = draft();
      return postOf(hmacToken({ kid: '../../../../dev/null' }, fillDraft(made, impostor), ''), made.ids);
    },
  },
  ownKey('forged.jwk', 'jwk: the key itself', (jwk) => ({ jwk })),
  ownKey('forged.jku', 'jku: an address of keys', (jwk) => ({
    jku: dataUrl('application/json', JSON.stringify({ keys: [{ ...jwk, kid: 'apple', use: 'sig', alg: 'ES256' }] })),
    kid: 'apple',
  })),
  ownKey('forged.x5u', 'x5u: an address of certificates', (_jwk, chain) => ({
    x5u: dataUrl('application/x-pem-file', `${chain.leaf}${chain.intermediate}${chain.root}`),
  })),
];

function algNone(id: ForgeryFacts['id'], alg: string): Forgery {
  return {
    ...UNSIGNED,
    id,
    title: `no signature, and a header that says alg ${alg}`,
    make: async ({ draft, chain }) => {
      const made = draft();
      return postOf(withSignature(signingInput({ alg, x5c: chain.x5c }, fillDraft(made, chain)), ''), made.ids);
    },
  };
}

function confused(id: ForgeryFacts['id'], title: string, secretOf: (chain: SigningChain) => string): Forgery {
  return {
    ...UNSIGNED,
    id,
    title: `alg HS256, ${title}`,
    make: async ({ draft, chain }) => {
      const made = draft();
      return postOf(hmacToken({ x5c: chain.x5c }, fillDraft(made, chain), secretOf(chain)), made.ids);
    },
  };
}

/** Without `x5c`. Addresses are `data:` ones: they hold what they lead to, so that nobody anywhere is asked. */
function ownKey(
  id: ForgeryFacts['id'],
  title: string,
  headerOf: (jwk: JsonObject, impostor: SigningChain) => JsonObject,
): Forgery {
  return {
    ...UNSIGNED,
    id,
    title: `no x5c, but a key of the sender's in the header (${title})`,
    fix: `Take no key from jwk, jku, x5u or kid. ${ANCHOR_FIX}`,
    appleCheck: X5C_CHECK,
    rests: 'nothing',
    make: async ({ draft, impostor }) => {
      const made = draft();
      // The leaf's, so that jwk and x5u name one key.
      const jwk = impostor.leaf.publicKey.export({ format: 'jwk' }) as JsonObject;
      const header = headerOf(jwk, impostor);
      return postOf(signJws(fillDraft(made, impostor), { key: impostor.leafKey, header }), made.ids);
    },
  };
}

function dataUrl(type: string, content: string): string {
  return `data:${type};base64,${Buffer.from(content).toString('base64')}`;
}
