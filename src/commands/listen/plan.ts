import { parseHttpUrl } from '../../address/parse.js';
import { isLoopback } from '../../address/reach.js';
import type { Deps } from '../../cli/deps.js';
import { planTargets } from '../../cli/forward-options.js';
import { ToolError } from '../../errors.js';
import type { Target } from '../../forwarding/target.js';
import type { FaultOptions } from '../../listener/fault-injection.js';
import { parseTrustProxy } from '../../listener/http/client-address.js';
import type { PathDisclosure } from '../../listener/http/misdirected.js';
import type { ProxyTrust, TlsFiles } from '../../listener/options.js';
import { parseTunnel, type TunnelSpec } from '../../listener/tunnel/providers.js';
import type { AppExpectations } from '../../notification/check-app.js';
import { checkEvents, parseEvents } from '../../notification/event-filter.js';
import { appExpectations } from '../../session/app.js';
import { parseEndpointPath } from '../../settings/parse-listen.js';
import type { ListenSettings } from '../../settings/resolve.js';
import type { AppSettings } from '../../settings/resolve-app.js';
import { describeSource } from '../../settings/setting.js';
import type { ListenFlags } from './flags.js';
import { planStopCondition, type StopCondition } from './stop-conditions.js';

/** Validated configuration of a run, from flags and settings. */
export interface ListenPlan {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly pathDisclosure: PathDisclosure;
  readonly tls: TlsFiles | null;
  readonly proxies: ProxyTrust;
  readonly tunnel: TunnelSpec | null;
  /** From `--public-url`. */
  readonly publicUrl: URL | null;
  readonly targets: readonly Target[];
  readonly faults: FaultOptions;
  readonly expectations: AppExpectations;
  /** Source of the roots beside Apple's, in words; null without any. */
  readonly rootSource: string | null;
  readonly stopCondition: StopCondition;
  readonly warnings: readonly string[];
}

interface PlanContext extends Pick<Deps, 'random' | 'env'> {
  readonly settings: ListenSettings;
  readonly app: AppSettings;
  readonly tls: TlsFiles | null;
}

/** The emulator uses 4290. */
const DEFAULT_PORT = 4280;

/** Builds the plan from flags and settings; reads no file. Throws usage errors. */
export function planListen(flags: ListenFlags, { settings, app, tls, random, env }: PlanContext): ListenPlan {
  const command = flags.tunnel ?? settings.tunnel?.value;
  const tunnel = command === undefined ? null : parseTunnel(command);
  if (tls !== null && tunnel !== null) checkTunnelOverTls(tunnel);
  const { host, appleOnly } = flags;
  const { targets, warnings } = planTargets(flags, settings, env);
  const givenPath = resolvePath(flags, settings);
  const publicUrl = flags.publicUrl === undefined ? null : parsePublicUrl(flags.publicUrl);
  const isPublic = tunnel !== null || publicUrl !== null || !isLoopbackHost(host);
  const isSecret = givenPath === undefined && tunnel !== null;
  return {
    host,
    port: flags.port ?? settings.port?.value ?? DEFAULT_PORT,
    path: givenPath ?? (isSecret ? secretPath(random) : '/'),
    pathDisclosure: isSecret ? 'never' : isPublic ? 'locally' : 'always',
    tls,
    proxies: planProxies({ host, tunnel, trustProxy: flags.trustProxy ?? [], appleOnly }),
    tunnel,
    publicUrl,
    targets,
    faults: planFaults(flags),
    expectations: planExpectations(flags, app, isPublic),
    rootSource: app.roots === null ? null : describeSource(app.roots.source),
    stopCondition: planStopCondition(flags),
    warnings: [...warnings, ...checkExpected(flags)],
  };
}

/**
 * Apps that are accepted. Throws (usage) `ERR_USAGE_ANY_APP` where anybody can post and no app is expected: Apple signs the notifications of
 * every app, so another app's genuine ones would be recorded and forwarded.
 */
function planExpectations(flags: ListenFlags, app: AppSettings, isPublic: boolean): AppExpectations {
  if (flags.anyApp && flags.bundleId !== undefined) {
    throw new ToolError('usage', 'ERR_USAGE_ANY_APP', '--any-app and --bundle-id cannot be combined', {
      hint: 'Leave out one of them.',
    });
  }
  const environment = flags.environment === undefined ? {} : { environment: flags.environment };
  if (flags.anyApp) return environment;
  const expectations = { ...appExpectations(app), ...environment };
  // --claim has its own error for a missing bundle id, without which it cannot find the app.
  if (!isPublic || expectations.bundleId !== undefined || flags.claim !== undefined) return expectations;
  const message =
    'a public address needs the bundle id of your app: anybody can post genuine notifications of other apps';
  throw new ToolError('usage', 'ERR_USAGE_ANY_APP', message, {
    hint: 'Add --bundle-id com.example.app, or set it: storewire init. To accept every app, add --any-app.',
  });
}

/** Types of `--expect` that look like Apple's but are not in the catalogue. */
function checkExpected({ expect }: ListenFlags): readonly string[] {
  return expect === undefined ? [] : checkEvents(parseEvents(expect)).map((warning) => `--expect: ${warning}`);
}

function resolvePath({ path }: ListenFlags, settings: ListenSettings): string | undefined {
  if (path === undefined) return settings.path?.value;
  return parseEndpointPath({ value: path, source: { kind: 'flag', name: '--path' } });
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

const SECRET_LENGTH = 16;

/** Unguessable path of nearly 82 bits; a little less, because 256 is not a multiple of 36. */
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

/** Known tunnels terminate TLS themselves and connect over plain HTTP; ssh forwards bytes, and a command may do either. */
function checkTunnelOverTls({ type }: TunnelSpec): void {
  if (type === 'ssh' || type === 'command') return;
  throw new ToolError(
    'usage',
    'ERR_USAGE_TUNNEL_TLS',
    `--tunnel ${type} and --tls-cert cannot be combined: the tunnel connects over plain HTTP`,
    {
      hint: 'Leave out --tls-cert and --tls-key: the tunnel has its own certificate.',
    },
  );
}

function planFaults({ respond, failFirst, delay, hang }: ListenFlags): FaultOptions {
  const other = respond !== undefined ? '--respond' : delay !== undefined ? '--delay' : null;
  if (hang && other !== null) {
    throw new ToolError('usage', 'ERR_USAGE_PRACTICE', `--hang and ${other} cannot be combined: --hang never answers`, {
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

interface ProxyOptions {
  readonly host: string;
  readonly tunnel: TunnelSpec | null;
  readonly trustProxy: readonly string[];
  readonly appleOnly: boolean;
}

/**
 * Proxies trusted for the client's address. Throws (usage) `ERR_USAGE_TRUST_PROXY`, and `ERR_USAGE_APPLE_ONLY` when `--apple-only` has no
 * source for that address.
 */
function planProxies({ host, tunnel, trustProxy, appleOnly }: ProxyOptions): ProxyTrust {
  const proxies = { trusted: trustProxy.flatMap(parseTrustProxy), cloudflared: tunnel?.type === 'cloudflared' };
  const knowsClient = proxies.cloudflared || proxies.trusted.length > 0;
  if (appleOnly && !knowsClient && (tunnel !== null || isLoopbackHost(host))) throw clientUnknown(tunnel);
  return proxies;
}

function clientUnknown(tunnel: TunnelSpec | null): ToolError {
  const { message, hint } = CLIENT_UNKNOWN[tunnel?.type ?? 'none'];
  return new ToolError('usage', 'ERR_USAGE_APPLE_ONLY', message, { hint });
}

const BEHIND_PROXY = 'Add --trust-proxy loopback to trust the X-Forwarded-For of the tunnel.';

const BEHIND_TUNNEL = {
  message: '--apple-only cannot see client addresses: every connection comes from the tunnel on this machine',
  hint: BEHIND_PROXY,
};

const CLIENT_UNKNOWN: Readonly<
  Record<TunnelSpec['type'] | 'none', { readonly message: string; readonly hint: string }>
> = {
  none: {
    message: '--apple-only would reject every request: a loopback address is reachable from this machine only',
    hint: 'Behind a proxy on this machine, add --trust-proxy loopback; otherwise set another --host.',
  },
  cloudflared: BEHIND_TUNNEL,
  ngrok: BEHIND_TUNNEL,
  tailscale: BEHIND_TUNNEL,
  ssh: {
    message: '--apple-only cannot see client addresses: ssh does not forward them',
    hint: 'Leave it out, or add --trust-proxy loopback if a proxy on the ssh host sets X-Forwarded-For.',
  },
  command: {
    message: BEHIND_TUNNEL.message,
    hint: 'If the tunnel sets X-Forwarded-For, add --trust-proxy loopback to trust it.',
  },
};

/** True for a `--host` that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  const isBareIpv6 = host.includes(':') && !host.startsWith('[');
  return isLoopback(isBareIpv6 ? `[${host}]` : host);
}
