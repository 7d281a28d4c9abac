import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { parseHttpUrl } from '../../address/parse.js';
import { isLoopback } from '../../address/reach.js';
import type { Deps } from '../../cli/deps.js';
import { planTargets } from '../../cli/forward-options.js';
import { ToolError } from '../../errors.js';
import type { Target } from '../../forwarding/target.js';
import type { FaultOptions } from '../../listener/fault-injection.js';
import { parseTrustProxy } from '../../listener/http/client-address.js';
import type { ProxyTrust, TlsFiles } from '../../listener/options.js';
import { parseTunnel, type TunnelSpec } from '../../listener/tunnel/providers.js';
import type { AppExpectations } from '../../notification/check-app.js';
import { appExpectations } from '../../session/app.js';
import { parseEndpointPath } from '../../settings/parse.js';
import type { AppSettings, ListenSettings } from '../../settings/resolve.js';
import type { ListenFlags } from './flags.js';
import { planStopCondition, type StopCondition } from './stop-conditions.js';

/** Everything that flags and settings say, checked. */
export interface ListenPlan {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly tls: TlsFiles | null;
  readonly proxies: ProxyTrust;
  readonly tunnel: TunnelSpec | null;
  /** Of `--public-url`. */
  readonly publicUrl: URL | null;
  readonly targets: readonly Target[];
  readonly practice: FaultOptions;
  readonly expectations: AppExpectations;
  readonly until: StopCondition;
  readonly warnings: readonly string[];
}

interface PlanContext extends Pick<Deps, 'cwd' | 'random'> {
  readonly settings: ListenSettings;
  readonly app: AppSettings;
}

/** The emulator has the 4290. */
const DEFAULT_PORT = 4280;

/** Makes a plan of flags and settings; reads the files of TLS and nothing else. Throws usage errors. */
export function planListen(flags: ListenFlags, { settings, app, cwd, random }: PlanContext): ListenPlan {
  const command = flags.tunnel ?? settings.tunnel?.value;
  const tunnel = command === undefined ? null : parseTunnel(command);
  const tls = readTlsFiles(flags.tlsCert, flags.tlsKey, cwd);
  if (tls !== null && tunnel !== null) checkTunnelOverTls(tunnel);
  const { host, appleOnly } = flags;
  const { targets, warnings } = planTargets(flags, settings);
  return {
    host,
    port: flags.port ?? settings.port?.value ?? DEFAULT_PORT,
    path: pathOf(flags, settings) ?? (tunnel === null ? '/' : secretPath(random)),
    tls,
    proxies: planProxies({ host, tunnel, trustProxy: flags.trustProxy ?? [], appleOnly }),
    tunnel,
    publicUrl: flags.publicUrl === undefined ? null : parsePublicUrl(flags.publicUrl),
    targets,
    practice: practiceOf(flags),
    expectations: { ...appExpectations(app), ...(flags.environment && { environment: flags.environment }) },
    until: planStopCondition(flags),
    warnings,
  };
}

function pathOf({ path }: ListenFlags, settings: ListenSettings): string | undefined {
  if (path === undefined) return settings.path?.value;
  return parseEndpointPath({ value: path, source: { kind: 'flag', name: '--path' } });
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

const SECRET_LENGTH = 16;

/** A path nobody guesses: 82 bits, less the little that 256 being no multiple of 36 takes. */
function secretPath(random: Deps['random']): string {
  return `/${Array.from(random(SECRET_LENGTH), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

function parsePublicUrl(text: string): URL {
  return parseHttpUrl(
    text,
    '--public-url',
    'ERR_USAGE_PUBLIC_URL',
    'For example: --public-url https://example.com/apple',
  );
}

/** Those that speak HTTP to us bring the certificate themselves; ssh passes on bytes, and a command may do either. */
function checkTunnelOverTls({ type }: TunnelSpec): void {
  if (type === 'ssh' || type === 'command') return;
  throw new ToolError('usage', 'ERR_USAGE_TUNNEL_TLS', `--tunnel ${type} speaks plain HTTP to this end`, {
    hint: 'Leave out --tls-cert and --tls-key: the tunnel has a certificate of its own.',
  });
}

function practiceOf({ respond, failFirst, delay, hang }: ListenFlags): FaultOptions {
  const other = respond !== undefined ? '--respond' : delay !== undefined ? '--delay' : null;
  if (hang && other !== null) {
    throw new ToolError('usage', 'ERR_USAGE_PRACTICE', `--hang and ${other} do not go together: one gives no answer`, {
      hint: 'Leave out one of them.',
    });
  }
  return {
    ...(respond === undefined ? {} : { respond }),
    ...(failFirst === undefined ? {} : { failFirst }),
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(hang ? { hang } : {}),
  };
}

/**
 * Certificate chain and key of the endpoint itself; relative paths start at `cwd`. Throws (usage) `ERR_USAGE_TLS` where one of the two is
 * missing, cannot be read, or does not fit the other.
 */
function readTlsFiles(cert: string | undefined, key: string | undefined, cwd: string): TlsFiles | null {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    const missing = cert === undefined ? '--tls-cert' : '--tls-key';
    throw failure(`TLS takes a certificate and its key: ${missing} is missing`, `Add ${missing} FILE.`);
  }
  const files = { cert: readPem(cert, '--tls-cert', cwd), key: readPem(key, '--tls-key', cwd) };
  try {
    createSecureContext(files);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'error';
    const hint = 'Both are PEM: the certificate with its intermediates, and the key it was made for, not encrypted.';
    throw failure(`the certificate and the key cannot be used together (${why})`, hint, cause);
  }
  return files;
}

function readPem(file: string, flag: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw failure(`${flag} ${file} cannot be read (${why})`, 'Check the path.', cause);
  }
}

function failure(message: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('usage', 'ERR_USAGE_TLS', message, { hint, cause });
}

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
function planProxies({ host, tunnel, trustProxy, appleOnly }: Way): ProxyTrust {
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

/** Whether what listens on this `--host` is reached from this machine alone. */
export function isLoopbackHost(host: string): boolean {
  const isBareIpv6 = host.includes(':') && !host.startsWith('[');
  return isLoopback(isBareIpv6 ? `[${host}]` : host);
}
