import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { sleep } from '../../src/clock.js';
import { registerTrigger } from '../../src/commands/trigger/command.js';
import { runTrigger, type TriggerOptions } from '../../src/commands/trigger/run.js';
import { createVerifier } from '../../src/index.js';
import { FORGEABLE_REASONS } from '../../src/simulator/forgeries/forge.js';
import { SIMULATED_EVENTS } from '../../src/simulator/payloads/events.js';
import { seededRandom } from '../../src/simulator/random.js';
import { SCENARIOS } from '../../src/simulator/scenarios/scenarios.js';
import { captureOutput, pipedInput, TEST_NOW_MS } from '../support/run-cli.js';
import { freePort } from '../support/server-process.js';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-trigger-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const rootPath = (): string => join(home, '.storewire/authority/root.pem');

async function run(options: Partial<TriggerOptions>, overrides: Partial<Deps> = {}) {
  const stdout = captureOutput();
  const stderr = captureOutput();
  const deps = {
    stdin: pipedInput(''),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { HOME: home },
    cwd: home,
    now: () => TEST_NOW_MS,
    sleep,
    random: seededRandom('trigger'),
    http: () => Promise.reject(new Error('no other request expected')),
    prompts: () => Promise.reject(new Error('no terminal')),
    signal: new AbortController().signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    isRunning: () => false,
    suspend: () => Promise.reject(new Error('no terminal')),
    ...overrides,
  };
  const defaults = { print: false, count: 1, interval: 0, yes: false, json: false };
  const outcome = await runTrigger({ ...defaults, ...options }, deps).then(
    (code) => ({ code, error: null }),
    (error) => ({ code: null, error }),
  );
  return { ...outcome, stdout: stdout.text(), stderr: stderr.text() };
}

interface Endpoint {
  readonly url: string;
  readonly bodies: string[];
  readonly requests: IncomingMessage[];
}

let server: Server | null = null;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  server = null;
});

/** A real endpoint that answers with these statuses in turn, then the last one forever. */
async function listen(...statuses: number[]): Promise<Endpoint> {
  const bodies: string[] = [];
  const requests: IncomingMessage[] = [];
  server = createServer(async (request, response) => {
    requests.push(request);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(Buffer.concat(chunks).toString());
    const status = statuses[Math.min(bodies.length, statuses.length) - 1] ?? 200;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? '' : 'go\u202e away\u001b[2J');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/apple?key=secret`, bodies, requests };
}

const verify = (body: string) =>
  createVerifier({ kind: 'notification', roots: [readFileSync(rootPath(), 'utf8')] })(JSON.parse(body).signedPayload);

describe('trigger, wiring', () => {
  async function parse(argv: readonly string[]): Promise<TriggerOptions | undefined> {
    let options: TriggerOptions | undefined;
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    const capture = async (given: TriggerOptions) => {
      options = given;
      return 0 as const;
    };
    registerTrigger(program, {} as Deps, () => undefined, capture);
    await program.parseAsync(['trigger', ...argv], { from: 'user' });
    return options;
  }

  const DEFAULTS = { print: false, count: 1, interval: 0, yes: false, json: false };

  it('has defaults', async () => expect(await parse([])).toEqual(DEFAULTS));

  it('takes every flag', async () => {
    const argv = [
      ...[
        'DID_RENEW',
        '--scenario',
        's',
        '--to',
        'u',
        '--print',
        '--via-emulator',
        'e',
        '--set',
        'a=1',
        '--set',
        'b=2',
      ],
      ...['--remove', 'c', '--forge', 'chain_broken', '--environment', 'production', '--bundle-id', 'i'],
      ...['--app-apple-id', '7', '--product-id', 'p', '--count', '3', '--interval', '2s', '--timeout', '1m'],
      ...['--yes', '--profile', 'f', '--json', '--like', 'last', '--next', 'REFUND', '--scrub', '--seed', '7'],
      ...['--original-transaction-id', '2', '--app-account-token', 't', '--export-scenario', 'refund'],
    ];
    expect(await parse(argv)).toEqual({
      event: 'DID_RENEW',
      scenario: 's',
      to: 'u',
      print: true,
      viaEmulator: 'e',
      set: ['a=1', 'b=2'],
      remove: ['c'],
      forge: 'CHAIN_BROKEN',
      environment: 'Production',
      bundleId: 'i',
      appAppleId: '7',
      productId: 'p',
      count: 3,
      interval: 2_000,
      timeout: 60_000,
      yes: true,
      profile: 'f',
      json: true,
      like: 'last',
      next: 'REFUND',
      scrub: true,
      seed: 7,
      originalTransactionId: '2',
      appAccountToken: 't',
      exportScenario: 'refund',
    });
  });

  it('takes the target of listen, -f', async () =>
    expect(await parse(['-f', '3000/apple'])).toMatchObject({ to: '3000/apple' }));

  it.each([
    ['--forge', 'NOPE'],
    ['--seed', 'x'],
    ['--count', '0'],
    ['--interval', '5'],
    ['--environment', 'xcode'],
    ['--emulator-token', 'x'],
  ])('refuses %s %s', async (...argv) => expect(parse(argv)).rejects.toMatchObject({ exitCode: 1 }));

  it('suggests the nearest reason for --forge', async () => {
    await expect(parse(['--forge', 'untrusted_rot'])).rejects.toThrow('Did you mean UNTRUSTED_ROOT?');
  });

  it.each(FORGEABLE_REASONS)('takes --forge %s', async (reason) => {
    expect((await parse(['--forge', reason]))?.forge).toBe(reason);
  });
});

describe('trigger without anything', () => {
  it('lists every type, scenario and forgery, and creates nothing', async () => {
    const { code, stdout, stderr } = await run({});
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { type, subtype } of SIMULATED_EVENTS)
      expect(stdout).toMatch(new RegExp(`^  +\\.?${subtype ?? type}`, 'm'));
    for (const { name, title } of SCENARIOS) expect(stdout).toMatch(new RegExp(`^  ${name} +${title}$`, 'm'));
    for (const reason of FORGEABLE_REASONS) expect(stdout).toMatch(new RegExp(`^  ${reason} `, 'm'));
    expect(() => readFileSync(rootPath())).toThrow();
  });

  it('stays within a terminal', async () => {
    const narrow = captureOutput({ isTty: true, columns: 72 });
    await run({}, { stdout: narrow.stream });
    expect(
      narrow
        .text()
        .split('\n')
        .filter((line) => line.length > 78),
    ).toEqual([]);
  });

  it('lists the same as JSON', async () => {
    const listed = JSON.parse((await run({ json: true })).stdout);
    expect(listed.types).toHaveLength(SIMULATED_EVENTS.length);
    expect(listed.scenarios.map(({ name }: { name: string }) => name)).toEqual(SCENARIOS.map(({ name }) => name));
    expect(listed.forgeries.map(({ reason }: { reason: string }) => reason)).toEqual(FORGEABLE_REASONS);
  });
});

describe('trigger --print', () => {
  it('prints request bodies, one per line', async () => {
    const { code, stdout, stderr } = await run({ event: 'refund', print: true, count: 2 });
    const bodies = stdout.trimEnd().split('\n');
    expect([code, bodies.length]).toEqual([0, 2]);
    expect(Object.keys(JSON.parse(bodies[0]!))).toEqual(['signedPayload']);
    const documents = bodies.map(verify);
    expect(documents.map(({ verification }) => verification.verdict)).toEqual(['valid', 'valid']);
    expect(documents[0]?.notification?.notificationUUID).not.toBe(documents[1]?.notification?.notificationUUID);
    expect(stderr).toContain('no online checks');
    expect(stderr).toContain(rootPath());
  });

  it('warns of a bundle id that begins with a team id', async () => {
    const { code, stderr } = await run({ event: 'TEST', print: true, bundleId: 'ABCDE12345.com.example.app' });
    expect(code).toBe(0);
    expect(stderr).toContain('warning: ABCDE12345. looks like a team id: the bundle id is probably com.example.app');
  });

  it('uses the given app, product and environment, edits last', async () => {
    const { stdout } = await run({
      event: 'DID_RENEW',
      print: true,
      environment: 'Production',
      bundleId: 'com.example.coffee',
      appAppleId: '42',
      productId: 'espresso',
      set: ['data.bundleVersion=9', 'transaction.quantity=3'],
      remove: ['renewalInfo'],
    });
    const { notification, transaction, renewalInfo } = verify(stdout);
    expect(notification?.data).toMatchObject({
      environment: 'Production',
      bundleId: 'com.example.coffee',
      appAppleId: 42,
      bundleVersion: '9',
    });
    expect(transaction).toMatchObject({ productId: 'espresso', quantity: 3, environment: 'Production' });
    expect(renewalInfo).toBeUndefined();
  });

  it('--json is one document, whose notifications can be sent again', async () => {
    const { stdout } = await run({ scenario: 'refund', print: true, json: true });
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ to: null, scenario: 'refund', forge: null, environment: 'Sandbox' });
    expect(document.notifications).toHaveLength(3);
    for (const [index, each] of document.notifications.entries()) {
      expect(each).toMatchObject({ kind: 'notification', source: 'trigger', step: { number: index + 1, of: 3 } });
      expect(verify(JSON.stringify({ signedPayload: each.tokens[0].jws })).verification.verdict).toBe('valid');
    }
  });

  it.each(FORGEABLE_REASONS.filter((reason) => reason !== 'CERTIFICATE_REVOKED'))('forges %s', async (forge) => {
    const { code, stdout } = await run({ forge, print: true, json: true });
    const [{ forged }] = JSON.parse(stdout).notifications;
    expect([code, typeof forged]).toEqual([0, 'string']);
  });

  it('cannot forge a revocation alone, and points to the emulator', async () => {
    const { error } = await run({ forge: 'CERTIFICATE_REVOKED', print: true });
    expect(error).toMatchObject({ code: 'ERR_TRIGGER_FORGE_OCSP', hint: expect.stringContaining('--via-emulator') });
  });
});

describe('trigger --to', () => {
  it('sends a payload that verifies, and reports the response', async () => {
    const { url, bodies, requests } = await listen(200);
    const { code, stdout, stderr } = await run({ event: 'did_renew', to: url, bundleId: 'com.example.coffee' });
    expect(code).toBe(0);
    expect(stdout.replace(/\d+ ms */, 'N ms  ')).toBe(`✓ accepted     200  N ms  DID_RENEW
  2000000609341049  Subscription renewed

1 accepted. Apple would count this as delivered.
`);
    expect(requests.map(({ method, url: path, headers }) => [method, path, headers['content-type']])).toEqual([
      ['POST', '/apple?key=secret', 'application/json'],
    ]);
    expect(verify(bodies[0]!).verification.verdict).toBe('valid');
    expect(stderr).toContain('com.example.coffee (--bundle-id)  Sandbox');
    expect(stdout + stderr).not.toContain('secret');
  });

  it('refused in Production: exit 1, the retry of Apple, and the response escaped', async () => {
    const { url } = await listen(500);
    const { code, stdout } = await run({ event: 'TEST', to: url, environment: 'Production' });
    expect(code).toBe(1);
    expect(stdout).toContain('✗ refused      500');
    expect(stdout).toContain('UNSUCCESSFUL_HTTP_RESPONSE_CODE');
    expect(stdout).toContain('Apple retries after 1 hour');
    expect(stdout).toContain('go\\u{202e} away\\u{1b}[2J');
    expect(stdout.includes('\u001b') || stdout.includes('\u202e')).toBe(false);
  });

  it('refused in Sandbox: Apple would not try again; 401 points to the root', async () => {
    const { url } = await listen(401);
    const { code, stdout } = await run({ event: 'TEST', to: url });
    expect(code).toBe(1);
    expect(stdout).toContain('Apple sends once in Sandbox');
    expect(stdout).toContain('storewire authority');
  });

  it('nothing listens: exit 4, and the rest of a scenario is not sent', async () => {
    const { code, stdout } = await run({ scenario: 'refund', to: `http://127.0.0.1:${await freePort()}/` });
    expect(code).toBe(4);
    expect(stdout).toContain('SOCKET_ISSUE');
    expect(stdout).toContain('1 unreachable, 2 not sent');
  });

  it('no answer within the deadline: exit 4', async () => {
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const soon = (ms: number, signal?: AbortSignal) => sleep(Math.min(ms, 50), signal);
    const { code, stdout } = await run({ event: 'TEST', to: url, timeout: 1_000 }, { sleep: soon });
    expect(code).toBe(4);
    expect(stdout).toContain('timed-out');
    expect(stdout).toContain('TIMED_OUT');
  });

  it('a scenario arrives in order, under one originalTransactionId, despite a refusal', async () => {
    const { url, bodies } = await listen(200, 503, 200);
    const { code, stdout } = await run({ scenario: 'billing-retry', to: url });
    expect(code).toBe(1);
    const documents = bodies.map(verify);
    expect(documents.map(({ notification }) => notification?.notificationType)).toEqual([
      'SUBSCRIBED',
      'DID_FAIL_TO_RENEW',
      'DID_RENEW',
    ]);
    expect(new Set(documents.map(({ transaction }) => transaction?.originalTransactionId)).size).toBe(1);
    expect(documents.map(({ verification }) => verification.verdict)).toEqual(['valid', 'valid', 'valid']);
    expect(stdout).toMatch(/1\/3 {2}\d{15,16} {2}2026-\d\d-\d\dT[\d:]+Z {2}A customer subscribes\./);
    expect(stdout).toContain('billing-retry: 2 accepted, 1 refused.');
  });

  it('gives each hint once', async () => {
    const { url } = await listen(500);
    const { stdout } = await run({ event: 'TEST', to: url, count: 3 });
    expect(stdout.match(/hint/g)).toHaveLength(1);
    expect(stdout.match(/✗ refused/g)).toHaveLength(3);
  });

  it('an accepted forgery is reported', async () => {
    const { url } = await listen(200, 400);
    const taken = await run({ forge: 'SIGNATURE_MISMATCH', to: url });
    expect(taken.stdout).toContain('The endpoint must reject payloads');
    expect(taken.stdout).toContain('The endpoint must refuse forgeries.');
    const refused = await run({ forge: 'SIGNATURE_MISMATCH', to: url });
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('1 refused, as expected of a forgery.') });
  });

  it('--json is one document with every delivery', async () => {
    const { url } = await listen(200, 500);
    const { code, stdout } = await run({ event: 'TEST', to: url, count: 2, json: true, environment: 'Production' });
    const document = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(document.to).toMatch(/\/apple\?…$/);
    expect(document.counts).toEqual({
      accepted: 1,
      refused: 1,
      unreachable: 0,
      'timed-out': 0,
      notSent: 0,
      stoppedBy: null,
    });
    expect(document.notifications).toMatchObject([
      {
        deliveries: [{ attempt: 1, httpStatus: 200, outcome: 'accepted' }],
        sendAttemptResult: 'SUCCESS',
        appleRetries: { retry: false, afterMs: null },
      },
      {
        deliveries: [{ attempt: 1, httpStatus: 500, outcome: 'refused' }],
        sendAttemptResult: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
        appleRetries: { retry: true, afterMs: 3_600_000 },
      },
    ]);
  });

  it('interrupted between two: reports what was sent', async () => {
    const { url } = await listen(200);
    const controller = new AbortController();
    const stop = async () => controller.abort('SIGINT');
    const options = { event: 'TEST', to: url, count: 5, interval: 1_000 };
    const { error, stdout } = await run(options, {
      signal: controller.signal,
      sleep: (ms, signal) => (ms === 1_000 ? stop() : sleep(ms, signal)),
    });
    expect(error).toMatchObject({ kind: 'interrupted' });
    expect(stdout).toContain('1 accepted, 4 not sent (interrupted)');
  });

  it.each([
    ['nowhere', { event: 'TEST' }, 'ERR_TRIGGER_WHERE'],
    ['nothing', { to: 'http://localhost:1/' }, 'ERR_TRIGGER_WHAT'],
    ['an unknown type', { event: 'NOPE', print: true }, 'ERR_SIMULATOR_EVENT'],
    ['an unknown scenario', { scenario: 'nope', print: true }, 'ERR_SIMULATOR_SCENARIO'],
    ['a forgery for a public host', { forge: 'CHAIN_BROKEN', to: 'https://example.com/' }, 'ERR_TRIGGER_FORGE_HOST'],
    ['RevenueCat', { event: 'TEST', to: 'https://api.revenuecat.com/x' }, 'ERR_USAGE_HOST'],
  ] as const)('%s is rejected before an authority is created', async (_case, options, code) => {
    const { error, stdout } = await run(options);
    expect(error).toMatchObject({ kind: 'usage', code });
    expect(stdout).toBe('');
    expect(() => readFileSync(rootPath())).toThrow();
  });

  it('a missing path is rejected before anything is sent', async () => {
    const { url, bodies } = await listen(200);
    const { error } = await run({ event: 'TEST', to: url, remove: ['transaction.price'] });
    expect(error).toMatchObject({ kind: 'usage', code: 'ERR_SIMULATOR_PATH' });
    expect(bodies).toEqual([]);
  });
});
