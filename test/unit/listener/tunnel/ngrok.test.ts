import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { sleep } from '../../../../src/clock.js';
import { apiInLog, queryNgrok, tunnelTo } from '../../../../src/listener/tunnel/ngrok.js';

const US = '127.0.0.1:4280';
const tunnel = (addr: string, public_url: string): unknown => ({ name: 'x', public_url, config: { addr } });

describe('the API in the log', () => {
  it.each([
    [
      't=2026-06-12T12:44:32-0400 lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040 allow_hosts=[]',
      'http://127.0.0.1:4040',
    ],
    [
      't=2020-05-01T17:49:22-0700 lvl=info msg="starting web service" obj=web addr=127.0.0.1:4041',
      'http://127.0.0.1:4041',
    ],
    [
      't=2026-06-12T12:44:33-0400 lvl=info msg="started tunnel" addr=http://127.0.0.1:4280 url=https://x.ngrok.app',
      null,
    ],
  ])('%s', (line, api) => expect(apiInLog(line)).toBe(api));
});

describe('tunnelTo', () => {
  it.each<[string, unknown, string | null]>([
    [
      'the one that leads to us',
      [tunnel('http://127.0.0.1:1', 'https://a.app'), tunnel(`http://${US}`, 'https://b.app')],
      'https://b.app',
    ],
    [
      'https before http',
      [tunnel(`http://${US}`, 'http://b.app'), tunnel(`http://${US}`, 'https://b.app')],
      'https://b.app',
    ],
    ['http alone', [tunnel(US, 'http://b.app')], 'http://b.app'],
    ['none that leads elsewhere', [tunnel('http://127.0.0.1:42800', 'https://a.app')], null],
    ['none without address', [{ public_url: 'https://a.app' }, null, 7], null],
    ['none without URL', [tunnel(`http://${US}`, 'nonsense'), { config: { addr: US }, public_url: 7 }], null],
    ['none of nothing', 'nonsense', null],
  ])('picks %s', (_case, tunnels, origin) => expect(tunnelTo(US, { tunnels })).toBe(origin));
  it('ignores a value that is not an object', () => expect(tunnelTo(US, null)).toBeNull());
});

describe('queryNgrok', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });
  const serve = async (answers: readonly string[]): Promise<string> => {
    let asked = 0;
    const server: Server = createServer((_request, response) => {
      response.end(answers[Math.min(asked++, answers.length - 1)]);
    });
    closing.push(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const ask = (api: () => string | null, signal: AbortSignal): Promise<string | null> => {
    const agent = new Agent();
    closing.push(() => void agent.close());
    const turns = (_ms: number, stop?: AbortSignal): Promise<void> => sleep(_ms > 1_000 ? _ms : 1, stop);
    return queryNgrok({ dispatcher: async () => agent, sleep: turns, authority: US, api, signal });
  };

  it('asks again until the tunnel is there, whatever it hears before', async () => {
    const api = await serve(['<html>', '{"tunnels":[]}', JSON.stringify({ tunnels: [tunnel(US, 'https://b.app')] })]);
    expect(await ask(() => api, new AbortController().signal)).toBe('https://b.app');
  });

  it('polls until the API is up', async () => {
    const api = await serve([JSON.stringify({ tunnels: [tunnel(US, 'https://b.app')] })]);
    let turn = 0;
    expect(await ask(() => (turn++ < 3 ? 'http://127.0.0.1:1' : api), new AbortController().signal)).toBe(
      'https://b.app',
    );
  });

  it('ends when aborted', async () => {
    const stop = new AbortController();
    const api = await serve(['{"tunnels":[]}']);
    const asked = ask(() => api, stop.signal);
    stop.abort();
    expect(await asked).toBeNull();
  });
});
