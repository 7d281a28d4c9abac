import { Environment, SignedDataVerifier } from '@apple/app-store-server-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../src/simulator/authority/authority.js';
import { parseCertificate } from '../../../src/trust/certificate.js';
import { buildOcspRequest } from '../../../src/trust/ocsp/messages.js';
import { ask } from '../../support/api-token.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../../support/emulator.js';
import { appleStatus } from '../simulator/authority/apple.js';

let running: TestEmulator;
let endpoint: TestEndpoint;
let signedPayload: string;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  running = await startTestEmulator({ sandboxUrl: endpoint.url });
  signedPayload = (await running.emulator.send({ type: 'DID_RENEW' })).signedPayload;
});
afterAll(async () => {
  await running.close();
  await endpoint.close();
});

function verify(): Promise<string> {
  const { bundleId } = running.emulator;
  const verifier = new SignedDataVerifier([running.authority.root.raw], true, Environment.SANDBOX, bundleId);
  return appleStatus(verifier.verifyAndDecodeNotification(signedPayload));
}

describe("Apple's verifier, online", () => {
  it.each([
    ['leaf', 'revoked', 'FAILURE'],
    ['intermediate', 'revoked', 'FAILURE'],
    ['leaf', 'unknown', 'FAILURE'],
    ['leaf', 'good', 'OK'],
  ])('with a %s that is %s says %s', async (certificate, state, status) => {
    const { url, controlToken } = running.emulator;
    const set = (body: object) => ask(`${url}/control/v1/ocsp`, controlToken, { body });
    expect((await set({ certificate, state })).status).toBe(200);
    expect(await verify()).toBe(status);
    await set({ certificate, state: 'good' });
  });

  it('says RETRYABLE_VERIFICATION_FAILURE once the emulator is gone', async () => {
    const gone = await startTestEmulator({ sandboxUrl: endpoint.url });
    const { signedPayload: orphan } = await gone.emulator.send({ type: 'DID_RENEW' });
    await gone.close();
    const { bundleId } = gone.emulator;
    const verifier = new SignedDataVerifier([gone.authority.root.raw], true, Environment.SANDBOX, bundleId);
    expect(await appleStatus(verifier.verifyAndDecodeNotification(orphan))).toBe('RETRYABLE_VERIFICATION_FAILURE');
  });
});

/** OCSPResponseStatus, the third byte of a short answer's inside: SEQUENCE, length, ENUMERATED, 1, status. */
async function failureOf(response: Response): Promise<number | undefined> {
  return Buffer.from(await response.arrayBuffer()).subarray(0, 5)[4];
}

describe('the responder', () => {
  const post = (path: string, body: Uint8Array) => fetch(running.emulator.url + path, { method: 'POST', body });
  const requestFor = async () => {
    const { leaf, intermediate } = running.emulator.chain;
    return buildOcspRequest(parseCertificate(leaf.raw), parseCertificate(intermediate.raw));
  };

  it('takes a request by GET, too', async () => {
    const encoded = encodeURIComponent(Buffer.from(await requestFor()).toString('base64'));
    const response = await fetch(`${running.emulator.url}/ocsp/leaf/${encoded}`);
    expect(response.headers.get('content-type')).toBe('application/ocsp-response');
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(500);
  });

  it('refuses what is no request, and certificates of others', async () => {
    expect(await failureOf(await post('/ocsp/leaf', Buffer.from('x')))).toBe(1);
    expect(await failureOf(await post('/ocsp/intermediate', await requestFor()))).toBe(6);
    const chain = await (await createAuthority({ nowMs: Date.now() })).issueChain();
    const otherRequest = await buildOcspRequest(
      parseCertificate(chain.leaf.raw),
      parseCertificate(chain.intermediate.raw),
    );
    expect(await failureOf(await post('/ocsp/leaf', otherRequest))).toBe(6);
    expect((await post('/ocsp/root', await requestFor())).status).toBe(404);
  });
});
