import { createPrivateKey } from 'node:crypto';
import { type ConnectionOptions, connect } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeTlsFailure } from '../../../../src/listener/http/server.js';
import {
  type EndpointCertificates,
  makeEndpointCertificates,
  type ServerIdentity,
} from '../../../support/endpoint-certificates.js';
import { post, rawClient } from './raw-client.js';
import { held, type Started, start, textOf, until } from './started.js';

let made: EndpointCertificates;
beforeAll(async () => {
  made = await makeEndpointCertificates(Date.now());
});

function startSecurely(...[options, answer]: Parameters<typeof start>): Promise<Started> {
  return start({ tls: made.identities.good, ...options }, answer);
}

/** Resolves to the version that was agreed on, or the code of the failure. */
function shakeHands(port: number, options: ConnectionOptions): Promise<string | null | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: made.rootPem, ...options });
    socket.once('secureConnect', () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
  });
}

describe('over TLS', () => {
  it('a notification is received as without', async () => {
    const { port, receiver, taken } = await startSecurely();
    expect(receiver.url).toBe(`https://127.0.0.1:${port}/hook`);
    const client = await rawClient(port, made.rootPem);
    const body = 'x'.repeat(100_000);
    client.write(post(body) + post('{}'));
    expect(await client.responses(2)).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(taken.map(textOf)).toEqual([body, '{}']);
    expect(taken[0]?.address).toBe('127.0.0.1');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken', async (version) => {
    const { port } = await startSecurely();
    expect(await shakeHands(port, { minVersion: version, maxVersion: version })).toBe(version);
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('%s is refused and reported', async (version) => {
    const { port, refused } = await startSecurely();
    const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await shakeHands(port, old)).toMatch(/PROTOCOL_VERSION/);
    expect(refused).toMatchObject([
      { status: 400, code: 'TLS_FAILED', message: 'the peer does not support TLS 1.2 or later' },
    ]);
  });

  it('plain HTTP is refused and reported', async () => {
    const { port, refused } = await startSecurely();
    const client = await rawClient(port);
    client.write(post('{}'));
    await client.closed;
    expect(refused).toMatchObject([{ code: 'TLS_FAILED', message: expect.stringContaining('https://') }]);
  });

  it('malformed and oversized requests are answered', async () => {
    const { port, refused } = await startSecurely();
    const client = await rawClient(port, made.rootPem);
    client.write('hello\r\n\r\n');
    expect(await client.responses(1)).toMatchObject([{ status: 400 }]);
    client.socket.end();
    await client.closed;
    const large = await rawClient(port, made.rootPem);
    large.write(post('x'.repeat(3_000_000)));
    expect(await large.toTheEnd()).toMatchObject([{ status: 413 }]);
    expect(refused.map(({ code }) => code)).toEqual(['MALFORMED_HTTP', 'TOO_LARGE']);
  });

  it('an unfinished handshake times out and is reported', async () => {
    const { port, taken, refused } = await startSecurely({ limits: { headersMs: 50 } });
    const client = await rawClient(port);
    client.write(Buffer.from('1603010200', 'hex'));
    expect(await client.toTheEnd()).toEqual([]);
    expect(refused).toMatchObject([
      {
        status: 400,
        code: 'TLS_FAILED',
        message: expect.stringContaining('TLS handshake'),
        address: '127.0.0.1',
      },
    ]);
    expect(taken).toEqual([]);
  });

  it.each(['', '\x16'])('many unfinished handshakes do not delay other requests (%j)', async (text) => {
    const { port } = await startSecurely({ limits: { connections: 8 } });
    const crowd = [];
    for (let knocked = 0; knocked < 10; knocked += 1) {
      const client = await rawClient(port);
      client.write(text);
      crowd.push(client);
    }
    const good = await rawClient(port, made.rootPem);
    good.write(post('{}'));
    expect(await good.responses(1)).toMatchObject([{ status: 200 }]);
    await Promise.all(crowd.slice(0, 3).map(({ closed }) => closed));
    for (let knocked = 0; knocked < 8; knocked += 1) crowd.push(await rawClient(port));
    await good.closed;
    for (const { socket } of crowd) socket.destroy();
  });

  it('a stop closes idle connections at once and answers pending requests', async () => {
    const hold = held();
    const never = (): Promise<void> => new Promise(() => undefined);
    const { port, receiver, taken, refused } = await startSecurely({ sleep: never }, hold.answer);
    const kept = await rawClient(port, made.rootPem);
    kept.write(post('', {}, 'GET /hook'));
    await kept.responses(1);
    const knocking = await rawClient(port);
    const busy = await rawClient(port, made.rootPem);
    busy.write(post('{}'));
    await until(() => taken.length === 1);
    const stopped = receiver.stop(5_000);
    expect(await kept.toTheEnd()).toMatchObject([{ status: 200, headers: { connection: 'keep-alive' } }]);
    expect(await knocking.toTheEnd()).toEqual([]);
    expect(await shakeHands(port, {})).toBe('ECONNREFUSED');
    hold.release();
    expect(await busy.toTheEnd()).toMatchObject([{ status: 200, headers: { connection: 'close' } }]);
    await stopped;
    expect(refused).toEqual([]);
  });

  it.each<[string, () => ServerIdentity, string]>([
    ['is no certificate', () => ({ ...made.identities.good, cert: 'x' }), 'not both are PEM'],
    ['has no key', () => ({ ...made.identities.good, key: 'x' }), 'not both are PEM'],
    ['has a locked key', () => ({ ...made.identities.good, key: lock(made.identities.good.key) }), 'passphrase'],
    ['has the key of another', () => ({ ...made.identities.good, key: made.identities.expired.key }), 'another'],
  ])('a certificate that %s is reported at the start', async (_case, files, why) => {
    await expect(start({ tls: files() })).rejects.toMatchObject({
      kind: 'usage',
      code: 'ERR_LISTEN_TLS',
      message: expect.stringContaining(why),
    });
  });
});

function lock(pem: string): string {
  const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  return createPrivateKey(pem).export(locked).toString();
}

describe('a handshake that failed', () => {
  it.each([
    ['ERR_SSL_HTTP_REQUEST', 'plain HTTP'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'TLS 1.2'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'certificate'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', 'certificate'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'certificate'],
    ['ERR_SSL_NO_SHARED_CIPHER', 'cipher'],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timed out'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS 1.2'],
    ['ERR_SSL_SOMETHING', 'failed'],
  ])('by %s has a message', (code, word) => expect(describeTlsFailure(code)).toContain(word));
  it.each(['ECONNRESET', 'EPIPE', undefined])('by %s is not reported', (code) =>
    expect(describeTlsFailure(code)).toBeNull(),
  );
});
