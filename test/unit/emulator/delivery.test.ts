import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../src/simulator/authority/authority.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../../src/simulator/random.js';
import { ask, serverToken, teamToken } from '../../support/api-token.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../../support/emulator.js';

const HOUR_MS = 3_600_000;

let endpoint: TestEndpoint;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
});
afterAll(() => endpoint.close());

interface HistoryItem {
  readonly signedPayload: string;
  readonly sendAttempts: readonly { attemptDate: number; sendAttemptResult: string }[];
}

async function productionHistory({ emulator }: TestEmulator, filter: object = {}): Promise<readonly HistoryItem[]> {
  const body = { startDate: Date.now() - HOUR_MS, endDate: Date.now() + HOUR_MS, ...filter };
  const url = `${emulator.serverApi.production}/inApps/v1/notifications/history`;
  return (await ask(url, await serverToken(emulator), { body })).json.notificationHistory;
}

describe('a production notification', () => {
  it('to an endpoint that answers 500 twice and then 200 arrives at the third try, 13 hours later', async () => {
    const running = await startTestEmulator({ step: true, productionUrl: endpoint.url });
    const { emulator, events } = running;
    const first = endpoint.bodies.length;
    endpoint.answerNext(500, 500);
    const { attempts, nextAttemptDate } = await emulator.send({ type: 'DID_RENEW', environment: 'Production' });
    expect(nextAttemptDate).toBe(attempts[0]!.attemptDate + HOUR_MS);
    expect(await productionHistory(running, { onlyFailures: true })).toHaveLength(1);
    await emulator.advance(HOUR_MS - 1);
    expect(endpoint.bodies).toHaveLength(first + 1);
    await emulator.advance(1);
    expect(endpoint.bodies).toHaveLength(first + 2);
    await emulator.advance(12 * HOUR_MS);
    await emulator.advance(1_000 * HOUR_MS);
    expect(endpoint.bodies).toHaveLength(first + 3);
    expect(new Set(endpoint.bodies.slice(first)).size).toBe(1);

    const [item] = await productionHistory(running);
    const start = item!.sendAttempts[0]!.attemptDate;
    expect(item!.sendAttempts.map((attempt) => [attempt.attemptDate - start, attempt.sendAttemptResult])).toEqual([
      [0, 'UNSUCCESSFUL_HTTP_RESPONSE_CODE'],
      [HOUR_MS, 'UNSUCCESSFUL_HTTP_RESPONSE_CODE'],
      [13 * HOUR_MS, 'SUCCESS'],
    ]);
    expect(await productionHistory(running, { onlyFailures: true })).toEqual([]);
    const deliveries = events.flatMap((event) =>
      event.event === 'failed' || event.event === 'forwarded' ? [event] : [],
    );
    expect(deliveries.map(({ event, attempt, final }) => [event, attempt, final])).toEqual([
      ['failed', 1, false],
      ['failed', 2, false],
      ['forwarded', 3, true],
    ]);
    await running.close();
  });

  it('is attempted six times at most, the last after 157 hours', async () => {
    const running = await startTestEmulator({ step: true, productionUrl: endpoint.url });
    endpoint.answerNext(...Array(6).fill(503));
    await running.emulator.send({ type: 'DID_RENEW', environment: 'Production' });
    await running.emulator.advance(1_000 * HOUR_MS);
    const { attempts, nextAttemptDate } = running.emulator.state().notifications[0]!;
    const start = attempts[0]!.attemptDate;
    const hours = attempts.map(({ attemptDate }) => (attemptDate - start) / HOUR_MS);
    expect([hours, nextAttemptDate]).toEqual([[0, 1, 13, 37, 85, 157], null]);
    expect(running.emulator.counts()).toMatchObject({ notifications: 1, attempts: 6, delivered: 0, undelivered: 1 });
    await running.close();
  });

  it('is tried again by itself on a scale of time', async () => {
    const running = await startTestEmulator({ timeScale: 3_600_000, productionUrl: endpoint.url });
    endpoint.answerNext(500, 500);
    const { attempts } = await running.emulator.send({ type: 'DID_RENEW', environment: 'Production' });
    expect(attempts).toHaveLength(1);
    await new Promise<void>((resolve) => {
      const poll = (): void =>
        running.events.some((event) => event.event === 'forwarded') ? resolve() : void setImmediate(poll);
      poll();
    });
    const [{ sendAttempts } = { sendAttempts: [] }] = await productionHistory(running);
    const start = sendAttempts[0]!.attemptDate;
    expect(sendAttempts.map(({ attemptDate }) => (attemptDate - start) / HOUR_MS)).toEqual([0, 1, 13]);
    await running.close();
  });

  it('waits for no one when the emulator stops', async () => {
    const running = await startTestEmulator({ timeScale: 1, productionUrl: 'http://127.0.0.1:9/' });
    const { attempts } = await running.emulator.send({ type: 'DID_RENEW', environment: 'Production' });
    expect(attempts[0]).toMatchObject({ sendAttemptResult: 'SOCKET_ISSUE', httpStatus: null });
    await running.close();
    expect(running.events.at(-1)).toMatchObject({ event: 'stopped', counts: { attempts: 1, undelivered: 1 } });
  });
});

describe('a sandbox notification', () => {
  it('is sent once', async () => {
    const { emulator, close } = await startTestEmulator({ step: true, sandboxUrl: endpoint.url });
    endpoint.answerNext(500);
    const { attempts, nextAttemptDate } = await emulator.send({ type: 'DID_RENEW' });
    await emulator.advance(1_000 * HOUR_MS);
    expect([attempts.length, nextAttemptDate]).toEqual([1, null]);
    expect(emulator.state().notifications[0]!.attempts).toHaveLength(1);
    await close();
  });

  it('goes to the production URL where that alone is set; a TEST does not', async () => {
    const { emulator, close } = await startTestEmulator({ productionUrl: endpoint.url });
    expect((await emulator.send({ type: 'DID_RENEW' })).attempts[0]).toMatchObject({ sendAttemptResult: 'SUCCESS' });
    const url = `${emulator.serverApi.sandbox}/inApps/v1/notifications/test`;
    expect((await ask(url, await serverToken(emulator), { method: 'POST' })).json).toMatchObject({
      errorCode: 4040007,
    });
    await close();
  });

  it('needs a URL', async () => {
    const { emulator, close } = await startTestEmulator();
    await expect(emulator.send({ type: 'DID_RENEW' })).rejects.toMatchObject({ code: 'ERR_EMULATOR_NO_URL' });
    await close();
  });

  it('is not sent to an app of version 1; a TEST is', async () => {
    const { emulator, close } = await startTestEmulator({ sandboxUrl: endpoint.url });
    const data = { type: 'apps', id: '1234567890', attributes: { subscriptionStatusUrlVersionForSandbox: 'V1' } };
    const bearer = await teamToken(emulator);
    await ask(`${emulator.connectApi}/v1/apps/1234567890`, bearer, { method: 'PATCH', body: { data } });
    await expect(emulator.send({ type: 'DID_RENEW' })).rejects.toMatchObject({ code: 'ERR_EMULATOR_VERSION_1' });
    const url = `${emulator.serverApi.sandbox}/inApps/v1/notifications/test`;
    expect((await ask(url, await serverToken(emulator), { method: 'POST' })).status).toBe(200);
    await close();
  });

  it('signed elsewhere is sent unchanged', async () => {
    const { emulator, close } = await startTestEmulator({ sandboxUrl: endpoint.url });
    const nowMs = Date.now();
    const chain = await (await createAuthority({ nowMs })).issueChain();
    const built = buildNotification({ type: 'REFUND', nowMs, random: seededRandom('elsewhere') });
    const { signedPayload, body, notification } = signNotification(built, chain);
    const view = await emulator.send({ signedPayload });
    expect(view).toMatchObject({ type: 'REFUND', notificationUUID: notification.notificationUUID, signedPayload });
    expect(endpoint.bodies.at(-1)).toBe(body);
    await expect(emulator.send({ signedPayload: 'x' })).rejects.toMatchObject({ code: 'ERR_EMULATOR_PAYLOAD' });
    await close();
  });

  it('over plain http is marked as what Apple would refuse', async () => {
    const { emulator, events, close } = await startTestEmulator({ sandboxUrl: `${endpoint.url}?key=1` });
    await emulator.send({ type: 'DID_RENEW' });
    expect(events.at(-1)).toMatchObject({
      event: 'forwarded',
      target: `${endpoint.url}…`,
      appleWouldRefuse: expect.stringContaining('plain http'),
    });
    await close();
  });
});
