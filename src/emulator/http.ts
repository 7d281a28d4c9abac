import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { isLoopback } from '../address/reach.js';
import { isValidUrl } from '../address/valid-url.js';
import { ToolError } from '../errors.js';
import { describeListenFailure, isUnspecified } from '../http/listen-errors.js';
import { readRequestBody } from '../http/read-body.js';

interface ServerOptions {
  readonly host: string;
  /** 0 selects a free port. */
  readonly port: number;
  readonly handle: (incoming: EmulatorRequest) => Promise<EmulatorResponse>;
  /** Called after each response. */
  readonly onResponse: (handled: HandledRequest) => void;
  readonly now: () => number;
}

export interface HandledRequest {
  readonly method: string;
  readonly path: string;
  readonly response: EmulatorResponse;
  readonly ms: number;
}

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Limit of a request body. A signed payload has about 19 KB. */
const MAX_BODY_BYTES = 1_048_576;

/** Deadline for receiving a request, against slow clients. */
const REQUEST_MS = 30_000;

/** Starts listening. Throws `ERR_EMULATOR_PORT` (usage) if the port is in use or the address is not local. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS });
  server.on('request', (request, response) => void respond(request, response, options));
  await listen(server, options);
  return { port: (server.address() as AddressInfo).port, stop: () => close(server) };
}

async function respond(request: IncomingMessage, response: ServerResponse, options: ServerOptions): Promise<void> {
  const startedMs = options.now();
  const { method = '', url: path = '' } = request;
  const result = await handleRequest(request, options);
  if (result === null || response.destroyed) return;
  response.writeHead(result.status, { ...result.headers });
  response.end(result.body);
  const pathname = path.split('?', 1)[0] ?? '';
  options.onResponse({ method, path: pathname, response: result, ms: options.now() - startedMs });
}

/** Null if the client disconnected. */
async function handleRequest(
  request: IncomingMessage,
  { host, handle }: ServerOptions,
): Promise<EmulatorResponse | null> {
  const { method = '', url = '', headers } = request;
  const refusal = refusalResponse(headers, host);
  if (refusal !== null) return textResponse(403, 'Forbidden\n', { cause: refusal, headers: { connection: 'close' } });
  if (!url.startsWith('/') || !isValidUrl(`http://emulator${url}`)) return textResponse(400, 'Bad Request\n');
  const body = await readRequestBody(request, MAX_BODY_BYTES).catch(() => null);
  if (body === null) return null;
  if (body === 'too large') return textResponse(413, 'Payload Too Large\n', { headers: { connection: 'close' } });
  const incoming = { method, url: new URL(`http://emulator${url}`), headers, body };
  return handle(incoming).catch((error: unknown) =>
    textResponse(500, 'Internal Server Error\n', { cause: String(error) }),
  );
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, () => resolve());
  });
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): ToolError {
  const { why, hint } = describeListenFailure(cause);
  return new ToolError('usage', 'ERR_EMULATOR_PORT', `cannot listen on ${host}:${port}: ${why}`, {
    hint: `${hint} The emulator also uses the next port.`,
    cause,
  });
}

/** Closes keep-alive connections too, which would keep the server open. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A request with its whole body. Untrusted. */
export interface EmulatorRequest {
  readonly method: string;
  /** Path and query; the host is a placeholder. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** A response, with details for the log. */
export interface EmulatorResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Apple's error code. */
  readonly errorCode?: number | string;
  /** Reason for the response if its body does not state it. */
  readonly cause?: string;
}

export function jsonResponse(
  status: number,
  value: unknown,
  extra: Omit<EmulatorResponse, 'status' | 'body'> = {},
): EmulatorResponse {
  const headers = { 'content-type': 'application/json', ...extra.headers };
  return { ...extra, status, headers, body: JSON.stringify(value) };
}

export function textResponse(
  status: number,
  body: string,
  extra: Omit<EmulatorResponse, 'status' | 'body'> = {},
): EmulatorResponse {
  return { ...extra, status, headers: { 'content-type': 'text/plain; charset=utf-8', ...extra.headers }, body };
}

/** Token of `Authorization: Bearer …`; null if there is none. */
export function bearerToken({ headers }: EmulatorRequest): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/**
 * Reason to reject a request with 403; null if there is none. A web page can send requests to this machine, by DNS
 * rebinding even under its own name: such a request always has an Origin or a foreign Host.
 *
 * `boundTo` is the address that the server listens on. If it is unspecified (0.0.0.0), a Host may also be an IP address,
 * a name without dots or one under docker.internal, as containers use: no web page can have such a name.
 */
export function refusalResponse(headers: IncomingHttpHeaders, boundTo: string): string | null {
  if (headers.origin !== undefined) return 'it has an Origin header, so a browser sent it';
  const { host } = headers;
  if (host === undefined || !isValidUrl(`http://${host}`)) return 'it has no valid Host header';
  const { hostname } = new URL(`http://${host}`);
  return isOwnName(hostname, boundTo) ? null : 'its Host header is not a name of this emulator';
}

function isOwnName(hostname: string, boundTo: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(hostname) || address === boundTo.toLowerCase()) return true;
  return isUnspecified(boundTo) && (isIP(address) !== 0 || /^[^.]+$|\.docker\.internal$/.test(hostname));
}
