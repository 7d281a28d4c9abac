import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isLoopback } from '../../../src/address/reach.js';
import { createDispatcher } from '../../../src/http/dispatcher.js';
import { request } from '../../../src/http/request.js';

const servers: Server[] = [];

async function serve(name: string): Promise<number> {
  const server = createServer((_request, response) => response.end(name));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('isLoopback', () => {
  it.each(['localhost', 'a.localhost', '127.0.0.1', '127.9.8.7', '[::1]'])('%s is', (name) =>
    expect(isLoopback(name)).toBe(true),
  );
  it.each(['localhost.example', '128.0.0.1', '127.0.0.1.example', '[::2]', 'api.storekit.apple.com'])(
    '%s is not',
    (name) => expect(isLoopback(name)).toBe(false),
  );
});

describe('createDispatcher', () => {
  it('goes through a proxy, and past it to loopback', async () => {
    const [proxy, target] = [await serve('proxy'), await serve('target')];
    const tunnels: (string | undefined)[] = [];
    servers[0]?.on('connect', (request, socket) => {
      tunnels.push(request.url);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    for (const name of ['http_proxy', 'https_proxy']) vi.stubEnv(name, `http://127.0.0.1:${proxy}`);
    for (const name of ['no_proxy', 'NO_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, '');
    const dispatcher = await createDispatcher();
    const ask = async (origin: string) =>
      (await dispatcher.request({ origin, path: '/', method: 'GET', reset: true })).body.text();
    expect(await ask(`http://127.0.0.1:${target}`)).toBe('target');
    expect(await ask(`http://localhost:${target}`)).toBe('target');
    expect(tunnels).toEqual([]);
    await expect(ask('https://storewire.invalid')).rejects.toThrow('502');
    expect(tunnels).toEqual(['storewire.invalid:443']);
    await dispatcher.close();
  });
});

describe('a proxy that does not work', () => {
  const stub = (value: string): void => {
    vi.stubEnv('https_proxy', value);
    for (const name of ['http_proxy', 'no_proxy', 'NO_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, '');
  };

  it.each([
    [407, 'ERR_HTTP_PROXY', 'api.example was not reached: the proxy answered 407 (it asks for a user and password)'],
    [403, 'ERR_HTTP_PROXY', 'api.example was not reached: the proxy answered 403'],
    [503, 'ERR_HTTP_UNREACHABLE', 'api.example was not reached: the proxy answered 503'],
  ])('and answers %i is told apart from the host', async (status, code, message) => {
    const port = await serve('proxy');
    servers[0]?.on('connect', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
    stub(`http://127.0.0.1:${port}`);
    const dispatcher = await createDispatcher();
    const url = new URL('https://api.example/');
    const failed = request({
      dispatcher,
      method: 'GET',
      url,
      timeoutMs: 60_000,
      maxBodyBytes: 1,
      sleep: (_ms, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
    });
    await expect(failed).rejects.toMatchObject({ kind: 'remote', code, message });
    await dispatcher.close();
  });

  it.each(['10.0.0.1:3128', 'proxy.example:3128'])(
    'as %s is no URL is a usage error that does not quote it',
    async (value) => {
      stub(value);
      const error = await createDispatcher().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: 'usage', code: 'ERR_SETTINGS_PROXY' });
      expect((error as Error).message).not.toContain(value);
    },
  );
});
