import { isLoopback, reachOf } from '../address/reach.js';
import { isValidUrl } from '../address/valid-url.js';
import { ToolError } from '../errors.js';
import type { HttpResponse } from './request.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Variables in the order in which undici reads them; HTTP_PROXY also counts for https if HTTPS_PROXY is not set. */
const HTTP_VARIABLES = ['http_proxy', 'HTTP_PROXY'];

const HTTPS_VARIABLES = ['https_proxy', 'HTTPS_PROXY'];

/**
 * Describes the proxy for requests to `url`: `proxy.example:3128 (HTTPS_PROXY)`; null if they are sent directly. Contains
 * neither user nor password. Matches createDispatcher: honours NO_PROXY and never uses a proxy for loopback.
 */
export function proxyOf(env: Variables, url: URL | string): string | null {
  const { protocol, hostname, port } = new URL(url);
  if (isLoopback(hostname) || isExempt(env, hostname, Number(port) || (protocol === 'https:' ? 443 : 80))) return null;
  const names = protocol === 'https:' ? [...HTTPS_VARIABLES, ...HTTP_VARIABLES] : HTTP_VARIABLES;
  const name = names.find((each) => env[each]);
  if (name === undefined) return null;
  const value = env[name] ?? '';
  return isValidUrl(value) && new URL(value).host !== '' ? `${new URL(value).host} (${name})` : name;
}

function isExempt(env: Variables, hostname: string, port: number): boolean {
  const entries = (env.no_proxy ?? env.NO_PROXY ?? '').split(/[,\s]/).filter((entry) => entry !== '');
  return entries.some((entry) => {
    if (entry === '*') return true;
    const [, host = entry, only] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const name = host.replace(/^\*?\./, '').toLowerCase();
    return (only === undefined || Number(only) === port) && (hostname === name || hostname.endsWith(`.${name}`));
  });
}

/**
 * Describes a response that cannot come from Apple's APIs, which send JSON or plain text, never redirect and never request a
 * password: `an HTML page ("Access denied")`. Null if it may be from Apple. Contains text of the peer: escape before printing.
 */
export function foreignResponse({ status, headers, body }: HttpResponse): string | null {
  if (status === 407) return 'a request for proxy authentication';
  if (status === 511) return 'a request to log in to the network';
  if (status >= 300 && status < 400) return `a redirect${targetOf(headers.location)}`;
  const scheme = /^(basic|digest|negotiate|ntlm|kerberos)\b/i.exec(headers['www-authenticate'] ?? '')?.[1];
  if (scheme !== undefined) return `a request to log in (${scheme})`;
  const text = Buffer.from(body.subarray(0, LONGEST_READ)).toString('utf8').trimStart();
  const isHtml = /^(?:text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '');
  if (!isHtml && !/^<(?:!doctype|html|head|body|\?xml)/i.test(text)) return null;
  const title = /<title[^>]*>\s*([^<]{1,80})/i.exec(text)?.[1]?.trim().replace(/\s+/g, ' ');
  return `an HTML page${title === undefined || title === '' ? '' : ` ("${title}")`}`;
}

/** Bytes searched for the title of an HTML page. */
const LONGEST_READ = 8_192;

function targetOf(location: string | undefined): string {
  return location !== undefined && isValidUrl(location) ? ` to ${new URL(location).host}` : '';
}

/** Hint for a response that is not from `host`, or for an unreachable `host`; `proxy` is the result of {@link proxyOf}. */
export function adviseOnProxy(host: string, proxy: string | null): string {
  const { hostname } = new URL(`http://${host}`);
  if (proxy !== null)
    return `Requests to ${host} go through the proxy ${proxy}: have it let them through unchanged, or add ${hostname} to NO_PROXY.`;
  if (isLoopback(hostname))
    return `Check that the emulator is what listens on ${host}, and not a local proxy or another server (HTTPS_PROXY does not count for loopback).`;
  if (reachOf(hostname) === 'private' || !hostname.endsWith('.apple.com'))
    return `Check that ${host} is the right base address: \`storewire config\` shows where it comes from.`;
  return (
    'A proxy, VPN, firewall or the login page of the network most likely answered instead of Apple: ' +
    'log in to the network, or set HTTPS_PROXY if there is a proxy (it is not set).'
  );
}

/** Certificate errors caused by an intercepting proxy, whose root Node does not trust. */
const INTERCEPTED = /SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)/;

/** Adds a hint and the proxy, which may be the cause, to a network failure of a request to `host`. Returns any other error unchanged. */
export function explainNetworkFailure(error: unknown, host: string, proxy: string | null): unknown {
  if (!(error instanceof ToolError) || error.kind !== 'remote' || error.hint !== undefined) return error;
  const message = proxy === null ? error.message : `${error.message}; requests go through the proxy ${proxy}`;
  return new ToolError(error.kind, error.code, message, {
    hint: networkHint(error.message, host, proxy),
    cause: error,
  });
}

function networkHint(message: string, host: string, proxy: string | null): string {
  if (INTERCEPTED.test(message))
    return 'A proxy or virus scanner most likely intercepts TLS with a root of its own: save that root as PEM and set NODE_EXTRA_CA_CERTS to the file.';
  if (/CERT_(?:HAS_EXPIRED|NOT_YET_VALID)/.test(message)) return 'Check the clock of this machine first.';
  if (/ answered 407/.test(message)) return 'Add the user and password to the variable: http://USER:PASSWORD@HOST:PORT';
  if (proxy !== null) return `Have the proxy let requests to ${host} through unchanged, or add the host to NO_PROXY.`;
  return 'Check the network, HTTPS_PROXY if you use a proxy, and the base address in `storewire config`.';
}
