import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { isLoopback } from '../address/reach.js';
import { ToolError } from '../errors.js';
import { describeListenFailure, isUnspecified } from '../http/listen-errors.js';

interface ServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly handle: (incoming: Incoming) => Promise<Answer>;
  /** Called after each answer. */
  readonly onAnswer: (about: Answered) => void;
  readonly now: () => number;
}

export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly answer: Answer;
  readonly ms: number;
}

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A signed payload is 19 KB; a body of more than this is not for us. */
const MAX_BODY_BYTES = 1_048_576;

/** A request that drips in is cut off. */
const REQUEST_MS = 30_000;

/** Starts listening. Throws `ERR_EMULATOR_PORT` (usage) where the port is taken or the address is not ours. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS });
  server.on('request', (request, response) => void respond(request, response, options));
  await listen(server, options);
  return { port: (server.address() as AddressInfo).port, stop: () => close(server) };
}

async function respond(request: IncomingMessage, response: ServerResponse, options: ServerOptions): Promise<void> {
  const startedMs = options.now();
  const { method = '', url: path = '' } = request;
  const answer = await answerTo(request, options);
  if (answer === null || response.destroyed) return;
  response.writeHead(answer.status, { ...answer.headers });
  response.end(answer.body);
  options.onAnswer({ method, path: path.split('?', 1)[0] ?? '', answer, ms: options.now() - startedMs });
}

/** Null where the peer went away. */
async function answerTo(request: IncomingMessage, { host, handle }: ServerOptions): Promise<Answer | null> {
  const { method = '', url = '', headers } = request;
  const refusal = refusalOf(headers, host);
  if (refusal !== null) return textAnswer(403, 'Forbidden\n', { cause: refusal, headers: { connection: 'close' } });
  if (!url.startsWith('/') || !URL.canParse(`http://emulator${url}`)) return textAnswer(400, 'Bad Request\n');
  const body = await readBody(request).catch(() => null);
  if (body === null) return null;
  if (body === 'too large') return textAnswer(413, 'Payload Too Large\n', { headers: { connection: 'close' } });
  const incoming = { method, url: new URL(`http://emulator${url}`), headers, body };
  return handle(incoming).catch((error: unknown) =>
    textAnswer(500, 'Internal Server Error\n', { cause: String(error) }),
  );
}

/** Whoever sends too much is still to hear why, so the connection is left open. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | 'too large'> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return 'too large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, () => resolve());
  });
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): ToolError {
  const { why, hint } = describeListenFailure(cause);
  return new ToolError('usage', 'ERR_EMULATOR_PORT', `port ${port} on ${host} cannot be opened: ${why}`, {
    hint: `${hint} The port after it is used, too.`,
    cause,
  });
}

/** Connections that are kept alive would hold the server open. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A request, read whole. Nothing in it is to be trusted. */
export interface Incoming {
  readonly method: string;
  /** Path and query; the host in it is a placeholder. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** What is answered, and what the log is told beyond it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Apple's code of an error. */
  readonly errorCode?: number | string;
  /** Why, where the answer itself does not say it. */
  readonly cause?: string;
}

/** An answer in JSON. */
export function jsonAnswer(status: number, value: unknown, extra: Omit<Answer, 'status' | 'body'> = {}): Answer {
  const headers = { 'content-type': 'application/json', ...extra.headers };
  return { ...extra, status, headers, body: JSON.stringify(value) };
}

export function textAnswer(status: number, body: string, extra: Omit<Answer, 'status' | 'body'> = {}): Answer {
  return { ...extra, status, headers: { 'content-type': 'text/plain; charset=utf-8', ...extra.headers }, body };
}

/** The token of `Authorization: Bearer …`; null where there is none. */
export function bearerToken({ headers }: Incoming): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

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
