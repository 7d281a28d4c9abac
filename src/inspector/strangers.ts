import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections without a request that had the token. */
export interface Strangers {
  /** Called for a connection whose request had it. */
  admit(connection: Socket): void;
}

/**
 * Keeps places for the page: any program of the machine, and any web page, can open connections and send nothing. Beyond `most` the oldest
 * one is closed, so that a new one always gets a turn.
 */
export function limitStrangers(server: Server, most: number): Strangers {
  const strangers = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    strangers.add(connection);
    connection.once('close', () => strangers.delete(connection));
    const [oldest] = strangers;
    if (strangers.size > most) oldest?.destroy();
  });
  return { admit: (connection) => void strangers.delete(connection) };
}
