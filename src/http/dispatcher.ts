import type { Dispatcher } from 'undici';
import { isLoopback } from '../address/reach.js';
import { ToolError } from '../errors.js';

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
  return proxied(() => new EnvHttpProxyAgent({ connect: tls, requestTls: tls })).compose(
    (dispatch) => (options, handler) => {
      const { hostname } = new URL(String(options.origin));
      return isLoopback(hostname) ? direct.dispatch(options, handler) : dispatch(options, handler);
    },
  );
}

/** undici reads the variables when the agent is created. The message does not quote the value, which may contain a password. */
function proxied<T>(create: () => T): T {
  try {
    return create();
  } catch (cause) {
    const message = 'HTTPS_PROXY or HTTP_PROXY is not a valid URL';
    const hint = 'For example: HTTPS_PROXY=http://proxy.example.com:3128';
    throw new ToolError('usage', 'ERR_SETTINGS_PROXY', message, { hint, cause });
  }
}
