/** Reachability of a host: this machine, a private network, or the public internet. */
export type Reach = 'loopback' | 'private' | 'public';

/** RFC 1918, link-local (RFC 3927), shared address space (RFC 6598, used by private overlays), "this network", and multicast. */
const PRIVATE_IPV4 =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0\.|2[2-5]\d\.)/;

/** "This host", and unique local (RFC 4193), link-local and multicast addresses. */
const PRIVATE_IPV6 = /^\[(?:::\]|f(?:[cdf][0-9a-f]{2}|e[89a-f][0-9a-f]):)/;

/** An IPv4 address inside an IPv6 address: mapped (RFC 4291) or translated (RFC 6052). */
const INNER_IPV4 = /^\[(?:::ffff:|64:ff9b::)([0-9a-f]+):([0-9a-f]+)\]$/;

/** Names that are not in public DNS: RFC 6761 (test), RFC 6762 (local), RFC 8375 (home.arpa), ICANN's internal, and routers' lan. */
const PRIVATE_NAME = /\.(?:local|internal|test|lan|home\.arpa)$/;

const IPV4 = /^\d+(?:\.\d+){3}$/;

/**
 * Reachability from the host name alone, without DNS: a public name may resolve to a private address. Takes a `hostname` as URL gives it.
 * A name without a dot belongs to a container or a local network.
 */
export function reachOf(hostname: string): Reach {
  const name = hostname.replace(/\.$/, '');
  if (isLoopback(name)) return 'loopback';
  const [, high, low] = INNER_IPV4.exec(name) ?? [];
  if (low !== undefined) return reachOf(ipv4Of(parseInt(`${high}`, 16), parseInt(low, 16)));
  if (name.startsWith('[')) return PRIVATE_IPV6.test(name) ? 'private' : 'public';
  if (IPV4.test(name)) return PRIVATE_IPV4.test(name) ? 'private' : 'public';
  return !name.includes('.') || PRIVATE_NAME.test(name) ? 'private' : 'public';
}

function ipv4Of(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** {@link reachOf} of an IP address as a resolver gives it. */
export function reachOfAddress(address: string): Reach {
  if (!address.includes(':')) return reachOf(address);
  // The zone after a percent sign (link-local addresses) is not allowed in a URL.
  return reachOf(new URL(`http://[${address.replace(/%.*/, '')}]/`).hostname);
}

/** True for `localhost`, names under it, 127.0.0.0/8 and ::1; takes a `hostname` as URL gives it. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}
