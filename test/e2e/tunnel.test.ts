import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../src/clock.js';
import { BIN } from '../support/bin.js';
import { type BuiltListener, signedBody, startBuiltListener } from '../support/built-listener.js';
import { type CollectingApp, startCollectingApp } from '../support/collecting-app.js';
import { type FakeTunnels, isRunning, writeFakeTunnels } from '../support/fake-tunnels.js';
import { reasonToSkip } from '../support/installed.js';
import { SSH_ALIAS, type Sshd, startSshd } from '../support/sshd.js';

const SKIP = reasonToSkip('sshd', 'ssh', 'ssh-keygen');
const SECRET_PATH = /^\/[a-z0-9]{16}$/;

let folder: string;
let app: CollectingApp;
let listener: BuiltListener | null;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-tunnel-'));
  app = await startCollectingApp();
  listener = null;
});
afterEach(async () => {
  await listener?.stop('SIGKILL');
  app.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(args: readonly string[], PATH: string): Promise<BuiltListener> {
  const target = ['-f', `app=${app.url}`, '--trust-authority', '--any-app'];
  listener = await startBuiltListener({ cwd: folder, args: [...target, ...args], env: { PATH } });
  return listener;
}

/** Posts a notification to the outer end of a tunnel and waits until it was forwarded. */
async function deliver(origin: string, running: BuiltListener, headers: Record<string, string> = {}): Promise<void> {
  const { pathname } = new URL(running.url);
  const body = signedBody(folder, 'DID_RENEW');
  const json = { 'content-type': 'application/json' };
  const answer = await fetch(new URL(pathname, origin), { method: 'POST', body, headers: { ...json, ...headers } });
  expect(answer.status).toBe(200);
  await running.event('forwarded', ({ target }) => target === 'app');
  expect(app.bodies.map(String)).toEqual([body]);
}

async function allGone(pids: readonly number[]): Promise<boolean> {
  for (let turn = 0; turn < 4_000 && pids.some(isRunning); turn += 1) await sleep(25);
  return pids.length > 0 && !pids.some(isRunning);
}

describe('listen --tunnel', () => {
  let fakes: FakeTunnels;
  beforeEach(() => {
    fakes = writeFakeTunnels(path.join(folder, 'bin'));
  });

  it.each([
    ['cloudflared', 'https://oklahoma-solo-younger-truck.trycloudflare.com'],
    ['ngrok', 'https://1b2c3d.ngrok-free.app'],
    ['tailscale', 'https://laptop.tail-scale.ts.net'],
  ])('%s gives the URL to paste with a random path, and requests through it arrive', async (name, origin) => {
    const running = await listen(['--tunnel', name], fakes.path);
    const { pathname } = new URL(running.url);
    expect(pathname).toMatch(SECRET_PATH);
    expect(running.publicUrl).toBe(`${origin}${pathname}`);
    await deliver(`http://127.0.0.1:${fakes.relayPort()}`, running);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
    expect(await allGone(fakes.pids())).toBe(true);
  });

  it('"CMD" does so too', async () => {
    const source =
      "require('./relay.cjs').relay(Number(process.argv[2]), () => console.log('at https://mine.example'));";
    const running = await listen(
      ['--tunnel', `${fakes.script('mine', source)} {port}`, '--path', '/apple'],
      fakes.path,
    );
    expect(running.publicUrl).toBe('https://mine.example/apple');
    await deliver(`http://127.0.0.1:${fakes.relayPort()}`, running);
    expect(await running.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await allGone(fakes.pids())).toBe(true);
  });

  it('cloudflared names the client, so that --apple-only works', async () => {
    const running = await listen(['--tunnel', 'cloudflared', '--apple-only'], fakes.path);
    const outer = `http://127.0.0.1:${fakes.relayPort()}`;
    const refused = await fetch(new URL(new URL(running.url).pathname, outer), {
      method: 'POST',
      body: signedBody(folder, 'DID_RENEW'),
      headers: { 'content-type': 'application/json', 'cf-connecting-ip': '203.0.113.9' },
    });
    expect(refused.status).toBe(403);
    await deliver(outer, running, { 'cf-connecting-ip': '17.58.99.123' });
  });

  it('reports at once that the tunnel exited, and continues', async () => {
    const running = await listen(['--tunnel', 'cloudflared'], fakes.path);
    process.kill(fakes.pids()[0]!, 'SIGKILL');
    await running.event('notice', ({ code, message }) => /tunnel/i.test(`${code}`) && /cloudflared/.test(`${message}`));
    await deliver(running.url, running);
  });

  it('answers in-flight requests through the tunnel after Ctrl-C, which a terminal sends to the whole group', async () => {
    const args = ['--tunnel', 'cloudflared', '--any-app', '--trust-authority', '--delay', '1s'];
    listener = await startBuiltListener({ cwd: folder, args, env: { PATH: fakes.path }, hasOwnGroup: true });
    const outer = new URL(new URL(listener.url).pathname, `http://127.0.0.1:${fakes.relayPort()}`);
    const body = signedBody(folder, 'DID_RENEW');
    const answer = fetch(outer, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    await listener.event('received');
    process.kill(-listener.child.pid!, 'SIGINT');
    expect((await answer).status).toBe(200);
    expect(await listener.ended).toEqual({ code: 0, signal: null });
    expect(await allGone(fakes.pids())).toBe(true);
  });

  it('ends the tunnel even when it is killed', async () => {
    const running = await listen(['--tunnel', 'cloudflared'], fakes.path);
    await running.stop('SIGKILL');
    expect(await allGone(fakes.pids())).toBe(true);
  });

  it.each([
    ['cloudflared', { FAKE_TUNNEL: 'fail' }, 4, 'ERR_TUNNEL_FAILED', /failed to request quick Tunnel/],
    ['ngrok', { FAKE_TUNNEL: 'fail' }, 4, 'ERR_TUNNEL_FAILED', /authtoken/],
    ['ngrok', { PATH: '/nowhere' }, 2, 'ERR_TUNNEL_MISSING', /not installed/],
    ['ngork', {}, 2, 'ERR_USAGE_TUNNEL', /unknown tunnel ngork/],
  ])('%s that fails: exit %s', (name, env, exit, code, message) => {
    const { status, error } = failToListen(['--tunnel', name], { PATH: fakes.path, ...env });
    expect(status).toBe(exit);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  function failToListen(args: readonly string[], env: NodeJS.ProcessEnv): { status: number; error: unknown } {
    try {
      execFileSync(process.execPath, [BIN, 'listen', '--json', '--any-app', '--port', '0', ...args], {
        cwd: folder,
        env,
        stdio: 'pipe',
      });
    } catch (failure) {
      const { status, stderr } = failure as { status: number; stderr: Buffer };
      return { status, error: (JSON.parse(stderr.toString().trim().split('\n').at(-1)!) as { error: unknown }).error };
    }
    throw new Error('it listened');
  }
});

describe.skipIf(SKIP !== '')(`listen --tunnel ssh:HOST with a real sshd${SKIP}`, () => {
  let sshd: Sshd;
  beforeEach(async () => {
    sshd = await startSshd(path.join(folder, 'ssh'));
  });
  afterEach(async () => {
    await listener?.stop('SIGKILL');
    await sshd.stop();
  });

  it('a notification posted to the port the server gave arrives, and on exit ssh is gone', async () => {
    const running = await listen(['--tunnel', `ssh:${SSH_ALIAS}`], sshd.path);
    expect(running.publicUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[a-z0-9]{16}$/);
    expect(new URL(running.publicUrl!).port).not.toBe(new URL(running.url).port);
    await deliver(running.publicUrl!, running);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
    expect(await allGone(sshd.clients())).toBe(true);
    await expect(fetch(running.publicUrl!)).rejects.toThrow();
  });

  it('reports at once that ssh exited', async () => {
    const running = await listen(['--tunnel', `ssh:${SSH_ALIAS}`], sshd.path);
    process.kill(sshd.clients().at(-1)!, 'SIGKILL');
    await running.event('notice', ({ message }) => `${message}`.includes(`ssh:${SSH_ALIAS}`));
    await expect(fetch(running.publicUrl!)).rejects.toThrow();
  });

  it('shows the URL of --public-url', async () => {
    const args = ['--tunnel', `ssh:${SSH_ALIAS}`, '--public-url', 'https://example.com', '--path', '/apple'];
    const running = await listen(args, sshd.path);
    expect(running.publicUrl).toBe('https://example.com/apple');
  });
});
