import type { Dispatcher } from 'undici';
import { interrupted, ToolError } from '../../errors.js';
import { tunnelEnvironment } from '../../subprocess/environment.js';
import { apiInLog, askNgrok } from './ngrok.js';
import { type Supervised, supervise, type TunnelEnd } from './process.js';
import {
  authorityOf,
  type Launch,
  type LocalEnd,
  launchOf,
  launchOfCommand,
  nameOfTunnel,
  requireProgram,
  type Sighting,
  type TunnelSpec,
} from './providers.js';
import { isForwardRefused, launchesOfSsh, resolveSshHost } from './ssh.js';

export interface TunnelOptions extends LocalEnd {
  /** The whole environment; what a tunnel may see of it is decided here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** For ngrok's API on this machine. */
  readonly dispatcher: () => Promise<Dispatcher>;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** How long it may take until the public URL is known. */
  readonly timeoutMs: number;
  /** The origin of `--public-url`, where the user gives one: it stands, whatever the program prints. */
  readonly knownUrl?: string;
  /** Every line the program prints, before and after it is up; not escaped. */
  readonly onLine?: (line: string) => void;
}

export interface Tunnel {
  /** `cloudflared`, `ssh:HOST`, or the first word of the command. */
  readonly name: string;
  /** Scheme, host and port, without a path. */
  readonly publicUrl: string;
  /** Settles as soon as the program has ended, for whatever reason. */
  readonly ended: Promise<TunnelEnd>;
  /** Ends the program and all it started, within three seconds. */
  stop(): Promise<void>;
}

/**
 * Starts the program that `spec` names and waits until its public URL is known. It is ended with us, however we end; Ctrl-C in the
 * terminal does not reach it, so that the caller stops it after the last answer. Throws `ERR_TUNNEL_MISSING` (usage, with how to
 * install it), `ERR_TUNNEL_FAILED` and `ERR_TUNNEL_TIMEOUT` (remote, in its own words, not escaped), `ERR_INTERRUPTED`; by then the
 * program is gone.
 */
export async function startTunnel(spec: TunnelSpec, options: TunnelOptions): Promise<Tunnel> {
  const port = String(options.port);
  const env = { ...tunnelEnvironment(options.env), PORT: port, STOREWIRE_PORT: port };
  const launches = await launchesOf(spec, env, options);
  for (const [index, launch] of launches.entries()) {
    const isLast = index === launches.length - 1;
    const opened = await open(spec, launch, env, options);
    if (opened.ok) return opened.tunnel;
    if (isLast || !isForwardRefused(opened.end.lastLines)) throw endedEarly(spec, opened.end);
  }
  throw new Error('a tunnel without a way to start it');
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

/** One start: up, or ended before it was. Too slow and interrupted are thrown. */
async function open(
  spec: TunnelSpec,
  launch: Launch,
  env: Readonly<Record<string, string>>,
  options: TunnelOptions,
): Promise<Opened> {
  const settled = new AbortController();
  const watch = watchForUrl(launch, options, settled.signal);
  const onLine = (line: string): void => {
    options.onLine?.(line);
    watch.read(line);
  };
  const program = supervise({ command: launch.command, env, platform: options.platform, sleep: options.sleep, onLine });
  const aborted = new Promise<'aborted'>((resolve) => {
    if (options.signal.aborted) resolve('aborted');
    options.signal.addEventListener('abort', () => resolve('aborted'), { once: true, signal: settled.signal });
  });
  const late = options.sleep(options.timeoutMs, settled.signal).then(() => 'late' as const);
  try {
    const outcome = await Promise.race([watch.url, program.ended, aborted, late]);
    if (typeof outcome !== 'string') return { ok: false, end: outcome };
    if (outcome === 'aborted') throw interrupted(`stopped before ${nameOfTunnel(spec)} told its public URL`);
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

/** How long a URL that may not be the one waits for a better, and a program that need not print one must live to count as up. */
const SETTLE_MS = 2_000;

interface UrlWatch {
  readonly url: Promise<string>;
  read(line: string): void;
}

/** Gathers what the program prints, and ngrok's API tells, into one URL. `settled`: nobody waits any more. */
function watchForUrl(launch: Launch, options: TunnelOptions, settled: AbortSignal): UrlWatch {
  const { knownUrl, sleep, dispatcher } = options;
  let seen: Sighting | null = null;
  let api: string | null = null;
  let found: (url: string) => void = () => {};
  let failed: (error: unknown) => void = () => {};
  const url = new Promise<string>((resolve, reject) => {
    found = resolve;
    failed = reject;
  });
  const foundAfterAll = (origin: string): void =>
    void sleep(SETTLE_MS, settled).then(() => settled.aborted || found(origin));
  if (knownUrl !== undefined && launch.isSilent) foundAfterAll(knownUrl);
  if (launch.asksNgrok) {
    const question = { dispatcher, sleep, authority: authorityOf(options), api: () => api, signal: settled };
    void askNgrok(question).then((origin) => origin !== null && found(origin), failed);
  }
  return {
    url,
    read(line) {
      api ??= launch.asksNgrok ? apiInLog(line) : null;
      const sighting = launch.readUrl(line);
      if (sighting?.isSure) found(sighting.origin);
      else if (sighting !== null && seen === null) foundAfterAll(sighting.origin);
      seen ??= sighting;
    },
  };
}

/** Lines in which a program says what is wrong; where there is none, its last words are as good as any. */
const COMPLAINT = /\b(?:ERR|ERROR|FATAL|failed|denied|refused|lvl=(?:eror|crit))\b/i;

/** ngrok separates its paragraphs by these. */
const BLANK_COMPLAINT = /^ERROR:$/;

const LINES_TOLD = 5;

const LONGEST_TOLD = 600;

/** What can be done about words that are seen often. */
const ADVICE: readonly (readonly [type: TunnelSpec['type'], words: RegExp, hint: string])[] = [
  [
    'ngrok',
    /ERR_NGROK_(?:105|107|4018)\b|authtoken/i,
    'ngrok config add-authtoken TOKEN, with the token of your ngrok account',
  ],
  ['ngrok', /ERR_NGROK_108\b/, 'another ngrok agent of your account is running: end it first'],
  ['cloudflared', /1015|429/, 'Cloudflare gives out only so many quick tunnels at a time: try again in a few minutes'],
  ['tailscale', /not enabled|login\.tailscale\.com/i, 'open the page it names, allow Funnel there, and start again'],
  ['tailscale', /access denied|operator|sudo/i, 'sudo tailscale set --operator=$USER lets you use it without root'],
  ['tailscale', /logged out|NeedsLogin|not running|connect to local tailscaled/i, 'tailscale up'],
  ['ssh', /host key verification failed/i, 'nothing is asked here: connect once by hand, ssh HOST, to accept its key'],
  [
    'ssh',
    /permission denied/i,
    'nothing is asked here: load your key with ssh-add; localhost.run without one is ssh:nokey@localhost.run',
  ],
  [
    'ssh',
    /port forwarding failed|administratively prohibited/i,
    'the server must allow it: AllowTcpForwarding in its sshd_config',
  ],
];

/** The program ended and there was no URL yet: `ERR_TUNNEL_FAILED`, in its own words (not escaped). */
function endedEarly(spec: TunnelSpec, { code, signal, lastLines }: TunnelEnd): ToolError {
  const how = signal === null ? `with code ${code ?? 'unknown'}` : `by ${signal}`;
  const message = `${nameOfTunnel(spec)} ended (${how}) before there was a public URL${quote(lastLines)}`;
  return new ToolError('remote', 'ERR_TUNNEL_FAILED', message, adviceOn(spec, lastLines));
}

/** It runs, but told no URL in time: `ERR_TUNNEL_TIMEOUT`, with what it said last (not escaped). */
function timedOut(spec: TunnelSpec, timeoutMs: number, lastLines: readonly string[]): ToolError {
  const message = `${nameOfTunnel(spec)} told no public URL within ${timeoutMs / 1000} s${quote(lastLines)}`;
  const advice = adviceOn(spec, lastLines);
  const own = 'a program that prints none needs --public-url';
  return new ToolError('remote', 'ERR_TUNNEL_TIMEOUT', message, spec.type === 'command' ? { hint: own } : advice);
}

function quote(lines: readonly string[]): string {
  const complaints = lines.filter((line) => COMPLAINT.test(line) && !BLANK_COMPLAINT.test(line));
  const told = (complaints.length > 0 ? complaints : lines).slice(-LINES_TOLD).join(' / ');
  return told === '' ? '' : `: ${told.slice(-LONGEST_TOLD)}`;
}

function adviceOn({ type }: TunnelSpec, lines: readonly string[]): { hint?: string } {
  const advice = ADVICE.find(([of, words]) => of === type && lines.some((line) => words.test(line)));
  return advice === undefined ? {} : { hint: advice[2] };
}
