import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps, type RequestOptions as SecureRequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { type ConnectionOptions, createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import type { Answer, Failure, Stage } from './outcome.js';

/** Longest part of an answer's body that is read. The rest is not waited for: Apple ignores the body. */
const MAX_BODY_BYTES = 65_536;

/** Named in the handshake, as clients of today do (Node by itself does not): a server for HTTP/2 alone then says so. */
export const PROTOCOLS: readonly string[] = ['http/1.1'];

/** Enough to see what protocol an answer is in. */
const FIRST_BYTES = 64;

interface ExchangeRequest {
  readonly url: URL;
  /** POST where left out. A GET has an empty body. */
  readonly method?: 'GET' | 'POST';
  readonly body: Uint8Array;
  readonly userAgent: string;
  readonly ca: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** What became of one request. `body` is what had come of one that broke off. */
export type Ending =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly body: Uint8Array }
  | { readonly kind: 'stopped'; readonly stage: Stage; readonly httpStatus: number | null; readonly body: Uint8Array };

/** What has been seen of one request so far. */
interface Progress {
  stage: Stage;
  firstBytes: Buffer;
  httpStatus: number | null;
  bytes: number;
  readonly chunks: Buffer[];
}

/**
 * Sends one request and reads the answer; follows nothing, throws nothing. A fresh connection each time, so that every attempt resolves the
 * name, connects and shows the certificate anew. Credentials in the address are not sent [U]. Settles at once when `signal` aborts, as
 * `stopped` with how far it had come.
 */
export function exchange(options: ExchangeRequest): Promise<Ending> {
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
    // An answer that is complete stays one, whatever becomes of the connection: its end is on the way.
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

function open({ url, method = 'POST', body, userAgent, ca }: ExchangeRequest): ClientRequest {
  const content = method === 'GET' ? {} : { 'content-type': 'application/json', 'content-length': body.length };
  const options: RequestOptions = {
    ...urlToHttpOptions(url),
    auth: null,
    method,
    agent: false,
    headers: { ...content, accept: '*/*', 'user-agent': userAgent },
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

/** Reading the hundred and more roots takes some 15 ms, so it is done once for each list of further ones. */
const CONTEXTS = new WeakMap<readonly string[], SecureContext>();

const NO_MORE: readonly string[] = [];

/**
 * TLS 1.2 or newer with the public roots that Node brings, and `ca` (PEM) beside them. Which roots Apple trusts is not documented [U];
 * Node's are Mozilla's, the nearest to it. NODE_EXTRA_CA_CERTS and Node's flags do not count: Apple would not know them.
 */
export function secureContextFor(ca: readonly string[] = NO_MORE): SecureContext {
  const made =
    CONTEXTS.get(ca) ??
    createSecureContext({ ca: [...rootCertificates, ...ca], minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
  CONTEXTS.set(ca, made);
  return made;
}
