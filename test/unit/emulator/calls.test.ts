import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallLog, type ReceivedCall } from '../../../src/emulator/server-api/call-log.js';
import { ask, serverToken } from '../../support/api-token.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../../support/emulator.js';

let running: TestEmulator;
let endpoint: TestEndpoint;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  running = await startTestEmulator({ sandboxUrl: endpoint.url });
});
afterAll(async () => {
  await running.close();
  await endpoint.close();
});

describe('the calls of the Server API', () => {
  it('are listed with their time, answer and caller', async () => {
    const { emulator } = running;
    const before = Date.now();
    const path = '/inApps/v1/subscriptions/1?status=1';
    const headers = { 'user-agent': 'my-server/1.0' };
    const answer = await ask(emulator.serverApi.production + path, await serverToken(emulator), { headers });
    const call = emulator.calls().at(-1)!;
    expect(call).toEqual({
      atMs: expect.any(Number),
      environment: 'Production',
      method: 'GET',
      path,
      status: 404,
      errorCode: 4040010,
      requestId: answer.headers.get('x-request-id'),
      keyId: emulator.keyId,
      userAgent: 'my-server/1.0',
    });
    expect(call.atMs).toBeGreaterThanOrEqual(before);
    expect(emulator.state().calls.at(-1)).toEqual(call);
    expect(emulator.state().totalCalls).toBe(emulator.calls().length);
  });

  it.each([
    ['no token', null],
    ['no JWT', 'x'],
    ['a header that is no JSON', 'eA.e30.'],
  ])('have no key id with %s', async (_case, token) => {
    const { text } = await ask(`${running.emulator.serverApi.sandbox}/inApps/v1/lookup/M`, token);
    const { keyId, status, requestId } = running.emulator.calls().at(-1)!;
    expect([keyId, status]).toEqual([null, 401]);
    expect(text).toContain(requestId);
  });

  it('are those of the Server API only', async () => {
    const { emulator } = running;
    const before = emulator.calls().length;
    await ask(`${emulator.url}/v1/apps`, null);
    await ask(`${emulator.url}/control/v1/state`, emulator.controlToken);
    expect(emulator.calls()).toHaveLength(before);
  });

  it('are kept up to a limit', () => {
    const log = new CallLog(2);
    for (const path of ['a', 'b', 'c']) log.add({ path } as ReceivedCall);
    expect(log.latest(9).map(({ path }) => path)).toEqual(['b', 'c']);
    expect(log.latest(1).map(({ path }) => path)).toEqual(['c']);
    expect(log.total).toBe(3);
  });

  it('keep no more than the beginning of a long path', async () => {
    await ask(`${running.emulator.serverApi.sandbox}/inApps/v1/lookup/${'M'.repeat(2_000)}`, null);
    expect(running.emulator.calls().at(-1)!.path).toHaveLength(500);
  });
});

describe('GET /healthz', () => {
  it('is 200 on both ports without a token, and is not logged', async () => {
    const { emulator, events } = running;
    const before = [events.length, emulator.counts().requests];
    for (const url of [emulator.serverApi.sandbox, emulator.serverApi.production]) {
      expect(await ask(`${url}/healthz`, null)).toMatchObject({ status: 200, json: { status: 'ok' } });
    }
    expect([events.length, emulator.counts().requests]).toEqual(before);
  });

  it('is 403 from a web page', async () => {
    const answer = await ask(`${running.emulator.url}/healthz`, null, { headers: { origin: 'https://example.com' } });
    expect(answer.status).toBe(403);
  });
});
