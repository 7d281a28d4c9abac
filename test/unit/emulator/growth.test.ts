import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NotificationRecord } from '../../../src/emulator/delivery/notification-log.js';
import { selectPage } from '../../../src/emulator/server-api/history.js';
import { ask, serverToken } from '../../support/api-token.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../../support/emulator.js';

const HOUR_MS = 3_600_000;

let endpoint: TestEndpoint;
let running: TestEmulator | undefined;
beforeEach(async () => {
  endpoint = await startTestEndpoint();
});
afterEach(async () => {
  await running?.close();
  await endpoint.close();
});

describe('many deliveries at once', () => {
  it('bring no warning of Node', async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', note);
    running = await startTestEmulator({ sandboxUrl: endpoint.url });
    const { emulator } = running;
    await Promise.all(Array.from({ length: 30 }, () => emulator.send({ type: 'DID_RENEW' })));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect([warnings, emulator.counts().delivered]).toEqual([[], 30]);
  });
});

describe('history beyond its limit', () => {
  it('has the latest notifications, and the counts are of all', async () => {
    running = await startTestEmulator({ sandboxUrl: endpoint.url, historyLimit: 25 });
    const { emulator, events } = running;
    const sent: string[] = [];
    for (let count = 0; count < 40; count += 1) sent.push((await emulator.send({ type: 'DID_RENEW' })).signedPayload);
    const startDate = Date.now() - HOUR_MS;
    const body = { startDate, endDate: startDate + 2 * HOUR_MS };
    const url = `${emulator.serverApi.sandbox}/inApps/v1/notifications/history`;
    const token = await serverToken(emulator);
    const { json: first } = await ask(url, token, { body });
    const { json: second } = await ask(`${url}?paginationToken=${first.paginationToken}`, token, { body });
    const payloads = [first, second].flatMap(({ notificationHistory }) =>
      notificationHistory.map(({ signedPayload }: { signedPayload: string }) => signedPayload),
    );
    expect([first.hasMore, second.hasMore, payloads]).toEqual([true, false, sent.slice(-25)]);
    expect(events.filter(({ event }) => event === 'dropped')).toEqual([
      { event: 'dropped', atMs: expect.any(Number), kept: 25 },
    ]);
    expect(emulator.counts()).toMatchObject({ notifications: 40, attempts: 40, delivered: 40, undelivered: 0 });
    expect(emulator.state()).toMatchObject({ total: 40, notifications: { length: 25 } });
  });

  it('forgets the status of a TEST and the retries with it', async () => {
    running = await startTestEmulator({
      sandboxUrl: endpoint.url,
      productionUrl: endpoint.url,
      step: true,
      historyLimit: 2,
    });
    const { emulator } = running;
    const url = `${emulator.serverApi.sandbox}/inApps/v1/notifications/test`;
    const token = await serverToken(emulator);
    const { json } = await ask(url, token, { method: 'POST' });
    await emulator.advance(0);
    const status = async () => (await ask(`${url}/${json.testNotificationToken}`, token)).status;
    expect(await status()).toBe(200);
    endpoint.answerNext(500, 500, 500);
    for (let count = 0; count < 3; count += 1) await emulator.send({ type: 'DID_RENEW', environment: 'Production' });
    expect(await status()).toBe(404);
    const before = endpoint.bodies.length;
    await emulator.advance(HOUR_MS);
    expect(endpoint.bodies.slice(before)).toEqual(endpoint.bodies.slice(before - 2, before));
  });
});

describe('a page of history', () => {
  it('is read from its start to one beyond its end', () => {
    let read = 0;
    function* attempted(after: number): Generator<NotificationRecord> {
      for (let sequence = after + 1; ; sequence += 1) {
        read += 1;
        yield {
          sequence,
          createdMs: 1,
          attempts: [],
          notificationType: 'TEST',
          subtype: null,
        } as unknown as NotificationRecord;
      }
    }
    const query = { startMs: 0, endMs: 2, type: null, subtype: null, transactionId: null, onlyFailures: false };
    const found = selectPage(attempted, query, 999);
    expect(found).toMatchObject({
      hasMore: true,
      page: { length: 20, 0: { sequence: 1_000 }, 19: { sequence: 1_019 } },
    });
    expect(read).toBe(21);
  });
});
