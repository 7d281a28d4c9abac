/** Reason for a failed `server.listen`, with the fix. */
interface ListenFailure {
  /** Reason in words, to follow a colon. */
  readonly why: string;
  readonly hint: string;
}

const FAILURES: Readonly<Record<string, ListenFailure>> = {
  EADDRINUSE: { why: 'the port is in use', hint: 'Choose another port with --port, or any free port with --port 0.' },
  EACCES: { why: 'permission denied', hint: 'Choose a port of 1024 or above with --port.' },
  EADDRNOTAVAIL: { why: 'the address does not belong to this machine', hint: 'Choose another host with --host.' },
  ENOTFOUND: { why: 'the name does not resolve', hint: 'Choose another host with --host.' },
};

/** Describes an error of `server.listen`: the reason, and a hint. */
export function describeListenFailure(cause: NodeJS.ErrnoException): ListenFailure {
  const known = FAILURES[cause.code ?? ''];
  return known ?? { why: cause.code ?? cause.message, hint: 'Choose another address with --port or --host.' };
}

/** URL host that reaches a server listening on `host`: loopback for an unspecified address, brackets around IPv6. */
export function reachableHost(host: string): string {
  if (isUnspecified(host)) return host === '::' ? '[::1]' : '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** True for an address that stands for every address of the machine. */
export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
