import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildXcodeTransaction, createXcodeSigner, signAsXcode } from '../../../../src/simulator/authority/xcode.js';
import { buildLegacyBody } from '../../../../src/simulator/payloads/legacy.js';
import { seededRandom } from '../../../../src/simulator/random.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9);
const OPTIONS = { nowMs: NOW_MS, random: seededRandom('xcode') };

describe('Xcode', () => {
  it('signs with one self-signed certificate and says so in the header', async () => {
    const jws = signAsXcode({}, await createXcodeSigner({ nowMs: NOW_MS }));
    const header = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString());
    expect(header).toEqual({ alg: 'ES256', kid: 'Apple_Xcode_Key', typ: 'JWT', x5c: [expect.any(String)] });
    const certificate = new X509Certificate(Buffer.from(header.x5c[0], 'base64'));
    expect(certificate.subject).toBe('CN=StoreKit Testing in Xcode\nO=StoreKit Testing in Xcode');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('has dates with fractions, ids of 0 and its own environment', () => {
    const transaction = buildXcodeTransaction(OPTIONS);
    expect(transaction).toMatchObject({ environment: 'Xcode', transactionId: '0', signedDate: NOW_MS + 0.375 });
    expect(Number(transaction.purchaseDate) % 1).toBe(0.375);
  });
});

describe('buildLegacyBody', () => {
  it.each([
    { environment: 'Production', spelt: 'PROD' },
    { environment: 'Sandbox', spelt: 'Sandbox' },
  ] as const)('spells $environment $spelt, and holds a password', ({ environment, spelt }) => {
    const body = buildLegacyBody({ ...OPTIONS, environment, bundleId: 'a.b' });
    expect(body).toMatchObject({ environment: spelt, bid: 'a.b', password: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(body.unified_receipt).toMatchObject({ environment });
  });
});
