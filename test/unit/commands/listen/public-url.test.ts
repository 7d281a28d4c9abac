import { describe, expect, it } from 'vitest';
import { createPublicUrlSource } from '../../../../src/commands/listen/public-url.js';
import type { TunnelEnd } from '../../../../src/listener/tunnel/process.js';
import type { Tunnel, TunnelOptions } from '../../../../src/listener/tunnel/tunnel.js';

const LOCAL = { port: 4280, url: 'http://127.0.0.1:4280/' };

function start({
  publicUrl = null,
  path = '/',
  tunnel = false,
}: {
  publicUrl?: string | null;
  path?: string;
  tunnel?: boolean;
}) {
  const said: string[] = [];
  let given: TunnelOptions | null = null;
  let end: (end: TunnelEnd) => void = () => undefined;
  const ended = new Promise<TunnelEnd>((resolve) => {
    end = resolve;
  });
  const reported = {
    onStarting: (name: string) => said.push(`starting ${name}`),
    onLine: (line: string) => said.push(line),
    onSlowStop: (name: string) => said.push(`${name} has not ended yet`),
    onEnded: (name: string, { code }: TunnelEnd) => said.push(`${name} ended with ${code}`),
  };
  const stop = async (): Promise<void> => end({ code: null, signal: 'SIGTERM', lastLines: [] });
  const made: Tunnel = { name: 'ngrok', publicUrl: 'https://abc.ngrok.app', ended, stop };
  const source = createPublicUrlSource(
    {
      tunnel: tunnel ? { type: 'ngrok' } : null,
      publicUrl: publicUrl === null ? null : new URL(publicUrl),
      path,
      host: '127.0.0.1',
      tls: { cert: 'c', key: 'k' },
    },
    reported,
    {
      env: { PATH: '/bin' },
      platform: 'linux',
      http: () => Promise.reject(new Error('not asked')),
      sleep: () => Promise.resolve(),
      signal: new AbortController().signal,
    },
    async (_spec, options) => {
      given = options;
      return made;
    },
  );
  return { source, said, end, given: () => given };
}

describe('the public URL', () => {
  it.each([
    ['of nothing is not known', {}, null],
    ['that is given stands', { publicUrl: 'https://example.com/apple' }, 'https://example.com/apple'],
    ['that is given keeps its own path', { publicUrl: 'https://example.com/a', path: '/b' }, 'https://example.com/a'],
    [
      'without a path gets that of the listener',
      { publicUrl: 'https://example.com', path: '/b' },
      'https://example.com/b',
    ],
    ['of a tunnel', { tunnel: true }, 'https://abc.ngrok.app/'],
    ['of a tunnel gets the path', { tunnel: true, path: '/k3j' }, 'https://abc.ngrok.app/k3j'],
    ['whose path looks like a host', { tunnel: true, path: '//evil.example' }, 'https://abc.ngrok.app//evil.example'],
    ['of a tunnel whose URL is given', { tunnel: true, publicUrl: 'https://me.dev', path: '/x' }, 'https://me.dev/x'],
  ])('%s', async (_name, overrides, url) => expect(await start(overrides).source.url(LOCAL)).toBe(url));

  it('starts a tunnel with the port, and a known URL', async () => {
    const { source, given, said } = start({ tunnel: true, publicUrl: 'https://me.dev/apple' });
    await source.url(LOCAL);
    expect(given()).toMatchObject({ port: 4280, host: '127.0.0.1', isTls: true, knownUrl: 'https://me.dev' });
    expect(said).toEqual(['starting ngrok']);
  });
});

describe('a tunnel', () => {
  it('that exits is reported at once', async () => {
    const { source, said, end } = start({ tunnel: true });
    await source.url(LOCAL);
    end({ code: 3, signal: null, lastLines: [] });
    await Promise.resolve();
    expect(said).toEqual(['starting ngrok', 'ngrok ended with 3']);
  });

  it('that is stopped is not', async () => {
    const { source, said } = start({ tunnel: true });
    await source.url(LOCAL);
    await source.stop();
    expect(said).toEqual(['starting ngrok']);
  });

  it('that was never started needs no stop', async () => {
    await expect(start({}).source.stop()).resolves.toBeUndefined();
  });
});
