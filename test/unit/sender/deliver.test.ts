import { connect } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SEND_ATTEMPTS } from '../../../src/notification/catalogue/send-attempts.js';
import { type DeliveryRequest, type DeliveryResult, deliver } from '../../../src/sender/deliver.js';
import {
  type BadEndpoint,
  CONDUCT_NAMES,
  CONDUCTS,
  type ConductName,
  endpointCertificates,
  startBadEndpoint,
} from '../../support/bad-endpoints.js';
import type { EndpointCertificates } from '../../support/endpoint-certificates.js';

let certificates: EndpointCertificates;
let ca: readonly string[];
const running: BadEndpoint[] = [];

beforeAll(async () => {
  certificates = await endpointCertificates();
  ca = [certificates.rootPem];
});

afterEach(async () => {
  for (const endpoint of running.splice(0)) await endpoint.stop();
});

async function start(name: ConductName, isSecure = false): Promise<BadEndpoint> {
  const endpoint = await startBadEndpoint(name, certificates, isSecure);
  running.push(endpoint);
  return endpoint;
}

/** Ends only when it is told that the time is no longer of interest. */
const never = (_ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));

const BODY = '{"signedPayload":"a.b.c","ä":1}';

/** Time stands still, and runs out where the endpoint hangs. */
function send({ url, conduct, stuck }: BadEndpoint, wish: Partial<DeliveryRequest> = {}): Promise<DeliveryResult> {
  const sleep = conduct.hangs ? () => stuck : never;
  return deliver({ url, body: BODY, timeoutMs: 5_000, ca, sleep, now: () => 0, ...wish });
}

describe('a delivery to an endpoint', () => {
  it.each(CONDUCT_NAMES)('%s', async (name) => {
    const endpoint = await start(name);
    const { result, httpStatus } = endpoint.conduct;
    expect(await send(endpoint)).toMatchObject({ result, httpStatus });
  });

  it.each(CONDUCT_NAMES.filter((name) => CONDUCTS[name].scheme === 'either'))('%s, over TLS', async (name) => {
    const endpoint = await start(name, true);
    const { result, httpStatus } = endpoint.conduct;
    expect(endpoint.url.protocol).toBe('https:');
    expect(await send(endpoint)).toMatchObject({ result, httpStatus });
  });

  it('has a real cause for every result', () => {
    const caused = new Set(CONDUCT_NAMES.map((name) => CONDUCTS[name].result));
    expect(SEND_ATTEMPTS.map(({ value }) => value).filter((value) => !caused.has(value))).toEqual([]);
  });

  it.each(['tls-1.0', 'tls-1.1'] as const)('%s works for a client that takes old TLS', async (name) => {
    const { url } = await start(name);
    const options = { host: url.hostname, port: Number(url.port), ca: [...ca] };
    const socket = connect({ ...options, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.getProtocol()).toBe(name === 'tls-1.0' ? 'TLSv1' : 'TLSv1.1');
    socket.destroy();
  });
});

describe('a delivery', () => {
  it('is a POST of the body as it stands', async () => {
    const endpoint = await start('ok-200');
    expect(await send(endpoint, { userAgent: 'tester/1' })).toMatchObject({ result: 'SUCCESS' });
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(BODY)),
      'user-agent': 'tester/1',
      accept: '*/*',
      host: endpoint.url.host,
      connection: 'close',
    };
    expect(endpoint.seen).toEqual([{ method: 'POST', path: '/notifications', headers, body: Buffer.from(BODY) }]);
  });

  it('sends bytes unchanged, whatever they are', async () => {
    const endpoint = await start('ok-200');
    const body = Uint8Array.from({ length: 300_000 }, (_byte, index) => index % 256);
    await send(endpoint, { body });
    expect(endpoint.seen[0]?.body.equals(body)).toBe(true);
  });

  it('keeps the query and leaves out credentials and fragment', async () => {
    const endpoint = await start('ok-200');
    const url = new URL(`http://user:secret@${endpoint.url.host}/a%20b?c=d#e`);
    await send(endpoint, { url });
    expect(endpoint.seen[0]).toMatchObject({ path: '/a%20b?c=d' });
    expect(endpoint.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(url.hash).toBe('#e');
  });

  it('finds a host by its name', async () => {
    const endpoint = await start('ok-200', true);
    expect(await send(endpoint, { url: new URL(`https://localhost:${endpoint.url.port}/`) })).toMatchObject({
      result: 'SUCCESS',
    });
  });

  it('trusts a root only where it is given', async () => {
    const endpoint = await start('ok-tls');
    const { url } = endpoint;
    const bare = { url, body: BODY, timeoutMs: 5_000, sleep: never, now: () => 0 };
    expect(await deliver(bare)).toMatchObject({ result: 'TLS_ISSUE' });
    expect(await deliver({ ...bare, ca })).toMatchObject({ result: 'SUCCESS' });
    expect(await deliver(bare)).toMatchObject({ result: 'TLS_ISSUE' });
  });

  it('hands back the answer and how long it took', async () => {
    const times = [1_000, 1_234.4];
    const endpoint = await start('ok-200');
    const answered = await send(endpoint, { now: () => times.shift() ?? 0 });
    expect(answered).toEqual({
      result: 'SUCCESS',
      httpStatus: 200,
      redirectStatus: null,
      ms: 234,
      detail: 'answered 200',
      responseBody: new TextEncoder().encode('ok'),
      headers: expect.objectContaining({ connection: 'close' }),
      visited: [endpoint.url.href],
    });
  });

  it('reads 64 KiB of an answer and hangs up', async () => {
    const { responseBody } = await send(await start('ok-endless-body'));
    expect(responseBody).toEqual(new Uint8Array(65_536).fill(0x78));
  });

  it.each([
    ['an answer that broke off', 'closed-in-body', 'half'],
    ['an answer that is followed by something else', 'ok-and-more-than-its-length', 'ok'],
    ['an answer without a length', 'ok-without-length', 'ok'],
  ] as const)('hands back the body of %s', async (_case, name, body) => {
    const { responseBody } = await send(await start(name));
    expect(Buffer.from(responseBody).toString()).toBe(body);
  });

  it('sends the whole request again where it is redirected to', async () => {
    const endpoint = await start('redirect-308');
    const { detail } = await send(endpoint);
    expect(endpoint.seen.map(({ method, path, body }) => [method, path, body.toString()])).toEqual([
      ['POST', '/notifications', BODY],
      ['POST', '/arrived', BODY],
    ]);
    expect(detail).toBe('answered 200 (after a redirect, which Apple may not follow)');
  });

  it('asks six times at most', async () => {
    const endpoint = await start('redirect-without-end');
    await send(endpoint);
    expect(endpoint.seen).toHaveLength(6);
  });

  it('has one deadline for all it does, and lets go of it', async () => {
    const asked: number[] = [];
    let timer: AbortSignal | undefined;
    const sleep = (ms: number, signal?: AbortSignal) => {
      asked.push(ms);
      timer = signal;
      return never(ms, signal);
    };
    await send(await start('redirect-308'), { sleep, timeoutMs: 321 });
    expect(asked).toEqual([321]);
    expect(timer?.aborted).toBe(true);
  });

  it('stops when it is interrupted, before or during the request', async () => {
    const endpoint = await start('hang');
    const interrupt = new AbortController();
    const refusal = { kind: 'interrupted', code: 'ERR_INTERRUPTED' };
    void endpoint.stuck.then(() => interrupt.abort('SIGINT'));
    const wish = { signal: interrupt.signal, sleep: never };
    await expect(send(endpoint, wish)).rejects.toMatchObject(refusal);
    await expect(send(endpoint, wish)).rejects.toMatchObject(refusal);
  });

  it('is refused where the address is not one of HTTP', async () => {
    const url = new URL('ftp://127.0.0.1/');
    const refusal = { kind: 'usage', code: 'ERR_SENDER_URL' };
    await expect(deliver({ url, body: BODY, timeoutMs: 1, sleep: never, now: () => 0 })).rejects.toMatchObject(refusal);
  });
});
