import { BlockList, isIP } from 'node:net';

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
export function isWithin(address: string, networks: BlockList): boolean {
  return networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** CIDR ranges as one list; `loopback` stands for the ranges of this machine. Takes what was parsed before. */
export function networksOf(ranges: readonly string[]): BlockList {
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
