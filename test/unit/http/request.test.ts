import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpRequest, request } from '../../../src/http/request.js';

const servers: Server[] = [];
const dispatcher = new Agent({ keepAliveTimeout: 1 });

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?q=1`);
}

/** Ends only when it is told that the time is no longer of interest. */
const never = (_ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));

const ask = (url: URL, wish: Partial<HttpRequest> = {}) =>
  request({ dispatcher, method: 'GET', url, timeoutMs: 2_500, maxBodyBytes: 10, sleep: never, ...wish });

describe('request', () => {
  it('sends what it is given and hands back what comes', async () => {
    const seen: unknown[] = [];
    const url = await serve(async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming) body += chunk;
      seen.push([incoming.method, incoming.url, incoming.headers['x-one'], body]);
      response.writeHead(418, { 'X-Two': '2', 'set-cookie': ['a=1', 'b=2'] }).end('0123456789');
    });
    const answer = await ask(url, { method: 'POST', headers: { 'x-one': '1' }, body: Buffer.from('sent') });
    expect(seen).toEqual([['POST', '/path?q=1', '1', 'sent']]);
    expect(answer).toMatchObject({ status: 418, headers: { 'x-two': '2', 'set-cookie': 'a=1, b=2' } });
    expect(Buffer.from(answer.body).toString()).toBe('0123456789');
  });

  it('does not follow redirects', async () => {
    let requests = 0;
    const url = await serve((_incoming, response) => {
      requests += 1;
      response.writeHead(302, { location: '/' }).end();
    });
    expect(await ask(url)).toMatchObject({ status: 302, headers: { location: '/' } });
    expect(requests).toBe(1);
  });

  it('takes no longer body than asked for', async () => {
    const url = await serve((_incoming, response) => response.end('01234567890'));
    const message = `${url.host} answered with more than 10 bytes`;
    await expect(ask(url)).rejects.toMatchObject({ kind: 'remote', code: 'ERR_HTTP_TOO_LARGE', message });
  });

  it('takes the start of a longer one where that is enough', async () => {
    const url = await serve((_incoming, response) => {
      const pour = (): void => void (response.destroyed || response.write('x'.repeat(9_999), pour));
      pour();
    });
    const answer = await ask(url, { longerBody: 'cut' });
    expect(answer).toMatchObject({ status: 200, body: Buffer.from('xxxxxxxxxx') });
  });

  it.each(['headers', 'body'])('gives up when the %s do not come in time', async (what) => {
    let expire = (): void => {};
    const expired = new Promise<void>((resolve) => {
      expire = resolve;
    });
    const url = await serve((_incoming, response) => {
      if (what === 'body') response.write('0', expire);
      else expire();
    });
    const message = `${url.host} did not answer within 2.5 s`;
    const sleep = (ms: number) => (ms === 2_500 ? expired : Promise.reject(new Error(`asked to wait ${ms} ms`)));
    await expect(ask(url, { sleep })).rejects.toMatchObject({ kind: 'remote', code: 'ERR_HTTP_TIMEOUT', message });
  });

  it('lets go of its timer when the answer is there', async () => {
    const url = await serve((_incoming, response) => response.end());
    let timer: AbortSignal | undefined;
    const sleep = (ms: number, signal?: AbortSignal) => {
      timer = signal;
      return never(ms, signal);
    };
    await ask(url, { sleep });
    expect(timer?.aborted).toBe(true);
  });

  it('stops at once when it is interrupted, before or during the request', async () => {
    const interrupt = new AbortController();
    const url = await serve(() => interrupt.abort('SIGINT'));
    const refusal = { kind: 'interrupted', code: 'ERR_INTERRUPTED' };
    await expect(ask(url, { signal: interrupt.signal })).rejects.toMatchObject(refusal);
    await expect(ask(url, { signal: interrupt.signal })).rejects.toMatchObject(refusal);
  });

  it('tells a connection that breaks from one that is refused', async () => {
    const url = await serve((_incoming, response) => response.destroy());
    await expect(ask(url)).rejects.toMatchObject({
      code: 'ERR_HTTP_UNREACHABLE',
      message: expect.stringContaining('closed'),
    });
    const [server] = servers.splice(0);
    await new Promise((resolve) => server!.close(resolve));
    await expect(ask(url)).rejects.toMatchObject({
      code: 'ERR_HTTP_UNREACHABLE',
      message: `${url.host} refused the connection`,
    });
  });
});
