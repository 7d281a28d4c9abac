import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/audit/diagnosis.js';
import { AUDIT_FORGERIES } from '../../../src/audit/forgeries/forgeries.js';

const ALL = AUDIT_FORGERIES.map(({ id }) => id);

/** Diagnosis where exactly these forgeries were accepted and all others were rejected. */
function accepting(
  accepted: readonly string[],
  { all = ALL, trusts = null }: { all?: readonly string[]; trusts?: boolean | null } = {},
) {
  const ids = new Set([...all, ...accepted]);
  return diagnose(
    [...ids].map((id) => ({ id, believed: accepted.includes(id) })),
    trusts,
  )?.text;
}

const CHAINS = AUDIT_FORGERIES.filter(({ id }) =>
  /chain|root|certificate|issued|oid|-ca$|not-yet/.test(id.replace(/hs256-certificate/, '')),
).map(({ id }) => id);

const SIGNATURES = ['forged.tampered-payload', 'forged.wrong-key', 'forged.empty-signature', 'forged.swapped-nested'];

describe('the diagnosis of an audit', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['nothing', [], undefined],
    [
      'everything but version 1',
      ALL.filter((id) => id !== 'forged.version-1'),
      'this endpoint does not verify signatures',
    ],
    ['everything', ALL, 'this endpoint does not verify signatures (explains 35 of 36 accepted forgeries)'],
    [
      'every chain, Xcode, and what the test authority signed',
      [...CHAINS, 'forged.genuine-nested', 'forged.other-app', 'forged.transaction', 'forged.xcode'],
      "this endpoint trusts the certificates in the token (x5c) instead of Apple's root",
    ],
    [
      "Apple's names",
      ['forged.self-made-chain', 'forged.genuine-root-appended'],
      "this endpoint compares the names in the certificates (x5c) instead of trusting only Apple's root",
    ],
    [
      'trusted chains without a valid signature',
      SIGNATURES,
      "this endpoint checks the certificates in the token, but not the token's signature",
    ],
    [
      'valid nested tokens in anything',
      [...SIGNATURES, 'forged.genuine-nested'],
      'this endpoint verifies the nested tokens, but not the signature of the notification around them',
    ],
    [
      "Apple's chain without a valid signature",
      ['genuine.wrong-key', 'genuine.tampered-payload', 'genuine.zero-signature'],
      "this endpoint checks the certificates in the token, but not the token's signature",
    ],
    [
      'alg none',
      ['forged.alg-none', 'forged.alg-none-upper'],
      'this endpoint accepts other algorithms than ES256 (none)',
    ],
    [
      'none and HS256',
      ['forged.alg-none', 'forged.hs256-public-key'],
      'this endpoint accepts other algorithms than ES256 (none, HS256)',
    ],
    ['jwk', ['forged.jwk', 'forged.jku'], "this endpoint trusts a key in the token's header (jwk, jku)"],
    [
      'links',
      ['forged.leaf-not-issued'],
      "this endpoint does not verify that each certificate was issued by the next, up to Apple's root",
    ],
    [
      'markers',
      ['forged.leaf-without-oid', 'forged.intermediate-without-oid'],
      'this endpoint does not check the marker OIDs',
    ],
    ['another app', ['forged.other-app'], 'this endpoint does not check bundleId'],
    ['another app, genuine', ['genuine.other-app', 'genuine.other-app-2'], 'this endpoint does not check bundleId'],
    ['a transaction', ['genuine.transaction'], 'this endpoint does not check that the payload is a notification'],
    ['dates', ['forged.expired-chain'], 'this endpoint does not check the validity dates of the certificates'],
    ['Xcode', ['forged.xcode'], 'this endpoint does not verify tokens of the environment Xcode'],
    [
      'Xcode and LocalTesting',
      ['forged.xcode', 'forged.local-testing'],
      'this endpoint does not verify tokens of the environment Xcode and LocalTesting',
    ],
    ['version 1', ['forged.version-1'], 'this endpoint accepts version 1 notifications, which are unsigned'],
    [
      'more of one cause than of another',
      ['forged.other-app', 'forged.expired-chain', 'forged.not-yet-valid'],
      'this endpoint does not check the validity dates of the certificates (explains 2 of 3 accepted forgeries)',
    ],
    [
      'as many of one as of another: the graver one',
      ['forged.other-app', 'forged.expired-chain'],
      'this endpoint does not check bundleId (explains 1 of 2 accepted forgeries)',
    ],
  ])('accepted %s', (_case, accepted, expected) => expect(accepting(accepted)).toBe(expected));

  it.each(ALL)('has a cause for %s alone', (id) => {
    expect(accepting([id])).toMatch(/^this endpoint [a-z]/);
    expect(accepting([id])).not.toContain('explains');
  });

  it('does not explain what a valid signature carries where the test authority is trusted', () => {
    expect(accepting([...CHAINS, 'forged.other-app'], { trusts: true })).toMatch(/instead of Apple's root \(explains/);
  });

  it('does not conclude from a forgery that was not sent', () => {
    expect(accepting(['forged.self-made-chain'], { all: [] })).toBe(
      "this endpoint trusts the certificates in the token (x5c) instead of Apple's root",
    );
  });
});
