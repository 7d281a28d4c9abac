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

/** A query of one name; its answer is not awaited once `signal` aborts. */
export type Query = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

/** DNS queries and the system resolver, which also reads /etc/hosts. Errors carry a `code` as in node:dns. */
export interface Resolver {
  readonly resolve4: Query;
  readonly resolve6: Query;
  readonly resolveCname: Query;
  /** Addresses from the system resolver, in its order. */
  readonly lookup: Query;
}

/** Tries per query; c-ares doubles the time of each. */
const TRIES = 2;

/** Queries the DNS servers configured on this machine; one query takes about `timeoutMs` at most. `lookup`: the system resolver. */
export function systemResolver(timeoutMs: number, lookup: Query): Resolver {
  const limits = { timeout: Math.max(1, Math.ceil(timeoutMs / (TRIES + 1))), tries: TRIES };
  const query =
    (type: 'resolve4' | 'resolve6' | 'resolveCname'): Query =>
    (name, signal) => {
      const servers = new dns.Resolver(limits);
      // A server that keeps its connection open without an answer would keep the process alive: no limit of c-ares ends that.
      signal.addEventListener('abort', () => servers.cancel(), { once: true });
      return servers[type](name);
    };
  return { resolve4: query('resolve4'), resolve6: query('resolve6'), resolveCname: query('resolveCname'), lookup };
}
