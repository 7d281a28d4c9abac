import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { canonicalAddress } from './client-address.js';
import type { Limits } from './limits.js';

/** State of one connection. */
export interface Connection {
  /** The socket to close; over TLS the secure one, once established. */
  socket: Socket;
  /** Canonical address of the peer. */
  readonly address: string | null;
  /** Number of complete requests awaiting their answer. */
  serving: number;
  /** Number of requests that await their answer, their bodies complete or not. */
  unanswered: number;
  /** Bytes received of an incomplete body; null between bodies. */
  partialBytes: number | null;
  /** Response to the last complete request; responses are sent in order, so it is the last to finish. */
  lastAnswer: ServerResponse | null;
  /** The last request that reached the handler, complete or not. */
  lastRequest: IncomingMessage | null;
  lastResponse: ServerResponse | null;
  /** Response to the request before the last, which has arrived completely. */
  previousResponse: ServerResponse | null;
  /** Ends the lingering close; null unless lingering. */
  endLinger: (() => void) | null;
  /** Response after which the connection is closed, as too many requests arrived behind it; null otherwise. */
  finalResponse: ServerResponse | null;
  /** The last answer is in progress or sent; further input is ignored. */
  isClosing: boolean;
  /** Closed or about to be; nothing can be answered. */
  isOver: boolean;
}

/** Loss of a connection with a request in progress: closed by the peer, or evicted. */
type ConnectionLoss = 'INCOMPLETE' | 'CROWDED_OUT';

type ConnectionLimits = Pick<Limits, 'connections' | 'partialBytes' | 'pipelined'>;

/**
 * Open connections with an eviction policy: at the limit, the connection that has waited longest without a complete request is closed. So
 * clients that send nothing, or half a request, evict each other, but never a client that sends its request at once.
 */
export class ConnectionTable {
  readonly #limits: ConnectionLimits;
  readonly #onLoss: (connection: Connection, loss: ConnectionLoss) => void;
  readonly #all = new Set<Connection>();
  /** Connections without a complete request, longest first. */
  readonly #waiting = new Set<Connection>();
  readonly #bySocket = new WeakMap<Socket, Connection>();
  #partialBytes = 0;

  constructor(limits: ConnectionLimits, onLoss: (connection: Connection, loss: ConnectionLoss) => void) {
    this.#limits = limits;
    this.#onLoss = onLoss;
  }

  add(socket: Socket): void {
    while (this.#all.size >= this.#limits.connections && this.#evict(first(this.#waiting)));
    if (this.#all.size >= this.#limits.connections) {
      socket.destroy();
      return;
    }
    const connection = open(socket);
    this.#all.add(connection);
    this.#waiting.add(connection);
    this.#watch(connection, socket);
  }

  /** Attaches a TLS socket to the connection it runs on. */
  secure(socket: Socket): void {
    const connection = [...this.#all].find((each) => isSamePeer(each.socket, socket));
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    connection.socket = socket;
    this.#watch(connection, socket);
  }

  get(socket: Socket): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  /** Counts received body bytes. */
  addBodyBytes(connection: Connection, bytes: number): void {
    connection.partialBytes = (connection.partialBytes ?? 0) + bytes;
    this.#partialBytes += bytes;
    while (this.#partialBytes > this.#limits.partialBytes && this.#evict(this.#oldestWithBody()));
  }

  /** Ends the accounting of a body that is complete or ignored. */
  settleBody(connection: Connection): void {
    this.#partialBytes -= connection.partialBytes ?? 0;
    connection.partialBytes = null;
  }

  beginServing(connection: Connection, answer: ServerResponse): void {
    connection.serving += 1;
    connection.lastAnswer = answer;
    this.#waiting.delete(connection);
    this.#pauseIfBusy(connection);
  }

  /** Counts a sent answer; an idle connection is then the last to evict. */
  endServing(connection: Connection): void {
    connection.serving -= 1;
    if (connection.serving === this.#limits.pipelined - 1 && !connection.isOver && connection.finalResponse === null)
      connection.socket.resume();
    if (!connection.isOver && connection.serving === 0) this.#waiting.add(connection);
  }

  /** Closes connections without a request in progress. */
  closeIdle(): void {
    for (const connection of [...this.#waiting]) if (isIdle(connection)) this.#close(connection);
  }

  closeAll(): void {
    for (const connection of [...this.#all]) this.#close(connection);
  }

  #watch(connection: Connection, socket: Socket): void {
    this.#bySocket.set(socket, connection);
    socket.on('close', () => this.#leave(connection));
    // Node resumes the connection for each body that is read from it.
    socket.on('resume', () => this.#pauseIfBusy(connection));
    // A peer that has half-closed may be gone; it is kept for its answer, but may be evicted.
    socket.on('end', () => void (connection.isOver || this.#waiting.add(connection)));
  }

  /** Requests that have arrived with the last one are still served, up to `pipelinedAtOnce`. */
  #pauseIfBusy({ serving, finalResponse, socket }: Connection): void {
    if (serving >= this.#limits.pipelined || finalResponse !== null) socket.pause();
  }

  #oldestWithBody(): Connection | undefined {
    for (const connection of this.#waiting) if ((connection.partialBytes ?? 0) > 0) return connection;
    return undefined;
  }

  #evict(connection: Connection | undefined): boolean {
    if (connection === undefined) return false;
    if (hasPartialRequest(connection) && !connection.isClosing) this.#onLoss(connection, 'CROWDED_OUT');
    connection.isClosing = true;
    this.#close(connection);
    return true;
  }

  #close(connection: Connection): void {
    connection.socket.destroy();
    this.#leave(connection);
  }

  #leave(connection: Connection): void {
    if (connection.isOver) return;
    connection.isOver = true;
    this.#all.delete(connection);
    this.#waiting.delete(connection);
    if (connection.partialBytes === null) return;
    this.settleBody(connection);
    if (!connection.isClosing) this.#onLoss(connection, 'INCOMPLETE');
  }
}

function open(socket: Socket): Connection {
  return {
    socket,
    address: canonicalAddress(socket.remoteAddress ?? ''),
    serving: 0,
    unanswered: 0,
    partialBytes: null,
    lastAnswer: null,
    lastRequest: null,
    lastResponse: null,
    previousResponse: null,
    endLinger: null,
    finalResponse: null,
    isClosing: false,
    isOver: false,
  };
}

function first<T>(set: ReadonlySet<T>): T | undefined {
  return set.values().next().value;
}

function isIdle(connection: Connection): boolean {
  return connection.serving === 0 && connection.endLinger === null && !hasPartialRequest(connection);
}

/** True if part of a request was received. A partial head is only detectable for the first request of a connection. */
function hasPartialRequest({ socket, serving, partialBytes, lastAnswer }: Connection): boolean {
  if (partialBytes !== null) return true;
  return serving === 0 && lastAnswer === null && socket.bytesRead > 0;
}

/** Matches sockets by address: a TLS socket does not expose the socket it runs on. */
function isSamePeer(one: Socket, other: Socket): boolean {
  return (
    one.remotePort === other.remotePort &&
    one.remoteAddress === other.remoteAddress &&
    one.localAddress === other.localAddress
  );
}
