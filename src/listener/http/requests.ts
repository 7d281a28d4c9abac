import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseVia } from '../../forwarding/headers.js';
import { clientAddress, isAppleAddress, type Trust } from './client-address.js';
import type { Connection, ConnectionTable } from './connections.js';
import type { Limits } from './limits.js';
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
  readonly trust: Trust;
  readonly appleOnly: boolean;
  readonly limits: Limits;
  readonly room: ConnectionTable;
  readonly now: () => number;
  readonly handle: (incoming: ReceivedRequest) => Promise<ListenerResponse | null>;
  readonly tell: (refused: RequestRefusal, address: string | null) => void;
}

/** One request and its answer. */
interface Exchange {
  readonly connection: Connection;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string | null;
}

/** What the peer awaits before it sends its body: nothing, to be told to, or something that nobody knows. */
type Expectation = 'none' | 'continue' | 'unknown';

const READY = jsonReply(200, { status: 'ready' });

/** What a request costs beside its body while it waits: so that many small ones count as well. */
const REQUEST_BYTES = 1_024;

/** Longest account of a failure of ours. */
const MOST_DETAIL = 200;

/** Takes requests whole, and answers each of them in one way or another. */
export class RequestHandler {
  /** From now on each answer is the last of its connection. */
  isStopping = false;
  private pendingBytes = 0;
  private readonly path: string;

  constructor(private readonly options: RequestHandlerOptions) {
    this.path = pathnameOf(options.path);
  }

  take(request: IncomingMessage, response: ServerResponse, expectation: Expectation = 'none'): void {
    const connection = this.options.room.of(request.socket);
    if (connection === undefined || connection.isClosing) return;
    const exchange = { connection, request, response, address: this.addressOf(connection, request) };
    const verdict = this.judgeHead(exchange, expectation);
    if (verdict === 'greet') this.answerUnread(exchange, READY);
    else if (verdict === 'read') this.read(exchange, expectation);
    else this.refuse(exchange, verdict);
  }

  private addressOf({ address }: Connection, { headers }: IncomingMessage): string | null {
    const { trust } = this.options;
    if (trust.trusted === null && !trust.cloudflared) return address;
    const forwardedFor = headers['x-forwarded-for']?.toString();
    const cfConnectingIp = headers['cf-connecting-ip']?.toString();
    return clientAddress({ socket: address, forwardedFor, cfConnectingIp }, trust);
  }

  private judgeHead({ request, address }: Exchange, expectation: Expectation): HeadVerdict {
    const { appleOnly, limits } = this.options;
    if (appleOnly && (address === null || !isAppleAddress(address))) return 'NOT_FROM_APPLE';
    const { method = '', url = '', httpVersion, headers } = request;
    const verdict = checkHead({ method, url, httpVersion, headers }, this.path, limits.bodyBytes);
    const isFine = verdict === 'greet' || verdict === 'read';
    return isFine && expectation === 'unknown' ? 'EXPECTATION_FAILED' : verdict;
  }

  private refuse(exchange: Exchange, code: RequestRefusalCode): void {
    const refused = requestRefusal(code);
    this.options.tell(refused, exchange.address);
    this.answerUnread(exchange, refusalReply(refused));
  }

  /** Answered before its body, if it has one, which nobody looks at. */
  private answerUnread(exchange: Exchange, reply: Reply): void {
    const { connection, request, response } = exchange;
    if (hasBody(request.headers)) {
      lingeringClose(connection, request, response, reply, this.options.limits);
      return;
    }
    this.options.room.serve(connection, response);
    this.options.room.served(connection);
    this.finish(exchange, reply);
  }

  private read(exchange: Exchange, expectation: Expectation): void {
    const { connection, request, response } = exchange;
    const { room, limits } = this.options;
    const body = new Body(declaredBytes(request.headers));
    room.grow(connection, 0);
    if (expectation === 'continue') response.writeContinue();
    const onData = (piece: Buffer): void => {
      if (connection.isOver) return;
      if (body.length + piece.length > limits.bodyBytes) {
        request.off('data', onData).off('end', onEnd);
        room.settleBody(connection);
        this.refuse(exchange, 'TOO_LARGE');
        return;
      }
      body.add(piece);
      room.grow(connection, piece.length);
    };
    const onEnd = (): void => {
      if (connection.isOver) return;
      room.settleBody(connection);
      void this.serve(exchange, body.whole());
    };
    request.on('data', onData).on('end', onEnd);
  }

  private async serve(exchange: Exchange, body: Uint8Array): Promise<void> {
    const { connection, response } = exchange;
    const { room } = this.options;
    const cost = body.length + REQUEST_BYTES;
    room.serve(connection, response);
    this.pendingBytes += cost;
    const reply = body.length === 0 ? READY : await this.replyTo(exchange, body);
    this.pendingBytes -= cost;
    room.served(connection);
    if (connection.isOver) return;
    if (reply === null) connection.socket.destroy();
    else this.finish(exchange, reply);
  }

  /** While stopping, the last one on its connection says so, unless another request is coming in behind it. */
  private finish({ connection, response }: Exchange, reply: Reply): void {
    const isLast = this.isStopping && connection.lastAnswer === response && connection.partialBytes === null;
    connection.isClosing ||= isLast;
    send(response, reply, isLast);
  }

  /** Null where no answer is to be given. */
  private async replyTo(exchange: Exchange, body: Uint8Array): Promise<Reply | null> {
    const { limits, handle, now, tell } = this.options;
    const { address, request } = exchange;
    if (this.pendingBytes > limits.pendingBytes) {
      tell(requestRefusal('BUSY'), address);
      return refusalReply(requestRefusal('BUSY'));
    }
    const { 'content-type': contentType = null, 'storewire-via': via } = request.headers;
    try {
      const answer = await handle({ body, atMs: now(), contentType, address, via: parseVia(via?.toString()) });
      return answer === null ? null : replyOf(answer);
    } catch (error) {
      // The peer is not told what failed in here; whoever runs this is.
      const refused = requestRefusal('INTERNAL');
      tell({ ...refused, message: `${refused.message}: ${String(error)}`.slice(0, MOST_DETAIL) }, address);
      return refusalReply(refused);
    }
  }
}

/**
 * Answers a request whose body is still to come, or coming. A connection that is closed now would be reset, and the answer be lost with
 * it: what comes is thrown away until the end, a pause, or enough of it. Nothing behind it on the connection is looked at.
 */
function lingeringClose(
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  { lingerBytes, lingerMs }: Pick<Limits, 'lingerBytes' | 'lingerMs'>,
): void {
  let left = lingerBytes;
  const end = (): void => {
    if (connection.endLinger !== null && !connection.isOver) response.end();
    connection.endLinger = null;
  };
  connection.endLinger = end;
  connection.isClosing = true;
  sendAhead(response, reply);
  request.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) end();
  });
  request.on('end', end);
  request.setTimeout(lingerMs, end);
}

/** Room that is made when a body comes in more than one piece and does not say how long it will be. */
const FIRST_ROOM_BYTES = 65_536;

/**
 * A body as it comes in. A notification comes in one or two pieces; the first is kept as it is, later ones go into one buffer that grows
 * by doubling, so that a peer who sends byte after byte costs no more than the bytes. No room is made for what was merely announced.
 */
export class Body {
  private bytes: Buffer | null = null;
  length = 0;

  /** `expected`: what the peer says it will be, in bytes; null where it does not say. */
  constructor(private readonly expected: number | null) {}

  add(piece: Buffer): void {
    const start = this.length;
    this.length += piece.length;
    if (start === 0) {
      this.bytes = piece;
      return;
    }
    this.bytes = this.withRoom(this.bytes!, start);
    piece.copy(this.bytes, start);
  }

  whole(): Uint8Array {
    return this.bytes === null ? new Uint8Array() : this.bytes.subarray(0, this.length);
  }

  /** Not from the pool of small buffers: what is kept must not keep others' memory. */
  private withRoom(bytes: Buffer, used: number): Buffer {
    if (bytes.length >= this.length) return bytes;
    const doubled = Math.max(2 * this.length, FIRST_ROOM_BYTES);
    const larger = Buffer.allocUnsafeSlow(Math.max(this.length, Math.min(doubled, this.expected ?? doubled)));
    bytes.copy(larger, 0, 0, used);
    return larger;
  }
}
