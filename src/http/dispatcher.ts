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
 * cannot be reached through a proxy, and what is sent to it is nobody else's.
 */
export async function createDispatcher(): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const direct = new Agent();
  return new EnvHttpProxyAgent().compose((dispatch) => (options, handler) => {
    const { hostname } = new URL(String(options.origin));
    return isLoopback(hostname) ? direct.dispatch(options, handler) : dispatch(options, handler);
  });
}
