import type { Deps } from '../../cli/deps.js';
import type { ListenerOptions } from '../../listener/options.js';
import type { TunnelEnd } from '../../listener/tunnel/process.js';
import { nameOfTunnel, type TunnelSpec } from '../../listener/tunnel/providers.js';
import type { Tunnel, TunnelOptions } from '../../listener/tunnel/tunnel.js';
import type { ListenPlan } from './plan.js';

/** Source of the public URL of a listener. */
export interface PublicUrlSource {
  /** Starts the tunnel, if any, and resolves with the public URL; null without one. */
  readonly url: ListenerOptions['publicUrl'];
  /** Stops the tunnel, if it was started. */
  stop(): Promise<void>;
}

export interface TunnelObserver {
  onStarting(tunnel: string): void;
  /** One line of the program's output, not escaped. */
  onLine(line: string): void;
  /** The tunnel was told to end and takes a while. */
  onSlowStop(tunnel: string): void;
  /** The tunnel exited before it was stopped. */
  onEnded(tunnel: string, end: TunnelEnd): void;
}

type StartTunnel = (spec: TunnelSpec, options: TunnelOptions) => Promise<Tunnel>;

type PublicUrlDeps = Pick<Deps, 'env' | 'platform' | 'http' | 'sleep' | 'signal'>;

/** Slow services take ten seconds over a slow line. */
const TUNNEL_TIMEOUT_MS = 30_000;

/** `url` calls `start` with the port of the listener, and throws the errors of `startTunnel`. */
export function createPublicUrlSource(
  { tunnel: spec, publicUrl, path, host, tls }: Pick<ListenPlan, 'tunnel' | 'publicUrl' | 'path' | 'host' | 'tls'>,
  observer: TunnelObserver,
  deps: PublicUrlDeps,
  start: StartTunnel = startTunnel,
): PublicUrlSource {
  let tunnel: Tunnel | null = null;
  let isStopping = false;
  return {
    async url({ port }) {
      if (spec === null) return publicUrl === null ? null : withPath(publicUrl, path);
      const name = nameOfTunnel(spec);
      observer.onStarting(name);
      const { env, platform, http: dispatcher, sleep, signal } = deps;
      tunnel = await start(spec, {
        ...{ host, port, env, platform, dispatcher, sleep, signal, timeoutMs: TUNNEL_TIMEOUT_MS, isTls: tls !== null },
        ...(publicUrl === null ? {} : { knownUrl: publicUrl.origin }),
        onLine: (line) => observer.onLine(line),
        onSlowStop: () => observer.onSlowStop(name),
      });
      void tunnel.ended.then((end) => isStopping || observer.onEnded(name, end));
      return withPath(publicUrl ?? new URL(tunnel.publicUrl), path);
    },
    async stop() {
      isStopping = true;
      await tunnel?.stop();
    },
  };
}

/** Adds the listener's path to a URL that has none: a proxy may map another path to it. */
export function withPath(url: URL, path: string): string {
  if (url.pathname !== '/') return url.href;
  const full = new URL(url);
  full.pathname = path;
  return full.href;
}

const startTunnel: StartTunnel = async (spec, options) => {
  const { startTunnel: start } = await import('../../listener/tunnel/tunnel.js');
  return start(spec, options);
};
