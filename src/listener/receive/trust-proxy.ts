import { isIP } from 'node:net';
import { ToolError } from '../../errors.js';
import { canonicalAddress } from './address.js';

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
