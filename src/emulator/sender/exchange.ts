import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { Answer, Failure, Stage } from './outcome.js';
import { secureContextFor } from './trust.js';

/** Longest part of an answer's body that is read. The rest is not waited for: Apple ignores the body. */
export const MAX_BODY_BYTES = 65_536;

/** Enough to see what protocol an answer is in. */
const FIRST_BYTES = 64;

export interface ExchangeRequest {
  readonly url: URL;
  readonly body: Uint8Array;
  readonly userAgent: string;
  readonly ca: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** What became of one request. `failure` without an error is one that `signal` ended. */
export type Ending =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly body: Uint8Array };

/** What has been seen of one request so far. */
interface Progress {
  stage: Stage;
  firstBytes: Buffer;
  httpStatus: number | null;
  bytes: number;
  readonly chunks: Buffer[];
}

/**
 * Sends one POST and reads the answer; follows nothing, throws nothing. A fresh connection each time, so that every attempt resolves the
 * name, connects and shows the certificate anew. Credentials in the address are not sent [U]. Settles at once when `signal` aborts,
 * as a failure that holds how far it had come.
 */
export function exchange(options: ExchangeRequest): Promise<Ending> {
  const progress: Progress = { stage: 'connecting', firstBytes: Buffer.alloc(0), httpStatus: null, bytes: 0, chunks: [] };
  return new Promise((resolve) => {
    const outgoing = open(options);
    const settle = (ending: Ending): void => {
      options.signal.removeEventListener('abort', abort);
      resolve(ending);
      outgoing.destroy();
    };
    const fail = (error: Error): void => settle(endingOf(error, progress));
    const abort = (): void => fail(new Error('stopped'));
    outgoing.on('error', fail);
    outgoing.on('socket', (socket) => watch(socket, options.url.protocol === 'https:', progress));
    outgoing.on('response', (incoming) => read(incoming, progress, settle, fail));
    outgoing.on('upgrade', (incoming) => settle(answerOf(incoming, progress)));
    options.signal.addEventListener('abort', abort, { once: true });
    if (options.signal.aborted) abort();
    else outgoing.end(options.body);
  });
}

function open({ url, body, userAgent, ca }: ExchangeRequest): ClientRequest {
  const options: RequestOptions = {
    ...urlToHttpOptions(url),
    auth: null,
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      accept: '*/*',
      'user-agent': userAgent,
    },
  };
  if (url.protocol === 'http:') return requestHttp(options);
  return requestHttps({ ...options, secureContext: secureContextFor(ca), rejectUnauthorized: true });
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

function read(
  incoming: IncomingMessage,
  progress: Progress,
  settle: (ending: Ending) => void,
  fail: (error: Error) => void,
): void {
  progress.httpStatus = incoming.statusCode ?? null;
  const finish = (): void => settle(answerOf(incoming, progress));
  incoming.on('data', (chunk: Buffer) => {
    progress.chunks.push(chunk);
    progress.bytes += chunk.length;
    if (progress.bytes >= MAX_BODY_BYTES) finish();
  });
  incoming.once('end', finish);
  // An answer that is complete stays so, whatever happens to the connection before its end is read.
  incoming.on('error', (error) => (incoming.complete ? finish() : fail(error)));
}

function answerOf(incoming: IncomingMessage, progress: Progress): Ending {
  const { statusCode = 0, headers } = incoming;
  return { kind: 'answer', answer: { status: statusCode, headers, body: bodyOf(progress) } };
}

function endingOf(error: Error, progress: Progress): Ending {
  const { stage, firstBytes, httpStatus } = progress;
  return { kind: 'failure', failure: { stage, error, firstBytes, httpStatus }, body: bodyOf(progress) };
}

function bodyOf({ chunks }: Progress): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES));
}
