/** Resource limits, per peer and in total. */
export interface Limits {
  /** Maximum body size. Apple's bodies are about 19 KB. */
  readonly bodyBytes: number;
  /** Maximum head size, including the request line. */
  readonly headerBytes: number;
  /** Deadline of the head, and of the TLS handshake before it. */
  readonly headersMs: number;
  /** Deadline of the whole request. */
  readonly requestMs: number;
  /** Idle time before a connection is closed. */
  readonly keepAliveMs: number;
  readonly connections: number;
  /** Requests of one connection that await their answer, beyond which it is not read: a client that pipelines waits like any other. */
  readonly pipelined: number;
  /** Requests of one connection that await their answer, beyond which it is closed: a thousand small ones may arrive in one read. */
  readonly pipelinedAtOnce: number;
  /** Total size of incomplete bodies. */
  readonly partialBytes: number;
  /** Total size of requests awaiting their answer. */
  readonly pendingBytes: number;
  /** Bytes drained after an answer that precedes the body, so that the peer receives the answer. */
  readonly lingerBytes: number;
  /** Longest pause while draining. */
  readonly lingerMs: number;
}

const MIB = 1_048_576;

export const DEFAULT_HTTP_LIMITS: Limits = {
  bodyBytes: MIB,
  headerBytes: 16_384,
  headersMs: 10_000,
  requestMs: 30_000,
  // Longer than the 60 s idle timeout of proxies, so that no connection is closed while a request is in transit.
  keepAliveMs: 65_000,
  connections: 1_024,
  pipelined: 32,
  pipelinedAtOnce: 64,
  partialBytes: 64 * MIB,
  pendingBytes: 128 * MIB,
  lingerBytes: 8 * MIB,
  lingerMs: 2_000,
};
