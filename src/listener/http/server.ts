import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { ToolError } from '../../errors.js';
import { describeListenFailure, reachableHost } from '../../http/listen-errors.js';
import type { RefusedEvent } from '../events.js';
import type { ListenerOptions, TlsFiles } from '../options.js';
import { canonicalAddress, prepareTrust } from './client-address.js';
import { ConnectionTable } from './connections.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import { type ClientErrorOptions, handleClientError, refuseConnection } from './protocol-errors.js';
import { RequestHandler } from './requests.js';
import { type ListenerResponse, type ReceivedRequest, type RequestRefusal, requestRefusal } from './responses.js';

export interface NotificationServerOptions
  extends Pick<ListenerOptions, 'host' | 'port' | 'path' | 'tls' | 'proxies' | 'appleOnly' | 'now' | 'sleep'> {
  /** Called for each POST with a body on the path. Null closes the connection without an answer; where it throws, 503 is answered. */
  readonly handle: (incoming: ReceivedRequest) => Promise<ListenerResponse | null>;
  /** Called for each request, and each TLS handshake, that `handle` never sees, and where `handle` throws. */
  readonly onRefused: (refused: Omit<RefusedEvent, 'event'>) => void;
  readonly limits?: Partial<Limits>;
}

export interface NotificationServer {
  readonly port: number;
  /** Where it can be reached from this machine, path included. */
  readonly url: string;
  /** Takes nothing more; what is under way may take `graceMs` longer. Resolves when all is closed. */
  stop(graceMs: number): Promise<void>;
}

/** Time limits are looked after this often, as far as they are not shorter themselves. */
const CHECK_MS = 1_000;

const BACKLOG = 1_024;

/**
 * Starts listening. Throws (usage) `ERR_LISTEN_PORT` where the port is taken or the address is not ours, `ERR_LISTEN_TLS` where the
 * certificate and key cannot be used.
 */
export async function startNotificationServer(options: NotificationServerOptions): Promise<NotificationServer> {
  const { host, path, tls, now, sleep } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const server = openServer(tls, limits);
  const tell = (refused: RequestRefusal, address: string | null): void =>
    options.onRefused({ atMs: now(), ...refused, address });
  const room = new ConnectionTable(limits, ({ address }, loss) => tell(requestRefusal(loss), address));
  const trust = prepareTrust(options.proxies);
  const intake = new RequestHandler({ ...options, limits, room, trust, tell });
  await listen(server, options);
  connect(server, intake, { room, limits, now, tell });
  const { port } = server.address() as AddressInfo;
  const url = `${tls === null ? 'http' : 'https'}://${reachableHost(host)}:${port}${path}`;
  let stopped: Promise<void> | null = null;
  return { port, url, stop: (graceMs) => (stopped ??= stop(server, intake, room, sleep, graceMs)) };
}

function openServer(tls: TlsFiles | null, limits: Limits): Server {
  const settings: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, limits.headersMs),
    insecureHTTPParser: false,
    // Looked for by us, so that it is refused as everything else is.
    requireHostHeader: false,
  };
  const server = tls === null ? createServer(settings) : openSecureServer(tls, settings, limits);
  // Otherwise node leaves out what comes after 2,000 lines: a peer could hide what its proxy writes behind its own.
  server.maxHeadersCount = 0;
  // Who sends all and closes his half is to get his answer. Not in node's documentation; without it he gets none.
  return Object.assign(server, { httpAllowHalfOpen: true });
}

function openSecureServer({ cert, key }: TlsFiles, settings: ServerOptions, { headersMs }: Limits): Server {
  try {
    return createSecureServer({ ...settings, cert, key, minVersion: 'TLSv1.2', handshakeTimeout: headersMs });
  } catch (cause) {
    const why = describeUnusableFiles((cause as NodeJS.ErrnoException).code);
    throw new ToolError('usage', 'ERR_LISTEN_TLS', `the certificate and key for TLS cannot be used: ${why}`, {
      hint: 'Give PEM files that belong together, the key without a passphrase: --tls-cert FILE --tls-key FILE.',
      cause,
    });
  }
}

function connect(server: Server, intake: RequestHandler, options: ClientErrorOptions): void {
  const { room } = options;
  server.on('connection', (socket: Socket) => room.enter(socket));
  server.on('secureConnection', (socket: Socket) => room.secure(socket));
  server.on('request', (request, response) => intake.take(request, response));
  server.on('checkContinue', (request, response) => intake.take(request, response, 'continue'));
  server.on('checkExpectation', (request, response) => intake.take(request, response, 'unknown'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    handleClientError(error.code, socket, options),
  );
  // Files are all taken, say. Whoever wanted to connect is told nothing, and comes again.
  server.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    options.tell({ ...requestRefusal('BUSY'), message: `a connection could not be taken: ${code ?? message}` }, null);
  });
  server.on('connect', (_request, socket: Socket) => refuseTunnel(socket, options));
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    tellTlsFailure(error, socket, options);
  });
}

/** CONNECT: node has taken its parser off the connection. */
function refuseTunnel(socket: Socket, options: ClientErrorOptions): void {
  const connection = options.room.of(socket);
  socket.on('error', () => socket.destroy());
  if (connection === undefined) socket.destroy();
  else refuseConnection(connection, 'METHOD_NOT_ALLOWED', options);
}

function tellTlsFailure({ code }: NodeJS.ErrnoException, socket: Socket, { tell }: ClientErrorOptions): void {
  const message = describeTlsFailure(code);
  if (message !== null)
    tell({ status: 400, code: 'TLS_FAILED', message }, canonicalAddress(socket.remoteAddress ?? ''));
}

function listen(server: Server, { host, port }: NotificationServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => reject(cannotListen(host, port, cause));
    server.once('error', onError);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): ToolError {
  const { why, hint } = describeListenFailure(cause);
  return new ToolError('usage', 'ERR_LISTEN_PORT', `port ${port} on ${host} cannot be opened: ${why}`, { hint, cause });
}

async function stop(
  server: Server,
  intake: RequestHandler,
  room: ConnectionTable,
  sleep: NotificationServerOptions['sleep'],
  graceMs: number,
): Promise<void> {
  const finished = new AbortController();
  intake.isStopping = true;
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  room.closeIdle();
  await Promise.race([closed, sleep(graceMs, finished.signal)]);
  finished.abort();
  room.closeAll();
  await closed;
}

/** What the codes of OpenSSL mean for whoever runs the endpoint. */
const MEANINGS: readonly (readonly [code: RegExp, meaning: string])[] = [
  [/HTTP_REQUEST/, 'plain HTTP was spoken where TLS is: the URL is to begin with https://'],
  [
    /UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|WRONG_VERSION|PROTOCOL_VERSION/,
    'the peer offers no TLS of version 1.2 or newer',
  ],
  [/ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_)/, 'the peer does not accept the certificate of this endpoint'],
  [/NO_SHARED_CIPHER|HANDSHAKE_FAILURE/, 'the peer and this endpoint have no cipher in common'],
  [/HANDSHAKE_TIMEOUT/, 'the TLS handshake was not complete in time'],
  [/^ERR_SSL_|^EPROTO$/, 'the TLS handshake failed'],
];

/** A handshake that failed, in words; null where the peer just went away, as whoever looks for open ports does. */
export function describeTlsFailure(code: string | undefined): string | null {
  return MEANINGS.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? null;
}

/** Why a certificate and its key cannot be used, in words, from the code of what Node throws. */
function describeUnusableFiles(code: string | undefined): string {
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key belongs to another certificate';
  if (/PASSPHRASE|BAD_DECRYPT|INTERRUPTED_OR_CANCELLED/.test(code ?? '')) return 'the key needs a passphrase';
  if (/PEM|DECODER|ERR_OSSL_UNSUPPORTED/.test(code ?? '')) return 'they are not both PEM';
  return code ?? 'TLS does not take them';
}
