import { promises as dns } from 'node:dns';

/** What looking at an endpoint needs of the world. */
export interface CheckContext {
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

/** The questions to the DNS, and to the system's own resolver, which knows /etc/hosts too. Errors have a `code` as node:dns names it. */
export interface Resolver {
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
  resolveCname(name: string): Promise<readonly string[]>;
  /** Every address the system would connect to, in its order. */
  lookup(name: string): Promise<readonly string[]>;
}

/** Tries for one question, each as long as the ones before it together. */
const TRIES = 2;

/** Asks the DNS servers that this machine is set up with; a question takes about `timeoutMs` at most. */
export function systemResolver(timeoutMs: number): Resolver {
  const servers = new dns.Resolver({ timeout: Math.max(1, Math.ceil(timeoutMs / (TRIES + 1))), tries: TRIES });
  return {
    resolve4: (name) => servers.resolve4(name),
    resolve6: (name) => servers.resolve6(name),
    resolveCname: (name) => servers.resolveCname(name),
    lookup: async (name) => (await dns.lookup(name, { all: true, verbatim: true })).map(({ address }) => address),
  };
}
