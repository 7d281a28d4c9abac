import { BlockList, isIP } from 'node:net';
import { ToolError } from '../../errors.js';
import type { ProxyTrust } from '../options.js';

/** What a request says of where it comes from. */
interface Origin {
  /** Of the connection, canonical; null where it is gone. */
  readonly socket: string | null;
  /** All `X-Forwarded-For` lines, joined by commas in the order they came. */
  readonly forwardedFor: string | undefined;
  readonly cfConnectingIp: string | undefined;
}

/** {@link ProxyTrust}, ready to be asked. */
export interface Trust {
  readonly trusted: BlockList | null;
  readonly cloudflared: boolean;
}

/** Takes ranges that `parseTrustProxy` returned. */
export function prepareTrust({ trusted, cloudflared }: ProxyTrust): Trust {
  return { trusted: trusted.length === 0 ? null : networksOf(trusted), cloudflared };
}

/**
 * The address of the client, canonical; null where it cannot be known. A header counts only where the connection comes from somebody who
 * is trusted to write it: cloudflared, which runs on this machine, for `CF-Connecting-IP`, a trusted proxy for `X-Forwarded-For`. Of the
 * latter the rightmost address that is not a trusted proxy's own counts: what stands left of it, anybody can have made up. One that
 * cannot be read there makes the client unknown.
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

/** Where all are trusted proxies, the one furthest away. */
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

/** An address as proxies write it: bare, with a port, in brackets. */
function parseHop(text: string): string | null {
  const address = (BRACKETED.exec(text) ?? IPV4_WITH_PORT.exec(text))?.[1];
  return canonicalAddress(address ?? text);
}

/** Every notification comes from here, in both environments. Source: Apple, "Enabling App Store Server Notifications". */
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

/** Takes what {@link canonicalAddress} returned. */
function isWithin(address: string, networks: BlockList): boolean {
  return networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** CIDR ranges as one list; `loopback` stands for the ranges of this machine. Takes what was parsed before. */
function networksOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges.flatMap((each) => (each === 'loopback' ? LOOPBACK_NETWORKS : [each]))) {
    const [network = '', bits = ''] = range.split('/');
    list.addSubnet(network, Number(bits), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** An IP address in the one spelling it is compared in: IPv6 short and without a zone, mapped IPv4 as IPv4. Null for anything else. */
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
 * The value of `--trust-proxy`: `loopback`, an address, or a range in CIDR notation; several divided by commas. Returns `loopback` and
 * ranges, as `ProxyTrust.trusted` holds them. Throws (usage) `ERR_USAGE_TRUST_PROXY`, also for a range that holds every address: whoever
 * connects could say then where it comes from.
 */
export function parseTrustProxy(value: string): readonly string[] {
  return value.split(',').map((each) => parseRange(each.trim(), value));
}

function parseRange(text: string, value: string): string {
  if (text === 'loopback') return text;
  const [, written = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = canonicalAddress(written);
  if (address === null || written.includes('%')) throw unusable(value, 'it is neither an address nor a range');
  const width = isIP(address) === 6 ? 128 : 32;
  // An IPv4 address written as IPv6 has its bits counted from the front of the longer one.
  const ahead = isIP(written) === 6 ? 128 - width : 0;
  const prefix = bits === undefined ? width : Number(bits) - ahead;
  if (prefix > width || prefix < 0) throw unusable(value, `a range of ${text} has no such number of bits`);
  if (prefix === 0) throw unusable(value, 'it holds every address, so anybody could say where a request comes from');
  return `${address}/${prefix}`;
}

function unusable(value: string, why: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_TRUST_PROXY', `--trust-proxy ${value} cannot be used: ${why}`, {
    hint: 'Give the address of the proxy, its range such as 10.0.0.0/8, or loopback for one on this machine.',
  });
}
