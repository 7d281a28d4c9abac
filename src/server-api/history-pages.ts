import { createHash } from 'node:crypto';
import { ToolError } from '../errors.js';
import { openJws } from '../jws/open.js';
import type { ServerApi } from './client.js';
import { ServerApiError } from './refusal.js';
import type { HistoryBody, HistoryPage, SentNotification } from './wire.js';

export interface PagesOptions {
  readonly api: Pick<ServerApi, 'history'>;
  readonly body: HistoryBody;
  /** Least time (ms) from one request to the next: Apple's limit, kept from our side. */
  readonly spacingMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called when a page token expired and the history is read again from its start. */
  readonly onRestart: () => void;
}

/** Requests a second that Apple allows for history, by environment. Source: apple.md 6.5. */
export const HISTORY_SPACING_MS = { production: 1_000 / 50, sandbox: 1_000 / 5 } as const;

const TOKEN_EXPIRED = 4000017;
/** Starting over without having got any further: as often as this, then it is told. */
const MOST_RESTARTS = 3;

/**
 * The history page by page: the same body each time, and where Apple lets a page token expire, from the start again with what was given
 * already left out. Throws what `history` throws, and `ERR_HISTORY_LOOP` (remote) where pages do not move on.
 */
export async function* readHistory(options: PagesOptions): AsyncGenerator<readonly SentNotification[]> {
  const given = createMemory();
  let restarts = 0;
  let token: string | null = null;
  let askedMs = Number.NEGATIVE_INFINITY;
  while (!options.signal.aborted) {
    await keepSpacing(askedMs, options);
    askedMs = options.now();
    const page = await askPage(options, token);
    if (page === null) {
      restarts += 1;
      if (restarts > MOST_RESTARTS) throw endlessRestarts();
      options.onRestart();
      given.startOver();
      token = null;
      continue;
    }
    const fresh = page.items.filter((item) => given.add(item));
    if (fresh.length > 0) {
      restarts = 0;
      yield fresh;
    }
    if (page.paginationToken === null) return;
    if (page.paginationToken === token) throw samePage();
    token = page.paginationToken;
  }
  throw new ToolError('interrupted', 'ERR_INTERRUPTED', 'stopped before the end of the history');
}

/** A page, or null where the token has expired. The first page has none that could. */
async function askPage({ api, body }: PagesOptions, token: string | null): Promise<HistoryPage | null> {
  if (token === null) return api.history(body);
  try {
    return await api.history(body, token);
  } catch (error) {
    if (error instanceof ServerApiError && error.errorCode === TOKEN_EXPIRED) return null;
    throw error;
  }
}

interface Memory {
  /** Notes an item; false where it was given before the history was started over. */
  add(item: SentNotification): boolean;
  startOver(): void;
}

/** Counts, and not only notes: a server that lists an item twice is shown as it is, once over and again after starting over. */
function createMemory(): Memory {
  const given = new Map<string, number>();
  let owed = new Map<string, number>();
  return {
    add(item) {
      const identity = identityOf(item);
      const left = owed.get(identity) ?? 0;
      if (left > 0) owed.set(identity, left - 1);
      else given.set(identity, (given.get(identity) ?? 0) + 1);
      return left === 0;
    },
    startOver() {
      owed = new Map(given);
    },
  };
}

/** The UUID, the same for every attempt; what cannot be opened goes by its bytes, and items without payload count as one. */
function identityOf({ signedPayload }: SentNotification): string {
  const { payload } = openJws(signedPayload ?? '', noHeader);
  if (typeof payload?.notificationUUID === 'string') return payload.notificationUUID;
  return createHash('sha256')
    .update(signedPayload ?? '')
    .digest('base64');
}

/** Only the payload is wanted, and headers are 5 KB. */
function noHeader(): string {
  return 'not read';
}

async function keepSpacing(askedMs: number, { spacingMs, now, sleep, signal }: PagesOptions): Promise<void> {
  const waitMs = Math.ceil(askedMs + spacingMs - now());
  if (waitMs > 0) await sleep(waitMs, signal);
}

function endlessRestarts(): ToolError {
  const message = `Apple let the page token expire ${MOST_RESTARTS + 1} times before anything new came`;
  return new ToolError('remote', 'ERR_HISTORY_LOOP', message, {
    hint: 'Ask for a shorter time with --since and --until.',
  });
}

function samePage(): ToolError {
  const message = 'Apple gave the same page token twice, so the history does not move on';
  return new ToolError('remote', 'ERR_HISTORY_LOOP', message, { hint: 'Try again in a while.' });
}
