import { createHash, randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../../src/clock.js';
import { parseTarget } from '../../../src/forwarding/parse-target.js';
import { forwardOnce } from '../../../src/forwarding/send.js';
import type { DeliveryAttempt, ForwardedNotification, SendDeps } from '../../../src/forwarding/target.js';
import {
  CONDUCT_NAMES,
  type ConductName,
  endpointCertificates,
  startBadEndpoint,
} from '../../support/bad-endpoints.js';
import type { EndpointCertificates } from '../../support/endpoint-certificates.js';

const RUN = '0123456789abcdef';
const NOTIFICATION: ForwardedNotification = {
  id: 'a1b2c3d4e5f60718',
  body: Buffer.from('{"signedPayload":"é☃\u{1f600}"}\r\n '),
  contentType: 'application/json; charset=utf-8',
  uuid: null,
  type: 'TEST',
  verdict: 'valid',
  documentJson: () => '{}\n',
};
const agents: Agent[] = [];
const servers: Server[] = [];
let certificates: EndpointCertificates;
let checking: Agent;
let insecure: Agent;

beforeAll(async () => {
  certificates = await endpointCertificates();
  checking = new Agent({ keepAliveTimeout: 10, connect: { ca: certificates.rootPem } });
  insecure = new Agent({ keepAliveTimeout: 10, connect: { rejectUnauthorized: false } });
  agents.push(checking, insecure);
});
afterAll(async () => void (await Promise.all(agents.map((agent) => agent.destroy()))));
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Sleep that only ends when aborted. */
const never = (_ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));

function depsWith(overrides: Partial<SendDeps> = {}): SendDeps {
  let ms = 1_760_000_000_000;
  const http = async ({ insecure: isInsecure }: { readonly insecure: boolean }) => (isInsecure ? insecure : checking);
  const now = (): number => (ms += 5);
  return { http, timeoutMs: 9_000, runId: RUN, now, sleep: never, env: {}, platform: 'linux', ...overrides };
}

const send = (
  url: string,
  overrides: Partial<SendDeps> = {},
  notification = NOTIFICATION,
  isInsecure = false,
): Promise<DeliveryAttempt> =>
  forwardOnce(parseTarget(url, { headers: {}, insecure: isInsecure, taken: [] }), notification, 1, depsWith(overrides));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('forwardOnce', () => {
  it('posts the body byte for byte, with only the content type of the peer', async () => {
    const seen: { method: unknown; url: unknown; headers: object; body: Buffer }[] = [];
    const url = await serve(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const { method, url: path, headers } = incoming;
      seen.push({ method, url: path, headers, body: Buffer.concat(chunks) });
      response.writeHead(202).end();
    });
    expect(await send(`${url}/a/b?c=d`)).toEqual({
      httpStatus: 202,
      ms: 5,
      outcome: 'accepted',
      detail: null,
      retriable: false,
      retryAtMs: null,
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/a/b?c=d' });
    expect(Object.keys(seen[0]!.headers).sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'host',
      'storewire-attempt',
      'storewire-id',
      'storewire-verdict',
      'storewire-via',
      'user-agent',
    ]);
    expect(seen[0]!.body.equals(NOTIFICATION.body as Buffer)).toBe(true);
  });

  it('posts a megabyte of any bytes unchanged', async () => {
    const body = randomBytes(1_048_576);
    const hash = createHash('sha256');
    const url = await serve(async (incoming, response) => {
      for await (const chunk of incoming) hash.update(chunk as Buffer);
      response.end();
    });
    expect(await send(url, {}, { ...NOTIFICATION, body })).toMatchObject({ outcome: 'accepted' });
    expect(hash.digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
  });

  it('reuses the connection', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((incoming, response) => {
      ports.add(incoming.socket.remotePort);
      incoming.resume().on('end', () => response.end('ok'));
    });
    for (let count = 0; count < 20; count += 1) await send(url);
    // undici opens a second one where the first is not quite free again.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('times out on a response that drips', async () => {
    const url = await serve((_incoming, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await send(url, { sleep, timeoutMs: 200 })).toMatchObject({
      outcome: 'timed-out',
      httpStatus: null,
      retriable: true,
      detail: expect.stringContaining('did not respond within 0.2 s'),
    });
  });

  it('is interrupted when the signal aborts', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort());
    await expect(send(url, { signal: stop.signal })).rejects.toMatchObject({ kind: 'interrupted' });
  });

  it('rethrows a bug', async () => {
    const http = () => Promise.reject(new TypeError('bug'));
    await expect(send('http://localhost', { http })).rejects.toThrow('bug');
  });

  it('returns the time of Retry-After', async () => {
    const url = await serve((_incoming, response) => response.writeHead(503, { 'retry-after': '60' }).end());
    expect(await send(url)).toMatchObject({
      outcome: 'refused',
      retriable: true,
      retryAtMs: 1_760_000_000_000 + 15 + 60_000,
    });
  });

  it.each(['tls-self-signed', 'tls-expired', 'tls-wrong-name'] as const)('accepts %s with --insecure', async (name) => {
    const endpoint = await startBadEndpoint(name, certificates);
    expect(await send(endpoint.url.href, {}, NOTIFICATION, true)).toMatchObject({ outcome: 'accepted' });
    await endpoint.stop();
  });
});

type Told = readonly [outcome: DeliveryAttempt['outcome'], httpStatus: number | null];

/** Differences from Apple: any 2xx is accepted, redirects are not followed, and undici rejects an unexpected 100. */
const OURS: Partial<Record<ConductName, Told>> = {
  'ok-after-100': ['unreachable', null],
  'status-101': ['unreachable', null],
  'status-207': ['accepted', 207],
  'redirect-301': ['refused', 301],
  'redirect-308': ['refused', 308],
  'redirect-to-itself': ['refused', 302],
  'redirect-slashes': ['refused', 301],
  'redirect-without-end': ['refused', 307],
  'redirect-out-of-http': ['refused', 302],
  'redirect-to-no-address': ['refused', 302],
  'bad-charset': ['accepted', 200],
};

function expectedOf(name: ConductName, result: string, httpStatus: number | null): Told {
  const ours = OURS[name];
  if (ours !== undefined) return ours;
  if (result === 'SUCCESS') return ['accepted', httpStatus];
  if (result === 'UNSUCCESSFUL_HTTP_RESPONSE_CODE') return ['refused', httpStatus];
  return [result === 'TIMED_OUT' ? 'timed-out' : 'unreachable', null];
}

describe('a real endpoint', () => {
  it.each(CONDUCT_NAMES)('%s', async (name) => {
    const endpoint = await startBadEndpoint(name, certificates);
    const { conduct, stuck, url, seen } = endpoint;
    const attempt = await send(
      url.href,
      conduct.hangs ? { sleep: (_ms, signal) => Promise.race([stuck, never(0, signal)]) } : {},
    );
    const [outcome, httpStatus] = expectedOf(name, conduct.result, conduct.httpStatus);
    expect(attempt).toMatchObject({ outcome, httpStatus });
    expect(attempt.detail === null).toBe(outcome === 'accepted');
    expect(attempt.retriable).toBe(outcome === 'unreachable' || outcome === 'timed-out' || (httpStatus ?? 0) >= 500);
    expect(seen.length).toBeLessThanOrEqual(1);
    for (const post of seen) expect(post.body.equals(NOTIFICATION.body as Buffer)).toBe(true);
    await endpoint.stop();
  });
});
