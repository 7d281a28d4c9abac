import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../../../src/listener/tunnel/process.js';
import { authorityOf, launchOf, launchOfCommand, requireProgram } from '../../../../src/listener/tunnel/providers.js';
import { isForwardRefused, launchesOfSsh } from '../../../../src/listener/tunnel/ssh.js';

const LOCAL = { host: '127.0.0.1', port: 4280 };

describe('the address a tunnel leads to', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:4280'],
    ['localhost', '127.0.0.1:4280'],
    ['0.0.0.0', '127.0.0.1:4280'],
    ['::', '127.0.0.1:4280'],
    ['::1', '[::1]:4280'],
    ['192.168.1.5', '192.168.1.5:4280'],
  ])('%s', (host, authority) => expect(authorityOf({ host, port: 4280 })).toBe(authority));
});

describe('the command line', () => {
  it.each([
    ['cloudflared', LOCAL, ['tunnel', '--no-autoupdate', '--url', 'http://127.0.0.1:4280']],
    ['ngrok', LOCAL, ['http', '127.0.0.1:4280', '--log', 'stdout', '--log-format', 'logfmt']],
    ['tailscale', LOCAL, ['funnel', '4280']],
    ['tailscale', { host: '::1', port: 4280 }, ['funnel', 'http://[::1]:4280']],
  ] as const)('of %s', (type, local, args) => {
    expect(launchOf({ type }, '/bin/it', local).command).toEqual({ file: '/bin/it', args });
  });

  it('of the user’s own', () => {
    expect(launchOfCommand('x --to {port} --again {port}', LOCAL).command).toEqual({
      shell: 'x --to 4280 --again 4280',
    });
  });

  const OPTIONS = [
    ...['-o', 'BatchMode=yes', '-o', 'ExitOnForwardFailure=yes', '-o', 'ServerAliveInterval=15'],
    ...['-o', 'LogLevel=INFO', '-o', 'ControlPath=none'],
  ];
  const AT = '127.0.0.1:4280';
  it.each([
    ['localhost.run', 'localhost.run', [['-T', ...OPTIONS, '-R', `80:${AT}`, '--', 'me@localhost.run']]],
    ['a.pinggy.io', 'a.pinggy.io', [['-T', ...OPTIONS, '-R', `0:${AT}`, '--', 'me@a.pinggy.io']]],
    ['alias', 'serveo.net', [['-T', ...OPTIONS, '-R', `80:${AT}`, '--', 'me@alias']]],
    [
      'example.com',
      'example.com',
      [
        ['-N', '-T', ...OPTIONS, '-R', `*:0:${AT}`, '--', 'me@example.com'],
        ['-T', ...OPTIONS, '-R', `80:${AT}`, '--', 'me@example.com'],
      ],
    ],
  ])('of ssh to %s', (host, hostname, ways) => {
    const launches = launchesOfSsh({ type: 'ssh', user: 'me', host, port: null }, 'ssh', LOCAL, {
      hostname,
      isUrlKnown: false,
    });
    expect(launches.map(({ command }) => command)).toEqual(ways.map((args) => ({ file: 'ssh', args })));
  });

  const FAR = { hostname: 'h', isUrlKnown: true };
  it('of ssh to a server with a proxy opens no port to the world', () => {
    const [launch] = launchesOfSsh({ type: 'ssh', user: null, host: 'h', port: null }, 'ssh', LOCAL, FAR);
    expect(launch!.command).toMatchObject({ args: expect.arrayContaining(['-R', `0:${AT}`]) });
  });

  it('of ssh names a port', () => {
    const [launch] = launchesOfSsh({ type: 'ssh', user: null, host: 'h', port: 2222 }, 'ssh', LOCAL, FAR);
    expect(launch!.command).toMatchObject({ args: expect.arrayContaining(['-p', '2222', '--', 'h']) });
  });

  it.each([
    ['Error: remote port forwarding failed for listen port 0', true],
    ['Warning: remote port forwarding failed for listen port 80', true],
    ['me@example.com: Permission denied (publickey).', false],
  ])('of ssh falls back to the next after "%s": %s', (line, is) => expect(isForwardRefused(['x', line])).toBe(is));
});

describe('finding a program', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewire-path-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('finds the first executable on the PATH', () => {
    for (const name of ['a', 'b', 'c']) mkdirSync(path.join(folder, name, 'other'), { recursive: true });
    mkdirSync(path.join(folder, 'a', 'ngrok'));
    writeFileSync(path.join(folder, 'b', 'ngrok'), '');
    writeFileSync(path.join(folder, 'c', 'ngrok'), '');
    chmodSync(path.join(folder, 'c', 'ngrok'), 0o755);
    const PATH = ['missing', '', path.join(folder, 'a'), path.join(folder, 'b'), path.join(folder, 'c')].join(':');
    expect(findProgram('ngrok', { PATH }, 'linux')).toBe(path.join(folder, 'c', 'ngrok'));
    expect(findProgram('cloudflared', { PATH }, 'linux')).toBeNull();
    expect(findProgram('ngrok', {}, 'linux')).toBeNull();
  });

  it.each([
    ['cloudflared', /brew install cloudflared.*https:/],
    ['ngrok', /ngrok\.com\/download.*add-authtoken/],
    ['tailscale', /tailscale\.com\/download/],
    ['ssh', /openssh-client/],
  ] as const)('says how to install %s', (name, hint) => {
    const refusal = { kind: 'usage', code: 'ERR_TUNNEL_MISSING', hint: expect.stringMatching(hint) };
    expect(() => requireProgram(name, { PATH: folder }, 'linux')).toThrow(expect.objectContaining(refusal));
  });
});
