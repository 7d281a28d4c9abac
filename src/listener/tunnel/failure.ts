import { ToolError } from '../../errors.js';
import { nameOfTunnel, type TunnelSpec } from './spec.js';
import type { TunnelEnd } from './supervise.js';

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
export function endedEarly(spec: TunnelSpec, { code, signal, lastLines }: TunnelEnd): ToolError {
  const how = signal === null ? `with code ${code ?? 'unknown'}` : `by ${signal}`;
  const message = `${nameOfTunnel(spec)} ended (${how}) before there was a public URL${quote(lastLines)}`;
  return new ToolError('remote', 'ERR_TUNNEL_FAILED', message, adviceOn(spec, lastLines));
}

/** It runs, but told no URL in time: `ERR_TUNNEL_TIMEOUT`, with what it said last (not escaped). */
export function timedOut(spec: TunnelSpec, timeoutMs: number, lastLines: readonly string[]): ToolError {
  const message = `${nameOfTunnel(spec)} told no public URL within ${timeoutMs / 1000} s${quote(lastLines)}`;
  const advice = adviceOn(spec, lastLines);
  const own = 'a program that prints none needs --public-url';
  return new ToolError('remote', 'ERR_TUNNEL_TIMEOUT', message, spec.type === 'command' ? { hint: own } : advice);
}

/** Stopped while it was starting. */
export function interrupted(spec: TunnelSpec): ToolError {
  return new ToolError('interrupted', 'ERR_INTERRUPTED', `stopped before ${nameOfTunnel(spec)} told its public URL`);
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
