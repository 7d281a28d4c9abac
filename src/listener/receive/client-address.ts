import type { BlockList } from 'node:net';
import type { ProxyTrust } from '../options.js';
import { canonicalAddress, isLoopbackAddress, isWithin, networksOf } from './address.js';

/** What a request says of where it comes from. */
export interface Origin {
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
