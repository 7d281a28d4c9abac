import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { Agent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { APP_FIELDS } from '../../../src/connect-api/app.js';
import { type ConnectApiOptions, createConnectApi } from '../../../src/connect-api/client.js';
import { type FakeAnswer, type FakeApi, type SeenRequest, startFakeApi } from '../../support/fake-api.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ISSUER = '57246542-96fe-1a63-e053-0824d011072a';
const NOW_MS = 1_795_176_000_000;
const never = (ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve) => {
    // Waits between tries end at once; the deadline of a request, 30 s, never comes.
    if (ms !== 30_000) resolve();
    signal?.addEventListener('abort', () => resolve());
  });

let api: FakeApi | undefined;
afterEach(() => api?.stop());

async function connect(
  answer: (request: SeenRequest, index: number) => FakeAnswer,
  options: Partial<ConnectApiOptions> = {},
) {
  api = await startFakeApi(answer);
  const dispatcher = new Agent({ keepAliveTimeout: 1 });
  const key = { issuerId: ISSUER, keyId: 'ABC1234567', privateKey };
  const client = createConnectApi({
    baseUrl: api.url,
    ...key,
    dispatcher,
    now: () => NOW_MS,
    sleep: never,
    ...options,
  });
  return { client, seen: api.seen };
}

const app = (id: string, bundleId: string, attributes: object = {}) => ({
  type: 'apps',
  id,
  attributes: { bundleId, name: `App ${id}`, ...attributes },
});

describe('the token', () => {
  it.each([
    ['a team key', ISSUER, { iss: ISSUER }],
    ['an individual key', null, { sub: 'user' }],
  ])('of %s says whose it is, and is kept', async (_key, issuerId, owner) => {
    const { client, seen } = await connect(() => ({ body: { data: app('1', 'a') } }), { issuerId });
    await client.readApp('1');
    await client.readApp('1');
    const [first, second] = seen.map(({ headers }) => headers.authorization);
    expect(second).toBe(first);
    const token = await jwtVerify(String(first).replace('Bearer ', ''), publicKey, { currentDate: new Date(NOW_MS) });
    expect(token.protectedHeader).toEqual({ alg: 'ES256', kid: 'ABC1234567', typ: 'JWT' });
    const now = NOW_MS / 1000;
    expect(token.payload).toEqual({ ...owner, iat: now - 60, exp: now + 600, aud: 'appstoreconnect-v1' });
  });

  it('is made anew a minute before it ends', async () => {
    let nowMs = NOW_MS;
    const { client, seen } = await connect(() => ({ body: { data: app('1', 'a') } }), { now: () => nowMs });
    for (const age of [0, 539_000, 540_000]) {
      nowMs = NOW_MS + age;
      await client.readApp('1');
    }
    const [first, second, third] = seen.map(({ headers }) => headers.authorization);
    expect([second === first, third === first]).toEqual([true, false]);
  });
});

describe('findApp', () => {
  it('takes the app with exactly the bundle id, and names the four attributes', async () => {
    const urls = { subscriptionStatusUrl: 'https://a.example/x', subscriptionStatusUrlVersion: 'V2' };
    const data = [app('1', 'com.example.app.beta'), app('2', 'com.example.app', urls)];
    const { client, seen } = await connect(() => ({ body: { data } }));
    expect(await client.findApp('com.example.app')).toEqual({
      id: '2',
      bundleId: 'com.example.app',
      name: 'App 2',
      urls: { ...urls, subscriptionStatusUrlForSandbox: null, subscriptionStatusUrlVersionForSandbox: null },
    });
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /v1/apps?filter[bundleId]=com.example.app&fields[apps]=${APP_FIELDS}&limit=200`,
    ]);
  });

  it('is null where only others begin like it', async () => {
    const { client } = await connect(() => ({ body: { data: [app('1', 'com.example.app2')] } }));
    expect(await client.findApp('com.example.app')).toBeNull();
  });

  it('reads further pages, at the address that was set', async () => {
    const next = 'https://elsewhere.example/v1/apps?cursor=2';
    const { client, seen } = await connect(({ path }) =>
      path.includes('cursor')
        ? { body: { data: [app('9', 'com.example.app')] } }
        : { body: { data: [app('1', 'com.example.app1')], links: { next } } },
    );
    expect(await client.findApp('com.example.app')).toMatchObject({ id: '9' });
    expect(seen.map(({ path }) => path)[1]).toBe('/v1/apps?cursor=2');
  });

  it('does not read pages for ever', async () => {
    const { client, seen } = await connect(() => ({
      body: { data: [], links: { next: 'https://a.example/v1/apps?c' } },
    }));
    expect(await client.findApp('com.example.app')).toBeNull();
    expect(seen).toHaveLength(10);
  });
});

describe('readApp', () => {
  it('names the four attributes', async () => {
    const { client, seen } = await connect(() => ({ body: { data: app('12', 'a') } }));
    expect(await client.readApp('12')).toMatchObject({ id: '12', urls: { subscriptionStatusUrl: null } });
    expect(seen[0]?.path).toBe(`/v1/apps/12?fields[apps]=${APP_FIELDS}`);
  });

  it.each([
    ['no app in the answer', { body: { data: null } }],
    ['no JSON', { body: 'hello' }],
  ])('rejects %s', async (_what, answer) => {
    const { client } = await connect(() => answer);
    await expect(client.readApp('1')).rejects.toMatchObject({ kind: 'remote', code: 'ERR_CONNECT_ANSWER' });
  });
});

describe('updateApp', () => {
  it('sends what changes and nothing else', async () => {
    const { client, seen } = await connect(() => ({ body: { data: app('12', 'a') } }));
    await client.updateApp('12', { subscriptionStatusUrlForSandbox: null });
    expect(seen.map(({ method, path, body, headers }) => [method, path, body, headers['content-type']])).toEqual([
      [
        'PATCH',
        '/v1/apps/12',
        '{"data":{"type":"apps","id":"12","attributes":{"subscriptionStatusUrlForSandbox":null}}}',
        'application/json',
      ],
    ]);
  });

  it('sends nothing where nothing changes', async () => {
    const { client, seen } = await connect(() => ({}));
    await client.updateApp('12', {});
    expect(seen).toEqual([]);
  });

  it.each<[string, FakeAnswer]>([
    ['a failure of Apple', { status: 503 }],
    ['no answer', { hangUp: true }],
  ])('is not repeated after %s: it may have been done', async (_what, answer) => {
    const { client, seen } = await connect(() => answer);
    await expect(client.updateApp('1', { subscriptionStatusUrl: null })).rejects.toMatchObject({ kind: 'remote' });
    expect(seen).toHaveLength(1);
  });

  it('is repeated after a rate limit that passes', async () => {
    const { client, seen } = await connect((_request, index) =>
      index === 0 ? { status: 429, headers: { 'retry-after': '2' } } : { body: { data: app('1', 'a') } },
    );
    await client.updateApp('1', { subscriptionStatusUrl: null });
    expect(seen).toHaveLength(2);
  });
});

describe('reading', () => {
  it.each<[string, FakeAnswer]>([
    ['a failure of Apple', { status: 500 }],
    ['no answer', { hangUp: true }],
  ])('is tried three times after %s', async (_what, answer) => {
    const { client, seen } = await connect(() => answer);
    await expect(client.readApp('1')).rejects.toMatchObject({ kind: 'remote' });
    expect(seen).toHaveLength(3);
  });

  it('stops when it is interrupted between two tries', async () => {
    const interrupt = new AbortController();
    const sleep = async (ms: number, signal?: AbortSignal) => {
      if (ms !== 30_000) interrupt.abort('SIGINT');
      else await never(ms, signal);
    };
    const { client, seen } = await connect(() => ({ status: 500 }), { sleep, signal: interrupt.signal });
    await expect(client.readApp('1')).rejects.toMatchObject({ kind: 'interrupted', code: 'ERR_INTERRUPTED' });
    expect(seen).toHaveLength(1);
  });

  it('is below the path of the base address', async () => {
    api = await startFakeApi(() => ({ body: { data: app('1', 'a') } }));
    const dispatcher = new Agent({ keepAliveTimeout: 1 });
    const key = { issuerId: null, keyId: 'ABC', privateKey };
    const baseUrl = `${api.url}/connect`;
    await createConnectApi({ baseUrl, ...key, dispatcher, now: () => NOW_MS, sleep: never }).readApp('1');
    expect(api.seen[0]?.path).toMatch(/^\/connect\/v1\/apps\/1\?/);
  });
});
