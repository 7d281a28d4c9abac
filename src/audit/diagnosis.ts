import { ALGORITHM_FIX, ANCHOR_FIX, LINK_FIX, SIGNATURE_FIX } from './forgeries/texts.js';

/** The missing check that explains most of the accepted forgeries. */
export interface Diagnosis {
  /** One sentence without a full stop: `this endpoint does not check bundleId`. */
  readonly text: string;
  readonly fix: string;
}

/** Part of an attempt: null if it is inconclusive. */
interface Rated {
  readonly id: string;
  readonly believed: boolean | null;
}

/** Ids of the accepted and of the rejected forgeries; one in neither set was not sent or is inconclusive. */
interface Outcome {
  readonly accepted: ReadonlySet<string>;
  readonly rejected: ReadonlySet<string>;
  /** Forgeries that only the check of the root could have rejected: the endpoint is not known to trust the test authority. */
  readonly isAuthorityForeign: boolean;
}

/** A missing check. */
interface Cause {
  /** The endpoint's defect, as the words after "this endpoint"; null if the outcome does not show this cause. */
  readonly describe: (outcome: Outcome) => string | null;
  /** True for a forgery that the missing check would have rejected. */
  readonly explains: (id: string, outcome: Outcome) => boolean;
  readonly fix: string;
}

/**
 * Names the missing check that explains most of the accepted forgeries, from nothing but which ones were accepted and rejected. Null if
 * none was accepted. Of causes that explain equally many, the one with the graver impact wins. Pure.
 */
export function diagnose(attempts: readonly Rated[], trustsAuthority: boolean | null): Diagnosis | null {
  const idsOf = (believed: boolean): ReadonlySet<string> =>
    new Set(attempts.filter((attempt) => attempt.believed === believed).map(({ id }) => baseOf(id)));
  const outcome = { accepted: idsOf(true), rejected: idsOf(false), isAuthorityForeign: trustsAuthority !== true };
  const total = outcome.accepted.size;
  if (total === 0) return null;
  let best: { readonly said: string; readonly fix: string; readonly count: number } | null = null;
  for (const { describe, explains, fix } of CAUSES) {
    const said = describe(outcome);
    if (said === null) continue;
    const count = [...outcome.accepted].filter((id) => explains(id, outcome)).length;
    if (best === null || count > best.count) best = { said, fix, count };
  }
  if (best === null) return null;
  const share = best.count === total ? '' : ` (explains ${best.count} of ${total} accepted forgeries)`;
  return { text: `this endpoint ${best.said}${share}`, fix: best.fix };
}

/** `genuine.other-app-2` is the second token of one forgery. */
function baseOf(id: string): string {
  return id.startsWith('genuine.') ? id.replace(/-\d+$/, '') : id;
}

/** Forgeries without a valid signature of the leaf. */
const UNSIGNED = [
  ...['forged.tampered-payload', 'forged.wrong-key', 'forged.empty-signature', 'forged.zero-signature'],
  ...['forged.swapped-nested', 'genuine.tampered-payload', 'genuine.wrong-key'],
  ...['genuine.empty-signature', 'genuine.zero-signature'],
];

/** Accepted only where no signature is verified; an empty or a zero one may be an error of the implementation. */
const WRONG_SIGNATURES = [
  'forged.wrong-key',
  'forged.tampered-payload',
  'genuine.wrong-key',
  'genuine.tampered-payload',
];

const NO_ALGORITHM = ['forged.alg-none', 'forged.alg-none-capital', 'forged.alg-none-upper', 'genuine.alg-none'];

const HMAC = [
  ...['forged.hs256-public-key', 'forged.hs256-certificate', 'forged.hs256-x5c', 'forged.kid-empty-secret'],
  'genuine.hs256-public-key',
];

const HEADER_KEYS = ['forged.jwk', 'forged.jku', 'forged.x5u'];

const FOREIGN_CHAINS = ['forged.self-made-chain', 'forged.foreign-root', 'forged.one-certificate'];

const BROKEN_LINKS = ['forged.genuine-root-appended', 'forged.leaf-not-issued', 'forged.intermediate-not-issued'];

const UNVERIFIED_ENVIRONMENTS = ['forged.xcode', 'forged.local-testing'];

const NOT_CA = ['forged.leaf-as-ca', 'forged.intermediate-not-ca'];

const COUNTS = ['forged.two-certificates', 'forged.four-certificates'];

const MARKERS = ['forged.leaf-without-oid', 'forged.intermediate-without-oid'];

const DATES = ['forged.expired-chain', 'forged.not-yet-valid'];

const NESTED = ['forged.genuine-nested', 'genuine.nested'];

const OTHER_APP = ['forged.other-app', 'genuine.other-app'];

const TRANSACTION = ['forged.transaction', 'genuine.transaction'];

/** Every chain that is not Apple's or not sound: refused by an endpoint that builds the chain up to Apple's root. */
const CHAINS = [...FOREIGN_CHAINS, ...BROKEN_LINKS, ...NOT_CA, ...COUNTS, ...MARKERS, ...DATES];

function hasAny(ids: ReadonlySet<string>, wanted: readonly string[]): boolean {
  return wanted.some((id) => ids.has(id));
}

/** A cause shown by any of its own forgeries. */
function shownBy(own: readonly string[], said: string, fix: string): Cause {
  return {
    describe: ({ accepted }) => (hasAny(accepted, own) ? said : null),
    explains: (id) => own.includes(id),
    fix,
  };
}

/** Forgeries correctly signed by the test authority: refused by an endpoint that trusts Apple's root only. */
function isForeignSigned(id: string, { isAuthorityForeign }: Outcome): boolean {
  return isAuthorityForeign && (id === OTHER_APP[0] || id === TRANSACTION[0] || id === 'forged.der-signature');
}

function notVerifying({ accepted }: Outcome): boolean {
  return hasAny(accepted, WRONG_SIGNATURES);
}

/** Gravest first. */
const CAUSES: readonly Cause[] = [
  {
    describe(outcome) {
      if (!notVerifying(outcome)) return null;
      const { accepted, rejected } = outcome;
      if (hasAny(accepted, FOREIGN_CHAINS) || !hasAny(rejected, FOREIGN_CHAINS)) return 'does not verify signatures';
      return hasAny(accepted, NESTED)
        ? 'verifies the nested tokens, but not the signature of the notification around them'
        : "checks the certificates in the token, but not the token's signature";
    },
    explains(id, outcome) {
      if (hasAny(outcome.accepted, FOREIGN_CHAINS)) {
        const known = [...UNSIGNED, ...NO_ALGORITHM, ...HMAC, ...HEADER_KEYS, ...CHAINS, ...NESTED];
        return known.includes(id) || UNVERIFIED_ENVIRONMENTS.includes(id) || isForeignSigned(id, outcome);
      }
      return [...UNSIGNED, ...NO_ALGORITHM, ...HMAC, ...NESTED].includes(id);
    },
    fix: SIGNATURE_FIX,
  },
  {
    describe(outcome) {
      const { accepted, rejected } = outcome;
      if (notVerifying(outcome) || !hasAny(accepted, FOREIGN_CHAINS)) return null;
      return accepted.has('forged.self-made-chain') && rejected.has('forged.foreign-root')
        ? "compares the names in the certificates (x5c) instead of trusting only Apple's root"
        : "trusts the certificates in the token (x5c) instead of Apple's root";
    },
    explains: (id, outcome) => [...CHAINS, ...NESTED, 'forged.xcode'].includes(id) || isForeignSigned(id, outcome),
    fix: ANCHOR_FIX,
  },
  {
    describe: (outcome) =>
      !notVerifying(outcome) && !hasAny(outcome.accepted, FOREIGN_CHAINS) && hasAny(outcome.accepted, NESTED)
        ? 'verifies the nested tokens, but not the notification around them'
        : null,
    explains: (id) => NESTED.includes(id) || id === 'forged.swapped-nested',
    fix: SIGNATURE_FIX,
  },
  shownBy(BROKEN_LINKS, "does not verify that each certificate was issued by the next, up to Apple's root", LINK_FIX),
  {
    describe({ accepted }) {
      const names = HEADER_KEYS.filter((id) => accepted.has(id)).map((id) => id.replace('forged.', ''));
      return names.length === 0 ? null : `trusts a key in the token's header (${names.join(', ')})`;
    },
    explains: (id) => HEADER_KEYS.includes(id),
    fix: `Ignore jwk, jku, x5u and kid. ${ANCHOR_FIX}`,
  },
  {
    describe({ accepted }) {
      const names = [...(hasAny(accepted, NO_ALGORITHM) ? ['none'] : []), ...(hasAny(accepted, HMAC) ? ['HS256'] : [])];
      return names.length === 0 ? null : `accepts other algorithms than ES256 (${names.join(', ')})`;
    },
    explains: (id) => NO_ALGORITHM.includes(id) || HMAC.includes(id),
    fix: ALGORITHM_FIX,
  },
  shownBy(
    ['forged.empty-signature', 'genuine.empty-signature', 'forged.zero-signature', 'genuine.zero-signature'],
    'accepts empty or zero signatures',
    SIGNATURE_FIX,
  ),
  shownBy(['forged.swapped-nested'], 'does not verify that the signature covers the nested tokens', SIGNATURE_FIX),
  {
    describe({ accepted }) {
      const names = { 'forged.xcode': 'Xcode', 'forged.local-testing': 'LocalTesting' };
      const found = Object.entries(names).flatMap(([id, name]) => (accepted.has(id) ? [name] : []));
      return found.length === 0 ? null : `does not verify tokens of the environment ${found.join(' and ')}`;
    },
    explains: (id) => UNVERIFIED_ENVIRONMENTS.includes(id),
    fix: 'Create the verifier for Production or Sandbox, never for the environment in a token.',
  },
  shownBy(
    ['forged.version-1'],
    'accepts version 1 notifications, which are unsigned',
    'Reject version 1, and set version 2 in App Store Connect.',
  ),
  {
    ...shownBy(
      NOT_CA,
      'does not check that the issuer of each certificate is a CA',
      'Check basicConstraints: every issuer must be a CA under the pinned root.',
    ),
    explains: (id) => NOT_CA.includes(id) || id === 'forged.four-certificates',
  },
  shownBy(
    MARKERS,
    'does not check the marker OIDs',
    'Require 1.2.840.113635.100.6.11.1 in the leaf and 1.2.840.113635.100.6.2.1 in the intermediate.',
  ),
  shownBy(
    OTHER_APP,
    'does not check bundleId',
    'Compare bundleId, and appAppleId in Production, with those of your app.',
  ),
  shownBy(
    TRANSACTION,
    'does not check that the payload is a notification',
    'Accept notifications only: require notificationType and notificationUUID.',
  ),
  shownBy(
    DATES,
    'does not check the validity dates of the certificates',
    'Check the validity of all three certificates at the signed date, or now.',
  ),
  shownBy(
    COUNTS,
    'does not check the number of certificates in x5c',
    'Accept exactly three certificates in x5c: leaf, intermediate, root.',
  ),
  shownBy(
    ['forged.der-signature'],
    'accepts signatures encoded as DER',
    'Accept signatures of exactly 64 bytes (RFC 7518 section 3.4), and deduplicate by notificationUUID.',
  ),
];
