import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** Tables of Linux with the sockets of this machine and the users that they belong to. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** Of the server's side of the connection. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

/** Not the id of any user. */
export const UNKNOWN_USER = -1;

/**
 * User id of the process at the other end of an IPv4 connection within this machine, {@link UNKNOWN_USER} of an end that is closed or half
 * closed. Null where no table has that end: without /proc/net (macOS, Windows), and under WSL, whose peer may be a program of Windows.
 */
export async function readPeerUser(peer: Peer): Promise<number | null> {
  for (const file of TABLES) {
    const table = await readFile(file, 'latin1').catch(() => '');
    const user = findPeerUser(table, peer);
    if (user !== null) return user;
  }
  return null;
}

/** See {@link readPeerUser}; `table` as Linux has it: addresses in hex, an IPv4 address with its last byte first. */
export function findPeerUser(
  table: string,
  { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 }: Peer,
): number | null {
  const [own, other] = [endpointOf(remoteAddress, remotePort), endpointOf(localAddress, localPort)];
  for (const line of table.split('\n')) {
    const [, socket = '', far = '', state, , , , user] = line.trim().split(/\s+/);
    // In tcp6 the IPv4 address has a prefix. The far address counts too: older kernels show uid 0 for a socket that is not accepted yet.
    if (state === TIME_WAIT || !socket.endsWith(own) || !far.endsWith(other)) continue;
    return state === ESTABLISHED ? Number(user) : UNKNOWN_USER;
  }
  return null;
}

/** Left by an earlier connection of the same ports. */
const TIME_WAIT = '06';

/** In other states the user may be shown or not: an end that was half closed still receives the reply. */
const ESTABLISHED = '01';

function endpointOf(address: string, port: number): string {
  return `${address.split('.').reverse().map(hexByte).join('')}:${hexPort(port)}`;
}

function hexByte(decimal: string): string {
  return Number(decimal).toString(16).toUpperCase().padStart(2, '0');
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
