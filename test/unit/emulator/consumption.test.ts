import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumptionRequestView } from '../../../src/emulator/consumption/consumption-requests.js';
import { checkConsumptionV1, checkConsumptionV2 } from '../../../src/emulator/server-api/consumption-body.js';
import { verify } from '../../../src/index.js';
import { ask, serverToken } from '../../support/api-token.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../../support/emulator.js';

const HOUR_MS = 3_600_000;

const V1 = {
  customerConsented: true,
  consumptionStatus: 1,
  platform: 2,
  sampleContentProvided: false,
  deliveryStatus: 3,
  appAccountToken: '7389a31a-fb6d-4569-a2a6-db7d85d84813',
  accountTenure: 4,
  playTime: 5,
  lifetimeDollarsRefunded: 6,
  lifetimeDollarsPurchased: 7,
  userStatus: 4,
};

const V2 = { customerConsented: true, deliveryStatus: 'DELIVERED', sampleContentProvided: true };

const CONSUMABLE = { type: 'Consumable', inAppOwnershipType: 'PURCHASED' };

const SUBSCRIPTION = { type: 'Auto-Renewable Subscription' };

/** The body without one field. */
const without = (body: object, field: string) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));

describe('a consumption request of version 1', () => {
  it.each([
    ['all fields', V1, CONSUMABLE],
    ['no account token', { ...V1, appAccountToken: '' }, SUBSCRIPTION],
    ['a preference', { ...V1, refundPreference: 3 }, CONSUMABLE],
    [
      'only zeros',
      { ...V1, consumptionStatus: 0, platform: 0, deliveryStatus: 0, accountTenure: 0, userStatus: 0 },
      CONSUMABLE,
    ],
  ])('with %s is valid', (_case, body, transaction) => expect(checkConsumptionV1(body, transaction)).toBeNull());

  it.each([
    [4000035, { ...V1, customerConsented: false }],
    [4000035, without(V1, 'customerConsented')],
    [4000033, { ...V1, appAccountToken: 'user-7' }],
    [4000033, without(V1, 'appAccountToken')],
    [4000041, { ...V1, sampleContentProvided: 'yes' }],
    [4000032, { ...V1, accountTenure: 8 }],
    [4000032, without(V1, 'accountTenure')],
    [4000034, { ...V1, consumptionStatus: 4 }],
    [4000036, { ...V1, deliveryStatus: 'DELIVERED' }],
    [4000036, { ...V1, deliveryStatus: 6 }],
    [4000037, { ...V1, lifetimeDollarsPurchased: -1 }],
    [4000038, { ...V1, lifetimeDollarsRefunded: 1.5 }],
    [4000039, { ...V1, platform: 3 }],
    [4000040, { ...V1, playTime: 8 }],
    [4000042, { ...V1, userStatus: 5 }],
    [4000044, { ...V1, refundPreference: 4 }],
  ])('is refused with %i', (code, body) => expect(checkConsumptionV1(body, CONSUMABLE)).toEqual({ code }));

  it.each(['Non-Consumable', 'Non-Renewing Subscription'])('about a %s is refused', (type) =>
    expect(checkConsumptionV1(V1, { type })).toEqual({ code: 4000047 }),
  );
});

describe('a consumption request', () => {
  it.each([
    ['the required fields', V2, SUBSCRIPTION],
    ['a percentage', { ...V2, consumptionPercentage: 100_000 }, CONSUMABLE],
    ['a prorated refund', { ...V2, refundPreference: 'GRANT_PRORATED', consumptionPercentage: 1 }, CONSUMABLE],
    ['a prorated refund of a subscription', { ...V2, refundPreference: 'GRANT_PRORATED' }, SUBSCRIPTION],
    ['nothing delivered', { ...V2, deliveryStatus: 'UNDELIVERED_OTHER', consumptionPercentage: 0 }, CONSUMABLE],
  ])('with %s is valid', (_case, body, transaction) => expect(checkConsumptionV2(body, transaction)).toBeNull());

  const outOfRange = { code: 4000000, name: 'ConsumptionPercentageOutOfRangeError' };
  it.each([
    [{ ...V2, customerConsented: 'true' }, CONSUMABLE, { code: 4000035 }],
    [{ ...V2, deliveryStatus: 0 }, CONSUMABLE, { code: 4000036 }],
    [without(V2, 'deliveryStatus'), CONSUMABLE, { code: 4000036 }],
    [without(V2, 'sampleContentProvided'), CONSUMABLE, { code: 4000041 }],
    [{ ...V2, refundPreference: 1 }, CONSUMABLE, { code: 4000044 }],
    [{ ...V2, consumptionPercentage: 50_000 }, SUBSCRIPTION, { code: 4000209 }],
    [V2, { ...CONSUMABLE, inAppOwnershipType: 'FAMILY_SHARED' }, { code: 4000185 }],
    [{ ...V2, consumptionPercentage: 100_001 }, CONSUMABLE, outOfRange],
    [{ ...V2, refundPreference: 'GRANT_PRORATED' }, CONSUMABLE, outOfRange],
    [{ ...V2, refundPreference: 'GRANT_PRORATED', consumptionPercentage: 100_000 }, CONSUMABLE, outOfRange],
    [
      { ...V2, deliveryStatus: 'UNDELIVERED_OTHER', consumptionPercentage: 1 },
      CONSUMABLE,
      { code: 4000000, name: 'UndeliveredConsumptionPercentageNonZeroError' },
    ],
    [
      V2,
      { ...SUBSCRIPTION, advancedCommerceInfo: {} },
      { code: 4000000, name: 'AdvancedCommerceTransactionNotSupportedError' },
    ],
  ])('%j about %j is refused', (body, transaction, defect) =>
    expect(checkConsumptionV2(body, transaction)).toEqual(defect),
  );
});

describe('the clock of a CONSUMPTION_REQUEST', () => {
  let running: TestEmulator;
  let endpoint: TestEndpoint;
  beforeEach(async () => {
    endpoint = await startTestEndpoint();
    running = await startTestEmulator({ step: true, sandboxUrl: endpoint.url, productionUrl: endpoint.url });
  });
  afterEach(async () => {
    await running.close();
    await endpoint.close();
  });

  const received = () =>
    endpoint.bodies.map((body) => {
      const { notification, transaction, verification } = verify(JSON.parse(body).signedPayload, {
        roots: [running.authority.rootPem],
      });
      expect(verification.verdict).toBe('valid');
      return { notification: notification!, transaction: transaction! };
    });
  const requestOf = (id: string): ConsumptionRequestView =>
    running.emulator.state().consumption.requests.find(({ transactionId }) => transactionId === id)!;
  const put = async (id: string, body: unknown, version = 'v2', environment: 'sandbox' | 'production' = 'sandbox') =>
    ask(
      `${running.emulator.serverApi[environment]}/inApps/${version}/transactions/consumption/${id}`,
      await serverToken(running.emulator),
      { method: 'PUT', body },
    );

  async function request(environment: 'Sandbox' | 'Production' = 'Sandbox') {
    const { signedPayload } = await running.emulator.send({ type: 'CONSUMPTION_REQUEST', environment });
    const { transaction } = verify(signedPayload, { roots: [running.authority.rootPem] });
    return transaction!.transactionId as string;
  }

  it('asks three times, 8 hours apart, each with a UUID of its own, until the last has had its 12 hours', async () => {
    const first = endpoint.bodies.length;
    const id = await request();
    const start = requestOf(id).requests[0]!.requestDate;
    expect(requestOf(id)).toMatchObject({
      state: 'open',
      reason: 'UNINTENDED_PURCHASE',
      answerUntil: start + 12 * HOUR_MS,
      nextRequestDate: start + 8 * HOUR_MS,
    });
    await running.emulator.advance(8 * HOUR_MS - 1);
    expect(requestOf(id).requests).toHaveLength(1);
    await running.emulator.advance(1);
    expect(requestOf(id)).toMatchObject({ state: 'open', answerUntil: start + 20 * HOUR_MS });
    await running.emulator.advance(8 * HOUR_MS);
    expect(requestOf(id)).toMatchObject({ answerUntil: start + 28 * HOUR_MS, nextRequestDate: null });
    await running.emulator.advance(12 * HOUR_MS - 1);
    expect(requestOf(id).state).toBe('open');
    await running.emulator.advance(1);
    expect(requestOf(id).state).toBe('expired');
    await running.emulator.advance(100 * HOUR_MS);
    const seen = received().slice(first);
    expect(seen.map(({ transaction }) => transaction.transactionId)).toEqual([id, id, id]);
    expect(requestOf(id).requests.map(({ notificationUUID }) => notificationUUID)).toEqual(
      seen.map(({ notification }) => notification.notificationUUID),
    );
    expect(new Set(seen.map(({ notification }) => notification.notificationUUID)).size).toBe(3);
    expect(
      new Set(
        seen.map(({ notification: { data } }) => JSON.stringify({ ...(data as object), signedTransactionInfo: '' })),
      ).size,
    ).toBe(1);
  });

  it.each([
    ['v1', V1],
    ['v2', V2],
  ])('stops with an answer, %s', async (version, body) => {
    const id = await request();
    const { status, text } = await put(id, body, version);
    expect([status, text]).toEqual([202, '']);
    expect(requestOf(id)).toMatchObject({ state: 'answered', nextRequestDate: null });
    const before = endpoint.bodies.length;
    await running.emulator.advance(24 * HOUR_MS);
    expect(endpoint.bodies).toHaveLength(before);
    expect(running.emulator.state().consumption.answers.at(-1)).toEqual({
      environment: 'Sandbox',
      transactionId: id,
      version: Number(version.slice(1)),
      atMs: expect.any(Number),
      body,
      requestState: 'open',
    });
  });

  it('goes on after an answer that is refused', async () => {
    const id = await request();
    expect((await put(id, { ...V2, customerConsented: false })).json).toEqual({
      errorCode: 4000035,
      errorMessage:
        'Invalid request. The customer consented field is required and must indicate the customer consented.',
    });
    expect(await put(id, 'not JSON')).toMatchObject({ status: 400, json: null });
    expect(requestOf(id).state).toBe('open');
    await running.emulator.advance(8 * HOUR_MS);
    expect(requestOf(id).requests).toHaveLength(2);
  });

  it('says what an answer came to: in time, late, a second one, not asked for', async () => {
    const id = await request();
    await running.emulator.advance(29 * HOUR_MS);
    await put(id, V2);
    await put(id, V2);
    const { signedPayload } = await running.emulator.send({ type: 'ONE_TIME_CHARGE' });
    await put(verify(signedPayload).transaction!.transactionId as string, V2);
    const states = running.emulator.state().consumption.answers.map(({ requestState }) => requestState);
    expect(states.slice(-3)).toEqual(['expired', 'answered', null]);
  });

  it.each(['REFUND', 'REFUND_DECLINED'])('stops with the decision %s', async (type) => {
    const id = await request();
    const set = { 'transaction.transactionId': id, 'transaction.originalTransactionId': id };
    await running.emulator.send({ type, productType: 'Consumable', set });
    expect(requestOf(id)).toMatchObject({ state: 'decided', nextRequestDate: null });
  });

  it('belongs to its environment', async () => {
    const id = await request('Production');
    expect((await put(id, V2, 'v2', 'sandbox')).json).toMatchObject({ errorCode: 4040010 });
    expect((await put(id, V2, 'v2', 'production')).status).toBe(202);
  });

  it('is not started again by the same notification, and is by a new one', async () => {
    const { signedPayload } = await running.emulator.send({ type: 'CONSUMPTION_REQUEST' });
    const id = verify(signedPayload).transaction!.transactionId as string;
    await running.emulator.advance(HOUR_MS);
    await running.emulator.send({ signedPayload });
    const { answerUntil } = requestOf(id);
    await running.emulator.send({ type: 'CONSUMPTION_REQUEST', set: { 'transaction.transactionId': id } });
    expect(requestOf(id).answerUntil).toBeGreaterThan(answerUntil);
  });
});
