import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgeableReason } from '../../../../src/notification/reasons.js';
import { type Authority, createAuthority } from '../../../../src/simulator/authority/authority.js';
import { forge } from '../../../../src/simulator/forgeries/forge.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { parseCertificate } from '../../../../src/trust/certificate.js';
import { type OcspResponder, type ResponderMode, startOcspResponder } from '../../../support/ocsp-responder.js';
import { APP, appleStatus, appleVerifier } from './apple.js';

/** Online checks of Apple's library use the current time. */
const NOW_MS = Date.now();

let authority: Authority;
let responder: OcspResponder;
beforeAll(async () => {
  authority = await createAuthority({ nowMs: NOW_MS });
  const issuers = [{ certificate: parseCertificate(authority.root.raw), key: authority.key }];
  responder = await startOcspResponder({ issuers, nowMs: NOW_MS });
});
afterAll(() => responder.stop());

interface Row {
  reason: ForgeableReason;
  leaf: ResponderMode;
  intermediate: ResponderMode;
  status: string;
}
const ROWS: readonly Row[] = [
  { reason: 'CERTIFICATE_REVOKED', leaf: 'revoked', intermediate: 'good', status: 'FAILURE' },
  { reason: 'CERTIFICATE_REVOKED', leaf: 'good', intermediate: 'revoked', status: 'FAILURE' },
  { reason: 'CERTIFICATE_REVOKED', leaf: 'good', intermediate: 'good', status: 'OK' },
  { reason: 'REVOCATION_UNKNOWN', leaf: 'http-500', intermediate: 'good', status: 'RETRYABLE_VERIFICATION_FAILURE' },
];

describe("Apple's library queries the OCSP responders of a forged chain", () => {
  it.each(ROWS)('$leaf leaf, $intermediate intermediate: $status', async ({ reason, leaf, intermediate, status }) => {
    const ocspUrls = { leaf: responder.url(leaf), intermediate: responder.url(intermediate) };
    const options = { ...APP, authority, nowMs: NOW_MS, random: seededRandom(leaf), ocspUrls };
    const { chain, signedPayload } = await forge(reason, options);
    responder.issuers.push({ certificate: parseCertificate(chain.intermediate.raw), key: chain.intermediateKey });
    responder.clear();
    const verifier = appleVerifier(authority.root.raw, 'Sandbox', true);
    expect(await appleStatus(verifier.verifyAndDecodeNotification(signedPayload))).toBe(status);
    const serials = responder.seen.flatMap(({ ids }) => ids.map(({ serial }) => serial)).sort();
    expect(serials).toEqual([chain.leaf.serialNumber, chain.intermediate.serialNumber].sort());
  });
});
