/** How much one peer, and all of them together, may take. */
export interface Limits {
  /** Longest body. Apple's are about 19 KB. */
  readonly bodyBytes: number;
  /** Longest head, request line included. */
  readonly headerBytes: number;
  /** Until the head, and the TLS handshake before it, must be complete. */
  readonly headersMs: number;
  /** Until the whole request must be. */
  readonly requestMs: number;
  /** How long a connection is kept for the next request. */
  readonly keepAliveMs: number;
  readonly connections: number;
  /** Of all bodies that are not complete. */
  readonly partialBytes: number;
  /** Of all requests that wait for their answer. */
  readonly pendingBytes: number;
  /** What is read and thrown away after an answer that came before the body, so that the peer gets to see it. */
  readonly lingerBytes: number;
  /** The longest pause in that. */
  readonly lingerMs: number;
}

const MIB = 1_048_576;

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: MIB,
  headerBytes: 16_384,
  headersMs: 10_000,
  requestMs: 30_000,
  // Longer than the 60 s after which proxies let go of a connection, so that none is closed under a request that is on its way.
  keepAliveMs: 65_000,
  connections: 1_024,
  partialBytes: 64 * MIB,
  pendingBytes: 128 * MIB,
  lingerBytes: 8 * MIB,
  lingerMs: 2_000,
};
