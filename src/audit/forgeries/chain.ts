import { type ChainOptions, type SigningChain, toBase64 } from '../../simulator/authority/chain.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { appleRoot } from '../../trust/roots.js';
import { type DraftOptions, type Forgery, type ForgeryKit, fillDraft, type Post, postOf } from '../forgery.js';
import { issueLeaf, makeForeign, makeSelfSigned } from '../signers.js';
import {
  ANCHOR_FIX,
  CHAIN_CHECK,
  DATES_CHECK,
  FORGE_ANYTHING,
  LENGTH_CHECK,
  LIBRARY_FIX,
  LINK_FIX,
  OTHER_CERTIFICATES,
} from './texts.js';

const DAY_MS = 86_400_000;

/** Forgeries whose chain of certificates is not one that the App Store signs with. */
export const CHAIN_FORGERIES: readonly Forgery[] = [
  {
    id: 'forged.self-made-chain',
    severity: 'critical',
    title: "a self-made chain with Apple's names and marker extensions",
    gain: FORGE_ANYTHING,
    fix: ANCHOR_FIX,
    appleCheck: CHAIN_CHECK,
    rests: 'nothing',
    make: (workshop) => signedBy(workshop, workshop.impostor),
  },
  {
    id: 'forged.foreign-root',
    severity: 'critical',
    title: 'a genuine-looking leaf and intermediate under a root of somebody else',
    gain: FORGE_ANYTHING,
    fix: ANCHOR_FIX,
    appleCheck: CHAIN_CHECK,
    rests: 'nothing',
    make: async (workshop) => signedBy(workshop, await makeForeign(workshop.nowMs)),
  },
  {
    id: 'forged.genuine-root-appended',
    severity: 'critical',
    title: "Apple's genuine root put behind certificates it never issued",
    gain: FORGE_ANYTHING,
    fix: LINK_FIX,
    appleCheck: CHAIN_CHECK,
    rests: 'nothing',
    make: (workshop) => {
      const [leaf, intermediate] = workshop.impostor.x5c;
      return signedBy(workshop, workshop.impostor, [
        leaf,
        intermediate,
        Buffer.from(appleRoot().certificate.der).toString('base64'),
      ]);
    },
  },
  {
    id: 'forged.one-certificate',
    severity: 'critical',
    title: "a single self-signed certificate with Apple's name",
    gain: FORGE_ANYTHING,
    fix: ANCHOR_FIX,
    appleCheck: LENGTH_CHECK,
    rests: 'nothing',
    make: async (workshop) => {
      const { certificate, key } = await makeSelfSigned(workshop.nowMs);
      return signedBy(workshop, { ...workshop.impostor, leafKey: key }, [toBase64(certificate)]);
    },
  },
  {
    id: 'forged.two-certificates',
    severity: 'medium',
    title: 'a chain of two certificates, the root left out',
    gain: 'Nothing by itself; but whoever takes a chain of any length has no rule for what each certificate in it must be.',
    fix: 'Accept exactly three certificates in x5c: leaf, intermediate, root.',
    appleCheck: LENGTH_CHECK,
    rests: 'authority',
    make: (workshop) => signedBy(workshop, workshop.chain, workshop.chain.x5c.slice(0, 2)),
  },
  {
    id: 'forged.four-certificates',
    severity: 'critical',
    title: 'a fourth certificate in front, issued by the signing leaf',
    gain: OTHER_CERTIFICATES,
    fix: 'Accept exactly three certificates, and none issued by one that is not a certificate authority.',
    appleCheck: LENGTH_CHECK,
    rests: 'authority',
    make: async (workshop) => {
      const { chain } = workshop;
      const { certificate, key } = await issueLeaf({ certificate: chain.leaf, key: chain.leafKey });
      return signedBy(workshop, { ...chain, leafKey: key }, [toBase64(certificate), ...chain.x5c]);
    },
  },
  {
    id: 'forged.leaf-as-ca',
    severity: 'critical',
    title: 'a certificate issued by the signing leaf, which is no authority',
    gain: OTHER_CERTIFICATES,
    fix: 'Check basicConstraints: the certificate that issued the leaf must be a certificate authority under the pinned root.',
    appleCheck: CHAIN_CHECK,
    rests: 'authority',
    make: async (workshop) => {
      const { chain } = workshop;
      const { certificate, key } = await issueLeaf({ certificate: chain.leaf, key: chain.leafKey });
      return signedBy(workshop, { ...chain, leafKey: key }, [toBase64(certificate), ...chain.x5c.slice(0, 2)]);
    },
  },
  {
    id: 'forged.intermediate-not-ca',
    severity: 'critical',
    title: 'an intermediate that is no certificate authority',
    gain: OTHER_CERTIFICATES,
    fix: 'Check basicConstraints of the intermediate: it must say CA.',
    appleCheck:
      'SignedDataVerifier looks at the intermediate: one that is no CA is refused (VERIFICATION_FAILURE; java INVALID_CHAIN).',
    rests: 'authority',
    make: withChain({ intermediate: { isCa: false } }),
  },
  {
    id: 'forged.leaf-not-issued',
    severity: 'critical',
    title: 'genuine intermediate and root, and a leaf that only names them',
    gain: FORGE_ANYTHING,
    fix: LINK_FIX,
    appleCheck: CHAIN_CHECK,
    rests: 'authority',
    make: withChain({ leaf: { signedByStranger: true } }),
  },
  {
    id: 'forged.intermediate-not-issued',
    severity: 'critical',
    title: 'a genuine root, and an intermediate that only names it',
    gain: FORGE_ANYTHING,
    fix: LINK_FIX,
    appleCheck: CHAIN_CHECK,
    rests: 'authority',
    make: withChain({ intermediate: { signedByStranger: true } }),
  },
  {
    id: 'forged.leaf-without-oid',
    severity: 'high',
    title: 'a leaf without the marker extension of receipt signing',
    gain: OTHER_CERTIFICATES,
    fix: 'Require the extension 1.2.840.113635.100.6.11.1 in the leaf.',
    appleCheck:
      'SignedDataVerifier looks for 1.2.840.113635.100.6.11.1 in the leaf (VERIFICATION_FAILURE; java INVALID_CHAIN).',
    rests: 'authority',
    make: withChain({ leaf: { marker: false } }),
  },
  {
    id: 'forged.intermediate-without-oid',
    severity: 'high',
    title: 'an intermediate without the marker extension of Apple WWDR',
    gain: OTHER_CERTIFICATES,
    fix: 'Require the extension 1.2.840.113635.100.6.2.1 in the intermediate.',
    appleCheck:
      'SignedDataVerifier looks for 1.2.840.113635.100.6.2.1 in the intermediate (VERIFICATION_FAILURE; java INVALID_CHAIN).',
    rests: 'authority',
    make: withChain({ intermediate: { marker: false } }),
  },
  {
    id: 'forged.expired-chain',
    severity: 'medium',
    title: 'a leaf that had expired when it signed',
    gain: 'Whoever comes by a signing key after its time can go on signing with it for ever.',
    fix: `Check the dates of all three certificates at the signed date, or now. ${LIBRARY_FIX}`,
    appleCheck: DATES_CHECK,
    rests: 'authority',
    make: (workshop) =>
      withChain({ leaf: { notBeforeMs: workshop.nowMs - 30 * DAY_MS, notAfterMs: workshop.nowMs - DAY_MS } })(workshop),
  },
  {
    id: 'forged.not-yet-valid',
    severity: 'medium',
    title: 'a leaf that was not valid yet when it signed',
    gain: 'Dates that nobody looks at: an expired or withdrawn signing key goes on being believed.',
    fix: `Check the dates of all three certificates at the signed date, or now. ${LIBRARY_FIX}`,
    appleCheck: DATES_CHECK,
    rests: 'authority',
    make: (workshop) => withChain({ leaf: { notBeforeMs: workshop.nowMs + 2 * DAY_MS } })(workshop),
  },
];

/** A draft signed with `chain` throughout, its `x5c` another one where given. */
export async function signedBy(
  workshop: ForgeryKit,
  chain: SigningChain,
  x5c: readonly string[] = chain.x5c,
  wish?: DraftOptions,
): Promise<Post> {
  const draft = workshop.draft(wish);
  return postOf(signPayload(fillDraft(draft, chain), { leafKey: chain.leafKey, x5c }), draft.ids);
}

function withChain(options: ChainOptions): Forgery['make'] {
  return async (workshop) => signedBy(workshop, await workshop.authority.issueChain(options));
}
