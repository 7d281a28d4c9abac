import { ToolError } from '../../errors.js';
import { findProgram } from './find-program.js';
import { type LineReader, readAnyUrl, readDomain } from './sighting.js';
import type { KNOWN_TUNNELS, TunnelSpec } from './spec.js';
import type { CommandLine } from './supervise.js';

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
