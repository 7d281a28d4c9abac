import type { Dispatcher } from 'undici';
import { isLoopback } from '../address/reach.js';

/**
 * The dispatcher of the command line: HTTPS_PROXY, HTTP_PROXY and NO_PROXY count, but never for loopback. What runs on this machine
 * cannot be reached through a proxy, and what is sent to it is nobody else's. `insecure`: certificates of servers are not checked.
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
