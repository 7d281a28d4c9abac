import type { ErrorKind } from '../errors.js';

/** Exit codes of every command. A script may rely on each of them. */
export const EXIT = {
  ok: 0,
  no: 1,
  usage: 2,
  auth: 3,
  remote: 4,
  pending: 5,
  bug: 70,
  interrupted: 130,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** The one table from error kind to exit code. */
export const EXIT_OF_ERROR: Readonly<Record<ErrorKind, Exit>> = {
  usage: EXIT.usage,
  auth: EXIT.auth,
  remote: EXIT.remote,
  pending: EXIT.pending,
  interrupted: EXIT.interrupted,
};

const WORST_FIRST: readonly Exit[] = [EXIT.no, EXIT.bug, EXIT.auth, EXIT.remote, EXIT.pending, EXIT.usage];

/** The code of several results together: any no wins, then a bug, auth, remote, pending, unreadable input; else 0. */
export function worstOf(codes: Iterable<Exit>): Exit {
  const seen = new Set(codes);
  return WORST_FIRST.find((code) => seen.has(code)) ?? EXIT.ok;
}
