import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../src/clock.js';
import { makeEndpointCertificates } from '../support/endpoint-certificates.js';
import { type AppleHome, FakeServerApi, makeAppleHome } from '../support/fake-server-api.js';
import { runCli, TEST_NOW_MS } from '../support/run-cli.js';
import { freePort } from '../support/server-process.js';

let home: AppleHome;
beforeAll(async () => {
  home = await makeAppleHome();
});
afterAll(() => home.remove());

let server: Server | null = null;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  server = null;
});

async function startApp(status: number, body: string): Promise<string> {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'x-request-id': 'req-7\u00fd', 'set-cookie': 'session=abc' }).end(body);
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Lines of the report, with number, moment and duration replaced. */
const reported = (stderr: string): readonly string[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('http '))
    .map((line) =>
      line
        .replace(/^http \d+/, 'http N')
        .replace(/\d{4}-\S+Z/, 'TIME')
        .replace(/in [\d,]+ ms/, 'in T ms'),
    );

const trigger = (...argv: string[]) =>
  runCli(argv, { sleep, cwd: join(home.folder, 'work'), env: { HOME: home.folder }, platform: process.platform });

/** Runs `check --only tls`; the lines of its probes, sorted, as handshakes run at once. */
async function check(socket: TcpServer): Promise<{ readonly host: string; readonly lines: readonly string[] }> {
  await once(socket.listen(0, '127.0.0.1'), 'listening');
  const host = `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  const { stderr } = await trigger('check', `https://${host}/x?token=abc`, '--only', 'tls', '--debug=body');
  socket.close();
  const lines = stderr.split('\n').filter((line) => /^(?:tls|tcp) /.test(line));
  const told = lines.map((line) =>
    line
      .replace(/^(tls|tcp) \d+/, '$1 N')
      .replace(/\d{4}-\S+Z/, 'TIME')
      .replace(/(in|after) [\d,]+ ms/, '$1 T ms'),
  );
  return { host, lines: told.sort() };
}

describe('--debug', () => {
  it('reports a delivery: method, URL, status, request id and time', async () => {
    const host = await startApp(503, 'no\u001b[2J');
    const { stderr } = await trigger('trigger', 'TEST', '--to', `http://${host}/hook?token=abc`, '--debug');
    expect(reported(stderr)).toEqual([
      `http N  TIME  -> POST http://${host}/hook?token=…`,
      expect.stringMatching(/^http N {2}TIME {2}<- 503 in T ms, 6 bytes, x-request-id req-7/),
    ]);
    expect(stderr).not.toContain('\u001b');
  });

  it('adds headers and bodies on lines of their own, without secrets', async () => {
    const host = await startApp(200, '{"password":"hunter2"}\nsecond line\u202e');
    const { stderr } = await trigger('--debug=body', 'trigger', 'TEST', '--to', `http://${host}/`);
    const lines = reported(stderr);
    expect(lines).toContain('http N    content-type: application/json');
    expect(lines).toContainEqual(expect.stringMatching(/^http N {4}\{"signedPayload":"eyJ… \([\d]+ characters\)"\}$/));
    expect(lines).toContain('http N    set-cookie: …');
    expect(lines).toContain('http N    {"password":"…"}\\u{a}second line\\u{202e}');
  });

  it('reports a request that failed, also with --quiet', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const { stderr } = await trigger('-q', 'trigger', 'TEST', '--to', `http://${host}/`, '--debug');
    expect(reported(stderr)).toEqual([
      `http N  TIME  -> POST http://${host}/`,
      expect.stringMatching(/^http N {2}TIME {2}<- failed after [\d,]+ ms: connect ECONNREFUSED/),
    ]);
  });

  it("reports Apple's API without its JWT", async () => {
    const fake = await FakeServerApi.start(
      () => ({ json: { notificationHistory: [], hasMore: false }, headers: { 'x-apple-request-uuid': 'u-1' } }),
      () => TEST_NOW_MS,
    );
    const env = { ...home.env, STOREWIRE_SERVER_API_SANDBOX_URL: fake.url };
    const overrides = {
      sleep,
      env,
      cwd: join(home.folder, 'work'),
      http: async () => fake.dispatcher,
      platform: process.platform,
    };
    const { code, stderr } = await runCli(['history', '--environment', 'sandbox', '--debug=body'], overrides);
    const quiet = await runCli(['history', '--environment', 'sandbox'], overrides);
    const [jwt = ''] = fake.seen.map(({ authorization }) => authorization.replace('Bearer ', ''));
    await fake.stop();
    expect(code).toBe(0);
    expect(reported(stderr)[0]).toBe(
      `http N  TIME  -> POST ${env.STOREWIRE_SERVER_API_SANDBOX_URL}/inApps/v1/notifications/history`,
    );
    expect(stderr).toContain('<- 200 in ');
    expect(stderr).toContain(', x-apple-request-uuid u-1');
    expect(stderr).toContain('authorization: Bearer …');
    expect(jwt).toMatch(/^eyJ/);
    for (const part of jwt.split('.')) expect(stderr).not.toContain(part);
    expect(reported(quiet.stderr)).toEqual([]);
  });

  it.each<[string, (jwt: string) => string]>([
    ['whole', (jwt) => jwt],
    ['without its beginning', (jwt) => jwt.slice(3)],
    ['its signature', (jwt) => jwt.split('.')[2]!],
    ['half of its signature', (jwt) => jwt.slice(-43)],
    ['as percent escapes', (jwt) => jwt.replaceAll(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`)],
    ['as JSON escapes', (jwt) => jwt.replaceAll(/./g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)],
  ])('shows nothing of our JWT that a server repeats: %s', async (_name, repeat) => {
    let echo = '';
    const fake = await FakeServerApi.start(
      ({ authorization }) => {
        echo = repeat(authorization.replace('Bearer ', ''));
        const headers = { 'x-request-id': echo, 'x-echo': echo, location: `/else?a=${echo}` };
        return { status: 400, text: `what: ${echo}`, headers };
      },
      () => TEST_NOW_MS,
    );
    const env = { ...home.env, STOREWIRE_SERVER_API_SANDBOX_URL: fake.url };
    const cwd = join(home.folder, 'work');
    const http = async () => fake.dispatcher;
    const argv = ['history', '--environment', 'sandbox', '--json', '--debug=body'];
    const { stdout, stderr } = await runCli(argv, { sleep, env, cwd, http, platform: process.platform });
    await fake.stop();
    expect(stderr).toContain('<- 400 in ');
    for (let at = 0; at + 16 <= echo.length; at += 8) expect(stdout + stderr).not.toContain(echo.slice(at, at + 16));
    expect(stdout).not.toContain('http ');
  });

  it('reports the handshakes and raw connections of a check', async () => {
    const answer = 'SSH-2.0\r\n';
    const { host, lines } = await check(
      createTcpServer((peer) => peer.on('error', () => undefined).once('data', () => peer.end(answer))),
    );
    const failure = expect.stringMatching(/^tls N {2}TIME {2}<- failed after T ms: .*wrong version number/);
    expect(lines).toEqual([
      'tcp N    SSH-2.0\\u{d}\\u{a}',
      `tcp N  TIME  -> ${host} GET / HTTP/1.1`,
      'tcp N  TIME  <- first 9 bytes in T ms',
      `tls N  TIME  -> ${host} handshake without SNI, any version and certificate`,
      `tls N  TIME  -> ${host} handshake without SNI, as Apple`,
      failure,
      failure,
    ]);
  });

  it('reports what a handshake agreed on', async () => {
    const { cert, key } = (await makeEndpointCertificates(Date.now())).identities.good;
    const { host, lines } = await check(
      createTlsServer({ cert, key, ALPNProtocols: ['http/1.1'] }).on('tlsClientError', () => undefined),
    );
    expect(lines).toContain(`tls N  TIME  -> ${host} handshake without SNI, TLSv1.2 only`);
    expect(lines).toContain('tls N  TIME  <- TLSv1.2, ALPN http/1.1 in T ms');
    expect(lines).toContain('tls N  TIME  <- TLSv1.3, ALPN http/1.1 in T ms');
  });

  it('takes no value of its own, and only body with =', async () => {
    const { code, stdout } = await runCli(['--debug', 'version']);
    expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 0, lines: 2 });
    expect((await runCli(['version', '--debug=all'])).code).toBe(2);
    expect((await runCli(['decode', '--help'])).stdout).toContain('--debug ');
  });
});
