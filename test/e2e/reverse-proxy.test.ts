import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltListener, signedBody, startBuiltListener } from '../support/built-listener.js';
import { type CollectingApp, startCollectingApp } from '../support/collecting-app.js';
import { makeEndpointCertificates } from '../support/endpoint-certificates.js';
import { reasonToSkip } from '../support/installed.js';
import { CLIENT_HEADER, type Nginx, startNginx } from '../support/nginx.js';

const SKIP = reasonToSkip('nginx');
const APPLE = '17.58.99.123';
const STRANGER = '203.0.113.9';

describe.skipIf(SKIP !== '')(`listen behind a real nginx${SKIP}`, () => {
  let folder: string;
  let app: CollectingApp;
  let listener: BuiltListener;
  let nginx: Nginx;
  let rootPem: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewire-nginx-'));
    app = await startCollectingApp();
    listener = await startBuiltListener({
      cwd: folder,
      args: ['--apple-only', '--trust-proxy', 'loopback', '--trust-authority', '-f', `app=${app.url}`],
    });
    const certificates = await makeEndpointCertificates(Date.now());
    rootPem = certificates.rootPem;
    nginx = await startNginx(
      path.join(folder, 'nginx'),
      Number(new URL(listener.url).port),
      certificates.identities.good,
    );
  });
  afterAll(async () => {
    await nginx?.stop();
    await listener?.stop();
    app?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Answer {
    readonly status: number;
    readonly body: string;
  }

  function post(url: string, body: Buffer | string, headers: Record<string, string>): Promise<Answer> {
    const options: RequestOptions & { ca: string } = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers },
      ca: rootPem,
    };
    return new Promise((resolve, reject) => {
      const request = url.startsWith('https:') ? httpsRequest : httpRequest;
      const sent = request(url, options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const schemes = [
    ['http', () => nginx.httpUrl],
    ['TLS', () => nginx.httpsUrl],
  ] as const;

  /** A body as Apple sends it, and one of the maximum size in unusual notation: the bytes must arrive unchanged. */
  function padded(size: number): Buffer {
    const { signedPayload } = JSON.parse(signedBody(folder, 'DID_RENEW')) as { signedPayload: string };
    const empty = `{ "padding" : "ä\\u00e4\\/ ", \n\t"signedPayload":"${signedPayload}" }\r\n`;
    return Buffer.from(empty.replace(' ",', ` ${'x'.repeat(size - Buffer.byteLength(empty))}",`));
  }

  describe.each(schemes)('over %s', (_name, url) => {
    it.each([
      ['as Apple writes it', () => Buffer.from(signedBody(folder, 'DID_RENEW'))],
      ['of 18.8 KB', () => padded(18_800)],
      ['of 900 KB', () => padded(900_000)],
    ])('a notification %s arrives byte for byte', async (_case, make) => {
      const body = make();
      const answer = await post(url(), body, { [CLIENT_HEADER]: APPLE });
      expect(answer).toMatchObject({ status: 200 });
      await app.arrival(body);
      await listener.event('received', ({ bytes, address }) => bytes === body.length && address === APPLE);
    });

    it.each([
      ['from elsewhere', { [CLIENT_HEADER]: STRANGER }],
      ['from elsewhere that claims to come from Apple', { [CLIENT_HEADER]: STRANGER, 'x-forwarded-for': APPLE }],
      ['through Cloudflare, if it says so itself', { [CLIENT_HEADER]: STRANGER, 'cf-connecting-ip': APPLE }],
      ['from the next network', { [CLIENT_HEADER]: '18.0.0.1' }],
    ])('a notification %s is refused', async (_case, headers) => {
      const answer = await post(url(), signedBody(folder, 'DID_RENEW'), headers);
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toHaveProperty('error');
      await listener.event('refused', (event) => event.status === 403 && event.address === headers[CLIENT_HEADER]);
    });

    it('Apple behind another proxy of its own is accepted', async () => {
      const headers = { [CLIENT_HEADER]: APPLE, 'x-forwarded-for': STRANGER };
      expect(await post(url(), signedBody(folder, 'DID_RENEW'), headers)).toMatchObject({ status: 200 });
    });
  });

  it('a client that bypasses the proxy is refused', async () => {
    expect(await post(listener.url, signedBody(folder, 'DID_RENEW'), {})).toMatchObject({ status: 403 });
  });
});
