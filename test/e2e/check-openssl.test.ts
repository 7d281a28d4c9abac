import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkTls } from '../../src/endpoint-check/tls/check.js';
import { deliver } from '../../src/sender/deliver.js';
import {
  type EndpointCertificates,
  type IdentityName,
  makeEndpointCertificates,
} from '../support/endpoint-certificates.js';
import { reasonToSkip } from '../support/installed.js';
import { type SServer, startSServer } from '../support/s-server.js';
import { realWorld } from '../support/world.js';

const SKIP = reasonToSkip('openssl');
const LOW = ['-cipher', 'DEFAULT@SECLEVEL=0'];

interface Row {
  readonly flags: (root: string) => readonly string[];
  readonly identity?: IdentityName;
  readonly fails?: string;
  readonly warns?: string;
}

const flags = (...all: readonly string[]) => ({ flags: () => all });
const shows = (identity: IdentityName, fails: string): Row => ({ ...flags(), identity, fails });

const ROWS: Readonly<Record<string, Row>> = {
  'TLS 1.0 only': { ...flags('-tls1', ...LOW), fails: 'tls.version' },
  'TLS 1.1 only': { ...flags('-tls1_1', ...LOW), fails: 'tls.version' },
  'TLS 1.2 only': flags('-tls1_2'),
  'TLS 1.3 only': flags('-tls1_3'),
  'all four': { ...flags('-min_protocol', 'TLSv1', ...LOW), warns: 'tls.version' },
  'missing intermediate': shows('incomplete-chain', 'tls.chain'),
  'unknown root': shows('unknown-root', 'tls.chain'),
  'wrong name': shows('wrong-name', 'tls.hostname'),
  expired: shows('expired', 'tls.expiry'),
  'not yet valid': shows('not-yet-valid', 'tls.expiry'),
  'self-signed': shows('self-signed', 'tls.self-signed'),
  'HTTP/2 only': { ...flags('-alpn', 'h2'), fails: 'tls.alpn' },
  'HTTP/2 and HTTP/1.1': flags('-alpn', 'h2,http/1.1'),
  'a client certificate, TLS 1.3': {
    flags: (root) => ['-Verify', '2', '-CAfile', root],
    fails: 'tls.client-certificate',
  },
  'a client certificate, TLS 1.2': {
    flags: (root) => ['-tls1_2', '-Verify', '2', '-CAfile', root],
    fails: 'tls.client-certificate',
  },
};

describe.skipIf(SKIP !== '')(`the check of TLS on a real openssl s_server${SKIP}`, () => {
  let folder: string;
  let certificates: EndpointCertificates;
  let server: SServer | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewire-check-'));
    certificates = await makeEndpointCertificates(Date.now());
    writeFileSync(path.join(folder, 'root.pem'), certificates.rootPem);
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.keys(ROWS))('%s', async (name) => {
    const { flags, identity = 'good', fails, warns } = ROWS[name]!;
    server = await startSServer(folder, certificates.identities[identity], flags(path.join(folder, 'root.pem')));
    const url = new URL(`https://127.0.0.1:${server.port}/apple`);
    const world = realWorld([certificates.rootPem]);
    const steps = await checkTls(url, ['127.0.0.1'], world);
    const of = (status: string) => steps.filter((step) => step.status === status);
    expect({ failed: of('fail').map(({ id }) => id), warned: of('warn').map(({ id }) => id) }).toEqual({
      failed: fails === undefined ? [] : [fails],
      warned: warns === undefined ? [] : [warns],
    });
    if (fails === undefined) return;
    const { result } = await deliver({ ...world, url, body: '{}' });
    expect(of('fail')[0]?.sendAttemptResult).toBe(result);
  });

  it('sends SNI, and reports a different certificate without it', async () => {
    const { good } = certificates.identities;
    const [cert, key] = [path.join(folder, 'named.cert.pem'), path.join(folder, 'named.key.pem')];
    writeFileSync(cert, good.cert);
    writeFileSync(key, good.key);
    const byName = ['-servername', 'localhost', '-cert2', cert, '-key2', key];
    server = await startSServer(folder, certificates.identities['self-signed'], byName);
    const url = new URL(`https://localhost:${server.port}/apple`);
    const steps = await checkTls(url, ['127.0.0.1'], realWorld([certificates.rootPem]));
    expect(steps.find(({ id }) => id === 'tls.sni')).toMatchObject({
      status: 'pass',
      seen: 'required: a different certificate is served without SNI',
    });
  });
});
