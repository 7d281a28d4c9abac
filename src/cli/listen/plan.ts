import { ToolError } from '../../errors.js';
import type { Target } from '../../listener/forward/target.js';
import type { ProxyTrust, TlsFiles } from '../../listener/options.js';
import type { PracticeOptions } from '../../listener/practice.js';
import { parseTunnel, type TunnelSpec } from '../../listener/tunnel/spec.js';
import type { AppExpectations } from '../../notification/app.js';
import { parseEndpointPath } from '../../settings/parse.js';
import type { AppSettings, ListenSettings } from '../../settings/resolve.js';
import type { Deps } from '../deps.js';
import type { ListenFlags } from './flags.js';
import { planProxies } from './proxies.js';
import { planTargets } from './targets.js';
import { readTlsFiles } from './tls.js';
import { planUntil, type Until } from './until.js';

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
  readonly practice: PracticeOptions;
  readonly expectations: AppExpectations;
  readonly until: Until;
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
    expectations: expectationsOf(flags, app),
    until: planUntil(flags),
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
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text);
  throw new ToolError('usage', 'ERR_USAGE_PUBLIC_URL', '--public-url takes a URL in full', {
    hint: 'Such as https://example.com/apple.',
  });
}

/** Those that speak HTTP to us bring the certificate themselves; ssh passes on bytes, and a command may do either. */
function checkTunnelOverTls({ type }: TunnelSpec): void {
  if (type === 'ssh' || type === 'command') return;
  throw new ToolError('usage', 'ERR_USAGE_TUNNEL_TLS', `--tunnel ${type} speaks plain HTTP to this end`, {
    hint: 'Leave out --tls-cert and --tls-key: the tunnel has a certificate of its own.',
  });
}

function practiceOf({ respond, failFirst, delay, hang }: ListenFlags): PracticeOptions {
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

function expectationsOf({ environment }: ListenFlags, { bundleId, appAppleId }: AppSettings): AppExpectations {
  return {
    ...(bundleId === null ? {} : { bundleId: bundleId.value }),
    ...(appAppleId === null ? {} : { appAppleId: appAppleId.value }),
    ...(environment === undefined ? {} : { environment }),
  };
}
