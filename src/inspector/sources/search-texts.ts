import type { JournalEntry } from '../../journal/record.js';
import type { FollowedJournal } from './followed-journal.js';
import { rowOfEntry } from './rows.js';
import { type SearchTest, type SearchText, searchTextOf } from './search.js';

/** Entries between two pauses, in which the process answers requests and receives notifications: a few milliseconds of work. */
const READ_AT_ONCE = 400;

/** Texts that stay in memory, of the newest entries: 250 bytes each. Those of older ones are read again for every search. */
const MAX_KEPT = 300_000;

type SearchedJournal = Pick<FollowedJournal, 'size' | 'peekAt' | 'indexedTargets'>;

/** Positions that match a query, newest first, of those below `end`. */
interface SearchResult {
  readonly query: string;
  readonly test: SearchTest;
  readonly found: number[];
  readonly end: number;
}

/** What a journal is searched by. Its texts are read once, in slices: by the first search, or before it in the background. */
export class SearchTexts {
  readonly #journal: SearchedJournal;
  readonly #pause: () => Promise<void>;
  readonly #maxKept: number;
  readonly #texts: (SearchText | undefined)[];
  #targets: ReadonlyMap<string, ReadonlySet<string>> | null = null;
  #preparing: Promise<void> | null = null;
  /** Of the last search: the next rows of the same list, and those of new entries, need no other. */
  #result: SearchResult | null = null;
  /** Entries that changed during each running search, which may have passed them. */
  readonly #changedDuring = new Set<Set<number>>();
  #isClosed = false;

  /** `pause` lets the process do other work. */
  constructor(journal: SearchedJournal, pause: () => Promise<void>, maxKept = MAX_KEPT) {
    this.#journal = journal;
    this.#pause = pause;
    this.#maxKept = maxKept;
    // Filled from the end on: an array that grew by that would be a hash table.
    this.#texts = new Array<undefined>(journal.size).fill(undefined);
  }

  /** Reads the texts that are kept, once. */
  prepare(): void {
    this.#preparing ??= this.#readKept().catch(() => {
      // A search reads them again, and throws what fails.
      this.#preparing = null;
    });
  }

  /** Replaces the text of an entry that is new or has changed. */
  set(position: number, entry: JournalEntry | null): void {
    this.#texts[position] = entry === null ? '' : textOfEntry(entry, position);
    if (this.#result !== null) this.#testAgain(this.#result, position);
    for (const changed of this.#changedDuring) changed.add(position);
  }

  /**
   * Positions that match, newest first; valid until the next change. `test`: of the query. Null where the texts were closed meanwhile. Throws
   * system errors.
   */
  async search(query: string, test: SearchTest): Promise<readonly number[] | null> {
    const changed = new Set<number>();
    this.#changedDuring.add(changed);
    try {
      await this.#preparing;
      this.#targets ??= await this.#journal.indexedTargets();
      const end = this.#journal.size;
      const known = this.#result?.query === query ? this.#result : null;
      const before = known === null ? [] : [...known.found];
      const newer = await this.#find(test, known?.end ?? 0, end);
      if (this.#isClosed) return null;
      this.#result = { query, test, found: newer.concat(before), end };
      for (const position of changed) this.#testAgain(this.#result, position);
      return this.#result.found;
    } finally {
      this.#changedDuring.delete(changed);
    }
  }

  /** Positions from `start` to `end` that match, newest first. */
  async #find(test: SearchTest, start: number, end: number): Promise<number[]> {
    const found: number[] = [];
    for (let last = end; last > start && !this.#isClosed; last -= READ_AT_ONCE) {
      const first = Math.max(start, last - READ_AT_ONCE);
      if (this.#texts[first] === undefined) await this.#pause();
      if (this.#isClosed) break;
      const matches: number[] = [];
      for (let position = first; position < last; position++) {
        if (test(this.#textAt(position))) matches.push(position);
      }
      found.push(...matches.reverse());
    }
    return found;
  }

  /** Adds a changed entry to a result, or takes it out. */
  #testAgain({ found, test, end }: SearchResult, position: number): void {
    if (position >= end) return;
    let [low, high] = [0, found.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (found[middle]! > position) low = middle + 1;
      else high = middle;
    }
    const isFound = found[low] === position;
    if (isFound === test(this.#textAt(position))) return;
    if (isFound) found.splice(low, 1);
    else found.splice(low, 0, position);
  }

  /** Ends what still reads the journal. */
  close(): void {
    this.#isClosed = true;
  }

  async #readKept(): Promise<void> {
    this.#targets ??= await this.#journal.indexedTargets();
    await this.#find(() => false, this.#firstKept, this.#journal.size);
  }

  get #firstKept(): number {
    return Math.max(0, this.#journal.size - this.#maxKept);
  }

  #textAt(position: number): SearchText {
    const known = this.#texts[position];
    if (known !== undefined) return known;
    const text = this.#read(position);
    if (position >= this.#firstKept) this.#texts[position] = text;
    return text;
  }

  #read(position: number): SearchText {
    const head = this.#journal.peekAt(position);
    if (head?.type === 'rejected') return textOfEntry({ type: 'rejected', rejected: head, deliveries: [] }, position);
    if (head?.type !== 'receipt') return '';
    const targets = [...head.targets, ...(this.#targets?.get(head.id) ?? [])];
    const location = { file: 0, offset: 0, bytes: 0 };
    const receipt = { ...head, targets };
    return textOfEntry({ type: 'receipt', receipt, location, answered: head.answered, deliveries: [] }, position);
  }
}

function textOfEntry(entry: JournalEntry, position: number): SearchText {
  const facts = entry.type === 'receipt' ? entry.receipt.facts : entry.rejected.facts;
  return searchTextOf(rowOfEntry(entry, position), facts ?? {});
}
