import type { JsonObject } from '../../../jws/json.js';
import { signJws } from '../../../jws/sign.js';
import type { SigningChain } from '../../../simulator/chain.js';
import { type Forgery, type ForgeryFacts, postOf } from '../forgery.js';
import { hmacToken, pemOf, signingInput, withSignature } from '../token.js';
import { fillDraft } from '../workshop.js';
import { ALGORITHM_CHECK, ALGORITHM_FIX, ANCHOR_FIX, FORGE_ANYTHING, X5C_CHECK } from './words.js';

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
