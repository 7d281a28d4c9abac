import { describe, expect, it } from 'vitest';
import type { LineReader } from '../../../../src/listener/tunnel/providers.js';
import { type LocalEnd, launchOf, launchOfCommand } from '../../../../src/listener/tunnel/providers.js';
import { launchesOfSsh } from '../../../../src/listener/tunnel/ssh.js';

const LOCAL: LocalEnd = { host: '127.0.0.1', port: 4280 };
const ssh = (host: string, at = 0, local = LOCAL): LineReader => {
  const far = { hostname: host, isUrlKnown: false };
  return launchesOfSsh({ type: 'ssh', user: null, host, port: null }, 'ssh', local, far)[at]!.readUrl;
};

/** Result per line: the origin, `(origin)` for a fallback, or nothing. */
function read(reader: LineReader, line: string): string | null {
  const candidate = reader(line);
  if (candidate === null) return null;
  return candidate.isSure ? candidate.origin : `(${candidate.origin})`;
}

describe('cloudflared', () => {
  const reader = launchOf({ type: 'cloudflared' }, 'cloudflared', LOCAL).readUrl;
  it.each([
    [
      '2023-01-16T08:32:58Z INF |  https://oklahoma-solo-younger-truck.trycloudflare.com                |',
      'https://oklahoma-solo-younger-truck.trycloudflare.com',
    ],
    ['2023-01-16T08:32:54Z INF Requesting new quick Tunnel on trycloudflare.com...', null],
    ['tunnel by following: https://developers.cloudflare.com/cloudflare-one/connections/connect-apps', null],
    ['failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: no such host', null],
    ['2024-02-08T06:25:47Z INF Starting metrics server on 127.0.0.1:33575/metrics', null],
    ['https://trycloudflare.com.example.org', null],
  ])('%s', (line, url) => expect(read(reader, line)).toBe(url));
});

describe('tailscale', () => {
  const reader = launchOf({ type: 'tailscale' }, 'tailscale', LOCAL).readUrl;
  it.each([
    ['https://laptop.tail-scale.ts.net/', 'https://laptop.tail-scale.ts.net'],
    ['https://laptop.tail-scale.ts.net:8443/', 'https://laptop.tail-scale.ts.net:8443'],
    ['|-- proxy http://127.0.0.1:4280', null],
    ['https://login.tailscale.com/f/funnel?node=nho4oGYG7X11CNTRL', null],
  ])('%s', (line, url) => expect(read(reader, line)).toBe(url));
});

describe('ssh', () => {
  it.each([
    [
      'localhost.run',
      0,
      '8beaa541ba3dc2.lhr.life tunneled with tls termination, https://8beaa541ba3dc2.lhr.life',
      'https://8beaa541ba3dc2.lhr.life',
    ],
    [
      'localhost.run',
      0,
      'shop.example.com tunneled with tls termination, https://shop.example.com',
      'https://shop.example.com',
    ],
    ['localhost.run', 0, 'domain name. see https://localhost.run/docs/forever-free/ for more information.', null],
    ['localhost.run', 0, 'To set up and manage custom domains go to https://admin.localhost.run/', null],
    ['serveo.net', 0, 'Forwarding HTTP traffic from https://relego.serveo.net', 'https://relego.serveo.net'],
    [
      'serveo.net',
      0,
      'https://3e0a-49-37-226-229.serveousercontent.com',
      'https://3e0a-49-37-226-229.serveousercontent.com',
    ],
    ['serveo.net', 0, 'To request a particular subdomain: https://console.serveo.net', null],
    ['a.pinggy.io', 0, 'https://rnabc-12-34-56-78.a.free.pinggy.link', 'https://rnabc-12-34-56-78.a.free.pinggy.link'],
    ['a.pinggy.io', 0, 'Upgrade at https://dashboard.pinggy.io', null],
    ['example.com', 0, 'Allocated port 43211 for remote forward to 127.0.0.1:4280', 'http://example.com:43211'],
    ['2001:db8::1', 0, 'Allocated port 43211 for remote forward to 127.0.0.1:4280', 'http://[2001:db8::1]:43211'],
    ['example.com', 0, 'Allocated port 43211 for remote forward to 127.0.0.1:8080', null],
    ['example.com', 0, 'Welcome! See https://status.example.com', null],
    ['example.com', 1, 'Welcome to https://example.com/docs', null],
    ['example.com', 1, 'your URL: https://ab12.tunnels.example', 'https://ab12.tunnels.example'],
  ])('%s, way %i: %s', (host, at, line, url) => expect(read(ssh(host, at), line)).toBe(url));
});

it('of ssh to a listener with a certificate is https', () => {
  const reader = ssh('example.com', 0, { ...LOCAL, isTls: true });
  const line = 'Allocated port 43211 for remote forward to 127.0.0.1:4280';
  expect(read(reader, line)).toBe('https://example.com:43211');
});

describe('a command', () => {
  const reader = launchOfCommand('x', LOCAL).readUrl;
  it.each([
    ['your url is: https://ten-towns-join.loca.lt', 'https://ten-towns-join.loca.lt'],
    ['http://a.example and https://b.example/some/path?x', 'https://b.example'],
    ['(see https://a.example:8443).', 'https://a.example:8443'],
    ['"https://a.example"', 'https://a.example'],
    ['HTTPS://A.EXAMPLE/', 'https://a.example'],
    ['listening at http://bore.pub:4567', '(http://bore.pub:4567)'],
    ['relay on https://127.0.0.1:9000', '(https://127.0.0.1:9000)'],
    ['forwarding to http://localhost:4280', null],
    ['forwarding https://a.example -> http://127.0.0.1:4280', 'https://a.example'],
    ['https://', null],
    ['nothing at all', null],
  ])('%s', (line, url) => expect(read(reader, line)).toBe(url));
});
