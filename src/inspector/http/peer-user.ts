import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** Tables of Linux with the sockets of this machine and the users that they belong to. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localPort'>;

/** User id of the process at the other end of an IPv4 connection within this machine; null where the system does not tell, as beside Linux. */
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
  { remoteAddress = '', remotePort = 0, localPort = 0 }: Peer,
): number | null {
  const address = remoteAddress.split('.').reverse().map(hexByte).join('');
  const [own, other] = [`${address}:${hexPort(remotePort)}`, `:${hexPort(localPort)}`];
  for (const line of table.split('\n')) {
    const [, socket = '', far = '', state, , , , user] = line.trim().split(/\s+/);
    // Beginning with the prefix of IPv4 in the table of IPv6.
    if (state === ESTABLISHED && socket.endsWith(own) && far.endsWith(other)) return Number(user);
  }
  return null;
}

/** In another state the system no longer knows the user. */
const ESTABLISHED = '01';

function hexByte(decimal: string): string {
  return Number(decimal).toString(16).toUpperCase().padStart(2, '0');
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
