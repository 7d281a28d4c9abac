import { BlockList, isIP } from 'node:net';
import { ToolError } from '../../errors.js';
import type { ProxyTrust } from '../options.js';

/** Sources of the client's address in a request. */
interface Origin {
  /** Canonical peer address of the connection; null after it is closed. */
  readonly socket: string | null;
  /** All `X-Forwarded-For` lines, joined by commas in the order they came. */
  readonly forwardedFor: string | undefined;
  readonly cfConnectingIp: string | undefined;
}

/** {@link ProxyTrust} in a form for lookups. */
export interface Trust {
  readonly trusted: BlockList | null;
  readonly cloudflared: boolean;
}

/** Expects ranges from {@link parseTrustProxy}. */
export function prepareTrust({ trusted, cloudflared }: ProxyTrust): Trust {
  return { trusted: trusted.length === 0 ? null : networksOf(trusted), cloudflared };
}

/**
 * Canonical address of the client; null if unknown. A header is used only on a connection from a trusted source: `CF-Connecting-IP` from
 * cloudflared on this machine, `X-Forwarded-For` from a trusted proxy. Of the latter the rightmost address that is not a trusted proxy
 * wins: anything left of it can be spoofed. An unreadable address in that position makes the client unknown.
 */
export function clientAddress({ socket, forwardedFor, cfConnectingIp }: Origin, trust: Trust): string | null {
  if (socket === null) return null;
  if (trust.cloudflared && cfConnectingIp !== undefined && isLoopbackAddress(socket)) {
    return canonicalAddress(cfConnectingIp.trim());
  }
  const { trusted } = trust;
  if (trusted === null || forwardedFor === undefined || forwardedFor.trim() === '') return socket;
  return isWithin(socket, trusted) ? clientBehind(socket, forwardedFor.split(','), trusted) : socket;
}

/** If all hops are trusted proxies, the furthest one. */
function clientBehind(socket: string, hops: readonly string[], trusted: BlockList): string | null {
  let furthest = socket;
  for (const hop of hops.toReversed()) {
    const address = parseHop(hop.trim());
    if (address === null) return null;
    if (!isWithin(address, trusted)) return address;
    furthest = address;
  }
  return furthest;
}

const BRACKETED = /^\[([0-9a-fA-F:.]+)\](?::\d{1,5})?$/;

const IPV4_WITH_PORT = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/;

/** Parses an address as proxies write it: bare, with a port, in brackets. */
function parseHop(text: string): string | null {
  const address = (BRACKETED.exec(text) ?? IPV4_WITH_PORT.exec(text))?.[1];
  return canonicalAddress(address ?? text);
}

/** Source of all notifications, in both environments. Source: Apple, "Enabling App Store Server Notifications". */
const APPLE_NETWORK = '17.0.0.0/8';

const LOOPBACK_NETWORKS = ['127.0.0.0/8', '::1/128'];

const APPLE = networksOf([APPLE_NETWORK]);

const LOOPBACK = networksOf(LOOPBACK_NETWORKS);

export function isAppleAddress(address: string): boolean {
  return isWithin(address, APPLE);
}

export function isLoopbackAddress(address: string): boolean {
  return isWithin(address, LOOPBACK);
}

/** Expects an address from {@link canonicalAddress}. */
function isWithin(address: string, networks: BlockList): boolean {
  return networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Builds a list from parsed CIDR ranges; `loopback` stands for the loopback ranges. */
function networksOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges.flatMap((each) => (each === 'loopback' ? LOOPBACK_NETWORKS : [each]))) {
    const [network = '', bits = ''] = range.split('/');
    list.addSubnet(network, Number(bits), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Canonical spelling of an IP address: IPv6 compressed and without a zone, mapped IPv4 as IPv4. Null for anything else. */
export function canonicalAddress(text: string): string | null {
  if (isIP(text) === 4) return text;
  if (isIP(text) === 0) return null;
  const [address] = text.split('%', 1);
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  return mappedIpv4(short) ?? short;
}

const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

function mappedIpv4(short: string): string | null {
  const groups = MAPPED.exec(short);
  if (groups === null) return null;
  return groups
    .slice(1)
    .map((group) => Number.parseInt(group, 16))
    .map((pair) => `${pair >> 8}.${pair & 255}`)
    .join('.');
}

/**
 * Parses `--trust-proxy`: comma-separated `loopback`, addresses, or CIDR ranges. Returns `loopback` and ranges, as in
 * `ProxyTrust.trusted`. Throws (usage) `ERR_USAGE_TRUST_PROXY`, also for a range of all addresses, with which any client could spoof its own.
 */
export function parseTrustProxy(value: string): readonly string[] {
  return value.split(',').map((each) => parseRange(each.trim(), value));
}

function parseRange(text: string, value: string): string {
  if (text === 'loopback') return text;
  const [, written = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = canonicalAddress(written);
  if (address === null || written.includes('%')) throw invalidTrustProxy(value, 'not a valid address or CIDR range');
  const width = isIP(address) === 6 ? 128 : 32;
  // The prefix of an IPv4-mapped IPv6 address counts from the start of the IPv6 address.
  const ahead = isIP(written) === 6 ? 128 - width : 0;
  const prefix = bits === undefined ? width : Number(bits) - ahead;
  if (prefix > width || prefix < 0) throw invalidTrustProxy(value, `invalid prefix length in ${text}`);
  if (prefix === 0) throw invalidTrustProxy(value, 'it includes every address, so any client could spoof its own');
  return `${address}/${prefix}`;
}

function invalidTrustProxy(value: string, why: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_TRUST_PROXY', `--trust-proxy ${value} is not valid: ${why}`, {
    hint: 'Pass the address of the proxy, its CIDR range (10.0.0.0/8), or loopback for a proxy on this machine.',
  });
}
