import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { type EndpointCertificates, makeEndpointCertificates } from './endpoint-certificates.js';
import {
  answers,
  type Conduct,
  close,
  hang,
  nothingAt,
  ok,
  pour,
  type Row,
  reset,
  type SeenPost,
  secure,
  sends,
  sendsInHandshake,
  status,
  stayOpen,
} from './endpoint-conducts.js';
import { freePort } from './server-process.js';

const UNSUCCESSFUL = 'UNSUCCESSFUL_HTTP_RESPONSE_CODE';
const OK_HEAD = 'HTTP/1.1 200 OK\r\n';

/** A media type of an answer. */
const typed = (row: Row, code: number, type: string): Conduct =>
  answers(row, (_request, response) => response.writeHead(code, { 'content-type': type }).end('ok'));

/** A redirect from every path but `/arrived`. */
const redirects = (row: Row, code: number, locationOf: (path: string) => string): Conduct =>
  answers(row, (request, response) => {
    if (request.url === '/arrived') response.writeHead(200).end('arrived');
    else response.writeHead(code, { location: locationOf(request.url ?? '') }).end();
  });

/** OpenSSL speaks these at its lowest level of security only. */
const old = (version: 'TLSv1' | 'TLSv1.1'): TlsOptions => ({
  minVersion: version,
  maxVersion: version,
  ciphers: 'DEFAULT@SECLEVEL=0',
});
const ASKS_FOR_CERTIFICATE: TlsOptions = { requestCert: true, rejectUnauthorized: true };

/** A real cause for every result. A name says what the endpoint does. */
export const CONDUCTS = {
  'ok-200': answers(['SUCCESS', 200], ok),
  'ok-201': status(201, 'SUCCESS'),
  'ok-204': status(204, 'SUCCESS'),
  'ok-206': status(206, 'SUCCESS'),
  'ok-charset': typed(['SUCCESS', 200], 200, 'text/html; Charset="ISO-8859-1"; x=y'),
  'ok-and-more-than-its-length': sends(['SUCCESS', 200], `${OK_HEAD}Content-Length: 2\r\n\r\nok and more`, close),
  'ok-without-length': sends(['SUCCESS', 200], `${OK_HEAD}\r\nok`, close),
  'ok-after-100': sends(['SUCCESS', 200], `HTTP/1.1 100 Continue\r\n\r\n${OK_HEAD}Content-Length: 2\r\n\r\nok`, close),
  'ok-endless-body': answers(['SUCCESS', 200], (_request, response) => pour(response.writeHead(200))),
  'ok-tls': secure('SUCCESS', 'good'),
  'ok-tls-1.2': secure('SUCCESS', 'good', { maxVersion: 'TLSv1.2' }),

  'status-101': sends([UNSUCCESSFUL, 101], 'HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', stayOpen),
  'status-207': status(207, UNSUCCESSFUL),
  'status-302-without-location': status(302, UNSUCCESSFUL),
  'status-303': redirects([UNSUCCESSFUL, 303], 303, () => '/arrived'),
  'status-401': status(401, UNSUCCESSFUL),
  'status-404': status(404, UNSUCCESSFUL),
  'status-404-in-bad-charset': typed([UNSUCCESSFUL, 404], 404, 'text/html; charset=utf-99'),
  'status-500': status(500, UNSUCCESSFUL),
  'status-503': status(503, UNSUCCESSFUL),

  'redirect-301': redirects(['SUCCESS', 200], 301, () => '/arrived'),
  'redirect-308': redirects(['SUCCESS', 200], 308, () => '/arrived'),
  'redirect-to-itself': redirects(['CIRCULAR_REDIRECT', 302], 302, (path) => path),
  'redirect-slashes': redirects(['CIRCULAR_REDIRECT', 301], 301, (path) => (path.endsWith('/') ? '/a' : '/a/')),
  'redirect-without-end': redirects(['CIRCULAR_REDIRECT', 307], 307, (path) => `${path}x`),
  'redirect-out-of-http': redirects(['OTHER', 302], 302, () => 'ftp://127.0.0.1/'),
  'redirect-to-no-address': redirects(['INVALID_RESPONSE', 302], 302, () => 'http://'),

  // A label of 64 characters cannot be asked for in the DNS: the system's resolver says no without a question to the network.
  unresolvable: nothingAt('SOCKET_ISSUE', () => `http://${'a'.repeat(64)}.test/`),
  refused: nothingAt('SOCKET_ISSUE', (port) => `http://127.0.0.1:${port}/`),
  reset: sends(['SOCKET_ISSUE', null], '', reset),
  'reset-in-handshake': sendsInHandshake(['SOCKET_ISSUE', null], '', reset),

  'closed-without-answer': sends(['NO_RESPONSE', null], '', close),
  'not-http': sends(['NO_RESPONSE', null], 'SSH-2.0-OpenSSH_9.9\r\n', close),
  'tls-where-http-is-expected': { ...secure('NO_RESPONSE', 'good'), scheme: 'http' },

  'closed-in-headers': sends(['PREMATURE_CLOSE', null], `${OK_HEAD}Content-Le`, close),
  'closed-in-status-line': sends(['PREMATURE_CLOSE', null], 'HT', close),
  'closed-in-body': sends(['PREMATURE_CLOSE', 200], `${OK_HEAD}Content-Length: 9\r\n\r\nhalf`, close),
  'closed-in-chunks': sends(
    ['PREMATURE_CLOSE', 200],
    `${OK_HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`,
    close,
  ),

  'bad-header': sends(['INVALID_RESPONSE', null], `${OK_HEAD}no colon here\r\n\r\n`, close),
  'bad-status-line': sends(['INVALID_RESPONSE', null], 'HTTP/1.1 fine\r\n\r\n', close),
  'bad-version': sends(['INVALID_RESPONSE', null], 'HTTP/7.3 200 OK\r\n\r\n', close),
  'bad-chunk': sends(['INVALID_RESPONSE', 200], `${OK_HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, close),
  'two-lengths': sends(['INVALID_RESPONSE', null], `${OK_HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nok`, close),
  'headers-too-long': sends(['INVALID_RESPONSE', null], `${OK_HEAD}X: ${'x'.repeat(70_000)}`, close),

  'bad-charset': typed(['UNSUPPORTED_CHARSET', 200], 200, 'text/html; charset=utf-99'),

  hang: sends(['TIMED_OUT', null], '', hang),
  'hang-in-headers': sends(['TIMED_OUT', null], OK_HEAD, hang),
  'hang-in-body': sends(['TIMED_OUT', null], `${OK_HEAD}Content-Length: 9\r\n\r\nhalf`, hang),
  'hang-in-handshake': sendsInHandshake(['TIMED_OUT', null], '', hang),

  'tls-1.0': secure('TLS_ISSUE', 'good', old('TLSv1')),
  'tls-1.1': secure('TLS_ISSUE', 'good', old('TLSv1.1')),
  'tls-expired': secure('TLS_ISSUE', 'expired'),
  'tls-not-yet-valid': secure('TLS_ISSUE', 'not-yet-valid'),
  'tls-self-signed': secure('TLS_ISSUE', 'self-signed'),
  'tls-wrong-name': secure('TLS_ISSUE', 'wrong-name'),
  'tls-incomplete-chain': secure('TLS_ISSUE', 'incomplete-chain'),
  'tls-unknown-root': secure('TLS_ISSUE', 'unknown-root'),
  'tls-client-certificate': secure('TLS_ISSUE', 'good', ASKS_FOR_CERTIFICATE),
  'tls-client-certificate-1.2': secure('TLS_ISSUE', 'good', { ...ASKS_FOR_CERTIFICATE, maxVersion: 'TLSv1.2' }),
  'tls-closed-in-handshake': sendsInHandshake(['TLS_ISSUE', null], '', close),
  'http-where-tls-is-expected': sendsInHandshake(['TLS_ISSUE', null], 'HTTP/1.1 400 Bad Request\r\n\r\n', close),
} as const satisfies Readonly<Record<string, Conduct>>;

export type ConductName = keyof typeof CONDUCTS;
export const CONDUCT_NAMES = Object.keys(CONDUCTS) as readonly ConductName[];

export interface BadEndpoint {
  readonly url: URL;
  readonly conduct: Conduct;
  /** Every request that an HTTP server behind it read whole, in order of arrival. */
  readonly seen: readonly SeenPost[];
  /** Resolves when a conduct that hangs has done all it will ever do. */
  readonly stuck: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a real endpoint on a free loopback port. `certificates` come from {@link endpointCertificates}, once for many endpoints; a client
 * that is to believe them is given `rootPem`. With `isSecure` a conduct that works over either speaks TLS, with a good certificate.
 */
export async function startBadEndpoint(
  name: ConductName,
  certificates: EndpointCertificates,
  isSecure = false,
): Promise<BadEndpoint> {
  const conduct: Conduct = CONDUCTS[name];
  const seen: SeenPost[] = [];
  let onStuck = (): void => {};
  const stuck = new Promise<void>((resolve) => {
    onStuck = resolve;
  });
  const stage = {
    identities: certificates.identities,
    isSecure,
    onPost: (post: SeenPost) => void seen.push(post),
    onStuck,
  };
  const server = conduct.makeServer?.(stage) ?? createServer();
  const stop = stopper(server);
  const port = conduct.makeServer === null ? await freePort() : await listen(server);
  const scheme = conduct.scheme === 'either' ? (isSecure ? 'https' : 'http') : conduct.scheme;
  const url = new URL(conduct.address?.(port) ?? `${scheme}://127.0.0.1:${port}/notifications`);
  return { url, conduct, seen, stuck, stop };
}

/** Certificates good by the real clock: a TLS handshake reads no other. */
export function endpointCertificates(): Promise<EndpointCertificates> {
  return makeEndpointCertificates(Date.now());
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Closes the server and every connection it still has. */
function stopper(server: Server): () => Promise<void> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket.once('close', () => open.delete(socket)));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
}
