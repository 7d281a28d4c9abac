import { ES256_SIGNATURE_BYTES, signJws } from '../../jws/es256.js';
import { type JsonObject, stringifyJson } from '../../jws/json.js';
import type { SigningChain } from '../../simulator/authority/chain.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { type AuditForgery, type ForgeryFacts, type ForgeryKit, fillDraft, idsOf, postOf } from '../forgery.js';
import { derSignedToken, hmacToken, pemOf, signingInput, unrelatedKey, withSignature } from '../signers.js';
import {
  ALGORITHM_CHECK,
  ALGORITHM_FIX,
  ANCHOR_FIX,
  FORGE_ANYTHING,
  SIGNATURE_CHECK,
  SIGNATURE_FIX,
  X5C_CHECK,
} from './texts.js';

const SIGNATURE_FACTS: Omit<ForgeryFacts, 'id' | 'title'> = {
  severity: 'critical',
  impact: `The chain can be copied from any App Store token. ${FORGE_ANYTHING}`,
  fix: SIGNATURE_FIX,
  appleCheck: SIGNATURE_CHECK,
  requires: 'authority',
};

/** Forgeries with a valid chain and a signature that does not match. */
export const SIGNATURE_FORGERIES: readonly AuditForgery[] = [
  {
    ...SIGNATURE_FACTS,
    id: 'forged.tampered-payload',
    title: 'a payload modified after it was signed',
    make: async (kit) => {
      const before = kit.draft();
      const after = kit.draft();
      const [header, , signature] = signPayload(fillDraft(before, kit.chain), kit.chain).split('.');
      const payload = Buffer.from(stringifyJson(fillDraft(after, kit.chain))).toString('base64url');
      return postOf([header, payload, signature].join('.'), after.ids);
    },
  },
  {
    ...SIGNATURE_FACTS,
    id: 'forged.wrong-key',
    title: 'a valid chain with a signature of another key',
    make: async ({ draft, chain }) => {
      const made = draft();
      const { privateKey } = unrelatedKey();
      return postOf(signJws(fillDraft(made, chain), { key: privateKey, header: { x5c: chain.x5c } }), made.ids);
    },
  },
  { ...SIGNATURE_FACTS, id: 'forged.empty-signature', title: 'an empty signature', make: withBytes(0) },
  {
    ...SIGNATURE_FACTS,
    id: 'forged.zero-signature',
    title: 'a signature of 64 zero bytes (r = s = 0)',
    impact: `Some ECDSA implementations accept it for any message (CVE-2022-21449). ${SIGNATURE_FACTS.impact}`,
    make: withBytes(ES256_SIGNATURE_BYTES),
  },
  {
    ...SIGNATURE_FACTS,
    id: 'forged.der-signature',
    severity: 'medium',
    title: 'a valid signature, encoded as DER instead of 64 raw bytes',
    impact:
      'The same notification has more than one encoding, so deduplicating by bytes misses duplicates; use notificationUUID.',
    fix: 'Accept signatures of exactly 64 bytes (RFC 7518 section 3.4), and deduplicate by notificationUUID.',
    make: async ({ draft, chain }) => {
      const made = draft();
      const header = { alg: 'ES256', x5c: chain.x5c };
      return postOf(derSignedToken(header, fillDraft(made, chain), chain.leafKey), made.ids);
    },
  },
  {
    ...SIGNATURE_FACTS,
    id: 'forged.swapped-nested',
    title: 'nested tokens of another purchase in a signed notification',
    impact:
      'A notification of a cheap purchase becomes one of an expensive one: every nested token is genuine, the notification is not.',
    make: async (kit) => {
      const { chain } = kit;
      const signed = fillDraft(kit.draft(), chain);
      const other = kit.draft();
      const [header, , signature] = signPayload(signed, chain).split('.');
      const payload = { ...signed, ...pick(other, kit) };
      const ids = { ...other.ids, notificationUUID: idsOf(payload, undefined).notificationUUID };
      return postOf([header, Buffer.from(stringifyJson(payload)).toString('base64url'), signature].join('.'), ids);
    },
  },
  {
    ...SIGNATURE_FACTS,
    id: 'forged.genuine-nested',
    title: 'genuine nested tokens in a forged notification',
    impact:
      'Every user of an app has genuine transactions of it and can claim that they were refunded, revoked or renewed.',
    fix: `${SIGNATURE_FIX} Valid nested tokens do not authenticate the notification around them.`,
    appleCheck: 'verifyAndDecodeNotification always verifies the outer token.',
    make: async ({ draft, chain, lookalike }) => {
      const made = draft();
      return postOf(signPayload(fillDraft(made, chain), lookalike), made.ids);
    },
  },
];

function withBytes(count: number): AuditForgery['make'] {
  return async ({ draft, chain }) => {
    const made = draft();
    const input = signingInput({ alg: 'ES256', x5c: chain.x5c }, fillDraft(made, chain));
    return postOf(withSignature(input, new Uint8Array(count)), made.ids);
  };
}

/** The `data` of another notification. */
function pick(other: ReturnType<ForgeryKit['draft']>, { chain }: ForgeryKit) {
  const { data } = fillDraft(other, chain);
  return data === undefined ? {} : { data };
}

const ALGORITHM_FACTS: Omit<ForgeryFacts, 'id' | 'title'> = {
  severity: 'critical',
  impact: FORGE_ANYTHING,
  fix: ALGORITHM_FIX,
  appleCheck: ALGORITHM_CHECK,
  requires: 'authority',
};

/** Algorithm-downgrade attempts, and forgeries that supply the verification key themselves. */
export const ALGORITHM_FORGERIES: readonly AuditForgery[] = [
  algNone('forged.alg-none', 'none'),
  algNone('forged.alg-none-capital', 'None'),
  algNone('forged.alg-none-upper', 'NONE'),
  keyConfusion('forged.hs256-public-key', "the leaf's public key as the HMAC secret", (chain) =>
    pemOf(chain.leaf.publicKey),
  ),
  keyConfusion('forged.hs256-certificate', 'the leaf certificate as the HMAC secret', (chain) => chain.leaf.toString()),
  keyConfusion('forged.hs256-x5c', 'the text of x5c[0] as the HMAC secret', (chain) => chain.x5c[0]),
  {
    ...ALGORITHM_FACTS,
    id: 'forged.kid-empty-secret',
    title: 'HMAC with an empty secret, and a path as the kid',
    fix: `${ALGORITHM_FIX} A kid is untrusted input: never use it as a path or in a query.`,
    appleCheck: X5C_CHECK,
    requires: 'nothing',
    make: async ({ draft, lookalike }) => {
      const made = draft();
      return postOf(hmacToken({ kid: '../../../../dev/null' }, fillDraft(made, lookalike), ''), made.ids);
    },
  },
  headerKey('forged.jwk', 'jwk: the key itself', (jwk) => ({ jwk })),
  headerKey('forged.jku', 'jku: URL of keys', (jwk) => ({
    jku: dataUrl('application/json', JSON.stringify({ keys: [{ ...jwk, kid: 'apple', use: 'sig', alg: 'ES256' }] })),
    kid: 'apple',
  })),
  headerKey('forged.x5u', 'x5u: URL of certificates', (_jwk, chain) => ({
    x5u: dataUrl('application/x-pem-file', `${chain.leaf}${chain.intermediate}${chain.root}`),
  })),
];

function algNone(id: ForgeryFacts['id'], alg: string): AuditForgery {
  return {
    ...ALGORITHM_FACTS,
    id,
    title: `no signature, and alg ${alg} in the header`,
    make: async ({ draft, chain }) => {
      const made = draft();
      return postOf(withSignature(signingInput({ alg, x5c: chain.x5c }, fillDraft(made, chain)), ''), made.ids);
    },
  };
}

function keyConfusion(id: ForgeryFacts['id'], title: string, secretOf: (chain: SigningChain) => string): AuditForgery {
  return {
    ...ALGORITHM_FACTS,
    id,
    title: `alg HS256, ${title}`,
    make: async ({ draft, chain }) => {
      const made = draft();
      return postOf(hmacToken({ x5c: chain.x5c }, fillDraft(made, chain), secretOf(chain)), made.ids);
    },
  };
}

/** Key in the header instead of `x5c`. URLs are `data:` URLs, so that no server is contacted. */
function headerKey(
  id: ForgeryFacts['id'],
  title: string,
  headerOf: (jwk: JsonObject, lookalike: SigningChain) => JsonObject,
): AuditForgery {
  return {
    ...ALGORITHM_FACTS,
    id,
    title: `no x5c, but the sender's own key in the header (${title})`,
    fix: `Ignore jwk, jku, x5u and kid. ${ANCHOR_FIX}`,
    appleCheck: X5C_CHECK,
    requires: 'nothing',
    make: async ({ draft, lookalike }) => {
      const made = draft();
      // The key of the leaf, so that jwk and x5u agree.
      const jwk = lookalike.leaf.publicKey.export({ format: 'jwk' }) as JsonObject;
      const header = headerOf(jwk, lookalike);
      return postOf(signJws(fillDraft(made, lookalike), { key: lookalike.leafKey, header }), made.ids);
    },
  };
}

function dataUrl(type: string, content: string): string {
  return `data:${type};base64,${Buffer.from(content).toString('base64')}`;
}
