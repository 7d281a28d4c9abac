import { stringifyJson } from '../../../jws/json.js';
import { signJws } from '../../../jws/sign.js';
import { ES256_SIGNATURE_BYTES } from '../../../jws/signature.js';
import { signPayload } from '../../../simulator/sign-payload.js';
import { type Forgery, type ForgeryFacts, postOf } from '../forgery.js';
import { derSignedToken, signingInput, strangerKey, withSignature } from '../token.js';
import { fillDraft, idsOf, type Workshop } from '../workshop.js';
import { FORGE_ANYTHING, SIGNATURE_CHECK, SIGNATURE_FIX } from './words.js';

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
function pick(other: ReturnType<Workshop['draft']>, { chain }: Workshop) {
  const { data } = fillDraft(other, chain);
  return data === undefined ? {} : { data };
}
