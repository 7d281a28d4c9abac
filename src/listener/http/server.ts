import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { ToolError } from '../../errors.js';
import { describeListenFailure, reachableHost } from '../../http/listen-errors.js';
import type { RefusedEvent } from '../events.js';
import type { ListenerOptions, TlsFiles } from '../options.js';
import { canonicalAddress, prepareTrust } from './client-address.js';
import { ConnectionTable } from './connections.js';
import { DEFAULT_HTTP_LIMITS, type Limits } from './limits.js';
import { type ClientErrorOptions, handleClientError, refuseConnection } from './protocol-errors.js';
import { RequestHandler } from './requests.js';
import { type ListenerResponse, type ReceivedRequest, type RequestRefusal, requestRefusal } from './responses.js';

export interface NotificationServerOptions
  extends Pick<
    ListenerOptions,
    'host' | 'port' | 'path' | 'pathDisclosure' | 'tls' | 'proxies' | 'appleOnly' | 'now' | 'sleep'
  > {
  /** Called for each POST with a body on the path. Null closes the connection without an answer; an exception is answered 503. */
  readonly handle: (incoming: ReceivedRequest) => Promise<ListenerResponse | null>;
  /** Called for each request and TLS handshake that does not reach `handle`, and when `handle` throws. */
  readonly onRefused: (refused: Omit<RefusedEvent, 'event'>) => void;
  readonly limits?: Partial<Limits>;
}

export interface NotificationServer {
  readonly port: number;
  /** Local URL, including the path. */
  readonly url: string;
  /** Rejects new requests, finishes those in progress within `graceMs`, and resolves when all connections are closed. */
  stop(graceMs: number): Promise<void>;
}

/** Interval of the timeout checks, unless a timeout is shorter. */
const CHECK_MS = 1_000;

const BACKLOG = 1_024;

/**
 * Starts listening. Throws (usage) `ERR_LISTEN_PORT` if the port is in use or the address not available, `ERR_LISTEN_TLS` if certificate
 * and key are not usable.
 */
export async function startNotificationServer(options: NotificationServerOptions): Promise<NotificationServer> {
  const { host, path, tls, now, sleep } = options;
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const server = openServer(tls, limits);
  const onRefused = (refused: RequestRefusal, address: string | null): void =>
    options.onRefused({ atMs: now(), ...refused, address });
  const connections = new ConnectionTable(limits, ({ address }, loss) => onRefused(requestRefusal(loss), address));
  const trust = prepareTrust(options.proxies);
  const handler = new RequestHandler({ ...options, limits, connections, trust, onRefused });
  await listen(server, options);
  connect(server, handler, { connections, limits, now, onRefused });
  const { port } = server.address() as AddressInfo;
  const url = `${tls === null ? 'http' : 'https'}://${reachableHost(host)}:${port}${path}`;
  let stopped: Promise<void> | null = null;
  return { port, url, stop: (graceMs) => (stopped ??= stop(server, handler, connections, sleep, graceMs)) };
}

function openServer(tls: TlsFiles | null, limits: Limits): Server {
  const settings: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, limits.headersMs),
    insecureHTTPParser: false,
    // Checked by `checkHead`, so that the refusal has the usual form.
    requireHostHeader: false,
  };
  const server = tls === null ? createServer(settings) : openSecureServer(tls, settings, limits);
  // Otherwise node drops header lines after 2,000, so that a peer could hide those of its proxy behind its own.
  server.maxHeadersCount = 0;
  // A peer that half-closes after its request gets its answer. Not in node's documentation; without it there is none.
  return Object.assign(server, { httpAllowHalfOpen: true });
}

function openSecureServer({ cert, key }: TlsFiles, settings: ServerOptions, { headersMs }: Limits): Server {
  try {
    return createSecureServer({ ...settings, cert, key, minVersion: 'TLSv1.2', handshakeTimeout: headersMs });
  } catch (cause) {
    const why = describeUnusableFiles((cause as NodeJS.ErrnoException).code);
    throw new ToolError('usage', 'ERR_LISTEN_TLS', `the certificate and key for TLS are not usable: ${why}`, {
      hint: 'Pass matching PEM files, the key without a passphrase: --tls-cert FILE --tls-key FILE',
      cause,
    });
  }
}

function connect(server: Server, handler: RequestHandler, options: ClientErrorOptions): void {
  const { connections } = options;
  server.on('connection', (socket: Socket) => connections.add(socket));
  server.on('secureConnection', (socket: Socket) => connections.secure(socket));
  server.on('request', (request, response) => handler.handle(request, response));
  server.on('checkContinue', (request, response) => handler.handle(request, response, 'continue'));
  server.on('checkExpectation', (request, response) => handler.handle(request, response, 'unknown'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    handleClientError(error.code, socket, options),
  );
  // For example, no file descriptors are left. The peer gets no answer, and retries.
  server.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    options.onRefused(
      { ...requestRefusal('BUSY'), message: `a connection could not be accepted: ${code ?? message}` },
      null,
    );
  });
  server.on('connect', (_request, socket: Socket) => refuseConnect(socket, options));
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    reportTlsFailure(error, socket, options);
  });
}

/** Refuses CONNECT, for which node has detached its parser from the connection. */
function refuseConnect(socket: Socket, options: ClientErrorOptions): void {
  const connection = options.connections.get(socket);
  socket.on('error', () => socket.destroy());
  if (connection === undefined) socket.destroy();
  else refuseConnection(connection, 'METHOD_NOT_ALLOWED', options);
}

function reportTlsFailure({ code }: NodeJS.ErrnoException, socket: Socket, { onRefused }: ClientErrorOptions): void {
  const message = describeTlsFailure(code);
  if (message !== null) onRefused({ status: 400, code: 'TLS_FAILED', message }, canonicalAddress(peerOf(socket) ?? ''));
}

/** Address of the peer. After a handshake timeout only the socket beneath has it, which node keeps in an undocumented field. */
function peerOf(socket: Socket & { readonly _parent?: Socket | null }): string | undefined {
  return socket.remoteAddress ?? socket._parent?.remoteAddress;
}

function listen(server: Server, { host, port }: NotificationServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => reject(listenError(host, port, cause));
    server.once('error', onError);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function listenError(host: string, port: number, cause: NodeJS.ErrnoException): ToolError {
  const { why, hint } = describeListenFailure(cause);
  return new ToolError('usage', 'ERR_LISTEN_PORT', `port ${port} on ${host} cannot be opened: ${why}`, { hint, cause });
}

async function stop(
  server: Server,
  handler: RequestHandler,
  connections: ConnectionTable,
  sleep: NotificationServerOptions['sleep'],
  graceMs: number,
): Promise<void> {
  const finished = new AbortController();
  handler.isStopping = true;
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  connections.closeIdle();
  await Promise.race([closed, sleep(graceMs, finished.signal)]);
  finished.abort();
  connections.closeAll();
  await closed;
}

/** TLS handshake failures by OpenSSL code. */
const TLS_FAILURES: readonly (readonly [code: RegExp, message: string])[] = [
  [/HTTP_REQUEST/, 'plain HTTP request to a TLS port: the URL must start with https://'],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|WRONG_VERSION|PROTOCOL_VERSION/, 'the peer does not support TLS 1.2 or later'],
  [/ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_)/, 'the peer does not accept the certificate of this endpoint'],
  [/NO_SHARED_CIPHER|HANDSHAKE_FAILURE/, 'the peer and this endpoint have no cipher in common'],
  [/HANDSHAKE_TIMEOUT/, 'the TLS handshake timed out'],
  [/^ERR_SSL_|^EPROTO$/, 'the TLS handshake failed'],
];

/** Message for a failed handshake; null if the peer just disconnected, as port scanners do. */
export function describeTlsFailure(code: string | undefined): string | null {
  return TLS_FAILURES.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? null;
}

/** Reason why certificate and key are not usable, from Node's error code. */
function describeUnusableFiles(code: string | undefined): string {
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key belongs to another certificate';
  if (/PASSPHRASE|BAD_DECRYPT|INTERRUPTED_OR_CANCELLED/.test(code ?? '')) return 'the key needs a passphrase';
  if (/PEM|DECODER|ERR_OSSL_UNSUPPORTED/.test(code ?? '')) return 'not both are PEM';
  return code ?? 'unknown error';
}
