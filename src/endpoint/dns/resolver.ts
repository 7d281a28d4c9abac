import { promises as dns } from 'node:dns';

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
