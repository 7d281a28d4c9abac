import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { canonicalAddress } from './client-address.js';
import type { Limits } from './limits.js';

/** One connection, from the first packet to the last. */
export interface Connection {
  /** Whoever closes it, closes this; over TLS the secure one, once there is one. */
  socket: Socket;
  /** Of the other end, canonical. */
  readonly address: string | null;
  /** Whole requests that wait for their answer. */
  serving: number;
  /** Bytes read so far of a body that is not complete; null between bodies. */
  partialBytes: number | null;
  /** Of the last request that was whole: answers go out in order, so with this one all are out. */
  lastAnswer: ServerResponse | null;
  /** Ends the wait for a peer that is still to read its answer; null where nobody waits. */
  endLinger: (() => void) | null;
  /** Its last answer is under way or given: what still comes in on it is not looked at. */
  isClosing: boolean;
  /** Closed, or about to be: nothing can be answered any more. */
  isOver: boolean;
}

/** A connection that is lost with a request on it: closed by the peer, or by us to make room. */
type ConnectionLoss = 'INCOMPLETE' | 'CROWDED_OUT';

type RoomLimits = Pick<Limits, 'connections' | 'partialBytes'>;

/**
 * Who is connected, and who has to go when there is no room: the connection that has waited longest without a whole request. So those
 * who open connections and send nothing, or half a request, push out each other and nobody who sends his request in one go.
 */
export class ConnectionTable {
  private readonly all = new Set<Connection>();
  /** Those that wait for a whole request, longest first. */
  private readonly waiting = new Set<Connection>();
  private readonly bySocket = new WeakMap<Socket, Connection>();
  private partialBytes = 0;

  constructor(
    private readonly limits: RoomLimits,
    private readonly onLoss: (connection: Connection, loss: ConnectionLoss) => void,
  ) {}

  enter(socket: Socket): void {
    while (this.all.size >= this.limits.connections && this.pushOut(first(this.waiting)));
    if (this.all.size >= this.limits.connections) {
      socket.destroy();
      return;
    }
    const connection = open(socket);
    this.all.add(connection);
    this.waiting.add(connection);
    this.watch(connection, socket);
  }

  /** The TLS connection on top of one that has entered. */
  secure(socket: Socket): void {
    const connection = [...this.all].find((each) => isSamePeer(each.socket, socket));
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    connection.socket = socket;
    this.watch(connection, socket);
  }

  of(socket: Socket): Connection | undefined {
    return this.bySocket.get(socket);
  }

  /** More of a body has come in. */
  grow(connection: Connection, bytes: number): void {
    connection.partialBytes = (connection.partialBytes ?? 0) + bytes;
    this.partialBytes += bytes;
    while (this.partialBytes > this.limits.partialBytes && this.pushOut(this.longestInBody()));
  }

  /** The body is complete, or is not looked at any further. */
  settleBody(connection: Connection): void {
    this.partialBytes -= connection.partialBytes ?? 0;
    connection.partialBytes = null;
  }

  serve(connection: Connection, answer: ServerResponse): void {
    connection.serving += 1;
    connection.lastAnswer = answer;
    this.waiting.delete(connection);
  }

  /** One answer is given; it stands at the end of the line again. */
  served(connection: Connection): void {
    connection.serving -= 1;
    if (!connection.isOver && connection.serving === 0) this.waiting.add(connection);
  }

  /** Closes those on which nothing has begun. */
  closeIdle(): void {
    for (const connection of [...this.waiting]) if (isIdle(connection)) this.close(connection);
  }

  closeAll(): void {
    for (const connection of [...this.all]) this.close(connection);
  }

  private watch(connection: Connection, socket: Socket): void {
    this.bySocket.set(socket, connection);
    socket.on('close', () => this.leave(connection));
    // Who has sent all he wanted to may have gone for good: he is kept for his answer as long as there is room.
    socket.on('end', () => void (connection.isOver || this.waiting.add(connection)));
  }

  private longestInBody(): Connection | undefined {
    for (const connection of this.waiting) if ((connection.partialBytes ?? 0) > 0) return connection;
    return undefined;
  }

  private pushOut(connection: Connection | undefined): boolean {
    if (connection === undefined) return false;
    if (isPartWay(connection) && !connection.isClosing) this.onLoss(connection, 'CROWDED_OUT');
    connection.isClosing = true;
    this.close(connection);
    return true;
  }

  private close(connection: Connection): void {
    connection.socket.destroy();
    this.leave(connection);
  }

  private leave(connection: Connection): void {
    if (connection.isOver) return;
    connection.isOver = true;
    this.all.delete(connection);
    this.waiting.delete(connection);
    if (connection.partialBytes === null) return;
    this.settleBody(connection);
    if (!connection.isClosing) this.onLoss(connection, 'INCOMPLETE');
  }
}

function open(socket: Socket): Connection {
  return {
    socket,
    address: canonicalAddress(socket.remoteAddress ?? ''),
    serving: 0,
    partialBytes: null,
    lastAnswer: null,
    endLinger: null,
    isClosing: false,
    isOver: false,
  };
}

function first<T>(set: ReadonlySet<T>): T | undefined {
  return set.values().next().value;
}

function isIdle(connection: Connection): boolean {
  return connection.serving === 0 && connection.endLinger === null && !isPartWay(connection);
}

/** Some of a request has come. Between two requests a head that has begun cannot be told from none. */
function isPartWay({ socket, serving, partialBytes, lastAnswer }: Connection): boolean {
  if (partialBytes !== null) return true;
  return serving === 0 && lastAnswer === null && socket.bytesRead > 0;
}

/** A TLS connection does not tell which one it stands on. */
function isSamePeer(one: Socket, other: Socket): boolean {
  return (
    one.remotePort === other.remotePort &&
    one.remoteAddress === other.remoteAddress &&
    one.localAddress === other.localAddress
  );
}
