import type { InspectorPage } from '../../wire.js';
import { type CacheChange, RowCache } from '../model/row-cache.js';
import { type ApiClient, ApiError } from './api.js';

/** Rows of one request. Two screens of a large monitor, so that a calm scroll rarely waits. */
const PAGE_ROWS = 100;

export interface LoaderListener {
  onLoaded(page: InspectorPage, change: CacheChange): void;
  onFailed(error: ApiError): void;
}

/**
 * Loads what the list shows, one request at a time: while one is under way the wishes change and only the last counts, so a scroll
 * through 100,000 rows asks for the places where it slows down.
 */
export class RowLoader {
  readonly rows = new RowCache();
  readonly #api: ApiClient;
  readonly #listener: LoaderListener;
  #query = '';
  #loadedQuery: string | null = null;
  #wanted = { start: 0, end: PAGE_ROWS };
  #isTopStale = true;
  #isLoading = false;
  #isStopped = false;

  constructor(api: ApiClient, listener: LoaderListener) {
    this.#api = api;
    this.#listener = listener;
  }

  /** Shows the rows of another filter. The old ones stay until the first reply. */
  filter(query: string): void {
    this.#query = query;
    this.refresh();
  }

  /** Reads the newest rows again. */
  refresh(): void {
    this.#isTopStale = true;
    void this.#load();
  }

  want(start: number, end: number): void {
    this.#wanted = { start, end };
    void this.#load();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (!this.#isStopped) {
      const offset = this.#nextOffset();
      if (offset === null || !(await this.#loadFrom(offset))) break;
    }
    this.#isLoading = false;
  }

  /** False where asking for more would not end: the request failed, or the server has fewer rows than it counts. */
  async #loadFrom(offset: number): Promise<boolean> {
    const query = this.#query;
    if (offset === 0) this.#isTopStale = false;
    try {
      const page = await this.#api.readPage(query, offset, PAGE_ROWS);
      if (this.#isStopped || query !== this.#query) return true;
      const isOtherQuery = query !== this.#loadedQuery;
      if (isOtherQuery) this.rows.clear();
      this.#loadedQuery = query;
      const change = this.rows.accept(page);
      this.#listener.onLoaded(page, isOtherQuery ? { added: 0, isReset: true } : change);
      return page.rows.length > 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#isTopStale ||= offset === 0;
      if (!this.#isStopped) this.#listener.onFailed(error);
      return false;
    }
  }

  #nextOffset(): number | null {
    if (this.#isTopStale) return 0;
    const missing = this.rows.firstMissing(this.#wanted.start, this.#wanted.end);
    // Some rows above too: who scrolls up needs those next.
    return missing === undefined ? null : Math.max(0, missing - PAGE_ROWS / 4);
  }
}
