import type { Resolver } from './dns/resolver.js';

/** What looking at an endpoint needs of the world. */
export interface World {
  readonly resolver: Resolver;
  /** PEM roots trusted beside the public ones, for tests: Apple knows of no others. One array for a whole run. */
  readonly ca: readonly string[];
  /** Longest time of one question, one handshake or one request. */
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
  /** `storewire-check/1.2.3`; `storewire` where left out. */
  readonly userAgent?: string;
}
