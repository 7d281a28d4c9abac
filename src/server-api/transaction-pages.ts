import { interrupted, ToolError } from '../errors.js';
import type { TransactionPage } from './purchase-responses.js';
import { keepSpacing } from './rate-limits.js';

interface TransactionPagesOptions {
  /** Requests the first page, or the one after `revision`. */
  readonly request: (revision?: string) => Promise<TransactionPage>;
  /** Minimum time (ms) between requests, to stay below Apple's rate limit. */
  readonly spacingMs: number;
  /** Time (ms) after which no page is requested; Infinity for none. */
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** 10,000 transactions: a customer has hundreds, a server that never ends would fill the memory. */
const MOST_PAGES = 500;

/**
 * Reads transactions page by page by their `revision`. Throws what `request` throws, and ToolError (remote) `ERR_API_PAGING` if paging
 * makes no progress or has no end, (pending) `ERR_LOOKUP_DEADLINE` at the deadline, and `interrupted`.
 */
export async function* readTransactionPages(options: TransactionPagesOptions): AsyncGenerator<readonly string[]> {
  const { request, spacingMs, deadlineMs, now, signal } = options;
  const revisions = new Set<string>();
  let revision: string | null = null;
  let requestedMs = Number.NEGATIVE_INFINITY;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    await keepSpacing(requestedMs, spacingMs, options);
    if (signal.aborted) throw interrupted('interrupted before the last page');
    if (now() >= deadlineMs) throw deadlinePassed();
    requestedMs = now();
    const page: TransactionPage = await (revision === null ? request() : request(revision));
    yield page.signedTransactions;
    revision = page.revision;
    if (revision === null) return;
    if (revisions.has(revision)) throw pagingError('Apple returned the same revision twice');
    revisions.add(revision);
  }
  throw pagingError(`there are more than ${MOST_PAGES} pages`);
}

function deadlinePassed(): ToolError {
  return new ToolError('pending', 'ERR_LOOKUP_DEADLINE', 'timed out before the last page', {
    hint: 'Raise or omit --timeout.',
  });
}

function pagingError(why: string): ToolError {
  return new ToolError('remote', 'ERR_API_PAGING', `${why}, so the list cannot be read further`, {
    hint: 'Try again later.',
  });
}
