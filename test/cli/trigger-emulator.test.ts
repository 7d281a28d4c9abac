import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../src/clock.js';
import { runTrigger, type TriggerOptions } from '../../src/commands/trigger/run.js';
import { startEmulatorServer } from '../../src/emulator/emulator.js';
import type { Emulator } from '../../src/emulator/options.js';
import { createVerifier } from '../../src/index.js';
import { forgetEmulator, recordEmulator } from '../../src/session/running-emulator.js';
import { type Authority, createAuthority } from '../../src/simulator/authority/authority.js';
import { seededRandom } from '../../src/simulator/random.js';
import { captureOutput, pipedInput } from '../support/run-cli.js';

const NOW_MS = Date.now();

const YEAR_MS = 365 * 86_400_000;

let home: string;
let authority: Authority;
let endpoint: Server;
let emulator: Emulator;
let statuses: number[] = [];
let bodies: string[] = [];
/** Paths of requests to the control API, in order. */
let requested: string[] = [];

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-trigger-')));
  // As the authority of a project: valid for the notifications of a scenario that began months ago.
  authority = await createAuthority({ nowMs: NOW_MS - YEAR_MS, validForMs: 2 * YEAR_MS });
  endpoint = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(Buffer.concat(chunks).toString());
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/apple`;
  emulator = await startEmulatorServer({
    now: () => NOW_MS,
    sleep,
    random: seededRandom('emulator'),
    authority,
    stateFolder: join(home, 'emulator'),
    bundleId: 'com.example.coffee',
    appAppleId: 42,
    productionUrl: url,
    sandboxUrl: url,
    step: true,
    onEvent: (event) => {
      if (event.event === 'request' && event.api === 'control') requested.push(event.path);
    },
  });
});
afterAll(async () => {
  await emulator.stop();
  endpoint.closeAllConnections();
  await new Promise((resolve) => endpoint.close(resolve));
  rmSync(home, { recursive: true, force: true });
});

let agent: Agent;
beforeEach(() => {
  statuses = [];
  bodies = [];
  requested = [];
  agent = new Agent();
});
afterEach(() => agent.close());

async function run(
  options: Partial<TriggerOptions>,
  token: string | undefined = emulator.controlToken,
  cwd: string = home,
) {
  const stdout = captureOutput();
  const stderr = captureOutput();
  const defaults = { print: false, count: 1, interval: 0, yes: false, json: false, viaEmulator: emulator.url };
  const outcome = await runTrigger(
    { ...defaults, ...options },
    {
      stdin: pipedInput(''),
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: { HOME: home, STOREWIRE_EMULATOR_TOKEN: token },
      cwd,
      now: () => NOW_MS,
      isRunning: () => false,
      suspend: () => Promise.reject(new Error('no terminal')),
      sleep,
      random: seededRandom('trigger'),
      http: () => Promise.resolve(agent),
      prompts: () => Promise.reject(new Error('no terminal')),
      signal: new AbortController().signal,
      platform: process.platform,
      userId: process.geteuid?.() ?? -1,
    },
  ).then(
    (code) => ({ code, error: null }),
    (error) => ({ code: null, error }),
  );
  return { ...outcome, stdout: stdout.text(), stderr: stderr.text() };
}

const received = (rootPem: string) =>
  bodies.map((body) => createVerifier({ kind: 'notification', roots: [rootPem] })(JSON.parse(body).signedPayload));
const ownRoot = (): string => readFileSync(join(home, '.storewire/authority/root.pem'), 'utf8');

describe('trigger --via-emulator', () => {
  it('has the emulator make and send it, with a chain that names its responder', async () => {
    const { code, stdout, stderr } = await run({
      event: 'DID_RENEW',
      productId: 'espresso',
      set: ['transaction.quantity=2'],
    });
    expect({ code, stdout: stdout.split('\n')[0] }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^✓ accepted {5}200 .*DID_RENEW$/),
    });
    expect(stderr).toContain('online checks can pass');
    const [document] = received(authority.rootPem);
    expect(document?.verification.verdict).toBe('valid');
    expect(document?.transaction).toMatchObject({ bundleId: 'com.example.coffee', productId: 'espresso', quantity: 2 });
    expect(emulator.chain.leaf.infoAccess).toContain('OCSP');
  });

  it('refused in Production: exit 1, and when the emulator will try again', async () => {
    statuses = [503];
    const { code, stdout } = await run({ event: 'TEST', environment: 'Production' });
    expect(code).toBe(1);
    expect(stdout).toContain('Apple retries after 1 hour');
  });

  it('a scenario is signed by the emulator and is about its app', async () => {
    const { code } = await run({ scenario: 'refund' });
    expect(code).toBe(0);
    const documents = received(authority.rootPem);
    expect(documents.map(({ verification }) => verification.verdict)).toEqual(['valid', 'valid', 'valid']);
    expect(documents.map(({ transaction }) => transaction?.bundleId)).toEqual(Array(3).fill('com.example.coffee'));
    expect(new Set(documents.map(({ transaction }) => transaction?.originalTransactionId)).size).toBe(1);
  });

  it('is given the ids of the run, and knows the purchase by them', async () => {
    const originalTransactionId = '2000000123456789';
    const appAccountToken = '7f3c1f52-2b61-4d0e-9a3b-5d2f0c8e1a77';
    const { code } = await run({ event: 'SUBSCRIBED.INITIAL_BUY', originalTransactionId, appAccountToken });
    await run({ event: 'REFUND', originalTransactionId, appAccountToken });
    expect(code).toBe(0);
    const [bought, refunded] = received(authority.rootPem).map(({ transaction }) => transaction);
    expect(bought).toMatchObject({ transactionId: originalTransactionId, originalTransactionId, appAccountToken });
    expect(refunded).toMatchObject({ originalTransactionId, appAccountToken, revocationReason: 0 });
  });

  it('sends the event that follows another one', async () => {
    await run({ event: 'DID_RENEW' });
    const original = join(home, 'renewed.json');
    writeFileSync(original, bodies[0]!);
    const { code } = await run({ like: original, next: 'REFUND' });
    const [renewed, refunded] = received(authority.rootPem);
    expect(code).toBe(0);
    expect(refunded?.transaction).toMatchObject({
      transactionId: renewed?.transaction?.transactionId,
      revocationType: 'REFUND_FULL',
    });
    expect(refunded?.notification?.data).toMatchObject({ status: 5 });
  });

  it('another app is signed here', async () => {
    await run({ event: 'TEST', bundleId: 'com.example.other' });
    expect(received(ownRoot()).map(({ verification }) => verification.verdict)).toEqual(['valid']);
    expect(received(ownRoot())[0]?.notification?.data).toMatchObject({ bundleId: 'com.example.other', appAppleId: 42 });
  });

  it('a revoked certificate is forged with its responder, which forgets it afterwards', async () => {
    const { code, stdout } = await run({ forge: 'CERTIFICATE_REVOKED' });
    expect(code).toBe(0);
    expect(stdout).toContain('the OCSP responder reports the leaf as revoked');
    expect(requested).toEqual(['state', 'ocsp', 'notifications', 'ocsp'].map((name) => `/control/v1/${name}`));
    expect(received(authority.rootPem).map(({ verification }) => verification.verdict)).toEqual(['valid']);
  });

  it('--json carries what was sent', async () => {
    const { stdout } = await run({ event: 'TEST', json: true });
    const document = JSON.parse(stdout);
    expect(document.root).toBeNull();
    expect(document.notifications[0]).toMatchObject({ kind: 'notification', sendAttemptResult: 'SUCCESS' });
    expect(document.notifications[0].tokens[0].jws).toBe(JSON.parse(bodies[0]!).signedPayload);
  });

  it.each([
    ['no token', '', 'auth', 'ERR_EMULATOR_TOKEN'],
    ['another token', 'wrong', 'auth', 'ERR_EMULATOR_TOKEN'],
  ])('%s: exit 3', async (_case, token, kind, code) => {
    const { error } = await run({ event: 'TEST' }, token);
    expect(error).toMatchObject({ kind, code });
    expect(bodies).toEqual([]);
  });

  it('a path that is not there is refused before the emulator is asked to send', async () => {
    const { error } = await run({ event: 'TEST', remove: ['transaction.price'] });
    expect(error).toMatchObject({ kind: 'usage', code: 'ERR_SIMULATOR_PATH' });
  });

  it('something else than an emulator: exit 4', async () => {
    const { error } = await run({
      event: 'TEST',
      viaEmulator: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`,
    });
    expect(error).toMatchObject({ kind: 'remote', code: 'ERR_TRIGGER_EMULATOR' });
  });

  it('nothing there: exit 4', async () => {
    const { error } = await run({ event: 'TEST', viaEmulator: 'http://127.0.0.1:9' });
    expect(error).toMatchObject({ kind: 'remote', code: 'ERR_HTTP_UNREACHABLE' });
  });

  it.each(['example.com:4290', 'http://example.com:4290'])(
    '%s would give the token away, and is refused',
    async (url) => {
      const { error } = await run({ event: 'TEST', viaEmulator: url });
      expect(error).toMatchObject({ kind: 'usage', code: 'ERR_TRIGGER_EMULATOR_URL' });
    },
  );
});

describe('trigger --via-emulator without a variable', () => {
  let project: string;
  beforeEach(() => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-trigger-project-')));
    mkdirSync(join(project, '.storewire'));
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));
  const record = (changes: object = {}): void =>
    recordEmulator(join(project, '.storewire'), { ...emulator, ...changes }, { random: seededRandom('record') });

  it.each([
    ['no URL', true],
    ['its URL', undefined],
    ['another name of its address', 'localhost'],
  ] as const)('finds the emulator of the project, given %s', async (_case, given) => {
    record();
    const name = given === 'localhost' ? emulator.url.replace('127.0.0.1', 'localhost') : (given ?? emulator.url);
    const { code, stderr } = await run({ event: 'DID_RENEW', viaEmulator: name }, '', project);
    expect(code).toBe(0);
    expect(stderr).toContain(emulator.url);
    expect(bodies).toHaveLength(1);
  });

  it('ends with the look-up of the purchase, in text from the emulator of the project', async () => {
    record();
    const { stderr } = await run({ event: 'REFUND', viaEmulator: true }, '', project);
    expect(stderr).toMatch(/\n {2}storewire lookup \d{15,} --via-emulator {2}what the App Store says of it now\n$/);
    for (const options of [{ json: true }, { event: 'TEST' }])
      expect((await run({ event: 'REFUND', viaEmulator: true, ...options }, '', project)).stderr).not.toContain(
        'lookup',
      );
  });

  it('takes a type that follows the flag for the type', async () => {
    record();
    const { code } = await run({ viaEmulator: 'REFUND' }, '', project);
    expect([code, bodies.length]).toEqual([0, 1]);
  });

  it.each([
    ['without one', () => undefined, 'no storewire emulator is running in this project'],
    ['after its end', () => record({ url: 'http://127.0.0.1:9' }), 'is no longer running'],
    ['with a server of something else at its address', () => record({ url: endpointUrl() }), 'is no longer running'],
    ['with an emulator of other keys at its address', () => record({ controlToken: 'other' }), 'is no longer running'],
    [
      'with a record of another machine',
      () => record({ url: 'http://example.com:4290' }),
      'no storewire emulator is running',
    ],
    ['with the record of a clone', copyRecord, 'no storewire emulator is running in this project'],
    [
      'with a damaged record',
      () => writeFileSync(recordPath(), '{', { flag: 'w' }),
      'no storewire emulator is running',
    ],
  ])('%s: exit 2, and no token is sent', async (_case, prepare, message) => {
    record();
    forgetEmulator(join(project, '.storewire'), emulator);
    prepare();
    const { error } = await run({ event: 'DID_RENEW', viaEmulator: true }, '', project);
    expect(error).toMatchObject({ kind: 'usage', code: 'ERR_EMULATOR_NOT_RUNNING' });
    expect(error.message).toContain(message);
    expect(requested).toEqual([]);
  });

  const endpointUrl = (): string => `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
  const recordPath = (): string => join(project, '.storewire/emulator/running.json');
  /** Names the inode of another folder, as a record that came with a clone does. */
  function copyRecord(): void {
    record();
    writeFileSync(recordPath(), readFileSync(recordPath(), 'utf8').replace(/"folder":"\d+"/, '"folder":"1"'));
  }

  it('is recorded for its owner alone, and forgotten at its end by itself only', () => {
    record();
    expect(statSync(recordPath()).mode & 0o777).toBe(0o600);
    forgetEmulator(join(project, '.storewire'), { url: 'http://127.0.0.1:1' });
    expect(existsSync(recordPath())).toBe(true);
    forgetEmulator(join(project, '.storewire'), emulator);
    expect(existsSync(recordPath())).toBe(false);
  });

  it('needs a token for an emulator that is not the one of the project', async () => {
    const { error } = await run({ event: 'DID_RENEW', viaEmulator: emulator.url }, '', project);
    expect(error).toMatchObject({ kind: 'auth', code: 'ERR_EMULATOR_TOKEN' });
  });
});
