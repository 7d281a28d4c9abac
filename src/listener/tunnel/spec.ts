import { ToolError } from '../../errors.js';

/** Programs that are called by their name alone. */
export const KNOWN_TUNNELS = ['cloudflared', 'ngrok', 'tailscale'] as const;

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
