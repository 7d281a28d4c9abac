import { describe, expect, it } from 'vitest';
import { judgeCertificates } from '../../../src/endpoint-check/tls/certificates.js';
import { type CertificateToMake, caExtensions, type Made, makeCertificate, x509 } from '../../support/certificates.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9);
const DAY_MS = 86_400_000;
const DATES = { notBeforeMs: NOW_MS - 300 * DAY_MS, notAfterMs: NOW_MS + 300 * DAY_MS };

const root = await makeCertificate({ subject: 'CN=Root', ...DATES, extensions: caExtensions() });
const middle = await makeCertificate({ subject: 'CN=Middle', issuer: root, ...DATES, extensions: caExtensions() });

function leaf(overrides: Partial<CertificateToMake> = {}): Promise<Made> {
  const names = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'hooks.example.com' }]);
  return makeCertificate({ subject: 'CN=Leaf', issuer: middle, ...DATES, extensions: [names], ...overrides });
}

interface Given {
  readonly host?: string;
  readonly passed?: boolean;
  readonly isPublic?: boolean;
}

function judge(sent: readonly Made[], { host = 'hooks.example.com', passed = false, isPublic = false }: Given = {}) {
  const roots = [root.certificate.x509];
  const found = judgeCertificates(
    sent.map(({ certificate }) => certificate.x509),
    passed,
    { host, isPublic, roots, nowMs: NOW_MS },
  );
  const odd = Object.entries(found)
    .filter(([, { status }]) => status === 'fail' || status === 'warn')
    .map(([id, { status }]) => `${id} ${status}`);
  return { found, odd };
}

const ends = (days: number) => leaf({ notAfterMs: NOW_MS + days * DAY_MS });

describe('certificates that the sender rejected', () => {
  it.each<[string, () => Promise<readonly Made[]>, readonly string[]]>([
    ['have nothing that we see', async () => [await leaf(), middle], []],
    ['are in the wrong order, with one too many', async () => [await leaf(), root, middle], []],
    ['lack the intermediate', async () => [await leaf()], ['tls.chain fail']],
    ['lack it though the root was sent', async () => [await leaf(), root], ['tls.chain fail']],
    [
      'are self-signed',
      async () => [await makeCertificate({ subject: 'CN=hooks.example.com', ...DATES })],
      ['tls.self-signed fail'],
    ],
    ['are under an unknown root', underStranger, ['tls.chain fail']],
    ['have expired', async () => [await ends(-1), middle], ['tls.expiry fail']],
    ['are of tomorrow', async () => [await leaf({ notBeforeMs: NOW_MS + DAY_MS }), middle], ['tls.expiry fail']],
    ['have a middle that has expired', underExpired, ['tls.expiry fail']],
    ['have a short key', async () => [await leaf({ keyKind: 'RSA-1024' }), middle], ['tls.key fail']],
    ['are signed with SHA-1', async () => [await leaf({ hash: 'SHA-1' }), middle], ['tls.key fail']],
  ])('%s', async (_case, made, odd) => expect(judge(await made()).odd).toEqual(odd));

  it('are for another name', async () => {
    const { odd, found } = judge([await leaf(), middle], { host: 'other.example.com' });
    expect(odd).toEqual(['tls.hostname fail']);
    expect(found['tls.hostname']).toMatchObject({
      seen: 'the certificate is for hooks.example.com',
      expected: 'other.example.com',
    });
  });

  it('name the missing certificate', async () => {
    const { found } = judge([await leaf()]);
    expect(found['tls.chain']).toMatchObject({
      seen: '1 certificate sent; missing: Middle, issuer of Leaf',
      sendAttemptResult: 'TLS_ISSUE',
      hint: expect.stringContaining('fullchain.pem'),
    });
  });

  it('may have two things wrong', async () => {
    expect(judge([await ends(-1)]).odd).toEqual(['tls.chain fail', 'tls.expiry fail']);
  });
});

describe('certificates that the sender accepted', () => {
  const passed = true;
  it.each<[string, () => Promise<readonly Made[]>, readonly string[]]>([
    ['for another 21 days', async () => [await ends(21), middle], []],
    ['for less', async () => [await ends(20.9), middle], ['tls.expiry warn']],
    ['with a short key', async () => [await leaf({ keyKind: 'RSA-1024' }), middle], ['tls.key warn']],
    ['signed with SHA-1', async () => [await leaf({ hash: 'SHA-1' }), middle], ['tls.key warn']],
  ])('%s', async (_case, made, odd) => expect(judge(await made(), { passed }).odd).toEqual(odd));

  it('under a private root are a warning on a public host', async () => {
    const sent = [await leaf(), middle];
    expect(judge(sent, { passed, isPublic: true }).found['tls.chain']).toMatchObject({
      status: 'warn',
      sendAttemptResult: 'TLS_ISSUE',
    });
    expect(judge(sent, { passed }).found['tls.chain'].seen).toContain('private root');
  });
});

async function underStranger(): Promise<readonly Made[]> {
  const unknownCa = await makeCertificate({ subject: 'CN=Stranger', ...DATES, extensions: caExtensions() });
  return [await leaf({ issuer: unknownCa }), unknownCa];
}

async function underExpired(): Promise<readonly Made[]> {
  const dates = { notBeforeMs: NOW_MS - 9 * DAY_MS, notAfterMs: NOW_MS - DAY_MS };
  const expired = await makeCertificate({ subject: 'CN=Middle', issuer: root, ...dates, extensions: caExtensions() });
  return [await leaf({ issuer: expired }), expired];
}
