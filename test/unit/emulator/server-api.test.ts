import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, serverToken, type TokenWish } from '../../support/api-token.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../../support/emulator.js';

let running: TestEmulator;
let endpoint: TestEndpoint;
let token: string;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  running = await startTestEmulator({ sandboxUrl: endpoint.url });
  token = await serverToken(running.emulator);
});
afterAll(async () => {
  await running.close();
  await endpoint.close();
});

const TEST = '/inApps/v1/notifications/test';
const HISTORY = '/inApps/v1/notifications/history';
const NO_SUCH_TOKEN = `${TEST}/00000000-0000-4000-8000-000000000000_1795176000000`;

const sandbox = (path: string): string => running.emulator.serverApi.sandbox + path;
const now = (): number => Math.floor(Date.now() / 1000);
const lastCause = () => running.events.filter((event) => event.event === 'request').at(-1)?.cause;

describe('a token', () => {
  const rows: readonly [string, () => TokenWish, string][] = [
    ['of another issuer', () => ({ claims: { iss: '00000000-0000-4000-8000-000000000000' } }), 'iss'],
    ['without an issuer', () => ({ claims: { iss: null } }), 'iss is missing'],
    ['for another app', () => ({ claims: { bid: 'com.example.other' } }), 'bid is com.example.other'],
    ['without an app', () => ({ claims: { bid: null } }), 'bid is missing'],
    ['for another audience', () => ({ claims: { aud: 'someone' } }), 'aud'],
    ['without an audience', () => ({ claims: { aud: null } }), 'aud'],
    ['that has expired', () => ({ claims: { iat: now() - 400, exp: now() - 100 } }), 'expired 10'],
    ['without an end', () => ({ claims: { exp: null } }), 'exp is missing'],
    ['without a beginning', () => ({ claims: { iat: null } }), 'iat is missing'],
    ['for more than an hour', () => ({ claims: { exp: now() + 3_700 } }), 'the maximum is 3600'],
    ['of a clock an hour ahead', () => ({ claims: { iat: now() + 3_600, exp: now() + 3_900 } }), 'in the future'],
    ['of a clock seconds ahead', () => ({ claims: { iat: now() + 30, exp: now() + 330 } }), 'in the future'],
    ['of an unknown key id', () => ({ header: { kid: 'AAAAAAAAAA' } }), 'unknown kid AAAAAAAAAA'],
    ['without a key id', () => ({ header: { kid: undefined } }), 'no kid'],
    [
      'signed by another key',
      () => ({ privateKeyPath: running.emulator.connect.privateKeyPath }),
      'another private key',
    ],
    ['of an App Store Connect key', connectKey, 'this is an App Store Connect key'],
  ];
  function connectKey(): TokenWish {
    const { keyId: kid, issuerId: iss, privateKeyPath } = running.emulator.connect;
    return { header: { kid }, claims: { iss }, privateKeyPath };
  }

  it.each(rows)('%s is answered 401 in plain text, and the log says why', async (_case, wish, cause) => {
    const answer = await ask(sandbox(TEST), await serverToken(running.emulator, wish()), { method: 'POST' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(answer.text).toMatch(/^Unauthenticated\n\nRequest ID: \S+\n$/);
    expect(lastCause()).toContain(cause);
  });

  it.each([
    ['none', null, 'no Authorization'],
    ['no JWT', 'x.y', 'not a JWT'],
    ['alg none', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`, 'alg is none'],
  ])('that is %s is answered 401', async (_case, given, cause) => {
    expect(await ask(sandbox(TEST), given, { method: 'POST' })).toMatchObject({ status: 401, json: null });
    expect(lastCause()).toContain(cause);
  });

  it('for exactly an hour is taken', async () => {
    const hour = await serverToken(running.emulator, { claims: { iat: now(), exp: now() + 3_600 } });
    expect((await ask(sandbox(NO_SUCH_TOKEN), hour)).status).toBe(404);
  });
});

describe('an address', () => {
  it.each([
    ['GET', TEST],
    ['POST', '/inapps/v1/notifications/test'],
    ['GET', HISTORY],
    ['GET', `${TEST}/`],
    ['GET', '/inApps/v1/messaging/image/list'],
    ['GET', '/'],
  ])('%s %s is 404', async (method, path) => expect((await ask(sandbox(path), token, { method })).status).toBe(404));

  it('that is unknown says what is served', async () => {
    const { serverApi, controlToken } = running.emulator;
    const text = async (url: string, bearer: string) =>
      (await fetch(url, { headers: { authorization: `Bearer ${bearer}` } })).text();
    expect(await text(sandbox('/'), token)).toContain('/inApps/… (App Store Server API, sandbox)');
    expect(await text(`${serverApi.production}/v1/apps`, token)).toContain('everything else is on the sandbox port');
    expect(await text(sandbox('/inApps/v1/messaging/image/list'), token)).toContain(`POST ${HISTORY}`);
    expect(await text(sandbox('/control/v1/nothing'), controlToken)).toContain('GET /control/v1/state');
  });

  it('of production has no control API', async () => {
    const { serverApi, controlToken } = running.emulator;
    expect((await ask(`${serverApi.production}/control/v1/state`, controlToken)).status).toBe(404);
    expect((await ask(`${serverApi.sandbox}/control/v1/state`, controlToken)).status).toBe(200);
  });

  it('from a web page is 403', async () => {
    const answer = await ask(sandbox(TEST), token, { method: 'POST', headers: { origin: 'http://localhost:3000' } });
    expect(answer.status).toBe(403);
  });

  it('sent more than it takes is 413', async () => {
    const answer = await ask(sandbox(HISTORY), token, { body: ' '.repeat(1_100_000) });
    expect(answer.status).toBe(413);
  });
});

describe('a TEST', () => {
  it('for an environment without a URL is 4040007', async () => {
    const answer = await ask(running.emulator.serverApi.production + TEST, token, { method: 'POST' });
    expect(answer).toMatchObject({ status: 404, json: { errorCode: 4040007, errorMessage: expect.any(String) } });
  });

  it('that was never requested is 4040008', async () => {
    expect((await ask(sandbox(NO_SUCH_TOKEN), token)).json).toMatchObject({ errorCode: 4040008 });
  });

  it.each(['x', 'a%ZZ', '%F0'])('under the token %s is 4000020', async (name) => {
    expect(await ask(sandbox(`${TEST}/${name}`), token)).toMatchObject({ status: 400, json: { errorCode: 4000020 } });
  });

  it('is pending for the configured time, and belongs to its environment', async () => {
    // Ahead, so that a token made in the next second is not of the future.
    let nowMs = Date.now() + 10_000;
    const slow = await startTestEmulator({ sandboxUrl: endpoint.url, pendingMs: 60_000, now: () => nowMs });
    const { emulator } = slow;
    const bearer = await serverToken(emulator);
    const requested = await ask(emulator.serverApi.sandbox + TEST, bearer, { method: 'POST' });
    const path = `${TEST}/${requested.json.testNotificationToken}`;
    const statusAt = (base: string) => ask(base + path, bearer);
    await emulator.advance(0);
    expect((await statusAt(emulator.serverApi.sandbox)).json).toMatchObject({ errorCode: 4040008 });
    nowMs += 60_000;
    expect((await statusAt(emulator.serverApi.sandbox)).json).toMatchObject({
      firstSendAttemptResult: 'SUCCESS',
      sendAttempts: [{ sendAttemptResult: 'SUCCESS' }],
    });
    expect((await statusAt(emulator.serverApi.production)).json).toMatchObject({ errorCode: 4040008 });
    await slow.close();
  });
});

describe('history', () => {
  const DAY_MS = 86_400_000;
  let startDate = 0;
  const history = (body: object, query = '') =>
    ask(sandbox(HISTORY + query), token, { body: { startDate, endDate: Date.now() + DAY_MS, ...body } });
  const uuidsOf = (json: { notificationHistory: { signedPayload: string }[] }): string[] =>
    json.notificationHistory.map(({ signedPayload }) => {
      const payload = signedPayload.split('.')[1] ?? '';
      return JSON.parse(Buffer.from(payload, 'base64url').toString()).notificationUUID;
    });
  const sent: string[] = [];
  beforeAll(async () => {
    startDate = Date.now();
    const { emulator } = running;
    const ids = { 'transaction.transactionId': '700', 'transaction.originalTransactionId': '70' };
    const customer = { 'transaction.appTransactionId': '7' };
    sent.push(
      (await emulator.send({ type: 'SUBSCRIBED', subtype: 'INITIAL_BUY', set: { ...ids, ...customer } }))
        .notificationUUID,
    );
    sent.push((await emulator.send({ type: 'ONE_TIME_CHARGE', set: customer })).notificationUUID);
    endpoint.answerNext(500);
    sent.push((await emulator.send({ type: 'DID_RENEW' })).notificationUUID);
    for (let count = sent.length; count < 25; count++)
      sent.push((await emulator.send({ type: 'REFUND' })).notificationUUID);
  });

  it('comes in pages of 20, in override, with a token for the next', async () => {
    const first = (await history({})).json;
    expect(first).toMatchObject({ hasMore: true, paginationToken: expect.any(String) });
    const body = { startDate, endDate: Date.now() + DAY_MS };
    const one = await ask(sandbox(HISTORY), token, { body });
    const query = `?paginationToken=${encodeURIComponent(one.json.paginationToken)}`;
    const two = await ask(sandbox(HISTORY + query), token, { body });
    expect(two.json).toMatchObject({ hasMore: false });
    expect(two.json).not.toHaveProperty('paginationToken');
    expect([uuidsOf(one.json).length, [...uuidsOf(one.json), ...uuidsOf(two.json)]]).toEqual([20, sent]);
    const other = await ask(sandbox(HISTORY + query), token, { body: { ...body, endDate: body.endDate + 1 } });
    expect(other.json).toMatchObject({ errorCode: 4000014 });
  });

  it.each(['x', 'x.y', '%00', 'e30.'])('refuses the token %s', async (name) => {
    expect((await history({}, `?paginationToken=${name}`)).json).toMatchObject({ errorCode: 4000014 });
  });

  it('knows the type, the subtype and the failures', async () => {
    const filtered = async (filter: object) => uuidsOf((await history(filter)).json);
    expect(await filtered({ notificationType: 'SUBSCRIBED' })).toEqual([sent[0]]);
    expect(await filtered({ notificationType: 'SUBSCRIBED', notificationSubtype: 'RESUBSCRIBE' })).toEqual([]);
    expect(await filtered({ onlyFailures: true })).toEqual([sent[2]]);
    expect(await filtered({ startDate: startDate - DAY_MS, endDate: startDate - 1 })).toEqual([]);
  });

  it.each(['700', '70'])('finds all of a customer by transaction %s', async (transactionId) => {
    expect(uuidsOf((await history({ transactionId })).json)).toEqual([sent[0], sent[1]]);
  });

  it('knows no customer of another transaction', async () => {
    expect(await history({ transactionId: '71' })).toMatchObject({ status: 404, json: { errorCode: 4040010 } });
  });

  it('says with which error a request is refused', async () => {
    const answer = await history({ notificationType: 'NEWS' });
    expect(answer).toMatchObject({ status: 400, json: { errorCode: 4000018 } });
  });

  it('lets its tokens expire', async () => {
    let nowMs = (now() + 1) * 1_000;
    const old = await startTestEmulator({ sandboxUrl: endpoint.url, pageTokenMs: 1_000, now: () => nowMs });
    for (let count = 0; count < 21; count++) await old.emulator.send({ type: 'REFUND' });
    const bearer = await serverToken(old.emulator);
    const body = { startDate: nowMs, endDate: nowMs + 1 };
    const url = old.emulator.serverApi.sandbox + HISTORY;
    const { paginationToken } = (await ask(url, bearer, { body })).json;
    const next = () => ask(`${url}?paginationToken=${paginationToken}`, bearer, { body });
    nowMs += 1_000;
    expect((await next()).json).toMatchObject({ hasMore: false });
    nowMs += 1;
    expect((await next()).json).toMatchObject({ errorCode: 4000017 });
    await old.close();
  });
});

describe('an emulator with overrides', () => {
  it('answers 401 to everything in production before the first release', async () => {
    const { emulator, close, events } = await startTestEmulator({
      unreleased: true,
      productionUrl: endpoint.url,
      sandboxUrl: endpoint.url,
    });
    const bearer = await serverToken(emulator);
    const answer = await ask(emulator.serverApi.production + TEST, bearer, { method: 'POST' });
    expect([answer.status, answer.text.split('\n')[0]]).toEqual([401, 'Unauthenticated']);
    expect(events.at(-1)).toMatchObject({ cause: expect.stringContaining('--unreleased') });
    expect((await ask(emulator.serverApi.sandbox + TEST, bearer, { method: 'POST' })).status).toBe(200);
    await close();
  });

  it('limits each call by itself, and says when to come back', async () => {
    let nowMs = Date.now();
    const issuedAt = Math.floor(nowMs / 1_000);
    const calls = { test: 1, status: 1, history: 1 };
    const rateLimits = { sandbox: calls };
    const { emulator, close } = await startTestEmulator({ rateLimits, sandboxUrl: endpoint.url, now: () => nowMs });
    const bearer = await serverToken(emulator, { claims: { iat: issuedAt, exp: issuedAt + 3_600 } });
    const request = () => ask(emulator.serverApi.sandbox + TEST, bearer, { method: 'POST' });
    expect((await request()).status).toBe(200);
    const refused = await request();
    expect(refused).toMatchObject({ status: 429, json: { errorCode: 4290000 } });
    expect(refused.headers.get('retry-after')).toBe(String(nowMs + 3_600_000));
    expect((await ask(emulator.serverApi.sandbox + NO_SUCH_TOKEN, bearer)).status).toBe(404);
    nowMs += 3_599_000;
    expect((await request()).status).toBe(429);
    await close();
  });

  it.each([4000002, 4040002, 4290000, 5000000, 5000001])('answers %s once, then as ever', async (errorCode) => {
    const { url, controlToken } = running.emulator;
    const override = { errorCode, environment: 'sandbox' };
    expect((await ask(`${url}/control/v1/errors`, controlToken, { body: override })).status).toBe(200);
    const answers = [await ask(sandbox(NO_SUCH_TOKEN), token), await ask(sandbox(NO_SUCH_TOKEN), token)];
    expect(answers.map(({ json }) => json.errorCode)).toEqual([errorCode, 4040008]);
    expect(answers[0]?.status).toBe(Math.floor(errorCode / 10_000));
    expect(answers[0]?.headers.has('retry-after')).toBe(errorCode === 4290000);
  });
});
