import { promises as dns } from 'node:dns';

/** I/O and limits of one check, passed in so that tests can replace them. */
export interface CheckContext {
  readonly resolver: Resolver;
  /** PEM roots trusted in addition to the public ones; only tests set any. Pass the same array throughout a run: it is a cache key. */
  readonly ca: readonly string[];
  /** Limit of one DNS query, one handshake or one request. */
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
  /** `storewire-check/1.2.3`; `storewire` by default. */
  readonly userAgent?: string;
}

/** DNS queries and the system resolver, which also reads /etc/hosts. Errors carry a `code` as in node:dns. */
export interface Resolver {
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
  resolveCname(name: string): Promise<readonly string[]>;
  /** Addresses from the system resolver, in its order. */
  lookup(name: string): Promise<readonly string[]>;
}

/** Tries per query; c-ares doubles the time of each. */
const TRIES = 2;

/** Queries the DNS servers configured on this machine; one query takes about `timeoutMs` at most. */
export function systemResolver(timeoutMs: number): Resolver {
  const servers = new dns.Resolver({ timeout: Math.max(1, Math.ceil(timeoutMs / (TRIES + 1))), tries: TRIES });
  return {
    resolve4: (name) => servers.resolve4(name),
    resolve6: (name) => servers.resolve6(name),
    resolveCname: (name) => servers.resolveCname(name),
    lookup: async (name) => (await dns.lookup(name, { all: true, verbatim: true })).map(({ address }) => address),
  };
}
