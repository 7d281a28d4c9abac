import { Environment, SignedDataVerifier } from '@apple/app-store-server-library';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_FORGERIES } from '../../../src/audit/forgeries/forgeries.js';
import { type GenuineToken, openGenuine, planGenuine } from '../../../src/audit/forgeries/genuine.js';
import type { AuditForgery, Post } from '../../../src/audit/forgery.js';
import { createForgeryKit, type ForgeryKit } from '../../../src/audit/forgery.js';
import { createVerifier } from '../../../src/index.js';
import { type Authority, createAuthority } from '../../../src/simulator/authority/authority.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../../src/simulator/random.js';
import { parseCertificate } from '../../../src/trust/certificate.js';
import { SIGNED_AT_MS, TEST_APP } from '../../support/signing.js';

const APP = { ...TEST_APP, environment: 'Production' } as const;

let authority: Authority;
let kit: ForgeryKit;
/** In the place of Apple in these tests: an endpoint trusts it, and its tokens are the genuine ones. */
let apple: Authority;
let genuine: readonly GenuineToken[];

beforeAll(async () => {
  authority = await createAuthority({ nowMs: SIGNED_AT_MS - 86_400_000 });
  apple = await createAuthority({ nowMs: SIGNED_AT_MS - 86_400_000 });
  kit = await createForgeryKit({ app: APP, authority, nowMs: SIGNED_AT_MS, random: seededRandom('audit') });
  genuine = await genuineOf('com.example.elsewhere');
});

async function genuineOf(bundleId: string): Promise<readonly GenuineToken[]> {
  const random = seededRandom(bundleId);
  const built = buildNotification({ ...APP, bundleId, type: 'DID_RENEW', nowMs: SIGNED_AT_MS, random });
  const { signedPayload } = signNotification(built, await apple.issueChain());
  const root = { certificate: parseCertificate(apple.root.raw), name: 'Apple' };
  const opened = openGenuine(signedPayload, 'other.json', [root], SIGNED_AT_MS);
  if (typeof opened === 'string') throw new Error(opened);
  return opened;
}

/** An endpoint as it should be, by our verifier: trusts the authority and "Apple", knows its app. */
function reasonFor({ body }: Post): string | null {
  const token = (JSON.parse(body) as { signedPayload?: string }).signedPayload;
  if (token === undefined) return 'LEGACY_V1';
  const roots = [authority.rootPem, apple.rootPem];
  return createVerifier({ ...APP, kind: 'notification', roots })(token).verification.reason;
}

/** Result of Apple's library: name of the error thrown, or null if accepted. */
async function appleRefuses({ body }: Post): Promise<boolean> {
  const { signedPayload = '' } = JSON.parse(body) as { signedPayload?: string };
  const roots = [authority.root.raw, apple.root.raw];
  const { PRODUCTION } = Environment;
  const verifier = new SignedDataVerifier(roots, false, PRODUCTION, APP.bundleId, APP.appAppleId);
  return verifier.verifyAndDecodeNotification(signedPayload).then(
    () => false,
    () => true,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  'forged.self-made-chain': 'UNTRUSTED_ROOT',
  'forged.foreign-root': 'UNTRUSTED_ROOT',
  'forged.genuine-root-appended': 'CHAIN_BROKEN',
  'forged.one-certificate': 'CHAIN_LENGTH',
  'forged.two-certificates': 'CHAIN_LENGTH',
  'forged.four-certificates': 'CHAIN_LENGTH',
  'forged.leaf-as-ca': 'UNTRUSTED_ROOT',
  'forged.intermediate-not-ca': 'CHAIN_BROKEN',
  'forged.leaf-not-issued': 'CHAIN_BROKEN',
  'forged.intermediate-not-issued': 'CHAIN_BROKEN',
  'forged.leaf-without-oid': 'MISSING_MARKER_OID',
  'forged.intermediate-without-oid': 'MISSING_MARKER_OID',
  'forged.expired-chain': 'CERTIFICATE_EXPIRED',
  'forged.not-yet-valid': 'CERTIFICATE_NOT_YET_VALID',
  'forged.alg-none': 'UNSUPPORTED_ALGORITHM',
  'forged.alg-none-capital': 'UNSUPPORTED_ALGORITHM',
  'forged.alg-none-upper': 'UNSUPPORTED_ALGORITHM',
  'forged.hs256-public-key': 'UNSUPPORTED_ALGORITHM',
  'forged.hs256-certificate': 'UNSUPPORTED_ALGORITHM',
  'forged.hs256-x5c': 'UNSUPPORTED_ALGORITHM',
  'forged.kid-empty-secret': 'UNSUPPORTED_ALGORITHM',
  'forged.jwk': 'CHAIN_MISSING',
  'forged.jku': 'CHAIN_MISSING',
  'forged.x5u': 'CHAIN_MISSING',
  'forged.tampered-payload': 'SIGNATURE_MISMATCH',
  'forged.wrong-key': 'SIGNATURE_MISMATCH',
  'forged.empty-signature': 'MALFORMED_JWS',
  'forged.zero-signature': 'SIGNATURE_MISMATCH',
  'forged.der-signature': 'MALFORMED_JWS',
  'forged.swapped-nested': 'SIGNATURE_MISMATCH',
  'forged.genuine-nested': 'UNTRUSTED_ROOT',
  'forged.other-app': 'BUNDLE_ID_MISMATCH',
  'forged.transaction': 'WRONG_KIND',
  'forged.xcode': 'XCODE_SIGNED',
  'forged.local-testing': 'CHAIN_MISSING',
  'forged.version-1': 'LEGACY_V1',
};

describe('forgeries', () => {
  it('are at least twenty, each under an id of its own', () => {
    expect(AUDIT_FORGERIES.length).toBeGreaterThanOrEqual(20);
    expect(AUDIT_FORGERIES.map(({ id }) => id)).toEqual(Object.keys(REASONS));
  });

  it.each(AUDIT_FORGERIES.map((forgery) => [forgery.id, forgery] as const))(
    '%s fails for its own defect',
    async (id, forgery) => {
      const post = await forgery.make(kit);
      expect(reasonFor(post)).toBe(REASONS[id]);
      expect(await appleRefuses(post)).toBe(true);
    },
  );

  it('would pass but for the defect: a draft in order is valid for both', async () => {
    const { built, ids } = kit.draft();
    const { signedPayload } = signNotification(built, kit.chain);
    const post = { body: JSON.stringify({ signedPayload }), contentType: 'application/json', ...ids };
    expect(reasonFor(post)).toBeNull();
    expect(await appleRefuses(post)).toBe(false);
  });

  it('have fresh ids each', async () => {
    const made = await Promise.all([...AUDIT_FORGERIES, ...AUDIT_FORGERIES].map(({ make }) => make(kit)));
    const uuids = made.flatMap(({ notificationUUID }) => notificationUUID ?? []);
    const originals = made.map(({ originalTransactionId }) => originalTransactionId);
    expect(new Set(uuids).size).toBe(uuids.length);
    expect(originals.every((id) => id !== null)).toBe(true);
    expect(new Set(originals).size).toBe(originals.length);
    expect(uuids.length).toBe((AUDIT_FORGERIES.length - 2) * 2);
  });

  it("bear Apple's names where they say so, and ours nowhere", async () => {
    for (const id of ['forged.self-made-chain', 'forged.genuine-root-appended', 'forged.one-certificate']) {
      const { body } = await AUDIT_FORGERIES.find((forgery) => forgery.id === id)!.make(kit);
      const [header = ''] = (JSON.parse(body) as { signedPayload: string }).signedPayload.split('.');
      const { x5c } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { x5c: string[] };
      const names = x5c.map((entry) => Buffer.from(entry, 'base64').toString('latin1')).join();
      expect(names).toContain('Apple');
      expect(names).not.toContain('storewire');
    }
  });

  it('are explained: impact, fix and the check that rejects them', () => {
    for (const { title, impact, fix, appleCheck } of AUDIT_FORGERIES) {
      for (const text of [title, impact, fix, appleCheck]) expect(text.length).toBeGreaterThan(10);
    }
  });
});

const GENUINE_REASONS: Readonly<Record<string, string>> = {
  'genuine.other-app': 'BUNDLE_ID_MISMATCH',
  'genuine.transaction': 'WRONG_KIND',
  'genuine.nested': 'UNTRUSTED_ROOT',
  'genuine.tampered-payload': 'SIGNATURE_MISMATCH',
  'genuine.wrong-key': 'SIGNATURE_MISMATCH',
  'genuine.empty-signature': 'MALFORMED_JWS',
  'genuine.zero-signature': 'SIGNATURE_MISMATCH',
  'genuine.alg-none': 'UNSUPPORTED_ALGORITHM',
  'genuine.hs256-public-key': 'UNSUPPORTED_ALGORITHM',
};

describe('forgeries made of genuine tokens', () => {
  const plan = (tokens: readonly GenuineToken[], bundleId: string | null): readonly AuditForgery[] =>
    planGenuine(tokens, bundleId).forgeries;

  it('fail each for its own defect', async () => {
    const reasons: Record<string, string | null> = {};
    for (const { id, make } of plan(genuine, APP.bundleId)) {
      const post = await make(kit);
      reasons[id] = reasonFor(post);
      expect(await appleRefuses(post)).toBe(true);
    }
    expect(reasons).toEqual(GENUINE_REASONS);
  });

  it("never hold a notification of one's own app as it is", async () => {
    const own = await genuineOf(APP.bundleId);
    const { forgeries, notMade } = planGenuine(own, APP.bundleId);
    expect(forgeries.map(({ id }) => id)).not.toContain('genuine.other-app');
    expect(notMade.map(({ id }) => id)).toEqual(['genuine.other-app']);
    const bodies = await Promise.all(forgeries.map(({ make }) => make(kit)));
    expect(bodies.map(({ body }) => (JSON.parse(body) as { signedPayload: string }).signedPayload)).not.toContain(
      own[0]?.text,
    );
  });

  it('do not guess whose app it is', () => {
    const { forgeries, notMade } = planGenuine(genuine, null);
    expect(forgeries.map(({ id }) => id)).not.toContain('genuine.other-app');
    expect(notMade[0]).toMatchObject({ id: 'genuine.other-app', why: expect.stringContaining('--bundle-id') });
  });

  it('come from nothing that Apple did not sign', () => {
    expect(openGenuine(genuine[0]?.text ?? '', 'x', [], SIGNED_AT_MS)).toBe('UNTRUSTED_ROOT');
  });
});
