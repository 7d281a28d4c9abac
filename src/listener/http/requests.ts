import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseVia } from '../../forwarding/headers.js';
import { clientAddress, isAppleAddress, type Trust } from './client-address.js';
import type { Connection, ConnectionTable } from './connections.js';
import type { Limits } from './limits.js';
import { describeMisdirected, type PathDisclosure } from './misdirected.js';
import { checkHead, declaredBytes, type HeadVerdict, hasBody, pathnameOf } from './request-head.js';
import {
  jsonReply,
  type ListenerResponse,
  type ReceivedRequest,
  type Reply,
  type RequestRefusal,
  type RequestRefusalCode,
  refusalReply,
  replyOf,
  requestRefusal,
  send,
  sendAhead,
} from './responses.js';

interface RequestHandlerOptions {
  readonly path: string;
  readonly pathDisclosure: PathDisclosure;
  readonly trust: Trust;
  readonly appleOnly: boolean;
  readonly limits: Limits;
  readonly connections: ConnectionTable;
  readonly now: () => number;
  readonly handle: (incoming: ReceivedRequest) => Promise<ListenerResponse | null>;
  readonly onRefused: (refused: RequestRefusal, address: string | null) => void;
}

/** One request and its answer. */
interface Exchange {
  readonly connection: Connection;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string | null;
}

/** `Expect` of a request: none, 100-continue, or unsupported. */
type Expectation = 'none' | 'continue' | 'unknown';

const READY = jsonReply(200, { status: 'ready' });

/** Memory of a waiting request beside its body, so that many small ones count, too. Measured: 5.6 KB. */
const REQUEST_OVERHEAD_BYTES = 6_144;

/** Maximum length of an internal error in a refusal. */
const MAX_DETAIL = 200;

/** Reads requests and answers every one. */
export class RequestHandler {
  /** Closes each connection after its next answer. */
  isStopping = false;
  #pendingBytes = 0;
  readonly #options: RequestHandlerOptions;
  readonly #path: string;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#path = pathnameOf(options.path);
  }

  handle(request: IncomingMessage, response: ServerResponse, expectation: Expectation = 'none'): void {
    const connection = this.#options.connections.get(request.socket);
    if (connection === undefined || connection.isClosing) return;
    if (connection.unanswered >= this.#options.limits.pipelinedAtOnce) {
      // The client sends the rest again, as after any close (RFC 9112, 9.3.2).
      connection.isClosing = true;
      connection.finalResponse = connection.lastResponse;
      return;
    }
    connection.previousResponse = connection.lastResponse;
    connection.lastRequest = request;
    connection.lastResponse = response;
    const exchange = { connection, request, response, address: this.#addressOf(connection, request) };
    const verdict = this.#checkRequest(exchange, expectation);
    if (verdict === 'greet') this.#answerUnread(exchange, READY);
    else if (verdict === 'read') this.#read(exchange, expectation);
    else this.#refuse(exchange, verdict);
  }

  #addressOf({ address }: Connection, { headers }: IncomingMessage): string | null {
    const { trust } = this.#options;
    if (trust.trusted === null && !trust.cloudflared) return address;
    const forwardedFor = headers['x-forwarded-for']?.toString();
    const cfConnectingIp = headers['cf-connecting-ip']?.toString();
    return clientAddress({ socket: address, forwardedFor, cfConnectingIp }, trust);
  }

  #checkRequest({ request, address }: Exchange, expectation: Expectation): HeadVerdict {
    const { appleOnly, limits } = this.#options;
    if (appleOnly && (address === null || !isAppleAddress(address))) return 'NOT_FROM_APPLE';
    const { method = '', url = '', httpVersion, headers, rawHeaders } = request;
    const verdict = checkHead({ method, url, httpVersion, headers, rawHeaders }, this.#path, limits.bodyBytes);
    const isFine = verdict === 'greet' || verdict === 'read';
    return isFine && expectation === 'unknown' ? 'EXPECTATION_FAILED' : verdict;
  }

  #refuse(exchange: Exchange, code: RequestRefusalCode): void {
    const refused = requestRefusal(code);
    const { path, pathDisclosure: disclosure } = this.#options;
    const messages = describeMisdirected(code, exchange.request, { path, disclosure });
    this.#options.onRefused({ ...refused, message: messages?.event ?? refused.message }, exchange.address);
    this.#answerUnread(exchange, refusalReply({ ...refused, message: messages?.answer ?? refused.message }));
  }

  /** Answers before the body, if any, which is not read. */
  #answerUnread(exchange: Exchange, reply: Reply): void {
    const { connection, request, response } = exchange;
    if (hasBody(request.headers)) {
      lingeringClose(connection, request, response, reply, this.#options.limits);
      return;
    }
    this.#options.connections.beginServing(connection, response);
    this.#options.connections.endServing(connection);
    this.#finish(exchange, reply);
  }

  #read(exchange: Exchange, expectation: Expectation): void {
    const { connection, request, response } = exchange;
    const { connections, limits } = this.#options;
    const body = new Body(declaredBytes(request.headers));
    connections.addBodyBytes(connection, 0);
    connection.unanswered += 1;
    if (expectation === 'continue') response.writeContinue();
    const onData = (chunk: Buffer): void => {
      if (connection.isOver) return;
      if (body.length + chunk.length > limits.bodyBytes) {
        request.off('data', onData).off('end', onEnd);
        connections.settleBody(connection);
        this.#refuse(exchange, 'TOO_LARGE');
        return;
      }
      body.add(chunk);
      connections.addBodyBytes(connection, chunk.length);
    };
    const onEnd = (): void => {
      if (connection.isOver) return;
      connections.settleBody(connection);
      void this.#serve(exchange, body.toBytes());
    };
    request.on('data', onData).on('end', onEnd);
  }

  async #serve(exchange: Exchange, body: Uint8Array): Promise<void> {
    const { connection, response } = exchange;
    const { connections } = this.#options;
    const cost = body.length + REQUEST_OVERHEAD_BYTES;
    connections.beginServing(connection, response);
    this.#pendingBytes += cost;
    const reply = body.length === 0 ? READY : await this.#replyTo(exchange, body);
    this.#pendingBytes -= cost;
    connection.unanswered -= 1;
    connections.endServing(connection);
    if (connection.isOver) return;
    if (reply === null) connection.socket.destroy();
    else this.#finish(exchange, reply);
  }

  /** While stopping, the last answer closes its connection, unless another request is arriving. */
  #finish({ connection, response }: Exchange, reply: Reply): void {
    if (connection.finalResponse === response) {
      closeAfter(connection, response, reply, this.#options.limits);
      return;
    }
    const isLast = this.isStopping && connection.lastAnswer === response && connection.partialBytes === null;
    connection.isClosing ||= isLast;
    send(response, reply, isLast);
  }

  /** Resolves with null for no answer. */
  async #replyTo(exchange: Exchange, body: Uint8Array): Promise<Reply | null> {
    const { limits, handle, now, onRefused } = this.#options;
    const { address, request } = exchange;
    if (this.#pendingBytes > limits.pendingBytes) {
      onRefused(requestRefusal('BUSY'), address);
      return refusalReply(requestRefusal('BUSY'));
    }
    const { 'content-type': contentType = null, 'storewire-via': via } = request.headers;
    try {
      const answer = await handle({ body, atMs: now(), contentType, address, via: parseVia(via?.toString()) });
      return answer === null ? null : replyOf(answer);
    } catch (error) {
      // The peer does not get the internal error; the user does.
      const refused = requestRefusal('INTERNAL');
      onRefused({ ...refused, message: `${refused.message}: ${String(error)}`.slice(0, MAX_DETAIL) }, address);
      return refusalReply(refused);
    }
  }
}

/**
 * Lingering close: answers a request whose body is still arriving. Closing at once would reset the connection and lose the answer, so the
 * body is drained until its end, a pause, or a limit. Later requests on the connection are ignored.
 */
function lingeringClose(
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  { lingerBytes, lingerMs }: Pick<Limits, 'lingerBytes' | 'lingerMs'>,
): void {
  let remaining = lingerBytes;
  const end = (): void => {
    if (connection.endLinger !== null && !connection.isOver) response.end();
    connection.endLinger = null;
  };
  connection.endLinger = end;
  connection.isClosing = true;
  sendAhead(response, reply);
  request.on('data', (chunk: Buffer) => {
    remaining -= chunk.length;
    if (remaining < 0) end();
  });
  request.on('end', end);
  request.setTimeout(lingerMs, end);
}

/**
 * Sends the answer and closes the connection a while later, without reading from it: closing at once, with input unread, would reset it
 * and lose the answers that the peer has not read.
 */
function closeAfter(
  connection: Connection,
  response: ServerResponse,
  reply: Reply,
  { lingerMs }: Pick<Limits, 'lingerMs'>,
): void {
  sendAhead(response, reply);
  response.setTimeout(lingerMs, () => connection.socket.destroy());
}

/** Initial capacity for a body in several chunks without a declared length. */
const MIN_CAPACITY_BYTES = 65_536;

/**
 * Buffer of an arriving body. A notification arrives in one or two chunks: the first is kept as is, later ones go into one buffer that
 * doubles, so that a peer sending single bytes costs no more than those bytes. The declared length alone allocates nothing.
 */
export class Body {
  #bytes: Buffer | null = null;
  readonly #expected: number | null;
  length = 0;

  /** `expected`: declared length in bytes; null without one. */
  constructor(expected: number | null) {
    this.#expected = expected;
  }

  add(chunk: Buffer): void {
    const start = this.length;
    this.length += chunk.length;
    if (start === 0) {
      this.#bytes = chunk;
      return;
    }
    this.#bytes = this.#ensureCapacity(this.#bytes!, start);
    chunk.copy(this.#bytes, start);
  }

  toBytes(): Uint8Array {
    return this.#bytes === null ? new Uint8Array() : this.#bytes.subarray(0, this.length);
  }

  /** Allocates outside the pool of small buffers, so that a kept body does not retain the pool. */
  #ensureCapacity(bytes: Buffer, used: number): Buffer {
    if (bytes.length >= this.length) return bytes;
    const doubled = Math.max(2 * this.length, MIN_CAPACITY_BYTES);
    const larger = Buffer.allocUnsafeSlow(Math.max(this.length, Math.min(doubled, this.#expected ?? doubled)));
    bytes.copy(larger, 0, 0, used);
    return larger;
  }
}
