import type { Deps } from '../../cli/deps.js';
import type { ListenerOptions } from '../../listener/options.js';
import type { TunnelEnd } from '../../listener/tunnel/process.js';
import { nameOfTunnel, type TunnelSpec } from '../../listener/tunnel/providers.js';
import type { Tunnel, TunnelOptions } from '../../listener/tunnel/tunnel.js';
import type { ListenPlan } from './plan.js';

/** How Apple reaches the listener. */
export interface PublicUrlSource {
  /** The URL Apple would be given, the tunnel started where there is one; null where none is known. */
  readonly url: ListenerOptions['publicUrl'];
  /** Ends the tunnel, if one was started. */
  stop(): Promise<void>;
}

export interface TunnelObserver {
  onStarting(tunnel: string): void;
  /** What the program prints; not escaped. */
  onLine(line: string): void;
  /** The tunnel is gone before it was asked to go. */
  onEnded(tunnel: string, end: TunnelEnd): void;
}

type StartTunnel = (spec: TunnelSpec, options: TunnelOptions) => Promise<Tunnel>;

type PublicEndDeps = Pick<Deps, 'env' | 'platform' | 'http' | 'sleep' | 'signal'>;

/** A tunnel of a slow service over a slow line takes ten seconds. */
const TUNNEL_TIMEOUT_MS = 30_000;

/** `start` is asked when the listener knows its port; it throws what `startTunnel` throws. */
export function createPublicUrlSource(
  { tunnel: spec, publicUrl, path, host, tls }: Pick<ListenPlan, 'tunnel' | 'publicUrl' | 'path' | 'host' | 'tls'>,
  told: TunnelObserver,
  deps: PublicEndDeps,
  start: StartTunnel = startTunnel,
): PublicUrlSource {
  let tunnel: Tunnel | null = null;
  let isStopping = false;
  return {
    async url({ port }) {
      if (spec === null) return publicUrl === null ? null : withPath(publicUrl, path);
      const name = nameOfTunnel(spec);
      told.onStarting(name);
      const { env, platform, http: dispatcher, sleep, signal } = deps;
      tunnel = await start(spec, {
        ...{ host, port, env, platform, dispatcher, sleep, signal, timeoutMs: TUNNEL_TIMEOUT_MS, isTls: tls !== null },
        ...(publicUrl === null ? {} : { knownUrl: publicUrl.origin }),
        onLine: (line) => told.onLine(line),
      });
      void tunnel.ended.then((end) => isStopping || told.onEnded(name, end));
      return withPath(publicUrl ?? new URL(tunnel.publicUrl), path);
    },
    async stop() {
      isStopping = true;
      await tunnel?.stop();
    },
  };
}

/** The path of the listener, unless the URL has one of its own: a proxy may lead one path to another. */
export function withPath(url: URL, path: string): string {
  if (url.pathname !== '/') return url.href;
  const whole = new URL(url);
  whole.pathname = path;
  return whole.href;
}

const startTunnel: StartTunnel = async (spec, options) => {
  const { startTunnel: start } = await import('../../listener/tunnel/tunnel.js');
  return start(spec, options);
};
