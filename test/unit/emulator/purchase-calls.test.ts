import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NotificationToSend } from '../../../src/emulator/options.js';
import { orderIdOf } from '../../../src/emulator/store/order-id.js';
import { verify } from '../../../src/index.js';
import { createAuthority } from '../../../src/simulator/authority/authority.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { forge } from '../../../src/simulator/forgeries/forge.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { ask, serverToken } from '../../support/api-token.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../../support/emulator.js';

const CUSTOMER = '700000000000000001';

let running: TestEmulator;
let endpoint: TestEndpoint;
let token: string;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  running = await startTestEmulator({ sandboxUrl: endpoint.url, productionUrl: endpoint.url });
  token = await serverToken(running.emulator);
});
afterAll(async () => {
  await running.close();
  await endpoint.close();
});

const get = (path: string, environment: 'sandbox' | 'production' = 'sandbox') =>
  ask(running.emulator.serverApi[environment] + path, token);

/** Decodes a token of a response, which the test authority must have signed. */
function decode(jws: string): Readonly<Record<string, unknown>> {
  const { verification, transaction, renewalInfo } = verify(jws, { roots: [running.authority.rootPem] });
  expect(verification.verdict).toBe('valid');
  return (transaction ?? renewalInfo) as Readonly<Record<string, unknown>>;
}

async function send(notification: NotificationToSend) {
  const { signedPayload } = await running.emulator.send(notification);
  const { transaction, renewalInfo } = verify(signedPayload, { roots: [running.authority.rootPem] });
  return { signedPayload, transaction: transaction!, renewalInfo: renewalInfo! };
}

const idsOf = (tokens: readonly string[]) => tokens.map((each) => decode(each).transactionId);

describe('the state of a purchase', () => {
  it('is what the last notification said, signed anew', async () => {
    const before = Date.now();
    const { transaction, renewalInfo } = await send({ type: 'REFUND' });
    const { json: info } = await get(`/inApps/v1/transactions/${transaction.transactionId}`);
    const signed = decode(info.signedTransactionInfo);
    expect(signed).toEqual({ ...transaction, signedDate: expect.any(Number) });
    expect(signed.signedDate).toBeGreaterThanOrEqual(before);
    expect(signed.revocationDate).toEqual(expect.any(Number));
    const { status, json } = await get(`/inApps/v1/subscriptions/${transaction.originalTransactionId}`);
    const last = json.data[0].lastTransactions[0];
    expect([status, json]).toEqual([
      200,
      {
        environment: 'Sandbox',
        bundleId: 'com.example.app',
        data: [
          {
            subscriptionGroupIdentifier: transaction.subscriptionGroupIdentifier,
            lastTransactions: [
              {
                originalTransactionId: transaction.originalTransactionId,
                status: 5,
                signedTransactionInfo: expect.any(String),
                signedRenewalInfo: expect.any(String),
              },
            ],
          },
        ],
      },
    ]);
    expect(decode(last.signedTransactionInfo)).toEqual({ ...transaction, signedDate: expect.any(Number) });
    expect(decode(last.signedRenewalInfo)).toEqual({ ...renewalInfo, signedDate: expect.any(Number) });
  });

  it('is there when the endpoint asks back during the delivery', async () => {
    const asked: unknown[] = [];
    const asking = createServer((request, response) => {
      void (async () => {
        const { signedPayload } = (await json(request)) as { signedPayload: string };
        const { transaction } = verify(signedPayload);
        asked.push(
          (await ask(`${started.emulator.url}/inApps/v1/transactions/${transaction!.transactionId}`, key)).status,
        );
        response.end();
      })();
    });
    await new Promise<void>((resolve) => asking.listen(0, '127.0.0.1', resolve));
    const started = await startTestEmulator({
      sandboxUrl: `http://127.0.0.1:${(asking.address() as AddressInfo).port}/`,
    });
    const key = await serverToken(started.emulator);
    await started.emulator.send({ type: 'DID_RENEW' });
    expect(asked).toEqual([200]);
    await started.close();
    asking.close();
    asking.closeAllConnections();
  });

  it.each([
    ['of another environment', '/inApps/v1/transactions/'],
    ['of another environment, its statuses', '/inApps/v1/subscriptions/'],
    ['of another environment, its history', '/inApps/v2/history/'],
    ['of another environment, its refunds', '/inApps/v2/refund/lookup/'],
  ])('%s is 4040010', async (_case, path) => {
    const { transaction } = await send({ type: 'DID_RENEW' });
    const { status, json } = await get(path + transaction.transactionId, 'production');
    expect([status, json]).toEqual([404, { errorCode: 4040010, errorMessage: 'Transaction id not found.' }]);
    expect((await get(path + transaction.transactionId)).status).toBe(200);
  });

  it.each([
    ['/inApps/v1/transactions/x', 4000006],
    ['/inApps/v1/subscriptions/12a', 4000006],
    ['/inApps/v2/history/%F0', 4000006],
    ['/inApps/v2/refund/lookup/123456789012345678901', 4000006],
    ['/inApps/v1/subscriptions/1?status=6', 4000031],
    ['/inApps/v1/subscriptions/1?status=active', 4000031],
    ['/inApps/v2/history/1?startDate=yesterday', 4000015],
    ['/inApps/v2/history/1?endDate=-1', 4000016],
    ['/inApps/v2/history/1?startDate=5&endDate=5', 4000013],
    ['/inApps/v2/history/1?sort=UP', 4000021],
    ['/inApps/v2/history/1?productType=CONSUMABLE&productType=BOOK', 4000022],
    ['/inApps/v2/history/1?productId=', 4000023],
    ['/inApps/v2/history/1?subscriptionGroupIdentifier=', 4000024],
    ['/inApps/v2/history/1?excludeRevoked=yes', 4000025],
    ['/inApps/v2/history/1?inAppOwnershipType=STOLEN', 4000026],
    ['/inApps/v2/history/1?revoked=1', 4000030],
    ['/inApps/v2/history/1?revision=x.y', 4000005],
    ['/inApps/v2/refund/lookup/1?revision=e30.', 4000005],
  ])('asked with %s is refused with %i', async (path, errorCode) => {
    const { status, json } = await get(path);
    expect([status, json.errorCode]).toEqual([400, errorCode]);
  });

  describe('comes from what the App Store could have sent only', () => {
    const build = (options: object = {}) =>
      buildNotification({ type: 'DID_RENEW', nowMs: Date.now(), random: randomBytes, ...options });
    const signed = (options: object) => signNotification(build(options), running.emulator.chain).signedPayload;
    const statusAfter = async (signedPayload: string): Promise<number> => {
      await running.emulator.send({ signedPayload, environment: 'Sandbox' });
      const { transactionId } = verify(signedPayload).transaction!;
      return (await get(`/inApps/v1/transactions/${transactionId}`)).status;
    };

    it('so a notification of its app counts, an old one too', async () => {
      expect(await statusAfter(signed({}))).toBe(200);
      expect(await statusAfter(signed({ nowMs: Date.UTC(2024, 1, 1) }))).toBe(200);
    });

    it.each([
      ['another app', { bundleId: 'com.example.other' }],
      ['a transaction of another app', { set: { 'transaction.bundleId': 'com.example.other' } }],
      ['another environment', { environment: 'Production' }],
    ])('and one of %s does not', async (_case, options) => expect(await statusAfter(signed(options))).toBe(404));

    it('and one under another root does not', async () => {
      const foreign = await (await createAuthority({ nowMs: Date.now() })).issueChain();
      expect(await statusAfter(signNotification(build(), foreign).signedPayload)).toBe(404);
    });

    it.each(['SIGNATURE_MISMATCH', 'NESTED_MISMATCH', 'CERTIFICATE_EXPIRED', 'MISSING_MARKER_OID'] as const)(
      'and a forgery with %s does not',
      async (reason) => {
        const { authority } = running;
        const { signedPayload } = await forge(reason, { authority, nowMs: Date.now(), random: randomBytes });
        expect(await statusAfter(signedPayload)).toBe(404);
      },
    );
  });
});

describe('an app transaction id', () => {
  it('names a customer, and no transaction', async () => {
    const { transaction } = await send({ type: 'DID_RENEW' });
    const id = transaction.appTransactionId;
    expect((await get(`/inApps/v1/subscriptions/${id}`)).status).toBe(200);
    expect((await get(`/inApps/v1/transactions/${id}`)).json).toEqual({
      errorCode: 4000048,
      errorMessage: "Invalid request. App transactions aren't supported by this endpoint.",
    });
  });
});

describe('subscription statuses', () => {
  it('are those of the wanted statuses', async () => {
    const customer = { set: { 'transaction.appTransactionId': '700000000000000777' } };
    await send({ type: 'DID_RENEW', ...customer });
    await send({ type: 'EXPIRED', subtype: 'VOLUNTARY', ...customer });
    await send({ type: 'ONE_TIME_CHARGE', ...customer });
    const statuses = async (query: string) => {
      const { json } = await get(`/inApps/v1/subscriptions/700000000000000777${query}`);
      return json.data.flatMap(({ lastTransactions }: { lastTransactions: { status: number }[] }) =>
        lastTransactions.map(({ status }) => status),
      );
    };
    expect(await statuses('')).toEqual([1, 2]);
    expect(await statuses('?status=2')).toEqual([2]);
    expect(await statuses('?status=2&status=1')).toEqual([1, 2]);
    expect(await statuses('?status=3')).toEqual([]);
  });
});

// In their order: the last two change what those before them read.
describe('the transaction history of a customer', { shuffle: false }, () => {
  const ids: string[] = [];
  const history = (query = '', version = 'v2') => get(`/inApps/${version}/history/${CUSTOMER}?${query}`);
  beforeAll(async () => {
    for (let count = 0; count < 43; count += 1) {
      const id = String(2_000_000_000_000_000 + count);
      const ids2 = { 'transaction.transactionId': id, 'transaction.originalTransactionId': id };
      const { transaction } = await send({
        type: count % 10 === 9 ? 'REFUND' : 'ONE_TIME_CHARGE',
        productType: count % 2 === 0 ? 'Consumable' : 'Non-Consumable',
        productId: `com.example.app.${count % 3}`,
        set: {
          ...ids2,
          'transaction.appTransactionId': CUSTOMER,
          'transaction.purchaseDate': 1_000 + count,
          ...(count % 10 === 9 ? { 'transaction.revocationDate': 9_000 - count } : {}),
        },
      });
      ids.push(String(transaction.transactionId));
    }
  });

  it.each([
    ['in order', '', [20, 20, 3], (all: string[]) => all],
    ['the last first', 'sort=DESCENDING', [20, 20, 3], (all: string[]) => [...all].reverse()],
    ['of exactly one page', 'startDate=1023', [20], (all: string[]) => all.slice(23)],
  ])('comes in pages of 20, %s', async (_case, query, pages, expected) => {
    const seen: unknown[] = [];
    const sizes: number[] = [];
    let revision = '';
    for (let hasMore = true; hasMore; ) {
      const { status, json } = await history(`${query}&revision=${revision}`);
      expect([status, Object.keys(json)]).toEqual([
        200,
        ['revision', 'hasMore', 'bundleId', 'environment', 'signedTransactions'],
      ]);
      sizes.push(json.signedTransactions.length);
      seen.push(...idsOf(json.signedTransactions));
      ({ revision, hasMore } = json);
    }
    expect([sizes, seen]).toEqual([pages, expected(ids)]);
  });

  it.each([
    ['startDate=1005&endDate=1008', [5, 6, 7]],
    ['productType=NON_CONSUMABLE&endDate=1006', [1, 3, 5]],
    ['productType=NON_CONSUMABLE&productType=CONSUMABLE&endDate=1003', [0, 1, 2]],
    ['productType=AUTO_RENEWABLE', []],
    ['productId=com.example.app.1&endDate=1008', [1, 4, 7]],
    ['productId=com.example.app.1&productId=com.example.app.0&endDate=1005', [0, 1, 3, 4]],
    ['revoked=true', [9, 19, 29, 39]],
    ['revoked=false&startDate=1028&endDate=1031', [28, 30]],
    ['excludeRevoked=true&startDate=1028&endDate=1031', [28, 30]],
    ['inAppOwnershipType=FAMILY_SHARED', []],
    ['inAppOwnershipType=PURCHASED&endDate=1001', [0]],
    ['subscriptionGroupIdentifier=1', []],
  ])('filtered by %s', async (query, expected) => {
    const { json } = await history(query);
    expect(idsOf(json.signedTransactions)).toEqual(expected.map((at) => ids[at]));
  });

  it('is the same in version 1', async () => {
    const [one, two] = [await history('', 'v1'), await history()];
    expect(idsOf(one.json.signedTransactions)).toEqual(idsOf(two.json.signedTransactions));
  });

  it('takes a revision with the parameters of the first request only', async () => {
    const { json } = await history('sort=DESCENDING');
    const { json: refused } = await history(`sort=ASCENDING&revision=${json.revision}`);
    expect(refused).toEqual({ errorCode: 4000005, errorMessage: 'Invalid request revision.' });
  });

  it('has a changed transaction again after the last revision', async () => {
    const { json } = await history('startDate=1023');
    const query = `startDate=1023&revision=${json.revision}`;
    expect((await history(query)).json).toMatchObject({ hasMore: false, signedTransactions: [] });
    await send({
      type: 'REFUND_REVERSED',
      productType: 'Consumable',
      set: {
        'transaction.transactionId': ids[39]!,
        'transaction.originalTransactionId': ids[39]!,
        'transaction.appTransactionId': CUSTOMER,
        'transaction.purchaseDate': 1_039,
      },
    });
    expect(idsOf((await history(query)).json.signedTransactions)).toEqual([ids[39]]);
  });

  it('has refunds by their date, and later ones after the last revision', async () => {
    const refunds = (query = '') => get(`/inApps/v2/refund/lookup/${CUSTOMER}${query}`);
    const { status, json } = await refunds();
    expect([status, Object.keys(json), json.hasMore]).toEqual([
      200,
      ['hasMore', 'revision', 'signedTransactions'],
      false,
    ]);
    expect(idsOf(json.signedTransactions)).toEqual([ids[29], ids[19], ids[9]]);
    expect((await refunds(`?revision=${json.revision}`)).json).toMatchObject({
      hasMore: false,
      signedTransactions: [],
    });
    const set = { 'transaction.appTransactionId': CUSTOMER };
    const { transaction } = await send({ type: 'REFUND', set });
    await send({ type: 'REVOKE', set });
    const { json: later } = await refunds(`?revision=${json.revision}`);
    expect(idsOf(later.signedTransactions)).toEqual([transaction.transactionId]);
  });
});

describe('an order', () => {
  it('is found in production, and unknown ones are status 1', async () => {
    const { transaction } = await send({ type: 'ONE_TIME_CHARGE', environment: 'Production' });
    const { json } = await get(`/inApps/v1/lookup/${orderIdOf(String(transaction.transactionId))}`, 'production');
    expect(json.status).toBe(0);
    expect(idsOf(json.signedTransactions)).toEqual([transaction.transactionId]);
    expect((await get('/inApps/v1/lookup/MK00000000', 'production')).json).toEqual({ status: 1 });
  });

  it('is nothing that the sandbox has', async () => {
    expect(await get('/inApps/v1/lookup/MK00000000')).toMatchObject({ status: 404, json: null });
  });
});

describe('every call', () => {
  const CALLS = [
    ['GET', '/inApps/v1/subscriptions/1'],
    ['GET', '/inApps/v1/transactions/1'],
    ['GET', '/inApps/v2/history/1'],
    ['GET', '/inApps/v2/refund/lookup/1'],
    ['GET', '/inApps/v1/lookup/M'],
    ['PUT', '/inApps/v2/transactions/consumption/1'],
  ] as const;
  const one = { subscriptionStatuses: 1, transactionInfo: 1, transactionHistory: 1, refundHistory: 1, orderLookup: 1 };

  it.each(CALLS)('%s %s is refused without a token', async (method, path) =>
    expect((await ask(running.emulator.serverApi.sandbox + path, null, { method })).status).toBe(401),
  );

  it.each(CALLS)('%s %s has a limit of its own', async (method, path) => {
    const limited = await startTestEmulator({ rateLimits: { sandbox: { ...one, consumption: 1 } } });
    const key = await serverToken(limited.emulator);
    const call = () => ask(limited.emulator.serverApi.sandbox + path, key, { method });
    expect((await call()).status).toBe(404);
    const { status, json, headers } = await call();
    expect([status, json]).toEqual([429, { errorCode: 4290000, errorMessage: 'Rate limit exceeded.' }]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(Date.now());
    await limited.close();
  });

  it.each(CALLS)('%s %s fails as the control API says', async (method, path) => {
    const { url, controlToken } = running.emulator;
    await ask(`${url}/control/v1/errors`, controlToken, { body: { errorCode: 4040002 } });
    const { json } = await ask(running.emulator.serverApi.sandbox + path, token, { method });
    expect(json).toEqual({ errorCode: 4040002, errorMessage: 'Account not found. Please try again.' });
  });

  it('is 401 in production before the first release', async () => {
    const unreleased = await startTestEmulator({ unreleased: true });
    const key = await serverToken(unreleased.emulator);
    for (const [method, path] of CALLS) {
      expect((await ask(unreleased.emulator.serverApi.production + path, key, { method })).status).toBe(401);
    }
    await unreleased.close();
  });
});
