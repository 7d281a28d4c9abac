import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections without a request that had the token. */
export interface UnauthenticatedConnections {
  /** Called for a connection whose request had it. */
  admit(connection: Socket): void;
}

/**
 * Reserves connections for the page: any program of the machine, and any web page, can open connections and send nothing. Beyond `most` the oldest
 * one is closed, so that a new one is always accepted.
 */
export function limitUnauthenticated(server: Server, most: number): UnauthenticatedConnections {
  const unauthenticated = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    unauthenticated.add(connection);
    connection.once('close', () => unauthenticated.delete(connection));
    const [oldest] = unauthenticated;
    if (unauthenticated.size > most) oldest?.destroy();
  });
  return { admit: (connection) => void unauthenticated.delete(connection) };
}
