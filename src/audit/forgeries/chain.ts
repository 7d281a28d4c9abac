import { type ChainOptions, type SigningChain, toBase64 } from '../../simulator/authority/chain.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { appleRoot } from '../../trust/roots.js';
import { type AuditForgery, type DraftOptions, type ForgeryKit, fillDraft, type Post, postOf } from '../forgery.js';
import { issueForeignChain, issueLeaf, makeSelfSigned } from '../signers.js';
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

/** Forgeries with a certificate chain that is not Apple's signing chain. */
export const CHAIN_FORGERIES: readonly AuditForgery[] = [
  {
    id: 'forged.self-made-chain',
    severity: 'critical',
    title: "a self-made chain with Apple's names and marker extensions",
    impact: FORGE_ANYTHING,
    fix: ANCHOR_FIX,
    appleCheck: CHAIN_CHECK,
    requires: 'nothing',
    make: (kit) => signedBy(kit, kit.lookalike),
  },
  {
    id: 'forged.foreign-root',
    severity: 'critical',
    title: 'a leaf and intermediate with Apple names under a foreign root',
    impact: FORGE_ANYTHING,
    fix: ANCHOR_FIX,
    appleCheck: CHAIN_CHECK,
    requires: 'nothing',
    make: async (kit) => signedBy(kit, await issueForeignChain(kit.nowMs)),
  },
  {
    id: 'forged.genuine-root-appended',
    severity: 'critical',
    title: "Apple's genuine root appended to certificates that it did not issue",
    impact: FORGE_ANYTHING,
    fix: LINK_FIX,
    appleCheck: CHAIN_CHECK,
    requires: 'nothing',
    make: (kit) => {
      const [leaf, intermediate] = kit.lookalike.x5c;
      return signedBy(kit, kit.lookalike, [
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
    impact: FORGE_ANYTHING,
    fix: ANCHOR_FIX,
    appleCheck: LENGTH_CHECK,
    requires: 'nothing',
    make: async (kit) => {
      const { certificate, key } = await makeSelfSigned(kit.nowMs);
      return signedBy(kit, { ...kit.lookalike, leafKey: key }, [toBase64(certificate)]);
    },
  },
  {
    id: 'forged.two-certificates',
    severity: 'medium',
    title: 'a chain of two certificates, without the root',
    impact:
      'None by itself, but an endpoint that accepts a chain of any length cannot check the role of each certificate.',
    fix: 'Accept exactly three certificates in x5c: leaf, intermediate, root.',
    appleCheck: LENGTH_CHECK,
    requires: 'authority',
    make: (kit) => signedBy(kit, kit.chain, kit.chain.x5c.slice(0, 2)),
  },
  {
    id: 'forged.four-certificates',
    severity: 'critical',
    title: 'a fourth certificate in front, issued by the signing leaf',
    impact: OTHER_CERTIFICATES,
    fix: 'Accept exactly three certificates, and none issued by a certificate that is not a CA.',
    appleCheck: LENGTH_CHECK,
    requires: 'authority',
    make: async (kit) => {
      const { chain } = kit;
      const { certificate, key } = await issueLeaf({ certificate: chain.leaf, key: chain.leafKey });
      return signedBy(kit, { ...chain, leafKey: key }, [toBase64(certificate), ...chain.x5c]);
    },
  },
  {
    id: 'forged.leaf-as-ca',
    severity: 'critical',
    title: 'a certificate issued by the signing leaf, which is not a CA',
    impact: OTHER_CERTIFICATES,
    fix: 'Check basicConstraints: the issuer of the leaf must be a CA under the pinned root.',
    appleCheck: CHAIN_CHECK,
    requires: 'authority',
    make: async (kit) => {
      const { chain } = kit;
      const { certificate, key } = await issueLeaf({ certificate: chain.leaf, key: chain.leafKey });
      return signedBy(kit, { ...chain, leafKey: key }, [toBase64(certificate), ...chain.x5c.slice(0, 2)]);
    },
  },
  {
    id: 'forged.intermediate-not-ca',
    severity: 'critical',
    title: 'an intermediate that is not a CA',
    impact: OTHER_CERTIFICATES,
    fix: 'Check basicConstraints of the intermediate: it must be a CA.',
    appleCheck:
      'SignedDataVerifier rejects an intermediate that is not a CA (VERIFICATION_FAILURE; java INVALID_CHAIN).',
    requires: 'authority',
    make: withChain({ intermediate: { isCa: false } }),
  },
  {
    id: 'forged.leaf-not-issued',
    severity: 'critical',
    title: 'a trusted intermediate and root, and a leaf that only names them as issuer',
    impact: FORGE_ANYTHING,
    fix: LINK_FIX,
    appleCheck: CHAIN_CHECK,
    requires: 'authority',
    make: withChain({ leaf: { signedByStranger: true } }),
  },
  {
    id: 'forged.intermediate-not-issued',
    severity: 'critical',
    title: 'a trusted root, and an intermediate that only names it as issuer',
    impact: FORGE_ANYTHING,
    fix: LINK_FIX,
    appleCheck: CHAIN_CHECK,
    requires: 'authority',
    make: withChain({ intermediate: { signedByStranger: true } }),
  },
  {
    id: 'forged.leaf-without-oid',
    severity: 'high',
    title: 'a leaf without the marker extension of receipt signing',
    impact: OTHER_CERTIFICATES,
    fix: 'Require the extension 1.2.840.113635.100.6.11.1 in the leaf.',
    appleCheck:
      'SignedDataVerifier requires 1.2.840.113635.100.6.11.1 in the leaf (VERIFICATION_FAILURE; java INVALID_CHAIN).',
    requires: 'authority',
    make: withChain({ leaf: { marker: false } }),
  },
  {
    id: 'forged.intermediate-without-oid',
    severity: 'high',
    title: 'an intermediate without the marker extension of Apple WWDR',
    impact: OTHER_CERTIFICATES,
    fix: 'Require the extension 1.2.840.113635.100.6.2.1 in the intermediate.',
    appleCheck:
      'SignedDataVerifier requires 1.2.840.113635.100.6.2.1 in the intermediate (VERIFICATION_FAILURE; java INVALID_CHAIN).',
    requires: 'authority',
    make: withChain({ intermediate: { marker: false } }),
  },
  {
    id: 'forged.expired-chain',
    severity: 'medium',
    title: 'a leaf that had expired when it signed',
    impact: 'A signing key that leaks after it expired can be used forever.',
    fix: `Check the validity of all three certificates at the signed date, or now. ${LIBRARY_FIX}`,
    appleCheck: DATES_CHECK,
    requires: 'authority',
    make: (kit) => withChain({ leaf: { notBeforeMs: kit.nowMs - 30 * DAY_MS, notAfterMs: kit.nowMs - DAY_MS } })(kit),
  },
  {
    id: 'forged.not-yet-valid',
    severity: 'medium',
    title: 'a leaf that was not valid yet when it signed',
    impact: 'Dates are not checked: an expired or revoked signing key stays trusted.',
    fix: `Check the validity of all three certificates at the signed date, or now. ${LIBRARY_FIX}`,
    appleCheck: DATES_CHECK,
    requires: 'authority',
    make: (kit) => withChain({ leaf: { notBeforeMs: kit.nowMs + 2 * DAY_MS } })(kit),
  },
];

/** A draft with all tokens signed by `chain`; `x5c` replaces the chain in the outer header. */
export async function signedBy(
  kit: ForgeryKit,
  chain: SigningChain,
  x5c: readonly string[] = chain.x5c,
  options?: DraftOptions,
): Promise<Post> {
  const draft = kit.draft(options);
  return postOf(signPayload(fillDraft(draft, chain), { leafKey: chain.leafKey, x5c }), draft.ids);
}

function withChain(options: ChainOptions): AuditForgery['make'] {
  return async (kit) => signedBy(kit, await kit.authority.issueChain(options));
}
