import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Guards the page's server: any web page can send requests to this machine, by DNS rebinding even under a name of its own. */
export interface AccessGuard {
  /** Secret of this run, for the fragment of the page's URL. */
  readonly token: string;
  /** Reason to refuse a request before its path is looked at: a foreign Host, or a POST without this page's Origin. Null for none. */
  refusalOf(method: string, headers: IncomingHttpHeaders): string | null;
  /** True for a request with the token in its header. */
  hasToken(headers: IncomingHttpHeaders): boolean;
  /** Stands for the token in the URL of one image. */
  ticketFor(path: string): string;
  isTicketFor(path: string, ticket: string | null): boolean;
  /** A pass for the token that is valid once, for the command line of a browser, which every user of the machine can read. */
  issuePass(): string;
  redeemPass(pass: string): boolean;
}

const TOKEN_BYTES = 24;

const HTTP_PORT = 80;

/** Unredeemed ones, as of a browser that did not start. */
const MAX_PASSES = 7;

/** `port`: as bound. */
export function createAccessGuard(port: number, random: (bytes: number) => Uint8Array): AccessGuard {
  const token = Buffer.from(random(TOKEN_BYTES)).toString('base64url');
  const hosts = ['127.0.0.1', 'localhost'].flatMap((name) => [
    `${name}:${port}`,
    // Clients leave out the default port.
    ...(port === HTTP_PORT ? [name] : []),
  ]);
  let passes: readonly string[] = [];
  const ticketFor = (path: string): string => createHmac('sha256', token).update(path).digest('base64url');
  return {
    token,
    refusalOf(method, { host, origin }) {
      if (host === undefined || !hosts.includes(host.toLowerCase())) return 'the Host header is not that of this page';
      if (method === 'GET' || method === 'HEAD') return null;
      return origin === `http://${host.toLowerCase()}` ? null : 'the Origin header is not that of this page';
    },
    hasToken: ({ authorization }) => isEqual(authorization ?? '', `Bearer ${token}`),
    ticketFor,
    isTicketFor: (path, ticket) => isEqual(ticket ?? '', ticketFor(path)),
    issuePass() {
      const pass = Buffer.from(random(TOKEN_BYTES)).toString('base64url');
      passes = [...passes.slice(-MAX_PASSES), pass];
      return pass;
    },
    redeemPass(pass) {
      const isValid = passes.some((each) => isEqual(each, pass));
      passes = passes.filter((each) => !isEqual(each, pass));
      return isValid;
    },
  };
}

/** Compares in constant time, whatever the lengths. */
function isEqual(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
