/** An address that a server listens on, and why it cannot. */
interface ListenFailure {
  /** In words, to stand behind a colon. */
  readonly why: string;
  readonly hint: string;
}

const FAILURES: Readonly<Record<string, ListenFailure>> = {
  EADDRINUSE: { why: 'it is in use', hint: 'Choose another with --port, or any free one with --port 0.' },
  EACCES: { why: 'this user may not open it', hint: 'Choose one of 1024 or above with --port.' },
  EADDRNOTAVAIL: { why: 'the address is not one of this machine', hint: 'Choose another with --host.' },
  ENOTFOUND: { why: 'the name does not resolve', hint: 'Choose another with --host.' },
};

/** Why `server.listen` failed, and what to do. */
export function describeListenFailure(cause: NodeJS.ErrnoException): ListenFailure {
  const known = FAILURES[cause.code ?? ''];
  return known ?? { why: cause.code ?? cause.message, hint: 'Choose another with --port or --host.' };
}

/** The host of a URL that reaches what listens on `host`: an address that means every one of the machine is none to send a request to. */
export function reachableHost(host: string): string {
  if (isUnspecified(host)) return host === '::' ? '[::1]' : '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Whether it means every address of the machine. */
export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
