import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps, type RequestOptions as SecureRequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { type ConnectionOptions, createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import { reportRequest } from '../http/traffic.js';
import type { Answer, Failure, Stage } from './outcome.js';
import type { HostAddresses } from './resolve-host.js';

/** Bytes of a response body read at most. The rest is not awaited, since Apple ignores the body. */
const MAX_BODY_BYTES = 65_536;

/** Offered with ALPN, which Node does not do by itself: a server that only speaks HTTP/2 then reports it in the handshake. */
export const PROTOCOLS: readonly string[] = ['http/1.1'];

/** Bytes kept to recognise the protocol of a response. */
const FIRST_BYTES = 64;

interface ExchangeRequest {
  readonly url: URL;
  /** POST where left out. A GET has an empty body. */
  readonly method?: 'GET' | 'POST';
  readonly body: Uint8Array;
  readonly userAgent: string;
  readonly ca: readonly string[] | undefined;
  readonly host: HostAddresses;
  readonly signal: AbortSignal;
}

/** Outcome of one request. `body` is the part that was received before a failure. */
export type Ending =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly body: Uint8Array }
  | { readonly kind: 'stopped'; readonly stage: Stage; readonly httpStatus: number | null; readonly body: Uint8Array };

/** Progress of one request. */
interface Progress {
  stage: Stage;
  firstBytes: Buffer;
  httpStatus: number | null;
  bytes: number;
  readonly chunks: Buffer[];
}

/**
 * Sends one request and reads the response; follows no redirect and never throws. Uses a new connection, so that every attempt includes
 * the connection and the certificate. Credentials in the URL are not sent [U]. Resolves at once with `stopped` and the stage when
 * `signal` aborts.
 */
export async function exchange(options: ExchangeRequest): Promise<Ending> {
  const { url, method = 'POST', body } = options;
  const report = reportRequest({ method, url, headers: headersOf(options), body });
  const ending = await sendOnce(options);
  if (ending.kind === 'answer') report?.received(ending.answer);
  else report?.failed(describeEnding(ending));
  return ending;
}

function describeEnding(ending: Exclude<Ending, { kind: 'answer' }>): string {
  if (ending.kind === 'stopped') return `stopped while ${ending.stage}`;
  const { stage, error } = ending.failure;
  return `${error.message} (while ${stage})`;
}

function sendOnce(options: ExchangeRequest): Promise<Ending> {
  const { url, body, signal } = options;
  const progress: Progress = {
    stage: 'connecting',
    firstBytes: Buffer.alloc(0),
    httpStatus: null,
    bytes: 0,
    chunks: [],
  };
  return new Promise((resolve) => {
    const outgoing = open(options);
    let answer: IncomingMessage | null = null;
    const settle = (ending: Ending): void => {
      signal.removeEventListener('abort', stop);
      resolve(ending);
      outgoing.destroy();
    };
    const stop = (): void => settle(stopped(progress));
    // A complete response stays valid if the connection fails afterwards: its `end` event follows.
    const fail = (error: Error): void => {
      if (!answer?.complete) settle(failed(error, progress));
    };
    outgoing.on('error', fail);
    outgoing.on('socket', (socket) => watch(socket, url.protocol === 'https:', progress));
    outgoing.on('response', (incoming) => {
      answer = incoming;
      incoming.on('error', fail);
      read(incoming, progress, settle);
    });
    outgoing.on('upgrade', (incoming, socket) => {
      settle(answerOf(incoming, progress));
      socket.destroy();
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    else outgoing.end(body);
  });
}

function headersOf({ method, body, userAgent }: ExchangeRequest): Record<string, string> {
  const content = method === 'GET' ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) };
  return { ...content, accept: '*/*', 'user-agent': userAgent };
}

function open(request: ExchangeRequest): ClientRequest {
  const { url, method = 'POST', ca, host } = request;
  const options: RequestOptions = {
    ...urlToHttpOptions(url),
    auth: null,
    method,
    agent: false,
    lookup: host.lookup,
    headers: headersOf(request),
  };
  if (url.protocol === 'http:') return requestHttp(options);
  const secured: SecureRequestOptions & Pick<ConnectionOptions, 'secureContext' | 'ALPNProtocols'> = {
    ...options,
    secureContext: secureContextFor(ca),
    rejectUnauthorized: true,
    ALPNProtocols: [...PROTOCOLS],
  };
  return requestHttps(secured);
}

function watch(socket: Socket, isTls: boolean, progress: Progress): void {
  socket.once('connect', () => {
    progress.stage = isTls ? 'handshake' : 'waiting';
  });
  socket.once('secureConnect', () => {
    progress.stage = 'waiting';
  });
  // Before the parser's own listener, which may report a fault in the same bytes.
  socket.prependListener('data', (chunk: Buffer) => {
    progress.stage = 'answering';
    if (progress.firstBytes.length < FIRST_BYTES) {
      progress.firstBytes = Buffer.concat([progress.firstBytes, chunk]).subarray(0, FIRST_BYTES);
    }
  });
}

function read(incoming: IncomingMessage, progress: Progress, settle: (ending: Ending) => void): void {
  progress.httpStatus = incoming.statusCode ?? null;
  const finish = (): void => settle(answerOf(incoming, progress));
  incoming.on('data', (chunk: Buffer) => {
    progress.chunks.push(chunk);
    progress.bytes += chunk.length;
    if (progress.bytes >= MAX_BODY_BYTES) finish();
  });
  incoming.once('end', finish);
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, progress: Progress): Ending {
  return { kind: 'answer', answer: { status: statusCode, headers, body: bodyOf(progress) } };
}

function failed(error: Error, progress: Progress): Ending {
  const { stage, firstBytes, httpStatus } = progress;
  return { kind: 'failure', failure: { stage, error, firstBytes, httpStatus }, body: bodyOf(progress) };
}

function stopped(progress: Progress): Ending {
  return { kind: 'stopped', stage: progress.stage, httpStatus: progress.httpStatus, body: bodyOf(progress) };
}

function bodyOf({ chunks }: Progress): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES));
}

/** Parsing more than a hundred roots takes about 15 ms, so contexts are cached by the list of additional roots. */
const CONTEXTS = new WeakMap<readonly string[], SecureContext>();

const NO_ROOTS: readonly string[] = [];

/**
 * TLS 1.2 or newer with the public roots of Node, and `ca` (PEM) in addition. Apple does not document the roots that it trusts [U]; Node's
 * are Mozilla's, the closest to them. NODE_EXTRA_CA_CERTS and Node's flags are ignored, since Apple does not have those roots.
 */
export function secureContextFor(ca: readonly string[] = NO_ROOTS): SecureContext {
  const context =
    CONTEXTS.get(ca) ??
    createSecureContext({ ca: [...rootCertificates, ...ca], minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
  CONTEXTS.set(ca, context);
  return context;
}
