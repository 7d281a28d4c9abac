import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limits } from './limits.js';
import { type Reply, sendAhead } from './reply.js';
import type { Connection } from './room.js';

/**
 * Answers a request whose body is still to come, or coming. A connection that is closed now would be reset, and the answer be lost with
 * it: what comes is thrown away until the end, a pause, or enough of it. Nothing behind it on the connection is looked at.
 */
export function linger(
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  { lingerBytes, lingerMs }: Pick<Limits, 'lingerBytes' | 'lingerMs'>,
): void {
  let left = lingerBytes;
  const end = (): void => {
    if (connection.endLinger !== null && !connection.isOver) response.end();
    connection.endLinger = null;
  };
  connection.endLinger = end;
  connection.isClosing = true;
  sendAhead(response, reply);
  request.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) end();
  });
  request.on('end', end);
  request.setTimeout(lingerMs, end);
}
