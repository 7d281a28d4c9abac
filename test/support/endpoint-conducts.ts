import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { SendAttemptResult } from '../../src/notification/catalogue/send-attempts.js';
import type { IdentityName, ServerIdentity } from './endpoint-certificates.js';

/** A request as the endpoint read it. */
export interface SeenPost {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** How an endpoint goes wrong (or well), and what Apple calls that. */
export interface Conduct {
  readonly result: SendAttemptResult;
  /** Status a sender reports; null where it can have none, or where that depends on how much arrives before its time is up. */
  readonly httpStatus: number | null;
  /** Scheme of the address. `either`: http unless asked for https. */
  readonly scheme: 'http' | 'https' | 'either';
  /** Makes what listens; null where the address itself is the defect. */
  readonly makeServer: ((stage: Stage) => Server) | null;
  /** The address instead of the server's own. */
  readonly address?: (port: number) => string;
  /** Ends only when the sender's time is up: wait for `stuck`, then let it run out. */
  readonly hangs?: true;
}

/** What a conduct has to work with. */
export interface Stage {
  readonly identities: Readonly<Record<IdentityName, ServerIdentity>>;
  /** To speak TLS where the conduct leaves it open. */
  readonly isSecure: boolean;
  readonly onPost: (post: SeenPost) => void;
  /** Called when nothing more will come from the endpoint. */
  readonly onStuck: () => void;
}

/** An outcome: the result and the status reported with it. */
export type Row = readonly [result: SendAttemptResult, httpStatus: number | null];

/** A well-behaved HTTP server with this answer to each request, once it has been read whole. */
export function answers([result, httpStatus]: Row, listener: RequestListener): Conduct {
  const makeServer = ({ onPost, identities, isSecure }: Stage) =>
    isSecure
      ? createHttpsServer({ ...identities.good }, recorded(listener, onPost))
      : createHttpServer(recorded(listener, onPost));
  return { result, httpStatus, scheme: 'either', makeServer };
}

/** An empty answer with this status. */
export function status(code: number, result: SendAttemptResult): Conduct {
  return answers([result, code], (_request, response) => response.writeHead(code).end());
}

/** A TLS server that shows this certificate and answers 200 to who takes it. */
export function secure(result: SendAttemptResult, name: IdentityName, options: TlsOptions = {}): Conduct {
  const makeServer = ({ identities, onPost }: Stage) =>
    createHttpsServer({ ...identities[name], ...options }, recorded(ok, onPost));
  return { result, httpStatus: result === 'SUCCESS' ? 200 : null, scheme: 'https', makeServer };
}

/** What to do with a connection in the end; `tcp` lies beneath `socket` where that speaks TLS. */
export type Ending = (socket: Socket, tcp: Socket) => void;

export const close: Ending = (socket) => void socket.end();
export const reset: Ending = (_socket, tcp) => void tcp.resetAndDestroy();
/** Leaves it to the sender, whose time has to run out. */
export const hang: Ending = () => {};
/** Leaves it to the sender, who has heard enough. */
export const stayOpen: Ending = () => {};

/** Reads something, sends these bytes, HTTP or not, and ends the connection so. */
export function sends([result, httpStatus]: Row, bytes: string, end: Ending): Conduct {
  const makeServer = ({ identities, isSecure, onStuck }: Stage): Server => {
    const act = (socket: Socket, tcp: Socket): void => {
      const finish = (): void => {
        end(socket, tcp);
        onStuck();
      };
      onFirstData(socket, () => (bytes === '' ? finish() : socket.write(bytes, 'latin1', finish)));
    };
    return isSecure ? tlsServer(identities.good, act) : createTcpServer((socket) => act(socket, socket));
  };
  return { result, httpStatus, scheme: 'either', makeServer, ...(end === hang ? { hangs: true } : {}) };
}

/** The same during the TLS handshake: the client's first message is all that is read. */
export function sendsInHandshake(row: Row, bytes: string, end: Ending): Conduct {
  const conduct = sends(row, bytes, end);
  return { ...conduct, scheme: 'https', makeServer: (stage) => conduct.makeServer!({ ...stage, isSecure: false }) };
}

/** Nothing listens at the address. */
export function nothingAt(result: SendAttemptResult, address: (port: number) => string): Conduct {
  return { result, httpStatus: null, scheme: 'http', makeServer: null, address };
}

export const ok: RequestListener = (_request, response) => response.writeHead(200).end('ok');

/** Writes until the reader goes away. */
export function pour(response: ServerResponse): void {
  const block = Buffer.alloc(16_384, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(block));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

function recorded(listener: RequestListener, onPost: Stage['onPost']): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      onPost({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks) });
      listener(request, response);
    });
  };
}

/** A TLS server that hands out both ends of what it accepts. */
function tlsServer(identity: ServerIdentity, act: Ending): Server {
  const beneath = new Map<number | undefined, Socket>();
  const server = createTlsServer({ ...identity }, (socket) => act(socket, beneath.get(socket.remotePort)!));
  return server.on('connection', (tcp: Socket) => beneath.set(tcp.remotePort, tcp));
}

function onFirstData(socket: Socket, act: () => void): void {
  socket.on('error', () => {});
  socket.once('data', act);
  socket.resume();
}
