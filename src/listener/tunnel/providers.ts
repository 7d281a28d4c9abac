import { isLoopback } from '../../address/reach.js';
import { isValidUrl } from '../../address/valid-url.js';
import { ToolError } from '../../errors.js';
import type { CommandLine } from '../../subprocess/run.js';
import { findProgram } from './process.js';

/** Programs that `--tunnel` accepts by name. */
const KNOWN_TUNNELS = ['cloudflared', 'ngrok', 'tailscale'] as const;

/** Value of `--tunnel`: a known program, an ssh host, or a command line. */
export type TunnelSpec =
  | { readonly type: (typeof KNOWN_TUNNELS)[number] }
  | { readonly type: 'ssh'; readonly user: string | null; readonly host: string; readonly port: number | null }
  | { readonly type: 'command'; readonly command: string };

const CHOICES = 'cloudflared, ngrok, tailscale, ssh:HOST or a quoted command line';

/** No part may begin with a dash, which ssh would parse as an option. */
const SSH_HOST = /^(?:([A-Za-z0-9_][\w.+%=-]*)@)?([A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/;

const BARE_WORD = /^[\w.-]+$/;

/**
 * Parses `--tunnel`. The form for ssh is `ssh:[user@]HOST[:port]`, where HOST may be a name of ~/.ssh/config. A single unknown word is
 * refused, because a misspelt name would otherwise run as a command; a command line has a space, a slash or `{port}`.
 * Throws (usage) `ERR_USAGE_TUNNEL`.
 */
export function parseTunnel(text: string): TunnelSpec {
  const trimmed = text.trim();
  const known = KNOWN_TUNNELS.find((name) => name === trimmed.toLowerCase());
  if (known !== undefined) return { type: known };
  if (trimmed.startsWith('ssh:')) return parseSsh(trimmed.slice('ssh:'.length));
  if (/^https?:\/\/\S+$/i.test(trimmed)) {
    throw invalidTunnel(
      `--tunnel ${trimmed} is a URL, not a tunnel`,
      'to pass a URL that already reaches this listener, use --public-url',
    );
  }
  if (trimmed === 'ssh') throw invalidTunnel('--tunnel ssh needs a host', 'for example: --tunnel ssh:me@example.com');
  if (trimmed === '' || BARE_WORD.test(trimmed)) {
    const hint = `${CHOICES}, for example: --tunnel "my-tunnel --to {port}"`;
    throw invalidTunnel(trimmed === '' ? '--tunnel is empty' : `unknown tunnel ${trimmed}`, hint);
  }
  return { type: 'command', command: trimmed };
}

function parseSsh(text: string): TunnelSpec {
  const match = SSH_HOST.exec(text);
  const port = match?.[3] === undefined ? null : Number(match[3]);
  if (match === null || (port !== null && (port < 1 || port > 65_535))) {
    throw invalidTunnel(
      `--tunnel ssh:${text} is not a valid host`,
      'ssh:[user@]HOST[:port], for example: ssh:me@example.com',
    );
  }
  return { type: 'ssh', user: match[1] ?? null, host: match[2]!.replace(/^\[|\]$/g, ''), port };
}

function invalidTunnel(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_TUNNEL', message, { hint });
}

/** Name of a tunnel in messages: `ngrok`, `ssh:example.com`, or the first word of a command. */
export function nameOfTunnel(spec: TunnelSpec): string {
  if (spec.type === 'ssh') return `ssh:${spec.host}`;
  if (spec.type === 'command') return spec.command.split(/\s/, 1)[0]!;
  return spec.type;
}

/** Launch of a tunnel program. */
export interface Launch {
  readonly command: CommandLine;
  readonly readUrl: LineReader;
  /** Queries ngrok's local API for the URL. */
  readonly queriesNgrok: boolean;
  /** May print no URL: with a known URL the tunnel counts as up while the program runs. */
  readonly isSilent: boolean;
}

/** Local end of the tunnel. */
export interface LocalEnd {
  /** Bound address; an unspecified one is reached through loopback. */
  readonly host: string;
  readonly port: number;
  /** The listener serves TLS; only ssh and commands can forward that. */
  readonly isTls?: boolean;
}

/** Host and port, `127.0.0.1:4280` or `[::1]:4280`; never a name, which may resolve to the other address family. */
export function authorityOf({ host, port }: LocalEnd): string {
  if (host === '0.0.0.0' || host === '::' || host === '' || host === 'localhost') return `127.0.0.1:${port}`;
  return host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]:${port}` : `${host}:${port}`;
}

const INSTALL: Readonly<Record<(typeof KNOWN_TUNNELS)[number] | 'ssh', string>> = {
  cloudflared:
    'brew install cloudflared, or see https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/',
  ngrok: 'brew install ngrok, or see https://ngrok.com/download; then ngrok config add-authtoken TOKEN',
  tailscale: 'see https://tailscale.com/download; then tailscale up',
  ssh: 'install the OpenSSH client: apt install openssh-client, or your system’s package of that name',
};

/** Path of a program. Throws (usage) `ERR_TUNNEL_MISSING` with an installation hint. */
export function requireProgram(
  name: keyof typeof INSTALL,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  const file = findProgram(name, env, platform);
  if (file !== null) return file;
  throw new ToolError('usage', 'ERR_TUNNEL_MISSING', `${name} is not installed, or not on the PATH`, {
    hint: INSTALL[name],
  });
}

/** Launch of a known program other than ssh; `file` is its path. */
export function launchOf(
  spec: Exclude<TunnelSpec, { type: 'ssh' | 'command' }>,
  file: string,
  local: LocalEnd,
): Launch {
  const authority = authorityOf(local);
  const plain = { queriesNgrok: false, isSilent: false };
  switch (spec.type) {
    case 'cloudflared':
      // Prints a box with the URL to stderr; on failure it prints its own API, api.trycloudflare.com. Seen in its issues 456 and 555.
      return {
        ...plain,
        command: { file, args: ['tunnel', '--no-autoupdate', '--url', `http://${authority}`] },
        readUrl: readDomain(['trycloudflare.com'], ['api.trycloudflare.com', 'www.trycloudflare.com']),
      };
    case 'ngrok':
      return {
        ...plain,
        queriesNgrok: true,
        command: { file, args: ['http', authority, '--log', 'stdout', '--log-format', 'logfmt'] },
        readUrl: () => null,
      };
    case 'tailscale':
      // Prints `Available on the internet:` and the URL. With Funnel off it prints a login.tailscale.com page and waits. A bare port
      // means 127.0.0.1; older versions accept no other address.
      return {
        ...plain,
        command: {
          file,
          args: ['funnel', authority === `127.0.0.1:${local.port}` ? String(local.port) : `http://${authority}`],
        },
        readUrl: readDomain(['ts.net']),
      };
  }
}

/** Launch of the user's command line: `{port}` is replaced by the port, which is also in PORT and STOREWIRE_PORT. */
export function launchOfCommand(command: string, local: LocalEnd): Launch {
  return {
    command: { shell: command.replaceAll('{port}', String(local.port)) },
    readUrl: readAnyUrl(local),
    queriesNgrok: false,
    isSilent: true,
  };
}

/** URL candidate in the output of a tunnel program. `isSure`: final; otherwise a better one may follow. */
export interface UrlCandidate {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly isSure: boolean;
}

/** Searches one line of output for the public URL. */
export type LineReader = (line: string) => UrlCandidate | null;

const URL_IN_TEXT = /https?:\/\/[^\s"'<>|\\^`{}\p{Cc}]+/giu;

const TRAILING = /[).,;:!\]]+$/;

/** All valid URLs in a line. */
function urlsIn(line: string): readonly URL[] {
  return (line.match(URL_IN_TEXT) ?? []).flatMap((text) => {
    const trimmed = text.replace(TRAILING, '');
    return isValidUrl(trimmed) ? [new URL(trimmed)] : [];
  });
}

/**
 * Matches the first https URL whose host is a subdomain of `domains` and not excluded: programs also print URLs of their service and
 * documentation.
 */
export function readDomain(domains: readonly string[], excludedHosts: readonly string[] = []): LineReader {
  return (line) => {
    const url = urlsIn(line).find(
      ({ protocol, hostname }) =>
        protocol === 'https:' &&
        domains.some((domain) => hostname.endsWith(`.${domain}`)) &&
        !excludedHosts.includes(hostname),
    );
    return url === undefined ? null : { origin: url.origin, isSure: true };
  };
}

/** Matches the first https URL in a line that matches `pattern`. */
export function readAfter(pattern: RegExp): LineReader {
  return (line) => {
    const url = pattern.test(line) ? urlsIn(line).find(({ protocol }) => protocol === 'https:') : undefined;
    return url === undefined ? null : { origin: url.origin, isSure: true };
  };
}

/** Tries several readers in order. */
export function readAny(readers: readonly LineReader[]): LineReader {
  return (line) => readers.map((read) => read(line)).find((candidate) => candidate !== null) ?? null;
}

/**
 * Reads the output of the user's own command: a public https URL is final, any other URL a fallback. The local end of the tunnel is
 * ignored, other URLs on this machine are fallbacks.
 */
export function readAnyUrl(local: { readonly port: number }): LineReader {
  return (line) => {
    const urls = urlsIn(line).filter((url) => !(isLoopback(url.hostname) && url.port === String(local.port)));
    const best = urls.find(isPublicHttps) ?? urls[0];
    return best === undefined ? null : { origin: best.origin, isSure: isPublicHttps(best) };
  };
}

function isPublicHttps({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' && !isLoopback(hostname);
}
