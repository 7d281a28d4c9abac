import type { Dispatcher } from 'undici';

/** `localhost`, names under it, 127.0.0.0/8 and ::1; takes a `hostname` as URL gives it. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

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
