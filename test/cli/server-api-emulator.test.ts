import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { now, sleep } from '../../src/clock.js';
import { registerHistory } from '../../src/commands/history/command.js';
import { registerStatus } from '../../src/commands/test-notification/status-command.js';
import { registerTest } from '../../src/commands/test-notification/test-command.js';
import type { Emulator, EmulatorOptions } from '../../src/emulator/options.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { findSendAttempt } from '../../src/notification/catalogue/send-attempts.js';
import { type Authority, createAuthority } from '../../src/simulator/authority/authority.js';
import { CONDUCT_NAMES, CONDUCTS, endpointCertificates, startBadEndpoint } from '../support/bad-endpoints.js';
import { startTestEmulator, startTestEndpoint } from '../support/emulator.js';
import type { EndpointCertificates } from '../support/endpoint-certificates.js';
import { type Register, runCommand } from '../support/run-command.js';

const REGISTER: Readonly<Record<string, Register>> = {
  test: registerTest as Register,
  status: registerStatus as Register,
  history: registerHistory as Register,
};

let folder: string;
let authority: Authority;
let certificates: EndpointCertificates;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'storewire-loop-'));
  authority = await createAuthority({ nowMs: Date.now() });
  certificates = await endpointCertificates();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function emulate(options: Partial<EmulatorOptions>): Promise<Emulator> {
  const { emulator, close } = await startTestEmulator({ authority, ...options });
  closing.push(close);
  return emulator;
}

/** What the ready block of the emulator exports. */
const exportsOf = (emulator: Emulator) => ({
  HOME: folder,
  STOREWIRE_BUNDLE_ID: emulator.bundleId,
  STOREWIRE_ISSUER_ID: emulator.issuerId,
  STOREWIRE_KEY_ID: emulator.keyId,
  STOREWIRE_PRIVATE_KEY_PATH: emulator.privateKeyPath,
  STOREWIRE_SERVER_API_SANDBOX_URL: emulator.serverApi.sandbox,
  STOREWIRE_SERVER_API_PRODUCTION_URL: emulator.serverApi.production,
  STOREWIRE_ROOT: emulator.rootPath,
});

/** The real clock and real sockets, all in this process. */
function run(argv: string, emulator: Emulator, env: Record<string, string> = {}, deps: Partial<Deps> = {}) {
  const words = argv.split(' ');
  return runCommand(REGISTER[words[0] ?? '']!, words, {
    env: { ...exportsOf(emulator), ...env },
    cwd: folder,
    now,
    sleep,
    random: (bytes) => randomBytes(bytes),
    http: createDispatcher,
    signal: new AbortController().signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    ...deps,
  });
}

describe('test --wait against the emulator', () => {
  // A name that does not resolve is no loopback address, and so none that the emulator sends to over plain http.
  it.each(CONDUCT_NAMES.filter((name) => name !== 'unresolvable'))('%s', async (name) => {
    const endpoint = await startBadEndpoint(name, certificates);
    closing.push(() => endpoint.stop());
    const { result } = CONDUCTS[name];
    const emulator = await emulate({
      sandboxUrl: endpoint.url.href,
      ca: [certificates.rootPem],
      deliveryTimeoutMs: result === 'TIMED_OUT' ? 300 : 150_000,
    });
    const got = await run('test --environment sandbox --wait --interval 100ms --timeout 150s --json', emulator);
    expect({ code: got.code, stderr: got.stderr }).toEqual({ code: result === 'SUCCESS' ? 0 : 1, stderr: '' });
    expect(JSON.parse(got.stdout).results).toMatchObject([
      {
        environment: 'sandbox',
        outcome: result,
        sendAttempts: [{ sendAttemptResult: result, meaning: findSendAttempt(result)?.meaning }],
        document: { verification: { verdict: 'valid' } },
      },
    ]);
  });
});

describe('against the emulator', () => {
  it('follows with status what test began', async () => {
    const endpoint = await startTestEndpoint();
    closing.push(endpoint.close);
    let aheadMs = 0;
    const pendingMs = 120_000;
    const emulator = await emulate({ productionUrl: endpoint.url, pendingMs, now: () => now() + aheadMs });
    const first = await run('test --environment production --json', emulator);
    expect(first.code).toBe(5);
    aheadMs = pendingMs;
    const token = JSON.parse(first.stdout).results[0].testNotificationToken;
    const later = await run(`status ${token} --environment production --wait --interval 100ms`, emulator);
    expect(later.code).toBe(0);
    expect(later.stdout).toContain('SUCCESS  production\n');
    expect(endpoint.bodies).toHaveLength(1);
  });

  it('asks both environments side by side', async () => {
    const endpoint = await startTestEndpoint();
    closing.push(endpoint.close);
    const emulator = await emulate({ sandboxUrl: endpoint.url });
    const { code, stdout } = await run('test --environment both --wait --interval 100ms --json', emulator);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'SUCCESS',
      'NO_URL',
    ]);
  });

  it('reads 60 notifications of history, each verified', async () => {
    const endpoint = await startTestEndpoint();
    closing.push(endpoint.close);
    const emulator = await emulate({ productionUrl: endpoint.url });
    for (let sent = 0; sent < 60; sent++) await emulator.send({ environment: 'Production', type: 'DID_RENEW' });
    const { code, stdout } = await run('history --environment production --json', emulator);
    expect(code).toBe(0);
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(documents.map(({ notification }) => notification.notificationUUID)).size).toBe(60);
    expect(documents.every(({ verification }) => verification.verdict === 'valid')).toBe(true);
  });

  it('tells when page tokens expire before they can be used', async () => {
    const endpoint = await startTestEndpoint();
    closing.push(endpoint.close);
    const emulator = await emulate({ sandboxUrl: endpoint.url, pageTokenMs: 50 });
    for (let sent = 0; sent < 25; sent++) await emulator.send({ type: 'DID_RENEW' });
    // The sandbox is asked every 200 ms, so each token has expired by then: after some tries that is told.
    const { code, stdout, stderr } = await run('history --environment sandbox --json', emulator);
    expect(code).toBe(4);
    expect(stdout.trimEnd().split('\n')).toHaveLength(20);
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error.code).toBe('ERR_HISTORY_LOOP');
  });

  it('lists a notification as failed until it is delivered', async () => {
    const endpoint = await startTestEndpoint();
    closing.push(endpoint.close);
    endpoint.answerNext(500, 500);
    const emulator = await emulate({ productionUrl: endpoint.url, step: true });
    await emulator.send({ environment: 'Production', type: 'DID_RENEW' });
    const failed = async () => (await run('history --environment production --only-failures --json', emulator)).stdout;
    await emulator.advance(3_600_000);
    expect(JSON.parse(await failed()).sendAttempts).toHaveLength(2);
    await emulator.advance(12 * 3_600_000);
    expect(await failed()).toBe('');
    const { stdout } = await run('history --environment production', emulator);
    expect(stdout).toContain('delivered in 3 attempts: UNSUCCESSFUL_HTTP_RESPONSE_CODE');
  });
});

describe('credentials that are wrong', () => {
  const otherKey = () => {
    const path = join(folder, 'SubscriptionKey_OTHER.p8');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    return { STOREWIRE_KEY_ID: '', STOREWIRE_PRIVATE_KEY_PATH: path };
  };
  const renamedConnectKey = ({ connect }: Emulator) => {
    const path = join(folder, 'renamed.p8');
    copyFileSync(connect.privateKeyPath, path);
    return { STOREWIRE_KEY_ID: connect.keyId, STOREWIRE_ISSUER_ID: connect.issuerId, STOREWIRE_PRIVATE_KEY_PATH: path };
  };

  it.each<[string, (emulator: Emulator) => Record<string, string>, number, string, string]>([
    ['another key', otherKey, 3, 'ERR_API_UNAUTHENTICATED', 'the key id is'],
    [
      'another issuer',
      () => ({ STOREWIRE_ISSUER_ID: '00000000-0000-4000-8000-000000000000' }),
      3,
      'ERR_API_UNAUTHENTICATED',
      'iss is 00000000-0000-4000-8000-000000000000, the key belongs to',
    ],
    [
      'another app',
      () => ({ STOREWIRE_BUNDLE_ID: 'com.example.other' }),
      3,
      'ERR_API_UNAUTHENTICATED',
      'bid is com.example.other, the app is',
    ],
    [
      'a Connect key by its name',
      ({ connect }) => ({ STOREWIRE_KEY_ID: connect.keyId, STOREWIRE_PRIVATE_KEY_PATH: connect.privateKeyPath }),
      3,
      'ERR_KEY_KIND',
      'AuthKey_',
    ],
    [
      'a Connect key of another name',
      renamedConnectKey,
      3,
      'ERR_API_UNAUTHENTICATED',
      'this is an App Store Connect key',
    ],
    [
      'no network',
      () => ({ STOREWIRE_SERVER_API_SANDBOX_URL: 'http://127.0.0.1:1' }),
      4,
      'ERR_HTTP_UNREACHABLE',
      'refused the connection',
    ],
  ])('%s', async (_what, env, code, errorCode, words) => {
    const emulator = await emulate({});
    const { signal } = new AbortController();
    const hurry = { signal, sleep: (ms: number, by?: AbortSignal) => sleep(by === signal ? 1 : ms, by) };
    const got = await run('test --environment sandbox --json', emulator, env(emulator), hurry);
    expect({ code: got.code, stdout: got.stdout }).toEqual({ code, stdout: '' });
    const { error } = JSON.parse(got.stderr.trimEnd().split('\n').at(-1) ?? '');
    expect(error.code).toBe(errorCode);
    expect(`${error.message} ${error.hint}`).toContain(words);
    expect(error.hint).toBeTruthy();
  });

  it('a clock that is wrong', async () => {
    const emulator = await emulate({});
    const got = await run('test --environment sandbox', emulator, {}, { now: () => Date.now() - 7_200_000 });
    expect(got.code).toBe(3);
    expect(got.stderr).toContain("the clock of this machine is 2 hours behind the server's");
  });

  it('an app that was never released', async () => {
    const emulator = await emulate({ unreleased: true });
    const got = await run('test --environment production', emulator);
    expect(got.code).toBe(3);
    expect(got.stderr).toContain('before the first release');
  });
});
