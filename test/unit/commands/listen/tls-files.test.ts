import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTlsFiles } from '../../../../src/commands/listen/tls-files.js';
import { makeEndpointCertificates, type ServerIdentity } from '../../../support/endpoint-certificates.js';

let cwd: string;
let identity: ServerIdentity;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'storewire-tls-'));
  const { good, expired } = (await makeEndpointCertificates(Date.now())).identities;
  identity = good;
  writeFileSync(join(cwd, 'cert.pem'), good.cert);
  writeFileSync(join(cwd, 'key.pem'), good.key);
  writeFileSync(join(cwd, 'other.pem'), expired.key);
  writeFileSync(join(cwd, 'empty.pem'), '\n');
  writeFileSync(join(cwd, 'large.pem'), ' '.repeat(1024 * 1024 + 1));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const read = (tlsCert?: string, tlsKey?: string) =>
  readTlsFiles(
    { ...(tlsCert !== undefined && { tlsCert }), ...(tlsKey !== undefined && { tlsKey }) },
    { cwd, signal: new AbortController().signal },
  );

describe('the TLS files of an endpoint', () => {
  it('are certificate and key, or none', async () => {
    expect(await read('cert.pem', 'key.pem')).toEqual({ cert: identity.cert, key: identity.key });
    expect(await read()).toBeNull();
  });

  it.each<readonly [string | undefined, string | undefined, unknown]>([
    ['cert.pem', undefined, 'TLS needs a certificate and its key; missing: --tls-key'],
    [undefined, 'key.pem', 'TLS needs a certificate and its key; missing: --tls-cert'],
    ['missing.pem', 'key.pem', '--tls-cert missing.pem does not exist'],
    ['empty.pem', 'empty.pem', '--tls-cert empty.pem is empty'],
    ['.', 'key.pem', '--tls-cert . is a folder'],
    ['https://example.com/a.pem', 'key.pem', '--tls-cert https://example.com/a.pem is a URL, not a file'],
    ['cert.pem', 'other.pem', expect.stringContaining('cannot be used together')],
    ['cert.pem', 'cert.pem', expect.stringContaining('cannot be used together')],
    ['large.pem', 'key.pem', '--tls-cert large.pem has more than 1 MiB'],
    ...(process.platform === 'win32'
      ? []
      : ([['/dev/null', 'key.pem', '--tls-cert /dev/null is a device or socket, not a file']] as const)),
  ])('%s and %s are refused', async (cert, key, message) => {
    await expect(read(cert, key)).rejects.toMatchObject({ kind: 'usage', code: 'ERR_USAGE_TLS', message });
  });
});
