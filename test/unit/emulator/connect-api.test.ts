import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, individualToken, type TokenWish, teamToken } from '../../support/api-token.js';
import { startTestEmulator, type TestEmulator } from '../../support/emulator.js';

const SANDBOX_URL = 'https://sandbox.example.com/apple';
const FOUR =
  'subscriptionStatusUrl,subscriptionStatusUrlVersion,subscriptionStatusUrlForSandbox,subscriptionStatusUrlVersionForSandbox';

let running: TestEmulator;
let token: string;
beforeAll(async () => {
  running = await startTestEmulator({ sandboxUrl: SANDBOX_URL });
  token = await teamToken(running.emulator);
});
afterAll(() => running.close());

const at = (path: string): string => running.emulator.connectApi + path;
const app = (): string => `/v1/apps/${running.emulator.appAppleId}`;
const now = (): number => Math.floor(Date.now() / 1000);
const patch = (attributes: object, bearer = token) => {
  const data = { type: 'apps', id: String(running.emulator.appAppleId), attributes };
  return ask(at(app()), bearer, { method: 'PATCH', body: { data } });
};

describe('a token', () => {
  const rows: readonly [string, () => TokenWish, string][] = [
    ['for more than 20 minutes', () => ({ claims: { exp: now() + 1_300 } }), 'the maximum is 1200'],
    ['of another issuer', () => ({ claims: { iss: 'someone' } }), 'iss is someone'],
    ['that has expired', () => ({ claims: { iat: now() - 400, exp: now() - 100 } }), 'expired'],
    ['of the In-App Purchase key', inAppPurchaseKey, 'In-App Purchase key'],
    [
      'for reading that also writes, and half a year',
      () => ({ claims: { scope: ['PATCH /v1/apps/1'], exp: now() + 9_000 } }),
      'the maximum is 1200',
    ],
  ];
  function inAppPurchaseKey(): TokenWish {
    const { keyId: kid, issuerId: iss, privateKeyPath } = running.emulator;
    return { header: { kid }, claims: { iss }, privateKeyPath };
  }
  it.each(rows)('%s is 401', async (_case, wish, cause) => {
    const answer = await ask(at('/v1/apps'), await teamToken(running.emulator, wish()));
    expect(answer).toMatchObject({ status: 401, json: { errors: [{ status: '401', code: 'NOT_AUTHORIZED' }] } });
    expect(running.events.at(-1)).toMatchObject({ api: 'connectApi', cause: expect.stringContaining(cause) });
  });

  it.each([
    ['with an issuer', { claims: { iss: '00000000-0000-4000-8000-000000000000' } }, 401],
    ['for another subject', { claims: { sub: 'admin' } }, 401],
    ['as it should be', {}, 200],
  ])('of an individual key, %s, is %s', async (_case, wish, status) => {
    expect((await ask(at('/v1/apps'), await individualToken(running.emulator, wish))).status).toBe(status);
  });

  it('with a scope opens what that names, for longer', async () => {
    const exp = now() + 30 * 86_400;
    const bearer = await teamToken(running.emulator, { claims: { scope: [`GET ${app()}`], exp } });
    expect((await ask(at(app()), bearer)).status).toBe(200);
    expect(await ask(at('/v1/apps'), bearer)).toMatchObject({
      status: 403,
      json: { errors: [{ code: 'FORBIDDEN_ERROR' }] },
    });
    expect((await patch({}, bearer)).status).toBe(403);
  });
});

describe('the list of apps', () => {
  it('leaves the notification URLs out unless they are named', async () => {
    const { json } = await ask(at('/v1/apps'), token);
    expect(json.data).toHaveLength(1);
    expect(json.data[0]).toMatchObject({ type: 'apps', id: '1234567890', attributes: { bundleId: 'com.example.app' } });
    expect(Object.keys(json.data[0].attributes).filter((name) => name.startsWith('subscription'))).toEqual([]);
  });

  it('has them where they are named, and nothing else', async () => {
    const { emulator, close } = await startTestEmulator({ sandboxUrl: SANDBOX_URL });
    const url = `${emulator.connectApi}/v1/apps?fields[apps]=bundleId,${FOUR}`;
    const { json } = await ask(url, await teamToken(emulator));
    await close();
    expect(json.data[0].attributes).toEqual({
      bundleId: 'com.example.app',
      subscriptionStatusUrl: null,
      subscriptionStatusUrlVersion: null,
      subscriptionStatusUrlForSandbox: SANDBOX_URL,
      subscriptionStatusUrlVersionForSandbox: 'V2',
    });
  });

  it.each([
    ['com.example.app', 1],
    ['com.example.other,com.example.app', 1],
    ['com.example', 0],
  ])('filtered by %s has %s', async (bundleId, count) => {
    const { json } = await ask(at(`/v1/apps?filter[bundleId]=${bundleId}&limit=200`), token);
    expect([json.data.length, json.meta.paging]).toEqual([count, { total: count, limit: 200 }]);
  });

  it.each([
    ['?limit=201', 'PARAMETER_ERROR.INVALID', 'limit'],
    ['?limit=x', 'PARAMETER_ERROR.INVALID', 'limit'],
    ['?fields[apps]=nonsense', 'PARAMETER_ERROR.INVALID', 'fields[apps]'],
    ['?nonsense=1', 'PARAMETER_ERROR.ILLEGAL', 'nonsense'],
  ])('refuses %s', async (query, code, parameter) => {
    const answer = await ask(at(`/v1/apps${query}`), token);
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ code, source: { parameter } }] } });
  });

  it('returns the number of remaining requests', async () => {
    const { headers } = await ask(at('/v1/apps'), token);
    expect(headers.get('x-rate-limit')).toMatch(/^user-hour-lim:3500;user-hour-rem:\d+;$/);
  });
});

describe('a request that fits nothing', () => {
  it.each([
    ['GET', '/v1/apps/1', 404, 'NOT_FOUND'],
    ['GET', '/v1/builds', 404, 'PATH_ERROR'],
    ['POST', '/v1/apps', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/apps/1234567890', 405, 'METHOD_NOT_ALLOWED'],
  ])('%s %s is %s', async (method, path, status, code) => {
    expect(await ask(at(path), token, { method })).toMatchObject({
      status,
      json: { errors: [{ status: String(status), code }] },
    });
  });
});

describe('a change', () => {
  it('is applied, returned when read back, and reported', async () => {
    const url = 'https://example.com/production?key=1';
    const answer = await patch({ subscriptionStatusUrl: url, subscriptionStatusUrlVersion: 'V1' });
    expect(answer.status).toBe(200);
    expect(answer.json.data.attributes).not.toHaveProperty('subscriptionStatusUrl');
    const { json } = await ask(at(`${app()}?fields[apps]=${FOUR}`), token);
    expect(json.data.attributes).toMatchObject({
      subscriptionStatusUrl: url,
      subscriptionStatusUrlVersion: 'V1',
      subscriptionStatusUrlForSandbox: SANDBOX_URL,
    });
    const reported = running.events.filter((event) => event.event === 'settings').at(-1);
    expect(reported?.settings.subscriptionStatusUrl).toBe('https://example.com/…');
    expect((await patch({ subscriptionStatusUrl: null })).status).toBe(200);
    expect(running.emulator.settings().subscriptionStatusUrl).toBeNull();
  });

  it.each([
    ['a URL that is plain http', { subscriptionStatusUrl: 'http://example.com/' }, 'ATTRIBUTE.INVALID'],
    ['a URL on a low port', { subscriptionStatusUrlForSandbox: 'https://example.com:81/' }, 'ATTRIBUTE.INVALID'],
    ['a URL that is a number', { subscriptionStatusUrl: 1 }, 'ATTRIBUTE.INVALID'],
    ['a version 3', { subscriptionStatusUrlVersion: 'V3' }, 'ATTRIBUTE.INVALID'],
    ['an unknown attribute', { nonsense: 1 }, 'ATTRIBUTE.UNKNOWN'],
    ['an attribute every object has', { constructor: 1 }, 'ATTRIBUTE.UNKNOWN'],
    ['another attribute', { name: 'x' }, 'ATTRIBUTE.NOT_ALLOWED'],
  ])('to %s is 409, and nothing changes', async (_case, attributes, code) => {
    const before = running.emulator.settings();
    const answer = await patch({ subscriptionStatusUrlVersionForSandbox: 'V1', ...attributes });
    const pointer = `/data/attributes/${Object.keys(attributes)[0]}`;
    expect(answer).toMatchObject({
      status: 409,
      json: { errors: [{ code: `ENTITY_ERROR.${code}`, source: { pointer } }] },
    });
    expect(running.emulator.settings()).toEqual(before);
  });

  it.each([
    ['no JSON', 'x', 400, 'ENTITY_INVALID'],
    ['no data', {}, 400, 'ENTITY_INVALID'],
    ['another type', { data: { type: 'builds', id: '1234567890' } }, 409, 'ENTITY_ERROR.TYPE'],
    ['another id', { data: { type: 'apps', id: '1' } }, 409, 'ENTITY_ERROR.ID'],
    ['attributes that are none', { data: { type: 'apps', id: '1234567890', attributes: [] } }, 400, 'ENTITY_INVALID'],
  ])('with %s is refused', async (_case, body, status, code) => {
    expect(await ask(at(app()), token, { method: 'PATCH', body })).toMatchObject({
      status,
      json: { errors: [{ code }] },
    });
  });
});

it('limits each key by itself', async () => {
  const { emulator, close } = await startTestEmulator({ rateLimits: { connect: 1 } });
  const [team, individual] = [await teamToken(emulator), await individualToken(emulator)];
  const statusFor = async (bearer: string) => (await ask(`${emulator.connectApi}/v1/apps`, bearer)).status;
  expect([await statusFor(team), await statusFor(team), await statusFor(individual)]).toEqual([200, 429, 200]);
  await close();
});
