import { execFile } from 'node:child_process';
import {
  authorityOf,
  type Launch,
  type LineReader,
  type LocalEnd,
  readAfter,
  readAny,
  readAnyUrl,
  readDomain,
  type TunnelSpec,
  type UrlCandidate,
} from './providers.js';

type SshSpec = Extract<TunnelSpec, { type: 'ssh' }>;

/** Tunnel service over ssh that assigns and prints a public URL. */
interface SshService {
  readonly host: RegExp;
  /** Remote port for -R; most services treat 80 as a request for a web URL. */
  readonly remotePort: number;
  readonly readUrl: LineReader;
}

/**
 * Services known by name, because they print their URL in a session only, which `-N` does not open. Lines as quoted in public logs:
 * localhost.run `ab12.lhr.life tunneled with tls termination, https://ab12.lhr.life` among URLs of its own pages; serveo `Forwarding HTTP
 * traffic from https://…`; pinggy bare URLs. [U] for domains they may add.
 */
const SERVICES: readonly SshService[] = [
  {
    host: /(?:^|\.)localhost\.run$/,
    remotePort: 80,
    readUrl: readAny([
      readAfter(/tunneled with tls termination/i),
      readDomain(['lhr.life', 'lhr.rocks', 'lhrtunnel.link']),
    ]),
  },
  {
    host: /(?:^|\.)serveo\.net$/,
    remotePort: 80,
    readUrl: readAny([readAfter(/forwarding http traffic from/i), readDomain(['serveousercontent.com'])]),
  },
  {
    host: /(?:^|\.)pinggy\.(?:io|online)$/,
    remotePort: 0,
    readUrl: readDomain(['pinggy.link', 'pinggy.online', 'pinggy.io'], ['dashboard.pinggy.io', 'www.pinggy.io']),
  },
];

/**
 * ssh runs in batch mode, detached from the terminal, so that Ctrl-C does not end it before the listener has finished. A shared connection
 * would keep the forwarding after the exit, so ControlPath is off. LogLevel INFO makes ssh print the allocated port, whatever its
 * configuration. Dead connections are detected within 45 seconds.
 */
const OPTIONS = [
  'BatchMode=yes',
  'ExitOnForwardFailure=yes',
  'ServerAliveInterval=15',
  'LogLevel=INFO',
  'ControlPath=none',
].flatMap((option) => ['-o', option]);

/** Remote end, as known before ssh connects. */
interface RemoteEnd {
  /** From {@link resolveSshHost}. */
  readonly hostname: string;
  /** `--public-url` is given: a proxy of the user is in front of the port. */
  readonly isUrlKnown: boolean;
}

/**
 * Launches to try in order; a known service has one. Any other host is treated as the user's own server, which is asked for any free port
 * (`-R 0`) without a session; if it refuses, it may be an unknown service, which is asked for port 80 in a session. The port is requested
 * on all interfaces (`*`), except behind a proxy; the server decides (`GatewayPorts`), and by default binds to loopback only.
 */
export function launchesOfSsh(spec: SshSpec, file: string, local: LocalEnd, remote: RemoteEnd): readonly Launch[] {
  const { hostname, isUrlKnown } = remote;
  const service = SERVICES.find(({ host }) => host.test(hostname) || host.test(spec.host));
  const launch = (flags: readonly string[], remotePort: number | string, readUrl: LineReader): Launch => ({
    command: {
      file,
      args: [...flags, ...OPTIONS, '-R', `${remotePort}:${authorityOf(local)}`, ...destinationOf(spec)],
    },
    readUrl,
    queriesNgrok: false,
    isSilent: false,
  });
  if (service !== undefined) return [launch(['-T'], service.remotePort, service.readUrl)];
  return [
    launch(['-N', '-T'], isUrlKnown ? 0 : '*:0', readAllocatedPort(hostname, local)),
    launch(['-T'], 80, readService(hostname, local)),
  ];
}

function destinationOf({ user, host, port }: SshSpec): readonly string[] {
  const name = user === null ? host : `${user}@${host}`;
  return port === null ? ['--', name] : ['-p', String(port), '--', name];
}

/** `Allocated port 43211 for remote forward to 127.0.0.1:4280`, from the ssh client itself; ignores other forwardings of its configuration. */
function readAllocatedPort(hostname: string, local: LocalEnd): LineReader {
  const suffix = `for remote forward to ${authorityOf(local).replace(/[[\]]/g, '')}`;
  const origin = `${local.isTls ? 'https' : 'http'}://${hostname.includes(':') ? `[${hostname}]` : hostname}`;
  return (line): UrlCandidate | null => {
    const match = /^Allocated port (\d{1,5}) /.exec(line);
    return match === null || !line.endsWith(suffix) ? null : { origin: `${origin}:${match[1]}`, isSure: true };
  };
}

/** Any URL except those of the service itself. */
function readService(hostname: string, local: LocalEnd): LineReader {
  const read = readAnyUrl(local);
  return (line) => {
    const candidate = read(line);
    return candidate !== null && new URL(candidate.origin).hostname !== hostname ? candidate : null;
  };
}

/** `ssh -G` does not connect, but may run `Match exec` commands. */
const RESOLVE_MS = 5_000;

/** Resolves a name of ~/.ssh/config to its host name; the name itself if ssh fails. */
export function resolveSshHost(spec: SshSpec, file: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    execFile(file, ['-G', ...destinationOf(spec)], { env, timeout: RESOLVE_MS }, (_error, stdout) => {
      resolve(/^hostname (\S+)$/m.exec(String(stdout))?.[1] ?? spec.host);
    });
  });
}

/** True if the server refused the forwarding, so that the next launch may work. */
export function isForwardRefused(lines: readonly string[]): boolean {
  return lines.some((line) => /remote port forwarding failed/i.test(line));
}
