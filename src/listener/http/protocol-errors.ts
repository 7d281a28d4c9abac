import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection, ConnectionTable } from './connections.js';
import type { Limits } from './limits.js';
import { type RequestRefusal, type RequestRefusalCode, rawReply, refusalReply, requestRefusal } from './responses.js';

export interface ClientErrorOptions {
  readonly connections: ConnectionTable;
  readonly limits: Pick<Limits, 'lingerBytes' | 'lingerMs'>;
  readonly now: () => number;
  readonly onRefused: (refused: RequestRefusal, address: string | null) => void;
}

/** Refusals for error codes of the parser; any other is `MALFORMED_HTTP`. */
const CODES: Readonly<Record<string, RequestRefusalCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'TOO_LARGE',
  HPE_INVALID_EOF_STATE: 'INCOMPLETE',
  ERR_HTTP_REQUEST_TIMEOUT: 'TIMED_OUT',
};

/**
 * Handles an invalid or late request: answers once, after the pending answers of the connection, and closes it. Called again for later
 * data. Closes a broken connection silently, and an unused one, as browsers and load balancers open them. Ignores data after the peer's
 * own `Connection: close`.
 */
export function handleClientError(code: string | undefined, socket: Socket, options: ClientErrorOptions): void {
  const connection = options.connections.get(socket);
  if (code === 'HPE_CLOSED_CONNECTION') return;
  if (connection === undefined || isBroken(code) || socket.bytesRead === 0) {
    socket.destroy();
  } else if (connection.endLinger !== null) {
    connection.endLinger();
  } else if (!connection.isClosing) {
    refuseConnection(connection, CODES[code ?? ''] ?? 'MALFORMED_HTTP', options);
  } else if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && connection.serving === 0) {
    socket.destroy();
  }
}

/** Answers with a refusal and closes the connection, bypassing the parser. */
export function refuseConnection(connection: Connection, code: RequestRefusalCode, options: ClientErrorOptions): void {
  const { connections, limits, now, onRefused } = options;
  const { socket } = connection;
  const lastAnswer = lastAnswerOf(connection);
  const refused = requestRefusal(code);
  connection.isClosing = true;
  connections.settleBody(connection);
  onRefused(refused, connection.address);
  const answer = (): void => closeWith(socket, rawReply(refusalReply(refused), now()), limits);
  if (lastAnswer?.writableFinished === false) lastAnswer.once('finish', answer);
  else answer();
}

/**
 * The answer that precedes the refusal: to the last request that has arrived completely. The parser fails on what follows it before the
 * handler has read its end, so it need not be served yet.
 */
function lastAnswerOf({ lastRequest, lastResponse, previousResponse }: Connection): ServerResponse | null {
  return lastRequest?.complete === true ? lastResponse : previousResponse;
}

/** Half-closes and drains further data, which would otherwise reset the connection before the answer arrives. */
function closeWith(socket: Socket, text: string, { lingerBytes, lingerMs }: ClientErrorOptions['limits']): void {
  if (socket.writableEnded) return;
  socket.end(text);
  socket.setTimeout(lingerMs, () => socket.destroy());
  const maxBytesRead = socket.bytesRead + lingerBytes;
  socket.on('data', () => void (socket.bytesRead > maxBytesRead && socket.destroy()));
}

function isBroken(code: string | undefined): boolean {
  return code === undefined || !(code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT');
}
