import { isLoopback } from '../../address/reach.js';
import { ToolError } from '../../errors.js';
import type { CommandLine } from '../../subprocess/run.js';
import { findProgram } from './process.js';

/** Programs that are called by their name alone. */
const KNOWN_TUNNELS = ['cloudflared', 'ngrok', 'tailscale'] as const;

/** What `--tunnel` names: a known program, a host that is reached by ssh, or a command line of the user's own. */
export type TunnelSpec =
  | { readonly type: (typeof KNOWN_TUNNELS)[number] }
  | { readonly type: 'ssh'; readonly user: string | null; readonly host: string; readonly port: number | null }
  | { readonly type: 'command'; readonly command: string };

const WAYS = 'cloudflared, ngrok, tailscale, ssh:HOST or a command line in quotes';

/** No part may begin with a dash: ssh would take it for an option. */
const SSH_HOST = /^(?:([A-Za-z0-9_][\w.+%=-]*)@)?([A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/;

const BARE_WORD = /^[\w.-]+$/;

/**
 * The value of `--tunnel`. ssh takes `ssh:[user@]HOST[:port]`, HOST being a name of ~/.ssh/config too. A single word that is no known
 * program is refused, since a misspelt name would otherwise be run; a command line has a blank, a slash or `{port}` in it.
 * Throws `ERR_USAGE_TUNNEL`.
 */
export function parseTunnel(text: string): TunnelSpec {
  const trimmed = text.trim();
  const known = KNOWN_TUNNELS.find((name) => name === trimmed.toLowerCase());
  if (known !== undefined) return { type: known };
  if (trimmed.startsWith('ssh:')) return parseSsh(trimmed.slice('ssh:'.length));
  if (/^https?:\/\/\S+$/i.test(trimmed)) {
    throw refusal(`--tunnel ${trimmed} is a URL`, 'a URL that leads here already is given with --public-url');
  }
  if (trimmed === 'ssh') throw refusal('--tunnel ssh needs a host', 'for example --tunnel ssh:me@example.com');
  if (trimmed === '' || BARE_WORD.test(trimmed)) {
    const hint = `${WAYS}, such as --tunnel "my-tunnel --to {port}"`;
    throw refusal(trimmed === '' ? '--tunnel is empty' : `no tunnel is called ${trimmed}`, hint);
  }
  return { type: 'command', command: trimmed };
}

function parseSsh(text: string): TunnelSpec {
  const match = SSH_HOST.exec(text);
  const port = match?.[3] === undefined ? null : Number(match[3]);
  if (match === null || (port !== null && (port < 1 || port > 65_535))) {
    throw refusal(`--tunnel ssh:${text} names no host`, 'ssh:[user@]HOST[:port], such as ssh:me@example.com');
  }
  return { type: 'ssh', user: match[1] ?? null, host: match[2]!.replace(/^\[|\]$/g, ''), port };
}

function refusal(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_TUNNEL', message, { hint });
}

/** How a tunnel is called in messages: `ngrok`, `ssh:example.com`, or the first word of a command. */
export function nameOfTunnel(spec: TunnelSpec): string {
  if (spec.type === 'ssh') return `ssh:${spec.host}`;
  if (spec.type === 'command') return spec.command.split(/\s/, 1)[0]!;
  return spec.type;
}

/** One way to start a tunnel. */
export interface Launch {
  readonly command: CommandLine;
  readonly readUrl: LineReader;
  /** The URL is asked of ngrok's local API. */
  readonly asksNgrok: boolean;
  /** Of a URL that is not asked for but known, such programs say nothing: the tunnel counts as up while the program runs. */
  readonly isSilent: boolean;
}

/** Where the tunnel leads to. */
export interface LocalEnd {
  /** As it was bound; every address of the machine counts as loopback. */
  readonly host: string;
  readonly port: number;
  /** It speaks TLS itself; only ssh and commands can pass that on. */
  readonly isTls?: boolean;
}

/** `127.0.0.1:4280`, `[::1]:4280`: never a name, which may resolve to the address nobody listens on. */
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

/** The path of a program; throws `ERR_TUNNEL_MISSING` with how to install it. */
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

/** How each program but ssh is started, given where its file is. */
export function launchOf(
  spec: Exclude<TunnelSpec, { type: 'ssh' | 'command' }>,
  file: string,
  local: LocalEnd,
): Launch {
  const authority = authorityOf(local);
  const plain = { asksNgrok: false, isSilent: false };
  switch (spec.type) {
    case 'cloudflared':
      // Prints a box with the URL on stderr; when it fails it names its own API, api.trycloudflare.com. Seen in its issues 456 and 555.
      return {
        ...plain,
        command: { file, args: ['tunnel', '--no-autoupdate', '--url', `http://${authority}`] },
        readUrl: readDomain(['trycloudflare.com'], ['api.trycloudflare.com', 'www.trycloudflare.com']),
      };
    case 'ngrok':
      return {
        ...plain,
        asksNgrok: true,
        command: { file, args: ['http', authority, '--log', 'stdout', '--log-format', 'logfmt'] },
        readUrl: () => null,
      };
    case 'tailscale':
      // Prints `Available on the internet:` and the URL. Where Funnel is off it prints a page of login.tailscale.com and waits. A port
      // alone leads to 127.0.0.1; older ones take no other address than that.
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

/** A command line of the user's: `{port}` is the port, which it also finds in PORT and STOREWIRE_PORT. */
export function launchOfCommand(command: string, local: LocalEnd): Launch {
  return {
    command: { shell: command.replaceAll('{port}', String(local.port)) },
    readUrl: readAnyUrl(local),
    asksNgrok: false,
    isSilent: true,
  };
}

/** A URL that a tunnel program printed. `isSure`: take it; otherwise a better one may follow. */
export interface Sighting {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly isSure: boolean;
}

/** Looks for the public URL in one line that a tunnel program printed. */
export type LineReader = (line: string) => Sighting | null;

const URL_IN_TEXT = /https?:\/\/[^\s"'<>|\\^`{}\p{Cc}]+/giu;

const TRAILING = /[).,;:!\]]+$/;

/** Every URL in a line, as far as it can be parsed. */
function urlsIn(line: string): readonly URL[] {
  return (line.match(URL_IN_TEXT) ?? []).flatMap((text) => {
    const trimmed = text.replace(TRAILING, '');
    return URL.canParse(trimmed) ? [new URL(trimmed)] : [];
  });
}

/**
 * Reads the first https URL of one of these domains or below, none of these hosts: a program also prints where its service, its manual
 * and its shop are.
 */
export function readDomain(domains: readonly string[], but: readonly string[] = []): LineReader {
  return (line) => {
    const url = urlsIn(line).find(
      ({ protocol, hostname }) =>
        protocol === 'https:' && domains.some((domain) => hostname.endsWith(`.${domain}`)) && !but.includes(hostname),
    );
    return url === undefined ? null : { origin: url.origin, isSure: true };
  };
}

/** Reads the first https URL in a line that says these words. */
export function readAfter(words: RegExp): LineReader {
  return (line) => {
    const url = words.test(line) ? urlsIn(line).find(({ protocol }) => protocol === 'https:') : undefined;
    return url === undefined ? null : { origin: url.origin, isSure: true };
  };
}

/** The first of several readers that finds one. */
export function readAny(readers: readonly LineReader[]): LineReader {
  return (line) => readers.map((read) => read(line)).find((sighting) => sighting !== null) ?? null;
}

/**
 * Reads whatever a program of the user's prints: an https URL is taken at once, an http one for want of a better. The address it was
 * told to lead to is none, and what is on this machine is for want of a better, whatever its scheme.
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
