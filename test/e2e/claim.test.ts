import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { now, sleep } from '../../src/clock.js';
import { createConnectApi } from '../../src/connect-api/client.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { runBin } from '../support/bin.js';
import { type BuiltListener, startBuiltListener } from '../support/built-listener.js';
import { startTestEmulator, type TestEmulator } from '../support/emulator.js';
import { startFakeConnect } from '../support/fake-connect.js';
import { isRunning, writeFakeTunnels } from '../support/fake-tunnels.js';
import { freePort } from '../support/server-process.js';

const OLD = 'https://old.example.com/apple';
const PUBLIC = 'https://dev.example.com/apple';

let cwd: string;
let run: TestEmulator;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-claim-')));
  run = await startTestEmulator({ bundleId: 'com.example.app', appAppleId: 42, sandboxUrl: OLD });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await run.close();
  rmSync(cwd, { recursive: true, force: true });
});

/** The App Store Connect variables that the ready block of the emulator exports. */
const exported = (): NodeJS.ProcessEnv => ({
  HOME: cwd,
  STOREWIRE_BUNDLE_ID: 'com.example.app',
  STOREWIRE_CONNECT_API_URL: run.emulator.connectApi,
  STOREWIRE_CONNECT_ISSUER_ID: run.emulator.connect.issuerId,
  STOREWIRE_CONNECT_KEY_ID: run.emulator.connect.keyId,
  STOREWIRE_CONNECT_PRIVATE_KEY_PATH: run.emulator.connect.privateKeyPath,
});

const url = (): string | null => run.emulator.settings().subscriptionStatusUrlForSandbox;

async function listen(args: readonly string[], env: NodeJS.ProcessEnv = exported()): Promise<BuiltListener> {
  const listener = await startBuiltListener({ cwd, args, env });
  closing.push(() => listener.stop('SIGKILL'));
  return listener;
}

const CLAIM = ['--claim', 'sandbox', '--public-url', PUBLIC, '--yes'];
const noticed = (listener: BuiltListener, code: string) => listener.event('notice', (event) => event.code === code);

describe('listen --claim sandbox', () => {
  it('receives the sandbox notifications of Apple until it stops', async () => {
    const port = await freePort();
    const here = `http://127.0.0.1:${port}/`;
    const args = [
      '--port',
      String(port),
      '--public-url',
      here,
      '--claim',
      'sandbox',
      '--yes',
      '--root',
      run.emulator.rootPath,
    ];
    const listener = await listen(args);
    expect(url()).toBe(here);
    const { attempts } = await run.emulator.send({ type: 'DID_RENEW', environment: 'Sandbox' });
    expect(attempts).toMatchObject([{ sendAttemptResult: 'SUCCESS' }]);
    await listener.event('verified');
    expect(await listener.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(url()).toBe(OLD);
  });

  it.skipIf(process.platform === 'win32')('gives the URL back when its terminal is closed', async () => {
    const tunnels = writeFakeTunnels(path.join(cwd, 'bin'));
    const args = ['--claim', 'sandbox', '--yes', '--tunnel', 'cloudflared'];
    const listener = await listen(args, { ...exported(), PATH: tunnels.path });
    expect(url()).not.toBe(OLD);
    // The shell sends it, and then the system.
    listener.child.kill('SIGHUP');
    await noticed(listener, 'CLAIM_ENDING');
    expect(await listener.stop('SIGHUP')).toEqual({ code: 0, signal: null });
    expect(url()).toBe(OLD);
    expect(tunnels.pids().filter(isRunning)).toEqual([]);
    expect(readdirSync(path.join(cwd, '.storewire')).filter((name) => /lock|port/.test(name))).toEqual([]);
  });

  it.each(['', '--claim sandbox --public-url https://again.example.com/ --yes'])(
    'after a kill is restored by the next listen %s',
    async (args) => {
      const first = await listen(CLAIM);
      expect(url()).toBe(PUBLIC);
      expect(await first.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      expect(url()).toBe(PUBLIC);
      const second = await listen(args === '' ? [] : args.split(' '));
      expect(await noticed(second, 'CLAIM_RESTORED')).toMatchObject({
        message: expect.stringContaining('ended without restoring the URL'),
      });
      expect(url()).toBe(args === '' ? OLD : 'https://again.example.com/');
      expect(await second.stop()).toEqual({ code: 0, signal: null });
      expect(url()).toBe(OLD);
    },
  );

  it('after a kill keeps a URL that someone else has set', async () => {
    const first = await listen(CLAIM);
    await first.stop('SIGKILL');
    const other = 'https://colleague.example.com/apple';
    await setBySomeoneElse(other);
    const second = await listen([]);
    await noticed(second, 'CLAIM_TAKEN');
    await second.stop();
    expect(url()).toBe(other);
  });

  it('stopped twice, ends at once and is put right by the next', async () => {
    const fake = await startFakeConnect({
      subscriptionStatusUrlForSandbox: OLD,
      subscriptionStatusUrlVersionForSandbox: 'V2',
    });
    closing.push(() => fake.stop());
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const env = {
      HOME: cwd,
      STOREWIRE_BUNDLE_ID: 'com.example.app',
      STOREWIRE_CONNECT_API_URL: fake.url,
      STOREWIRE_CONNECT_KEY_ID: 'ABC1234567',
      STOREWIRE_CONNECT_PRIVATE_KEY: pem,
    };
    const first = await listen(CLAIM, env);
    fake.next('GET', { hang: true });
    first.child.kill('SIGINT');
    expect(await noticed(first, 'CLAIM_ENDING')).toMatchObject({
      message: expect.stringContaining('endpoint restore'),
    });
    expect(await first.stop('SIGINT')).toEqual({ code: null, signal: 'SIGINT' });
    expect(fake.attributes).toMatchObject({ subscriptionStatusUrlForSandbox: PUBLIC });
    const second = await listen([], env);
    await noticed(second, 'CLAIM_RESTORED');
    expect(fake.attributes).toMatchObject({ subscriptionStatusUrlForSandbox: OLD });
    await second.stop();
  });

  it.skipIf(process.platform === 'win32')('gives the URL back as soon as its tunnel is gone', async () => {
    const tunnels = writeFakeTunnels(path.join(cwd, 'bin'));
    const listener = await listen(['--claim', 'sandbox', '--yes', '--tunnel', 'cloudflared'], {
      ...exported(),
      PATH: tunnels.path,
    });
    expect(url()).toMatch(/^https:\/\/oklahoma-solo-younger-truck\.trycloudflare\.com\/[a-z0-9]{16}$/);
    for (const pid of tunnels.pids()) process.kill(pid, 'SIGTERM');
    await noticed(listener, 'TUNNEL_ENDED');
    await noticed(listener, 'CLAIM_RESTORED');
    expect(url()).toBe(OLD);
    expect(await listener.stop()).toEqual({ code: 0, signal: null });
  });

  it.skipIf(process.platform === 'win32')('claims nothing if its tunnel does not start', async () => {
    const tunnels = writeFakeTunnels(path.join(cwd, 'bin'));
    const args = ['listen', '--port', '0', '--claim', 'sandbox', '--yes', '--tunnel', 'cloudflared', '--json'];
    const { ended } = await runBin(args, '', { ...exported(), PATH: tunnels.path, FAKE_TUNNEL: 'fail' }, cwd);
    expect([ended, url(), run.emulator.counts().requests]).toEqual([expect.any(Number), OLD, 1]);
    expect(ended).not.toBe(0);
  });
});

async function setBySomeoneElse(url: string): Promise<void> {
  const { connectApi, connect } = run.emulator;
  const privateKey = createPrivateKey(readFileSync(connect.privateKeyPath));
  const dispatcher = await createDispatcher();
  const api = createConnectApi({ baseUrl: connectApi, ...connect, privateKey, dispatcher, now, sleep });
  await api.updateApp('42', { subscriptionStatusUrlForSandbox: url });
}
