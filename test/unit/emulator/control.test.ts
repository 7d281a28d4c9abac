import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../support/api-token.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../../support/emulator.js';

let running: TestEmulator;
let endpoint: TestEndpoint;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  running = await startTestEmulator({ step: true, productionUrl: endpoint.url });
});
afterAll(async () => {
  await running.close();
  await endpoint.close();
});

const call = (path: string, body?: unknown, token: string | null = running.emulator.controlToken) =>
  ask(`${running.emulator.url}/control/v1/${path}`, token, body === undefined ? {} : { body });

describe('the control API', () => {
  it.each([[null], ['wrong'], ['']])('needs its token, not %s', async (token) => {
    const answer = await call('state', undefined, token);
    expect(answer).toMatchObject({ status: 401, json: { error: { code: 'ERR_EMULATOR_TOKEN' } } });
  });

  it('knows no other request', async () => {
    expect(await call('nonsense')).toMatchObject({ status: 404, json: { error: { code: 'ERR_EMULATOR_PATH' } } });
    expect((await call('state', {})).status).toBe(404);
  });

  it('sends an event, advances the clock and returns the state', async () => {
    endpoint.answerNext(500);
    const before = (await call('state')).json;
    const notification = {
      environment: 'production',
      type: 'SUBSCRIBED',
      subtype: 'INITIAL_BUY',
      productId: 'p.1',
      set: { 'transaction.price': 4990, 'data.bundleVersion': null },
      remove: ['transaction.storefront'],
    };
    const sent = await call('notifications', notification);
    expect(sent).toMatchObject({
      status: 200,
      json: {
        environment: 'Production',
        type: 'SUBSCRIBED.INITIAL_BUY',
        attempts: [{ sendAttemptResult: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', httpStatus: 500 }],
      },
    });
    const { signedPayload, nextAttemptDate, attempts } = sent.json;
    expect(nextAttemptDate - attempts[0].attemptDate).toBe(3_600_000);
    const payload = payloadOf(signedPayload);
    const transaction = payloadOf(payload.data.signedTransactionInfo);
    expect([payload.data.bundleVersion, transaction.productId, transaction.price]).toEqual([null, 'p.1', 4990]);
    expect(transaction).not.toHaveProperty('storefront');
    const { json } = await call('clock', { advanceMs: 3_600_000 });
    expect(json).toMatchObject({
      virtualMs: before.virtualMs + 3_600_000,
      step: true,
      total: before.total + 1,
      app: { bundleId: 'com.example.app' },
    });
    expect(json.notifications.at(-1)).toMatchObject({
      notificationUUID: sent.json.notificationUUID,
      nextAttemptDate: null,
      attempts: [{}, { sendAttemptResult: 'SUCCESS' }],
    });
    expect((await call('state')).json).toEqual(json);
  });

  it('signs a payload that was built elsewhere, with the ids it was given', async () => {
    const transaction = { transactionId: '7', originalTransactionId: '7', bundleId: 'com.example.app', unheardOf: 1 };
    const notification = { notificationType: 'REFUND', notificationUUID: 'u-1', data: { bundleId: 'com.example.app' } };
    const { status, json } = await call('notifications', {
      environment: 'production',
      payload: { notification, transaction },
    });
    expect({ status, json }).toMatchObject({ status: 200, json: { type: 'REFUND', notificationUUID: 'u-1' } });
    const payload = payloadOf(json.signedPayload);
    expect(payloadOf(payload.data.signedTransactionInfo)).toEqual(transaction);
    expect(payload.data).not.toHaveProperty('signedRenewalInfo');
  });

  it.each([
    ['notifications', { payload: 'x' }, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { payload: {} }, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { payload: { notification: {}, transaction: 'x' } }, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { payload: { notification: {} } }, 400, 'ERR_EMULATOR_PAYLOAD'],
    ['notifications', 'x', 400, 'ERR_EMULATOR_BODY'],
    ['notifications', [], 400, 'ERR_EMULATOR_BODY'],
    ['notifications', {}, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { type: 1 }, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { type: 'DID_RENEW', environment: 'Xcode' }, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { type: 'DID_RENEW', remove: 'x' }, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { type: 'DID_RENEW', set: [] }, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { type: 'DID_RENEW', price: -1 }, 400, 'ERR_EMULATOR_BODY'],
    ['notifications', { type: 'NEWS' }, 400, 'ERR_SIMULATOR_EVENT'],
    ['notifications', { signedPayload: 'x' }, 400, 'ERR_EMULATOR_PAYLOAD'],
    ['clock', {}, 400, 'ERR_EMULATOR_BODY'],
    ['clock', { advanceMs: -1 }, 400, 'ERR_EMULATOR_BODY'],
    ['errors', { errorCode: 1 }, 400, 'ERR_EMULATOR_BODY'],
    ['ocsp', { certificate: 'root', state: 'good' }, 400, 'ERR_EMULATOR_BODY'],
    ['ocsp', { certificate: 'leaf', state: 'bad' }, 400, 'ERR_EMULATOR_BODY'],
  ])('%s refuses %j', async (path, body, status, code) => {
    expect(await call(path, body)).toMatchObject({ status, json: { error: { code, message: expect.any(String) } } });
  });

  it('says 409 where the settings of the app do not allow it', async () => {
    const bare = await startTestEmulator();
    const { url, controlToken } = bare.emulator;
    const answer = await ask(`${url}/control/v1/notifications`, controlToken, { body: { type: 'DID_RENEW' } });
    expect(answer).toMatchObject({ status: 409, json: { error: { code: 'ERR_EMULATOR_NO_URL' } } });
    await bare.close();
  });
});

function payloadOf(jws: string) {
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString());
}
