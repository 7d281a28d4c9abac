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
  type Sighting,
  type TunnelSpec,
} from './providers.js';

type SshSpec = Extract<TunnelSpec, { type: 'ssh' }>;

/** A service that lets ssh in and answers with a URL of its own. */
interface SshService {
  readonly host: RegExp;
  /** What is asked for with -R: most read port 80 as "a web address, please". */
  readonly remotePort: number;
  readonly readUrl: LineReader;
}

/**
 * Known by name, since they print their URL in a session only, which `-N` would not open. Lines as quoted in public logs: localhost.run
 * `ab12.lhr.life tunneled with tls termination, https://ab12.lhr.life` among addresses of its own pages; serveo `Forwarding HTTP traffic
 * from https://…`; pinggy bare URLs. [U] for domains they may add.
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
 * ssh never asks anything: it runs apart from the terminal, so that Ctrl-C does not reach it before we are done. A connection that is
 * shared with other sessions would keep the forwarding after we ended, so it gets one of its own. INFO is the level at which it tells
 * the port, whatever its settings say. Dead connections are noticed within 45 seconds.
 */
const OPTIONS = [
  'BatchMode=yes',
  'ExitOnForwardFailure=yes',
  'ServerAliveInterval=15',
  'LogLevel=INFO',
  'ControlPath=none',
].flatMap((option) => ['-o', option]);

/** What is known of the far end before ssh connects. */
interface FarEnd {
  /** From {@link resolveSshHost}. */
  readonly hostname: string;
  /** The user gave the URL: a proxy of theirs stands in front of the port. */
  readonly isUrlKnown: boolean;
}

/**
 * The ways to try, in order. A known service has one. Any other host is taken for a server of one's own, which is asked for any free
 * port (`-R 0`) and needs no session; if it refuses that it may be a service we do not know, which is asked for port 80 in a session.
 * A port whose address will be told is asked for on every interface (`*`), one behind a proxy is not; what the server gives is its
 * decision (`GatewayPorts`), and unless told otherwise it opens ports to itself alone.
 */
export function launchesOfSsh(spec: SshSpec, file: string, local: LocalEnd, far: FarEnd): readonly Launch[] {
  const { hostname, isUrlKnown } = far;
  const service = SERVICES.find(({ host }) => host.test(hostname) || host.test(spec.host));
  const launch = (flags: readonly string[], remote: number | string, readUrl: LineReader): Launch => ({
    command: { file, args: [...flags, ...OPTIONS, '-R', `${remote}:${authorityOf(local)}`, ...destinationOf(spec)] },
    readUrl,
    asksNgrok: false,
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

/** `Allocated port 43211 for remote forward to 127.0.0.1:4280`, from the ssh client itself: no other forwarding of the settings. */
function readAllocatedPort(hostname: string, local: LocalEnd): LineReader {
  const suffix = `for remote forward to ${authorityOf(local).replace(/[[\]]/g, '')}`;
  const origin = `${local.isTls ? 'https' : 'http'}://${hostname.includes(':') ? `[${hostname}]` : hostname}`;
  return (line): Sighting | null => {
    const match = /^Allocated port (\d{1,5}) /.exec(line);
    return match === null || !line.endsWith(suffix) ? null : { origin: `${origin}:${match[1]}`, isSure: true };
  };
}

/** Any URL but those of the service's own pages. */
function readService(hostname: string, local: LocalEnd): LineReader {
  const read = readAnyUrl(local);
  return (line) => {
    const sighting = read(line);
    return sighting !== null && new URL(sighting.origin).hostname !== hostname ? sighting : null;
  };
}

/** ssh does not connect for this; it may run what `Match exec` says. */
const RESOLVE_MS = 5_000;

/** The host behind a name of ~/.ssh/config, which is what the world would know; the name itself where ssh does not tell. */
export function resolveSshHost(spec: SshSpec, file: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    execFile(file, ['-G', ...destinationOf(spec)], { env, timeout: RESOLVE_MS }, (_error, stdout) => {
      resolve(/^hostname (\S+)$/m.exec(String(stdout))?.[1] ?? spec.host);
    });
  });
}

/** Whether it is the forwarding that was refused, so that another may be asked for. */
export function isForwardRefused(lines: readonly string[]): boolean {
  return lines.some((line) => /remote port forwarding failed/i.test(line));
}
