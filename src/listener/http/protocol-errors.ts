import type { Socket } from 'node:net';
import type { Connection, ConnectionTable } from './connections.js';
import type { Limits } from './limits.js';
import { type RequestRefusal, type RequestRefusalCode, rawReply, refusalReply, requestRefusal } from './responses.js';

export interface ClientErrorOptions {
  readonly room: ConnectionTable;
  readonly limits: Pick<Limits, 'lingerBytes' | 'lingerMs'>;
  readonly now: () => number;
  readonly tell: (refused: RequestRefusal, address: string | null) => void;
}

/** What the parser says, as far as it differs from `MALFORMED_HTTP`. */
const CODES: Readonly<Record<string, RequestRefusalCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'TOO_LARGE',
  HPE_INVALID_EOF_STATE: 'INCOMPLETE',
  ERR_HTTP_REQUEST_TIMEOUT: 'TIMED_OUT',
};

/**
 * What came on a connection is not, or not in time, a request: it is answered once and closed, after the answers to the requests before
 * it. Called again for all that still comes. A connection that is lost is closed, and so is one on which nothing was ever sent, as
 * browsers and load balancers open them. What comes after a `Connection: close` of the peer's own is not looked at.
 */
export function handleClientError(code: string | undefined, socket: Socket, options: ClientErrorOptions): void {
  const connection = options.room.of(socket);
  if (code === 'HPE_CLOSED_CONNECTION') return;
  if (connection === undefined || isLost(code) || socket.bytesRead === 0) {
    socket.destroy();
  } else if (connection.endLinger !== null) {
    connection.endLinger();
  } else if (!connection.isClosing) {
    refuseConnection(connection, CODES[code ?? ''] ?? 'MALFORMED_HTTP', options);
  } else if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && connection.serving === 0) {
    socket.destroy();
  }
}

/** Answers with that and closes, without a parser to help. */
export function refuseConnection(connection: Connection, code: RequestRefusalCode, options: ClientErrorOptions): void {
  const { room, limits, now, tell } = options;
  const { socket, lastAnswer } = connection;
  const refused = requestRefusal(code);
  connection.isClosing = true;
  room.settleBody(connection);
  tell(refused, connection.address);
  const answer = (): void => closeWith(socket, rawReply(refusalReply(refused), now()), limits);
  if (lastAnswer?.writableFinished === false) lastAnswer.once('finish', answer);
  else answer();
}

/** Half-closes: what still comes is thrown away, so that it does not reset the connection under the answer. */
function closeWith(socket: Socket, text: string, { lingerBytes, lingerMs }: ClientErrorOptions['limits']): void {
  if (socket.writableEnded) return;
  socket.end(text);
  socket.setTimeout(lingerMs, () => socket.destroy());
  const most = socket.bytesRead + lingerBytes;
  socket.on('data', () => void (socket.bytesRead > most && socket.destroy()));
}

function isLost(code: string | undefined): boolean {
  return code === undefined || !(code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT');
}
