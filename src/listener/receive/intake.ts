import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseVia } from '../forward/via.js';
import { isAppleAddress } from './address.js';
import { Body } from './body.js';
import { clientAddress, type Trust } from './client-address.js';
import { checkHead, declaredBytes, type HeadVerdict, hasBody, pathnameOf } from './head.js';
import type { Answer, Incoming } from './incoming.js';
import type { Limits } from './limits.js';
import { linger } from './linger.js';
import { type Refused, type RefusedCode, refusedBy } from './refused.js';
import { jsonReply, type Reply, refusalReply, replyOf, send } from './reply.js';
import type { Connection, Room } from './room.js';

export interface IntakeOptions {
  readonly path: string;
  readonly trust: Trust;
  readonly appleOnly: boolean;
  readonly limits: Limits;
  readonly room: Room;
  readonly now: () => number;
  readonly handle: (incoming: Incoming) => Promise<Answer | null>;
  readonly tell: (refused: Refused, address: string | null) => void;
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
export class Intake {
  /** From now on each answer is the last of its connection. */
  isStopping = false;
  private pendingBytes = 0;
  private readonly path: string;

  constructor(private readonly options: IntakeOptions) {
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

  private refuse(exchange: Exchange, code: RefusedCode): void {
    const refused = refusedBy(code);
    this.options.tell(refused, exchange.address);
    this.answerUnread(exchange, refusalReply(refused));
  }

  /** Answered before its body, if it has one, which nobody looks at. */
  private answerUnread(exchange: Exchange, reply: Reply): void {
    const { connection, request, response } = exchange;
    if (hasBody(request.headers)) {
      linger(connection, request, response, reply, this.options.limits);
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
      tell(refusedBy('BUSY'), address);
      return refusalReply(refusedBy('BUSY'));
    }
    const { 'content-type': contentType = null, 'storewire-via': via } = request.headers;
    try {
      const answer = await handle({ body, atMs: now(), contentType, address, via: parseVia(via?.toString()) });
      return answer === null ? null : replyOf(answer);
    } catch (error) {
      // The peer is not told what failed in here; whoever runs this is.
      const refused = refusedBy('INTERNAL');
      tell({ ...refused, message: `${refused.message}: ${String(error)}`.slice(0, MOST_DETAIL) }, address);
      return refusalReply(refused);
    }
  }
}
