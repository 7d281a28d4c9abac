import { describe, expect, it } from 'vitest';
import { nameOfTunnel, parseTunnel } from '../../../../src/listener/tunnel/providers.js';

describe('parseTunnel', () => {
  it.each([
    ['cloudflared', { type: 'cloudflared' }, 'cloudflared'],
    [' NGROK ', { type: 'ngrok' }, 'ngrok'],
    ['tailscale', { type: 'tailscale' }, 'tailscale'],
    ['ssh:example.com', { type: 'ssh', user: null, host: 'example.com', port: null }, 'ssh:example.com'],
    ['ssh:alias', { type: 'ssh', user: null, host: 'alias', port: null }, 'ssh:alias'],
    ['ssh:me@example.com:2222', { type: 'ssh', user: 'me', host: 'example.com', port: 2222 }, 'ssh:example.com'],
    ['ssh:qr+key@a.pinggy.io:443', { type: 'ssh', user: 'qr+key', host: 'a.pinggy.io', port: 443 }, 'ssh:a.pinggy.io'],
    ['ssh:me@[::1]:22', { type: 'ssh', user: 'me', host: '::1', port: 22 }, 'ssh:::1'],
    ['bore local {port} --to bore.pub', { type: 'command', command: 'bore local {port} --to bore.pub' }, 'bore'],
    ['./my-tunnel', { type: 'command', command: './my-tunnel' }, './my-tunnel'],
    ['tunnel:{port}', { type: 'command', command: 'tunnel:{port}' }, 'tunnel:{port}'],
    ['cloudflared tunnel run mine', { type: 'command', command: 'cloudflared tunnel run mine' }, 'cloudflared'],
  ])('%s', (text, spec, name) => {
    expect(parseTunnel(text)).toEqual(spec);
    expect(nameOfTunnel(parseTunnel(text))).toBe(name);
  });

  it.each([
    ['', /empty/, /cloudflared, ngrok, tailscale, ssh:HOST/],
    ['cloudflare', /unknown tunnel cloudflare/, /cloudflared, ngrok, tailscale, ssh:HOST/],
    ['bore', /unknown tunnel bore/, /\{port\}/],
    ['ssh', /needs a host/, /ssh:me@/],
    ['ssh:', /is not a valid host/, /ssh:\[user@\]HOST/],
    ['ssh:-oProxyCommand=touch', /is not a valid host/, /ssh:\[user@\]HOST/],
    ['ssh:-l@example.com', /is not a valid host/, /ssh:\[user@\]HOST/],
    ['ssh:me@-example.com', /is not a valid host/, /ssh:\[user@\]HOST/],
    ['ssh:example.com -v', /is not a valid host/, /ssh:\[user@\]HOST/],
    ['ssh:example.com:0', /is not a valid host/, /ssh:\[user@\]HOST/],
    ['ssh:example.com:65536', /is not a valid host/, /ssh:\[user@\]HOST/],
    ['https://example.com/x', /is a URL/, /--public-url/],
  ])('refuses "%s"', (text, message, hint) => {
    const refusal = { kind: 'usage', code: 'ERR_USAGE_TUNNEL', hint: expect.stringMatching(hint) };
    expect(() => parseTunnel(text)).toThrow(
      expect.objectContaining({ ...refusal, message: expect.stringMatching(message) }),
    );
  });
});
