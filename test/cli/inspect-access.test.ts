import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../src/clock.js';
import { createLiveFeed } from '../../src/inspector/http/live-feed.js';
import type { NotificationSource } from '../../src/inspector/sources/source.js';
import type { InspectorDetail, InspectorPage } from '../../src/inspector/wire.js';
import { type CallOptions, type InspectedPage, inspecting, type PageResponse } from '../support/inspected-page.js';
import { type RecordedJournal, recordJournal } from '../support/recorded-journal.js';

let journal: RecordedJournal;
let id: string;

beforeAll(async () => {
  journal = await recordJournal();
  ({ id } = await journal.receive());
});

afterAll(async () => {
  await journal.close();
  journal.remove();
});

const onPage = (work: (page: InspectedPage) => Promise<unknown>) => inspecting([], journal.home, work);

/** Headers that every response must have. */
function expectSafe({ headers }: PageResponse): void {
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers).not.toHaveProperty('access-control-allow-origin');
  expect(headers).not.toHaveProperty('set-cookie');
}

describe('the server of the local page', () => {
  it('serves the page without a token, and allows its own script and style only', async () => {
    await onPage(async (page) => {
      const reply = await page.call('/', { headers: { authorization: undefined } });
      expect(reply.status).toBe(200);
      expectSafe(reply);
      expect(reply.headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'$/,
      );
      expect(reply.text).not.toContain(page.token);
    });
  });

  const token = (page: InspectedPage) => page.token;
  const routes = ['/api/notifications', '/api/notifications/ID', '/api/timeline/ID.svg', '/api/events'];

  it.each([
    ['no token', () => undefined],
    ['an empty token', () => 'Bearer '],
    ['a wrong token', (page: InspectedPage) => `Bearer ${token(page).slice(1)}x`],
    ['the beginning of the token', (page: InspectedPage) => `Bearer ${token(page).slice(0, -1)}`],
    ['the token with another scheme', (page: InspectedPage) => `Basic ${token(page)}`],
  ])('answers %s with 401', async (_case, authorization) => {
    await onPage(async (page) => {
      const headers = { authorization: authorization(page) };
      for (const path of routes) {
        const reply = await page.call(path.replace('ID', id), { headers });
        expect({ path, status: reply.status }).toEqual({ path, status: 401 });
        expect(reply.json()).toMatchObject({ error: { code: 'ERR_INSPECT_TOKEN' } });
        expectSafe(reply);
      }
      for (const path of [`/api/notifications/${id}/replay`, '/api/trigger'])
        expect((await page.post(path, {}, { headers })).status).toBe(401);
    });
  });

  it.each([
    ['a foreign Host', { host: 'evil.example' }],
    ['a foreign Host with the port', { host: 'evil.example:PORT' }],
    ['a Host that begins alike', { host: '127.0.0.1.evil.example:PORT' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['no port', { host: '127.0.0.1' }],
    ['another loopback address', { host: '127.0.0.2:PORT' }],
    ['an IPv6 loopback address', { host: '[::1]:PORT' }],
  ])('answers %s with 403, whatever the token', async (_case, { host }) => {
    await onPage(async (page) => {
      const headers = { host: host.replace('PORT', String(page.port)) };
      for (const path of ['/', ...routes]) {
        const reply = await page.call(path.replace('ID', id), { headers });
        expect({ path, status: reply.status }).toEqual({ path, status: 403 });
        expectSafe(reply);
      }
    });
  });

  it('takes localhost for its own name', async () => {
    await onPage(async (page) => {
      const host = `localhost:${page.port}`;
      expect((await page.call('/api/notifications', { headers: { host } })).status).toBe(200);
      const origin = `http://${host}`;
      expect((await page.post('/api/trigger', { type: 'TEST' }, { headers: { host, origin } })).status).toBe(422);
    });
  });

  it.each([
    ['no Origin', undefined],
    ['a foreign Origin', 'http://evil.example'],
    ['the null Origin', 'null'],
    ['the Origin of another port', 'http://127.0.0.1:1'],
    ['the Origin of another scheme', 'https://127.0.0.1:PORT'],
    ['the Origin of another name of it', 'http://localhost:PORT'],
  ])('answers a POST with %s with 403', async (_case, origin) => {
    await onPage(async (page) => {
      const headers = { origin: origin?.replace('PORT', String(page.port)) };
      for (const path of [`/api/notifications/${id}/replay`, '/api/trigger']) {
        const reply = await page.post(path, { type: 'TEST', target: 'app' }, { headers });
        expect({ path, status: reply.status }).toEqual({ path, status: 403 });
        expect(reply.json()).toMatchObject({ error: { code: 'ERR_INSPECT_FORBIDDEN' } });
      }
    });
  });

  const json = { 'content-type': 'application/json' };

  it.each<[string, string, CallOptions, number]>([
    ['an unknown path', '/api/other', {}, 404],
    ['an absolute path', '//evil.example/api/notifications', {}, 400],
    ['an unknown id', '/api/notifications/0123456789abcdef', {}, 404],
    ['a path for an id', '/api/notifications/..%2f..%2fetc', {}, 404],
    ['another method', '/api/notifications', { method: 'DELETE' }, 405],
    ['a GET for a POST', '/api/trigger', {}, 405],
    ['CORS preflight', '/api/trigger', { method: 'OPTIONS' }, 405],
    ['a malformed offset', '/api/notifications?offset=-1', {}, 400],
    ['a form', '/api/trigger', { method: 'POST', body: 'type=TEST' }, 415],
    ['text that is no JSON', '/api/trigger', { method: 'POST', body: '{', headers: json }, 400],
    ['JSON that is no object', '/api/trigger', { method: 'POST', body: '[]', headers: json }, 400],
    ['a command without a target', '/api/notifications/ID/replay', { method: 'POST', body: '{}', headers: json }, 400],
    ['a large body', '/api/trigger', { method: 'POST', body: Buffer.alloc(1_048_577, 32), headers: json }, 413],
    ['deep nesting', '/api/trigger', { method: 'POST', body: '['.repeat(100_000), headers: json }, 400],
  ])('answers %s with an error as JSON', async (_case, path, options, status) => {
    await onPage(async (page) => {
      const reply = await page.call(path.replace('ID', id), options);
      expect(reply.status).toBe(status);
      expect(reply.json()).toMatchObject({ error: { code: expect.stringMatching(/^ERR_INSPECT_/) } });
      expectSafe(reply);
    });
  });

  it('answers two Hosts with 403, whichever comes first', async () => {
    await onPage(async (page) => {
      for (const hosts of [
        ['127.0.0.1:PORT', 'evil.example'],
        ['evil.example', '127.0.0.1:PORT'],
      ]) {
        const lines = hosts.map((host) => `Host: ${host.replace('PORT', String(page.port))}\r\n`).join('');
        const socket = connect(page.port, '127.0.0.1');
        socket.write(`GET /api/notifications HTTP/1.1\r\n${lines}Authorization: Bearer ${page.token}\r\n\r\n`);
        expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /);
      }
    });
  });

  it('answers while others hold connections and send nothing', async () => {
    await onPage(async (page) => {
      const idle = Array.from({ length: 200 }, () => connect(page.port, '127.0.0.1').on('error', () => undefined));
      for (const socket of idle) socket.write('GET / HT');
      await Promise.all(idle.slice(0, 100).map((socket) => once(socket, 'close')));
      expect((await page.call('/api/notifications')).status).toBe(200);
      for (const socket of idle) socket.destroy();
    });
  });

  it('keeps its places for pages that are open: one that left while the journal was read has none', async () => {
    const source = { refresh: () => opened, total: 0, rowOf: () => null } as unknown as NotificationSource;
    let open = (): void => undefined;
    const opened = new Promise((resolve) => {
      open = () => resolve({ ids: [], isReset: false });
    });
    const setup = async () => ({}) as never;
    const feed = createLiveFeed({ source, setup, sleep, random: randomBytes, onError: () => undefined });
    const left = Array.from({ length: 40 }, () => ({ destroyed: true, on: () => undefined }) as never);
    const attached = left.map((response) => feed.attach(response, null));
    open();
    await Promise.all(attached);
    const written: string[] = [];
    const response = { writeHead: () => undefined, write: (part: string) => written.push(part), on: () => undefined };
    expect(await feed.attach({ ...response, end: () => undefined } as never, null)).toBe(true);
    expect(written).toEqual([': open\n\n']);
    feed.stop();
  });

  it('lets no other site frame a timeline', async () => {
    await onPage(async (page) => {
      const image = await page.call(`/api/timeline/${id}.svg`);
      expect(image.status).toBe(200);
      expectSafe(image);
    });
  });

  it('keeps a hostile payload in its JSON', async () => {
    const hostile = `</script><script>alert(1)</script>\u2028\u202e"'\`$\{x}\n\u0000`;
    const other = await recordJournal();
    const set = {
      'data.bundleId': hostile,
      'data.environment': hostile,
      notificationUUID: hostile,
      notificationType: hostile,
      'data.signedTransactionInfo.productId': hostile,
    };
    const { id: hostileId } = await other.receive({ set } as never).catch(async () => ({
      id: await other.reject(Buffer.from(JSON.stringify({ signedPayload: other.signed({ set } as never) }))),
    }));
    await inspecting([], other.home, async (page) => {
      const list = await page.call('/api/notifications');
      const detail = await page.call(`/api/notifications/${hostileId}`);
      for (const reply of [list, detail, await page.call(`/api/notifications?q=${encodeURIComponent(hostile)}`)]) {
        expect(reply.status).toBe(200);
        expect(reply.headers['content-type']).toBe('application/json');
        expectSafe(reply);
      }
      expect(list.json<InspectorPage>().rows[0]?.bundleId).toContain('</script>');
      expect(detail.json<InspectorDetail>().document.notification?.notificationType).toContain('</script>');
      const image = await page.call(`/api/timeline/${hostileId}.svg`);
      expect(image.text).not.toMatch(/<script/i);
    });
    await other.close();
    other.remove();
  });
});
