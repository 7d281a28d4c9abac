import { promises as dns } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

/** Addresses of a host name. Rejects with an error that has a `code` as those of node:dns. */
export type ResolveHost = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;

/** The addresses of one host, for one connection: the name is not looked up again, since the answer could change in between. */
export interface HostAddresses {
  readonly addresses: readonly string[];
  /** For the connection; fails as the lookup did. */
  readonly lookup: LookupFunction;
}

const systemAddresses: ResolveHost = async (hostname) =>
  (await dns.lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address);

/** Resolves a `hostname` as URL gives it. Never rejects: the connection fails instead. Not awaited once `signal` aborts. */
export async function resolveHost(
  hostname: string,
  signal: AbortSignal,
  resolve: ResolveHost = systemAddresses,
): Promise<HostAddresses> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return found([host]);
  const over = new AbortController();
  const aborted = new Promise<readonly string[]>((_, reject) => {
    const stop = (): void => reject(new Error('the lookup was stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true, signal: over.signal });
  });
  try {
    return found(await Promise.race([resolve(host, AbortSignal.any([signal, over.signal])), aborted]));
  } catch (error) {
    return failed(error as Error);
  } finally {
    over.abort();
  }
}

function found(addresses: readonly string[]): HostAddresses {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first] = all;
  if (first === undefined) return failed(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }));
  const lookup: LookupFunction = (_name, options, done) =>
    options.all ? done(null, all) : done(null, first.address, first.family);
  return { addresses, lookup };
}

function failed(error: Error): HostAddresses {
  return { addresses: [], lookup: (_name, _options, done) => done(error, '') };
}
