import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../../../src/clock.js';
import { parseTunnel } from '../../../../src/listener/tunnel/providers.js';
import { startTunnel, type Tunnel, type TunnelOptions } from '../../../../src/listener/tunnel/tunnel.js';
import { type FakeTunnels, isRunning, writeFakeTunnels } from '../../../support/fake-tunnels.js';

let folder: string;
let fakes: FakeTunnels;
let server: Server;
let port: number;
let agent: Agent;
let lines: string[];
let tunnel: Tunnel | null;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-tunnel-'));
  fakes = writeFakeTunnels(path.join(folder, 'bin'));
  server = createServer((request, response) => response.end(`${request.method} ${request.url}`));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port;
  agent = new Agent();
  lines = [];
  tunnel = null;
});
afterEach(async () => {
  await tunnel?.stop();
  await agent.close();
  server.close();
  server.closeAllConnections();
  expect(fakes.pids().filter(isRunning)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  text: string,
  env: Record<string, string> = {},
  options: Partial<TunnelOptions> = {},
): Promise<Tunnel> {
  tunnel = await startTunnel(parseTunnel(text), {
    host: '127.0.0.1',
    port,
    env: { PATH: fakes.path, ...env },
    platform: process.platform,
    dispatcher: async () => agent,
    sleep,
    signal: new AbortController().signal,
    timeoutMs: 150_000,
    onLine: (line) => lines.push(line),
    ...options,
  });
  return tunnel;
}

/** Response to a client on the other side of the tunnel. */
async function throughTheTunnel(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${fakes.relayPort()}/hello`)).text();
}

describe.each([
  ['cloudflared', 'https://oklahoma-solo-younger-truck.trycloudflare.com'],
  ['ngrok', 'https://1b2c3d.ngrok-free.app'],
  ['tailscale', 'https://laptop.tail-scale.ts.net'],
])('%s', (name, publicUrl) => {
  it('leads to us until it is stopped', async () => {
    const { ended, stop, ...told } = await start(name);
    expect(told).toEqual({ name, publicUrl });
    expect(await throughTheTunnel()).toBe('GET /hello');
    await stop();
    expect(await ended).toMatchObject({ signal: 'SIGTERM' });
  });

  it('that exits is reported at once', async () => {
    const { ended } = await start(name);
    process.kill(fakes.pids()[0]!, 'SIGKILL');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGKILL', lastLines: lines.slice(-12) });
  });
});

describe('a command of the user’s', () => {
  const script = (source: string): string =>
    fakes.script('own', `const { relay } = require('./relay.cjs');\n${source}`);

  it('gets the port in three ways', async () => {
    const file = script(
      'relay(Number(process.argv[2]), () => console.log(process.env.PORT, process.env.STOREWIRE_PORT, "https://x.example/path"))',
    );
    expect(await start(`${file} {port}`)).toMatchObject({ name: file, publicUrl: 'https://x.example' });
    expect(lines).toEqual([`${port} ${port} https://x.example/path`]);
    expect(await throughTheTunnel()).toBe('GET /hello');
  });

  it('may print an http URL before the https one', async () => {
    const file = script(
      'console.log("http://x.example"); setTimeout(() => console.log("https://y.example"), 200); setInterval(() => {}, 1000)',
    );
    expect(await start(`${file} {port}`)).toMatchObject({ publicUrl: 'https://y.example' });
  });

  it('may have only an http URL', async () => {
    const file = script(
      'console.log("http://x.example:81"); console.log("http://z.example"); setInterval(() => {}, 1000)',
    );
    expect(await start(`${file} {port}`)).toMatchObject({ publicUrl: 'http://x.example:81' });
  });

  it('need not print a known URL', async () => {
    const file = script('relay(Number(process.env.PORT), () => console.log("up"))');
    expect(await start(`${file} {port}`, {}, { knownUrl: 'https://known.example' })).toMatchObject({
      publicUrl: 'https://known.example',
    });
    expect(await throughTheTunnel()).toBe('GET /hello');
  });

  it('is given no App Store key, but other tokens', async () => {
    const file = script(
      'console.log("env", Object.keys(process.env).sort().join()); console.log("https://x.example"); setInterval(() => {}, 1000)',
    );
    await start(`${file} {port}`, { STOREWIRE_PRIVATE_KEY: 'x', ASC_KEY_ID: 'x', NGROK_AUTHTOKEN: 'x', HOME: '/' });
    expect(lines[0]!.split(/[ ,]/)).toEqual(
      expect.arrayContaining(['HOME', 'NGROK_AUTHTOKEN', 'PATH', 'STOREWIRE_PORT']),
    );
    expect(lines[0]).not.toMatch(/PRIVATE_KEY|ASC_/);
  });
});

describe('a known URL', () => {
  it('stands, whatever the program prints', async () => {
    expect(await start('cloudflared', {}, { knownUrl: 'https://known.example' })).toMatchObject({
      publicUrl: 'https://known.example',
    });
  });
});

describe('a tunnel that does not start', () => {
  it.each([
    [
      'cloudflared',
      { kind: 'remote', code: 'ERR_TUNNEL_FAILED' },
      /^cloudflared exited \(code 1\) without a public URL: failed to request quick Tunnel: Post .* no such host$/,
    ],
    [
      'ngrok',
      { kind: 'remote', code: 'ERR_TUNNEL_FAILED', hint: expect.stringContaining('ngrok config add-authtoken') },
      /^ngrok exited \(code 1\) .*Usage of ngrok requires a verified account and authtoken.*Your authtoken: … .*ERR_NGROK_4018/,
    ],
    [
      'tailscale',
      { kind: 'remote', code: 'ERR_TUNNEL_TIMEOUT', hint: expect.stringContaining('enable Funnel') },
      /^tailscale reported no public URL within 1 s: Funnel is not enabled on your tailnet\. \/ .*https:\/\/login\.tailscale\.com\/f\/funnel\?node=/,
    ],
  ])('%s passes on the words of the program', async (name, error, message) => {
    // The deadline passes once the program has said all it has to say, however long it takes to start.
    let allSaid = (): void => undefined;
    const deadline = new Promise<void>((resolve) => {
      allSaid = resolve;
    });
    const options: Partial<TunnelOptions> = {
      timeoutMs: 1_000,
      sleep: (ms, signal) => (ms === 1_000 ? deadline : sleep(ms, signal)),
      onLine: (line) => /login\.tailscale/.test(line) && allSaid(),
    };
    const started = start(name, { FAKE_TUNNEL: 'fail' }, options);
    await expect(started).rejects.toMatchObject({ ...error, message: expect.stringMatching(message) });
  });

  it.each([
    ['cloudflared', 'ERR_TUNNEL_MISSING', 'usage'],
    ['ngrok', 'ERR_TUNNEL_MISSING', 'usage'],
    ['tailscale', 'ERR_TUNNEL_MISSING', 'usage'],
    ['ssh:example.com', 'ERR_TUNNEL_MISSING', 'usage'],
    ['no-such-program {port}', 'ERR_TUNNEL_FAILED', 'remote'],
  ])('%s that is not installed: %s', async (name, code, kind) => {
    await expect(start(name, { PATH: path.join(folder, 'empty') })).rejects.toMatchObject({ code, kind });
  });

  it('suggests --public-url for a silent command', async () => {
    const started = start(`sleep 60; echo {port}`, {}, { timeoutMs: 300 });
    await expect(started).rejects.toMatchObject({
      code: 'ERR_TUNNEL_TIMEOUT',
      message: 'sleep reported no public URL within 0.3 s',
      hint: expect.stringContaining('--public-url'),
    });
  });

  it('is given up when the run is interrupted', async () => {
    const stop = new AbortController();
    const file = fakes.script('own', "require('./relay.cjs'); console.log('waiting'); setInterval(() => {}, 1000)");
    const started = start(`${file} {port}`, {}, { signal: stop.signal, onLine: () => stop.abort() });
    await expect(started).rejects.toMatchObject({ kind: 'interrupted', code: 'ERR_INTERRUPTED' });
    expect(fakes.pids()).toHaveLength(1);
  });
});
