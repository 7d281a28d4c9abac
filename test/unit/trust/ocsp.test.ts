import { createHash } from 'node:crypto';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildOcspResponse, identifyForOcsp } from '../../../src/simulator/authority/ocsp-response.js';
import { OcspError, OID_SHA1, parseOcspResponse } from '../../../src/trust/ocsp/messages.js';
import { checkRevocation, type RevocationStatus, verifyOcspResponse } from '../../../src/trust/ocsp/revocation.js';
import { caExtensions, leafExtensions, type Made, makeCertificate, TEST_NOW_MS } from '../../support/certificates.js';
import { ANSWERS } from '../../support/ocsp-answers.js';
import { type OcspResponder, type ResponderMode, startOcspResponder } from '../../support/ocsp-responder.js';
import { mulberry32 } from '../../support/seeded-random.js';
import { freePort } from '../../support/server-process.js';

/** Waits for ever unless aborted: a deadline that never comes. */
const never = (_ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));

let issuer: Made;
let responder: OcspResponder;
const dispatcher = new Agent({ keepAliveTimeout: 1 });

beforeAll(async () => {
  issuer = await makeCertificate({
    subject: 'CN=Issuer, O=Test',
    keyKind: 'P-384',
    hash: 'SHA-384',
    extensions: caExtensions(0),
  });
  responder = await startOcspResponder({ issuers: [issuer], nowMs: TEST_NOW_MS });
});

afterAll(async () => {
  await dispatcher.close();
  await responder.stop();
});

async function certificateAt(url?: string, serial = 'F00DF00DF00D'): Promise<Made> {
  return makeCertificate({ subject: 'CN=Leaf', issuer, serial, extensions: leafExtensions(url) });
}

interface Circumstances {
  readonly sleep?: typeof never;
  readonly signal?: AbortSignal;
}

async function ask(url: string | undefined, { sleep = never, signal }: Circumstances = {}): Promise<RevocationStatus> {
  const { certificate } = await certificateAt(url);
  const extra = signal === undefined ? {} : { signal };
  return checkRevocation({ certificate, issuer: issuer.certificate, dispatcher, sleep, nowMs: TEST_NOW_MS, ...extra });
}

const ROWS: readonly [ResponderMode, RevocationStatus['state'], string][] = [
  ['good', 'good', 'reports it as good'],
  ['good-by-issuer', 'good', 'reports it as good'],
  ['good-by-name', 'good', 'reports it as good'],
  ['good-sha512', 'good', 'reports it as good'],
  ['good-rsa', 'good', 'reports it as good'],
  ['good-just-stale', 'good', 'reports it as good'],
  ['good-just-ahead', 'good', 'reports it as good'],
  ['good-among-others', 'good', 'reports it as good'],
  ['signer-may-sign', 'good', 'reports it as good'],
  ['revoked', 'revoked', 'reports it as revoked at 2026-05-31T23:00:00.000Z: its key was compromised'],
  ['revoked-without-reason', 'revoked', 'reports it as revoked at 2026-05-31T23:00:00.000Z'],
  ['unknown', 'unknown', 'does not know the certificate'],
  ['stale', 'unknown', 'sent a stale response, valid until 2026-05-31T23:58:59.000Z'],
  ['stale-revoked', 'unknown', 'sent a stale response'],
  ['not-yet', 'unknown', 'sent a response that is not valid before 2026-06-01T00:01:01.000Z'],
  ['no-end', 'unknown', 'without an expiry'],
  ['wrong-signer', 'unknown', 'signed its response with a certificate from another issuer'],
  ['signer-without-eku', 'unknown', 'without OCSPSigning'],
  ['signer-of-other-purpose', 'unknown', 'without OCSPSigning'],
  ['signer-may-not-sign', 'unknown', 'may not sign data'],
  ['signer-expired', 'unknown', 'with a certificate that is not valid now'],
  ['signer-not-sent', 'unknown', 'did not send the certificate that signed its response'],
  ['wrong-certificate', 'unknown', 'responded for another certificate'],
  ['wrong-issuer', 'unknown', 'responded for another certificate'],
  ['no-statement', 'unknown', 'sent a malformed OCSP response'],
  ['twice', 'unknown', 'responded twice for the certificate'],
  ['sha1-signature', 'unknown', 'an unsupported algorithm (1.2.840.10045.4.1)'],
  ['bad-signature', 'unknown', 'sent a response with an invalid signature'],
  ['changed-after-signing', 'unknown', 'sent a response with an invalid signature'],
  ['try-later', 'unknown', 'responded with the OCSP status tryLater'],
  ['unauthorized', 'unknown', 'responded with the OCSP status unauthorized'],
  ['garbage', 'unknown', 'sent a malformed OCSP response'],
  ['truncated', 'unknown', 'sent a malformed OCSP response'],
  ['trailing', 'unknown', 'sent a malformed OCSP response'],
  ['empty', 'unknown', 'sent a malformed OCSP response'],
  ['reset', 'unknown', 'closed the connection before the response was complete'],
  ['redirect', 'unknown', 'responded with HTTP 302, and redirects are not followed'],
  ['oversize', 'unknown', 'sent a response of more than 65536 bytes'],
  ['http-500', 'unknown', 'responded with HTTP 500'],
];

describe('checkRevocation', () => {
  it.each(ROWS)('%s: %s', async (mode, state, detail) => {
    const answer = await ask(responder.url(mode));
    expect(answer).toMatchObject({ state, detail: expect.stringContaining(detail) });
  });

  it('gives the time of a revocation', async () => {
    expect((await ask(responder.url('revoked'))).revokedAtMs).toBe(TEST_NOW_MS - 3_600_000);
    expect(await ask(responder.url('good'))).not.toHaveProperty('revokedAtMs');
  });

  it('sends a POST with a SHA-256 id and follows no redirect', async () => {
    responder.clear();
    await ask(responder.url('redirect'));
    const { certificate } = await certificateAt();
    const id = identifyForOcsp(certificate, issuer.certificate);
    expect(id.issuerKeyHash).toEqual(createHash('sha256').update(issuer.certificate.publicKeyBits).digest());
    expect(responder.seen).toEqual([
      { mode: 'redirect', method: 'POST', contentType: 'application/ocsp-request', ids: [plain(id)] },
    ]);
  });

  it.each(['slow', 'drip'] as const)('gives up on a responder that is %s', async (mode) => {
    const sleep = async (ms: number) => {
      expect(ms).toBe(5_000);
      await responder.nextRequest();
    };
    const answer = await ask(responder.url(mode), { sleep });
    expect(answer).toMatchObject({ state: 'unknown', detail: expect.stringContaining('did not respond within 5 s') });
  });

  it('reports a closed port', async () => {
    const answer = await ask(`http://127.0.0.1:${await freePort()}/`);
    expect(answer).toMatchObject({ state: 'unknown', detail: expect.stringContaining('refused the connection') });
  });

  it.each([
    [undefined, 'names no OCSP responder'],
    ['ldap://127.0.0.1/x', 'is not http or https: ldap://127.0.0.1/x'],
    ['file:///etc/hosts', 'is not http or https'],
    ['nonsense', 'is not a valid URL: nonsense'],
  ])('sends no request to %s', async (url, detail) => {
    expect(await ask(url)).toMatchObject({ state: 'unknown', detail: expect.stringContaining(detail) });
  });

  it('stops when it is interrupted', async () => {
    const interrupt = new AbortController();
    const asking = ask(responder.url('slow'), { signal: interrupt.signal });
    await responder.nextRequest();
    interrupt.abort('SIGINT');
    await expect(asking).rejects.toMatchObject({ kind: 'interrupted', code: 'ERR_INTERRUPTED' });
  });
});

describe('an answer as bytes', () => {
  it('may name the certificate by SHA-1, as older responders do', async () => {
    const { certificate } = await certificateAt();
    const id = identifyForOcsp(certificate, issuer.certificate, OID_SHA1);
    expect(id.issuerNameHash).toHaveLength(20);
    const bytes = await ANSWERS['good-by-issuer']({ id, issuer, nowMs: TEST_NOW_MS });
    expect(verifyOcspResponse(await parseOcspResponse(bytes), certificate, issuer.certificate, TEST_NOW_MS).state).toBe(
      'good',
    );
  });

  it('of one issuer is not valid for an issuer of the same name', async () => {
    const namesake = await makeCertificate({ subject: 'CN=Issuer, O=Test', extensions: caExtensions(0) });
    const { certificate } = await certificateAt();
    const id = identifyForOcsp(certificate, namesake.certificate);
    const bytes = await ANSWERS['good-by-issuer']({ id, issuer: namesake, nowMs: TEST_NOW_MS });
    const answer = await parseOcspResponse(bytes);
    expect(() => verifyOcspResponse(answer, certificate, issuer.certificate, TEST_NOW_MS)).toThrow(
      'did not send the certificate',
    );
  });

  it('with an unknown critical extension is rejected', async () => {
    const { certificate } = await certificateAt();
    const id = identifyForOcsp(certificate, issuer.certificate);
    const parsed = await parseOcspResponse(await ANSWERS.good({ id, issuer, nowMs: TEST_NOW_MS }));
    const judge = (criticalExtensions: string[]) =>
      verifyOcspResponse({ ...parsed, criticalExtensions }, certificate, issuer.certificate, TEST_NOW_MS);
    expect(judge([]).state).toBe('good');
    expect(() => judge(['1.2.3'])).toThrow('an unknown critical extension (1.2.3)');
  });

  it('throws only OcspError, and no changed bit is accepted', async () => {
    const { certificate } = await certificateAt();
    const id = identifyForOcsp(certificate, issuer.certificate);
    const statement = {
      id,
      state: 'unknown',
      thisUpdateMs: TEST_NOW_MS - 1_000,
      nextUpdateMs: TEST_NOW_MS + 1_000,
    } as const;
    const bytes = await buildOcspResponse({ statements: [statement], producedAtMs: TEST_NOW_MS, signer: issuer });
    const random = mulberry32(7);
    for (let round = 0; round < 1_500; round++) {
      const changed = Uint8Array.from(bytes);
      changed[Math.floor(random() * changed.length)]! ^= 1 << Math.floor(random() * 8);
      const state = await judge(changed).catch((error: unknown) => error);
      if (state instanceof OcspError) continue;
      expect(state).toBe('unknown');
    }
    async function judge(der: Uint8Array): Promise<string> {
      return verifyOcspResponse(await parseOcspResponse(der), certificate, issuer.certificate, TEST_NOW_MS).state;
    }
  });
});

/** Views and Buffers compare unequal to plain arrays of the same bytes. */
function plain(id: ReturnType<typeof identifyForOcsp>) {
  return { ...id, issuerNameHash: new Uint8Array(id.issuerNameHash), issuerKeyHash: new Uint8Array(id.issuerKeyHash) };
}
