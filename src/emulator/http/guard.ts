import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../../http/dispatcher.js';
import { isUnspecified } from '../../http/listening.js';

/**
 * Why a request is refused before anybody looks at it; null where it is not. A page in a browser can send requests to this
 * machine, under its own name by DNS rebinding: it always brings an Origin or a Host that is not ours.
 *
 * `boundTo` is the address listened on. Where that is every address of the machine, hosts are also taken by IP address and
 * by a name without dots or under docker.internal, as containers call each other: nobody on the internet owns such a name.
 */
export function refusalOf(headers: IncomingHttpHeaders, boundTo: string): string | null {
  if (headers.origin !== undefined) return 'it brings an Origin, so a browser sent it';
  const { host } = headers;
  if (host === undefined || !URL.canParse(`http://${host}`)) return 'it brings no readable Host';
  const { hostname } = new URL(`http://${host}`);
  return isOwnName(hostname, boundTo) ? null : 'its Host is not a name of this emulator';
}

function isOwnName(hostname: string, boundTo: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(hostname) || address === boundTo.toLowerCase()) return true;
  return isUnspecified(boundTo) && (isIP(address) !== 0 || /^[^.]+$|\.docker\.internal$/.test(hostname));
}
