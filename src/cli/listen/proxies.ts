import { ToolError } from '../../errors.js';
import type { ProxyTrust } from '../../listener/options.js';
import { parseTrustProxy } from '../../listener/receive/trust-proxy.js';
import type { TunnelSpec } from '../../listener/tunnel/spec.js';
import { isLoopbackHost } from './loopback-host.js';

interface Way {
  readonly host: string;
  readonly tunnel: TunnelSpec | null;
  readonly trustProxy: readonly string[];
  readonly appleOnly: boolean;
}

/**
 * Who is believed about the client's address. Throws (usage) `ERR_USAGE_TRUST_PROXY`, and `ERR_USAGE_APPLE_ONLY` where only Apple is to be
 * let in and nobody would say who it is.
 */
export function planProxies({ host, tunnel, trustProxy, appleOnly }: Way): ProxyTrust {
  const proxies = { trusted: trustProxy.flatMap(parseTrustProxy), cloudflared: tunnel?.type === 'cloudflared' };
  const isTold = proxies.cloudflared || proxies.trusted.length > 0;
  if (appleOnly && !isTold && (tunnel !== null || isLoopbackHost(host))) throw unknowable(tunnel);
  return proxies;
}

function unknowable(tunnel: TunnelSpec | null): ToolError {
  const { message, hint } = WORDS[tunnel?.type ?? 'none'];
  return new ToolError('usage', 'ERR_USAGE_APPLE_ONLY', message, { hint });
}

const BEHIND_PROXY = 'Add --trust-proxy loopback: it believes the X-Forwarded-For that the tunnel sends along.';
const BEHIND_TUNNEL = {
  message: '--apple-only cannot tell who connects: everything comes through the tunnel, from this machine',
  hint: BEHIND_PROXY,
};

const WORDS: Readonly<Record<TunnelSpec['type'] | 'none', { readonly message: string; readonly hint: string }>> = {
  none: {
    message: '--apple-only would let nobody in: what listens on loopback is reached from this machine only',
    hint: 'Behind a proxy on this machine add --trust-proxy loopback; else listen on another --host.',
  },
  cloudflared: BEHIND_TUNNEL,
  ngrok: BEHIND_TUNNEL,
  tailscale: BEHIND_TUNNEL,
  ssh: {
    message: '--apple-only cannot tell who connects: ssh does not pass on where a connection comes from',
    hint: 'Leave it out, or add --trust-proxy loopback if a proxy at the far end sets X-Forwarded-For.',
  },
  command: {
    message: BEHIND_TUNNEL.message,
    hint: 'If the tunnel sets X-Forwarded-For, add --trust-proxy loopback to believe it.',
  },
};
