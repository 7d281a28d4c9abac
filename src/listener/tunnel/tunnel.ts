import type { Dispatcher } from 'undici';
import { tunnelEnvironment } from '../child-environment.js';
import { endedEarly, interrupted, timedOut } from './failure.js';
import { authorityOf, type Launch, type LocalEnd, launchOf, launchOfCommand, requireProgram } from './launch.js';
import { apiInLog, askNgrok } from './ngrok.js';
import type { Sighting } from './sighting.js';
import { nameOfTunnel, type TunnelSpec } from './spec.js';
import { isForwardRefused, launchesOfSsh, resolveSshHost } from './ssh.js';
import { type Supervised, supervise, type TunnelEnd } from './supervise.js';

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
    if (outcome === 'aborted') throw interrupted(spec);
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
