import type { Dispatcher } from 'undici';
import { isLoopback } from '../address/reach.js';

/**
 * Creates the dispatcher of the command line. It honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY, except for loopback, which a proxy
 * cannot reach and should not see. `insecure`: server certificates are not verified.
 */
export async function createDispatcher({
  insecure = false,
}: {
  readonly insecure?: boolean;
} = {}): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const tls = insecure ? { rejectUnauthorized: false } : {};
  const direct = new Agent({ connect: tls });
  return new EnvHttpProxyAgent({ connect: tls, requestTls: tls }).compose((dispatch) => (options, handler) => {
    const { hostname } = new URL(String(options.origin));
    return isLoopback(hostname) ? direct.dispatch(options, handler) : dispatch(options, handler);
  });
}
