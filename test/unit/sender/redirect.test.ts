import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type DeliveryResult, deliver } from '../../../src/sender/deliver.js';
import type { ResolveHost } from '../../../src/sender/resolve-host.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

interface Endpoint {
  readonly port: number;
  readonly paths: string[];
}

/** Redirects `/` to this location, and takes everything else. */
async function startEndpoint(location?: (port: number) => string): Promise<Endpoint> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(String(request.url));
    const { port } = server.address() as AddressInfo;
    if (request.url === '/' && location !== undefined) response.writeHead(307, { location: location(port) });
    response.end();
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, paths };
}

/** Every name is this machine: nothing else can be reached here. */
const here: ResolveHost = async () => ['127.0.0.1'];

const never = (_ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));

function send(url: string, resolve: ResolveHost = here): Promise<DeliveryResult> {
  return deliver({ url: new URL(url), body: '{}', timeoutMs: 5_000, sleep: never, now: () => 0, resolve });
}

const REFUSED = {
  result: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
  httpStatus: 307,
  redirectStatus: 307,
  detail: expect.stringContaining('a redirect from a public host is not followed'),
  visited: [expect.stringContaining('http://public.example.com')],
};

describe('a redirect from a public host', () => {
  it.each([
    'http://127.0.0.1:PORT/inside',
    'http://localhost:PORT/inside',
    'http://[::1]:PORT/inside',
    'http://0.0.0.0:PORT/inside',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[::]/',
    'https://10.1.2.3/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2130706433/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://router.local/',
    'https://database/',
  ])('is not followed to %s', async (location) => {
    const inside = await startEndpoint();
    const outside = await startEndpoint(() => location.replace('PORT', String(inside.port)));
    expect(await send(`http://public.example.com:${outside.port}/`)).toMatchObject(REFUSED);
    expect([outside.paths, inside.paths]).toEqual([['/'], []]);
  });

  it('is not followed to a public name with a private address among others', async () => {
    const outside = await startEndpoint(() => 'https://other.example.com/');
    const resolve: ResolveHost = async (name) =>
      name === 'other.example.com' ? ['192.0.2.1', '10.0.0.1'] : ['127.0.0.1'];
    const result = await send(`http://public.example.com:${outside.port}/`, resolve);
    expect(result).toMatchObject({ ...REFUSED, detail: expect.stringContaining('resolves to 10.0.0.1') });
  });

  it('is not followed to its own name once that resolves to a private address', async () => {
    const inside = await startEndpoint((port) => `http://public.example.com:${port}/inside`);
    const answers = ['127.0.0.1', '127.0.0.2'];
    const result = await send(`http://public.example.com:${inside.port}/`, async () => [answers.shift()!]);
    expect(result).toMatchObject({ ...REFUSED, detail: expect.stringContaining('resolves to 127.0.0.2') });
    expect(inside.paths).toEqual(['/']);
  });

  it('is followed to the address that the given URL leads to', async () => {
    const outside = await startEndpoint((port) => `http://public.example.com:${port}/next`);
    expect(await send(`http://public.example.com:${outside.port}/`)).toMatchObject({
      result: 'SUCCESS',
      httpStatus: 200,
    });
    expect(outside.paths).toEqual(['/', '/next']);
  });
});

describe('a redirect from a local host', () => {
  it('is followed to another one', async () => {
    const inside = await startEndpoint();
    const first = await startEndpoint(() => `http://localhost:${inside.port}/next`);
    expect(await send(`http://127.0.0.1:${first.port}/`)).toMatchObject({ result: 'SUCCESS' });
    expect(inside.paths).toEqual(['/next']);
  });
});

describe('a host name', () => {
  it('is looked up once for a connection', async () => {
    const endpoint = await startEndpoint();
    const asked: string[] = [];
    const resolve: ResolveHost = async (name) => {
      asked.push(name);
      return ['127.0.0.1'];
    };
    expect(await send(`http://public.example.com:${endpoint.port}/`, resolve)).toMatchObject({ result: 'SUCCESS' });
    expect(asked).toEqual(['public.example.com']);
  });

  it('that does not resolve is a socket issue', async () => {
    const resolve: ResolveHost = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    expect(await send('http://nowhere.example.com/', resolve)).toMatchObject({
      result: 'SOCKET_ISSUE',
      detail: expect.stringContaining('ENOTFOUND'),
    });
  });
});
