import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BIN, collect, runBin, startBin } from '../support/bin.js';
import { startBuiltListener } from '../support/built-listener.js';
import { isRunning } from '../support/fake-tunnels.js';

let folder: string;
const closing: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-endings-'));
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(process.platform === 'win32')('a working folder that was deleted', () => {
  it.each([
    ['verify', 'sample.json'],
    ['listen', '--port', '0'],
    ['config', 'show'],
  ])('is no bug: %s', async (...args) => {
    const deleted = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
    const run = spawnSync('sh', ['-c', deleted, process.execPath, BIN, ...args, '--json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 2, stdout: '' });
    expect(JSON.parse(run.stderr).error.code).toBe('ERR_CWD_GONE');
  });
});

describe.skipIf(process.platform === 'win32')('an input that is a pipe whose writer is silent', () => {
  const SERVER_KEY = {
    STOREWIRE_BUNDLE_ID: 'com.example.app',
    STOREWIRE_ISSUER_ID: '13bbfa84-c255-5aad-915d-9188727d76bb',
    STOREWIRE_KEY_ID: 'ABCDEFGH12',
    STOREWIRE_PRIVATE_KEY_PATH: './pipe',
  };
  const APP =
    '--issuer-id 13bbfa84-c255-5aad-915d-9188727d76bb --key-id ABCDEFGH12 --app-apple-id none --environment sandbox --bundle-id com.example.app';
  it.each<readonly [string, NodeJS.ProcessEnv]>([
    ['decode pipe', {}],
    ['verify --root pipe -', {}],
    ['timeline pipe', {}],
    ['trigger --scenario ./pipe --print', {}],
    ['trigger --like pipe --print', {}],
    ['audit http://127.0.0.1:9/ --genuine pipe --yes', {}],
    ['listen --port 0 --tls-cert pipe --tls-key pipe', {}],
    ['listen --port 0 --root pipe', {}],
    ['test --environment sandbox', SERVER_KEY],
    [`init --no-connect --private-key-path ./pipe --json ${APP}`, {}],
    ['replay ./pipe -f http://127.0.0.1:9/', {}],
    ['inspect --root pipe --port 0 -', {}],
  ])('does not outlive Ctrl-C: %s', async (line, env) => {
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Opens once the command does, and writes nothing.
    const writer = spawn('sh', ['-c', 'exec 9>"$0"; echo; exec cat', pipe], { stdio: ['pipe', 'pipe', 'inherit'] });
    closing.push(() => writer.kill());
    const child = startBin(line.split(' '), { HOME: folder, ...env }, folder);
    const ended = collect(child);
    await Promise.race([once(writer.stdout, 'data'), ended]);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ ended: 'SIGINT', stdout: '' });
  });
});

describe.skipIf(!existsSync('/dev/ptmx') || !existsSync('/proc/self/fd'))('a terminal that is read as a file', () => {
  it.each(['decode /dev/ptmx', 'timeline /dev/ptmx'])('does not outlive Ctrl-C: %s', async (line) => {
    const child = startBin(line.split(' '), { HOME: folder }, folder);
    const ended = collect(child);
    const fds = `/proc/${child.pid}/fd`;
    const isOpen = (fd: string): boolean => /ptmx$/.test(linkOf(path.join(fds, fd)));
    while (existsSync(fds) && !readdirSync(fds).some(isOpen)) await new Promise(setImmediate);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ ended: 'SIGINT', stdout: '' });
  });
});

/** Empty for a descriptor that was closed meanwhile. */
function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

describe('output that nobody reads', () => {
  it.skipIf(process.platform === 'win32')('does not keep a listener that was told to end', async () => {
    const listener = await startBuiltListener({ cwd: folder, args: [] });
    listener.child.stdout?.pause();
    // More than a pipe holds.
    for (let sent = 0; sent < 400; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => postRubbish(listener.url)));
    listener.child.kill('SIGTERM');
    expect(await once(listener.child, 'exit')).toEqual([0, null]);
  });
});

describe.skipIf(process.platform === 'win32')('a tunnel that ignores SIGTERM', () => {
  it('is named while it holds the end of listen, and is gone after it', async () => {
    const file = path.join(folder, 'pid');
    const program = `trap "" TERM; echo $$ > ${file}; echo https://fake.example.com; while :; do sleep 1; done`;
    const args = ['listen', '--port', '0', '--any-app', '--tunnel', program];
    const child = startBin(args, { HOME: folder }, folder);
    const ended = collect(child);
    await Promise.race([once(child.stdout!, 'data'), ended]);
    child.kill('SIGINT');
    const { ended: code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The tunnel \S+ has not ended yet: it is killed after 3 s\. To stop now: Ctrl-C$/m);
    expect(isRunning(Number(readFileSync(file, 'utf8')))).toBe(false);
  });
});

describe('--env-file, which Node reads before the command does', () => {
  it('is filled where it is there, empty, as the help asks for', async () => {
    const file = path.join(folder, 'vars');
    writeFileSync(file, '');
    const child = startBin(['emulator', '--port', '0', '--env-file', file, '--json'], { HOME: folder }, folder);
    const ended = collect(child);
    await Promise.race([once(child.stdout!, 'data'), ended]);
    child.kill('SIGINT');
    await ended;
    expect(readFileSync(file, 'utf8')).toMatch(/^export STOREWIRE_/);
  });
});

async function postRubbish(url: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    body: '{"signedPayload":"a.b.c"}',
    headers: { 'content-type': 'application/json' },
  });
  await answer.arrayBuffer();
}

describe.skipIf(process.platform === 'win32')(
  'check, asking a name server that keeps its connection and never answers',
  () => {
    // All at once: each takes as long as its deadline, in which a loaded machine, too, asks the name server.
    it('ends at its deadline, whatever group it checks', async () => {
      const check = async (group: string) => {
        const server = await startSilentNameServer();
        const args = ['check', 'https://nowhere.example.org/apple', '--only', group, '--timeout', '10s', '--json'];
        const env = { HOME: folder, NODE_OPTIONS: `--require ${JSON.stringify(preloadFor(server.port))}` };
        const { ended, stdout } = await runBin(args, '', env, folder);
        return { group, ended, verdict: JSON.parse(stdout).verdict, isAsked: server.connections() > 0 };
      };
      expect(await Promise.all(['dns', 'tls', 'http'].map(check))).toEqual([
        { group: 'dns', ended: 1, verdict: 'fail', isAsked: true },
        { group: 'tls', ended: 1, verdict: 'fail', isAsked: true },
        { group: 'http', ended: 5, verdict: 'undetermined', isAsked: true },
      ]);
    });
  },
);

describe.skipIf(process.platform === 'win32')('--timeout, of what waits for somebody else', () => {
  it('ends a replay of a history that does not arrive: exit 5, as nobody interrupted it', async () => {
    const base = `http://127.0.0.1:${await startSilentServer()}`;
    const key = path.join(folder, 'key.p8');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const env = {
      STOREWIRE_SERVER_API_SANDBOX_URL: base,
      STOREWIRE_BUNDLE_ID: 'com.example.app',
      STOREWIRE_ISSUER_ID: '13bbfa84-c255-5aad-915d-9188727d76bb',
      STOREWIRE_KEY_ID: 'ABCDEFGH12',
      STOREWIRE_PRIVATE_KEY_PATH: key,
    };
    const args = ['replay', '--from-history', '--environment', 'sandbox', '--yes', '-f', base, '--timeout', '1s'];
    const { ended, stderr } = await runBin(args, '', env, folder);
    expect(ended).toBe(5);
    expect(stderr).toContain('Timed out. 0 notifications.');
  });

  it.each(['show', 'set --sandbox https://dev.example.com/apple --yes'])('ends endpoint %s', async (command) => {
    const key = path.join(folder, 'key.p8');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const env = {
      HOME: folder,
      STOREWIRE_CONNECT_API_URL: `http://127.0.0.1:${await startSilentServer()}`,
      STOREWIRE_BUNDLE_ID: 'com.example.app',
      STOREWIRE_CONNECT_KEY_ID: 'ABCDEFGH12',
      STOREWIRE_CONNECT_PRIVATE_KEY_PATH: key,
    };
    const args = ['endpoint', ...command.split(' '), '--timeout', '1s', '--json'];
    const { ended, stdout, stderr } = await runBin(args, '', env, folder);
    expect({ ended, stdout }).toEqual({ ended: 4, stdout: '' });
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!).error).toMatchObject({
      code: 'ERR_HTTP_TIMEOUT',
      message: expect.stringMatching(/did not respond within (0\.\d+|1) s$/),
    });
  });

  it('ends the wait for an emulator', async () => {
    const emulator = `http://127.0.0.1:${await startSilentServer()}`;
    const args = ['trigger', 'TEST', '--via-emulator', emulator, '--timeout', '1s'];
    const { ended, stderr } = await runBin(args, '', { STOREWIRE_EMULATOR_TOKEN: 'token' }, folder);
    expect(ended).toBe(4);
    expect(stderr).toMatch(/did not respond within (0\.\d+|1) s/);
  });

  it('ends the wait for the public URL of a tunnel', async () => {
    const args = [
      'listen',
      '--port',
      '0',
      '--any-app',
      '--tunnel',
      'sleep 1000',
      '--expect',
      'TEST',
      '--timeout',
      '1s',
    ];
    const { ended, stderr } = await runBin([...args, '--json'], '', {}, folder);
    expect(ended).toBe(5);
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!).error.code).toBe('ERR_LISTEN_DEADLINE');
  });
});

async function startSilentServer(): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => void open.add(socket.on('error', () => undefined)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface NameServer {
  readonly port: number;
  connections(): number;
}

/** Says over UDP that the answer is too long for it, and says nothing over TCP. */
async function startSilentNameServer(): Promise<NameServer> {
  const open = new Set<Socket>();
  const tcp = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (question, { port: from, address }) => {
    const answer = Buffer.from(question);
    answer[2] = 0x82 | answer[2]!;
    udp.send(answer, from, address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  closing.push(() => {
    udp.close();
    tcp.close();
    for (const socket of open) socket.destroy();
  });
  return { port, connections: () => open.size };
}

/**
 * Has a process ask this name server. The system resolver reads its own settings, which a test cannot change: in its place stands another
 * call that never returns, and that no process can end before, since it holds one of its threads.
 */
function preloadFor(port: number): string {
  const file = path.join(folder, `preload-${port}.cjs`);
  const fifo = path.join(folder, `fifo-${port}`);
  execFileSync('mkfifo', [fifo]);
  writeFileSync(
    file,
    `const dns = require('node:dns');
     const hang = () => require('node:fs').open(${JSON.stringify(fifo)}, 'r', () => {});
     dns.lookup = hang;
     dns.promises.lookup = () => new Promise(hang);
     dns.promises.Resolver = class extends dns.promises.Resolver {
       constructor(options) {
         super(options);
         this.setServers(['127.0.0.1:${port}']);
       }
     };`,
  );
  return file;
}
