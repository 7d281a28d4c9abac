import type { Dispatcher } from 'undici';
import { interrupted, ToolError } from '../../errors.js';
import { tunnelEnvironment } from '../../subprocess/environment.js';
import { apiInLog, queryNgrok } from './ngrok.js';
import { type Supervised, supervise, type TunnelEnd } from './process.js';
import {
  authorityOf,
  type Launch,
  type LocalEnd,
  launchOf,
  launchOfCommand,
  nameOfTunnel,
  requireProgram,
  type TunnelSpec,
  type UrlCandidate,
} from './providers.js';
import { isForwardRefused, launchesOfSsh, resolveSshHost } from './ssh.js';

export interface TunnelOptions extends LocalEnd {
  /** Full environment; the tunnel gets a filtered copy. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** For ngrok's local API. */
  readonly dispatcher: () => Promise<Dispatcher>;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Deadline for the public URL. */
  readonly timeoutMs: number;
  /** Origin of `--public-url`, which overrides any URL in the output. */
  readonly knownUrl?: string;
  /** Receives every line of output, also after the start; not escaped. */
  readonly onLine?: (line: string) => void;
  /** Called when a stop takes a while. */
  readonly onSlowStop?: () => void;
}

export interface Tunnel {
  /** `cloudflared`, `ssh:HOST`, or the first word of the command. */
  readonly name: string;
  /** Scheme, host and port, without a path. */
  readonly publicUrl: string;
  /** Resolves when the program has exited, for any reason. */
  readonly ended: Promise<TunnelEnd>;
  /** Ends the program and its children within three seconds. */
  stop(): Promise<void>;
}

/**
 * Starts the tunnel program and resolves once its public URL is known. The program ends with this process, but does not receive Ctrl-C,
 * so that the caller stops it after the last answer. Throws `ERR_TUNNEL_MISSING` (usage, with an installation hint), `ERR_TUNNEL_FAILED`
 * and `ERR_TUNNEL_TIMEOUT` (remote, quoting its output, not escaped), `ERR_INTERRUPTED`; the program has exited by then.
 */
export async function startTunnel(spec: TunnelSpec, options: TunnelOptions): Promise<Tunnel> {
  const port = String(options.port);
  const env = { ...tunnelEnvironment(options.env), PORT: port, STOREWIRE_PORT: port };
  const launches = await launchesOf(spec, env, options);
  for (const [index, launch] of launches.entries()) {
    const isLast = index === launches.length - 1;
    const opened = await open(spec, launch, env, options);
    if (opened.ok) return opened.tunnel;
    if (isLast || !isForwardRefused(opened.end.lastLines)) throw exitedEarly(spec, opened.end);
  }
  throw new Error('no launch for this tunnel');
}

async function launchesOf(
  spec: TunnelSpec,
  env: Readonly<Record<string, string>>,
  options: TunnelOptions,
): Promise<readonly Launch[]> {
  if (spec.type === 'command') return [launchOfCommand(spec.command, options)];
  const file = requireProgram(spec.type, env, options.platform);
  if (spec.type !== 'ssh') return [launchOf(spec, file, options)];
  const hostname = await resolveSshHost(spec, file, env);
  return launchesOfSsh(spec, file, options, { hostname, isUrlKnown: options.knownUrl !== undefined });
}

type Opened = { readonly ok: true; readonly tunnel: Tunnel } | { readonly ok: false; readonly end: TunnelEnd };

/** One launch: up, or exited early. Throws on a timeout or an interrupt. */
async function open(
  spec: TunnelSpec,
  launch: Launch,
  env: Readonly<Record<string, string>>,
  options: TunnelOptions,
): Promise<Opened> {
  const settled = new AbortController();
  const urlWatch = watchForUrl(launch, options, settled.signal);
  const onLine = (line: string): void => {
    options.onLine?.(line);
    urlWatch.read(line);
  };
  const { platform, sleep, onSlowStop } = options;
  const program = supervise({ command: launch.command, env, platform, sleep, onLine, onSlowStop });
  const aborted = new Promise<'aborted'>((resolve) => {
    if (options.signal.aborted) resolve('aborted');
    options.signal.addEventListener('abort', () => resolve('aborted'), { once: true, signal: settled.signal });
  });
  const late = options.sleep(options.timeoutMs, settled.signal).then(() => 'late' as const);
  try {
    const outcome = await Promise.race([urlWatch.url, program.ended, aborted, late]);
    if (typeof outcome !== 'string') return { ok: false, end: outcome };
    if (outcome === 'aborted') throw interrupted(`stopped before ${nameOfTunnel(spec)} reported its public URL`);
    if (outcome === 'late') throw timedOut(spec, options.timeoutMs, program.lastLines());
    return { ok: true, tunnel: tunnelOf(spec, options.knownUrl ?? outcome, program) };
  } catch (error) {
    await program.stop();
    throw error;
  } finally {
    settled.abort();
  }
}

function tunnelOf(spec: TunnelSpec, publicUrl: string, program: Supervised): Tunnel {
  return { name: nameOfTunnel(spec), publicUrl, ended: program.ended, stop: () => program.stop() };
}

/** Time that a fallback URL waits for a better one, and that a silent program must run to count as up. */
const SETTLE_MS = 2_000;

interface UrlWatch {
  readonly url: Promise<string>;
  read(line: string): void;
}

/** Finds the public URL in the program's output or ngrok's API. `settled` aborts when the result is no longer needed. */
function watchForUrl(launch: Launch, options: TunnelOptions, settled: AbortSignal): UrlWatch {
  const { knownUrl, sleep, dispatcher } = options;
  let fallback: UrlCandidate | null = null;
  let api: string | null = null;
  let resolveUrl: (url: string) => void = () => {};
  let rejectUrl: (error: unknown) => void = () => {};
  const url = new Promise<string>((resolve, reject) => {
    resolveUrl = resolve;
    rejectUrl = reject;
  });
  const resolveLater = (origin: string): void =>
    void sleep(SETTLE_MS, settled).then(() => settled.aborted || resolveUrl(origin));
  if (knownUrl !== undefined && launch.isSilent) resolveLater(knownUrl);
  if (launch.queriesNgrok) {
    const query = { dispatcher, sleep, authority: authorityOf(options), api: () => api, signal: settled };
    void queryNgrok(query).then((origin) => origin !== null && resolveUrl(origin), rejectUrl);
  }
  return {
    url,
    read(line) {
      api ??= launch.queriesNgrok ? apiInLog(line) : null;
      const candidate = launch.readUrl(line);
      if (candidate?.isSure) resolveUrl(candidate.origin);
      else if (candidate !== null && fallback === null) resolveLater(candidate.origin);
      fallback ??= candidate;
    },
  };
}

/** Error lines in the output; without any, the last lines are quoted. */
const ERROR_LINE = /\b(?:ERR|ERROR|FATAL|failed|denied|refused|lvl=(?:eror|crit))\b/i;

/** ngrok's paragraph separators. */
const BLANK_ERROR_LINE = /^ERROR:$/;

const MAX_QUOTED_LINES = 5;

const MAX_QUOTE = 600;

/** Hints for common failures, by pattern of the output. */
const HINTS: readonly (readonly [type: TunnelSpec['type'], pattern: RegExp, hint: string])[] = [
  [
    'ngrok',
    /ERR_NGROK_(?:105|107|4018)\b|authtoken/i,
    'ngrok config add-authtoken TOKEN, with the token from your ngrok account',
  ],
  ['ngrok', /ERR_NGROK_108\b/, 'another ngrok agent of your account is running; stop it first'],
  ['cloudflared', /1015|429/, 'Cloudflare limits quick tunnels; try again in a few minutes'],
  ['tailscale', /not enabled|login\.tailscale\.com/i, 'open the printed page, enable Funnel there, and start again'],
  ['tailscale', /access denied|operator|sudo/i, 'to use tailscale without root: sudo tailscale set --operator=$USER'],
  ['tailscale', /logged out|NeedsLogin|not running|connect to local tailscaled/i, 'tailscale up'],
  ['ssh', /host key verification failed/i, 'to accept the host key, connect once: ssh HOST'],
  [
    'ssh',
    /permission denied/i,
    'load your key with ssh-add; for localhost.run without a key, use ssh:nokey@localhost.run',
  ],
  [
    'ssh',
    /port forwarding failed|administratively prohibited/i,
    'set AllowTcpForwarding in the sshd_config of the server',
  ],
];

/** `ERR_TUNNEL_FAILED`: the program exited without a public URL. Quotes its output, not escaped. */
function exitedEarly(spec: TunnelSpec, { code, signal, lastLines }: TunnelEnd): ToolError {
  const how = signal === null ? `code ${code ?? 'unknown'}` : signal;
  const message = `${nameOfTunnel(spec)} exited (${how}) without a public URL${quote(lastLines)}`;
  return new ToolError('remote', 'ERR_TUNNEL_FAILED', message, findHint(spec, lastLines));
}

/** `ERR_TUNNEL_TIMEOUT`: no public URL before the deadline. Quotes the output, not escaped. */
function timedOut(spec: TunnelSpec, timeoutMs: number, lastLines: readonly string[]): ToolError {
  const message = `${nameOfTunnel(spec)} reported no public URL within ${timeoutMs / 1000} s${quote(lastLines)}`;
  const hints = findHint(spec, lastLines);
  const commandHint = 'if the program prints no URL, pass it with --public-url';
  return new ToolError(
    'remote',
    'ERR_TUNNEL_TIMEOUT',
    message,
    spec.type === 'command' ? { hint: commandHint } : hints,
  );
}

function quote(lines: readonly string[]): string {
  const errors = lines.filter((line) => ERROR_LINE.test(line) && !BLANK_ERROR_LINE.test(line));
  const quoted = (errors.length > 0 ? errors : lines).slice(-MAX_QUOTED_LINES).join(' / ');
  return quoted === '' ? '' : `: ${quoted.slice(-MAX_QUOTE)}`;
}

function findHint({ type }: TunnelSpec, lines: readonly string[]): { hint?: string } {
  const match = HINTS.find(([of, pattern]) => of === type && lines.some((line) => pattern.test(line)));
  return match === undefined ? {} : { hint: match[2] };
}
