import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../../../src/clock.js';
import { parseTunnel } from '../../../../src/listener/tunnel/providers.js';
import { startTunnel, type Tunnel } from '../../../../src/listener/tunnel/tunnel.js';
import { isRunning } from '../../../support/fake-tunnels.js';
import { reasonToSkip } from '../../../support/installed.js';
import { SSH_ALIAS, SSH_SERVICE, type Sshd, type SshdWish, startSshd } from '../../../support/sshd.js';

const SKIP = reasonToSkip('sshd', 'ssh', 'ssh-keygen');

describe.skipIf(SKIP !== '')(`a tunnel to a real sshd${SKIP}`, () => {
  let folder: string;
  let server: Server;
  let sshd: Sshd;
  let tunnel: Tunnel | null;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewire-ssh-'));
    server = createServer((request, response) => void request.pipe(response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    tunnel = null;
  });
  afterEach(async () => {
    await tunnel?.stop();
    expect(sshd.clients().filter(isRunning)).toEqual([]);
    await sshd.stop();
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(wish: SshdWish = {}, host = SSH_ALIAS): Promise<Tunnel> {
    sshd = await startSshd(path.join(folder, 'ssh'), wish);
    tunnel = await startTunnel(parseTunnel(`ssh:${host}`), {
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      env: { PATH: sshd.path },
      platform: process.platform,
      dispatcher: () => Promise.reject(new Error('nothing to ask')),
      sleep,
      signal: new AbortController().signal,
      timeoutMs: 150_000,
    });
    return tunnel;
  }

  it('carries bytes from the port that the server gave', async () => {
    const { name, publicUrl } = await start();
    expect(name).toBe(`ssh:${SSH_ALIAS}`);
    expect(publicUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d{4,5}$/);
    const body = Buffer.alloc(100_000, 'äöü');
    const answer = await fetch(publicUrl, { method: 'POST', body });
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
  });

  it('reads the URL that a service prints in a session, which stays open', async () => {
    // `cat` ends when the session's input does.
    const settings = [
      'ForceCommand echo "Upgrade at https://dashboard.pinggy.io"; echo https://rnabc.a.free.pinggy.link; cat',
    ];
    const { publicUrl, ended } = await start({ settings }, SSH_SERVICE);
    expect(publicUrl).toBe('https://rnabc.a.free.pinggy.link');
    expect(await Promise.race([ended, sleep(200).then(() => 'runs')])).toBe('runs');
  });

  it('reports at once that ssh was killed', async () => {
    const { ended } = await start();
    process.kill(sshd.clients().at(-1)!, 'SIGKILL');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it('reports that the server disconnected', async () => {
    const { ended } = await start();
    await killSessions(sshd);
    expect(await ended).toMatchObject({
      code: 255,
      lastLines: expect.arrayContaining([expect.stringMatching(/closed|reset/i)]),
    });
  });

  it.each([
    ['a host key nobody accepted', { isStranger: true }, /Host key verification failed/, /connect once/],
    ['a key that is not let in', { settings: ['AllowUsers nobody-at-all'] }, /Permission denied/, /ssh-add/],
    [
      'forwarding that is off',
      { settings: ['AllowTcpForwarding no'] },
      /remote port forwarding failed for listen port 80/,
      /AllowTcpForwarding/,
    ],
  ])('reports %s', async (_case, wish, message, hint) => {
    await expect(start(wish)).rejects.toMatchObject({
      kind: 'remote',
      code: 'ERR_TUNNEL_FAILED',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});

/** Kills all that serve a connection. The log of sshd may be read a little after what its client printed. */
async function killSessions(sshd: Sshd): Promise<void> {
  while (!/^Accepted publickey/m.test(sshd.log())) await sleep(20);
  const sessions = [...sshd.log().matchAll(/Forked child (\d+)/g)].map((match) => Number(match[1]));
  for (const pid of sessions.filter(isRunning)) process.kill(pid, 'SIGKILL');
}
