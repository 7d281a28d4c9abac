import type { World } from '../world.js';
import type { Resolver } from './resolver.js';

/** What one question came to. `none`: the name or a record of this kind is not there. `unknown`: no server answered. */
export type DnsAnswer =
  | { readonly kind: 'found'; readonly values: readonly string[] }
  | { readonly kind: 'none'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

/** NXDOMAIN, an answer without a record of the kind, a name the system cannot even ask for, and what getaddrinfo says of all of them. */
const NONE = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EAI_NONAME', 'EAI_NODATA']);

/** One question, which ends after `timeoutMs` whatever the resolver does. */
export async function ask(
  question: keyof Resolver,
  name: string,
  { resolver, sleep, timeoutMs }: Pick<World, 'resolver' | 'sleep' | 'timeoutMs'>,
): Promise<DnsAnswer> {
  const answered = new AbortController();
  const deadline = sleep(timeoutMs, answered.signal).then(
    () => TOO_LATE,
    () => TOO_LATE,
  );
  try {
    return await Promise.race([answerOf(resolver[question](name)), deadline]);
  } finally {
    answered.abort();
  }
}

const TOO_LATE: DnsAnswer = { kind: 'unknown', code: 'ETIMEOUT' };

async function answerOf(asked: Promise<readonly string[]>): Promise<DnsAnswer> {
  try {
    const values = await asked;
    return values.length > 0 ? { kind: 'found', values } : { kind: 'none', code: 'ENODATA' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN';
    return { kind: NONE.has(code) ? 'none' : 'unknown', code };
  }
}
