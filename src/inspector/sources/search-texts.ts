import type { JournalEntry } from '../../journal/record.js';
import type { FollowedJournal } from './followed-journal.js';
import { rowOfEntry } from './rows.js';
import { type SearchTest, type SearchText, searchTextOf } from './search.js';

/** Entries between two pauses, in which the process answers requests and receives notifications: a few milliseconds of work. */
const READ_AT_ONCE = 400;

/** Texts that stay in memory, of the newest entries: 250 bytes each. Those of older ones are read again for every search. */
const MAX_KEPT = 300_000;

type SearchedJournal = Pick<FollowedJournal, 'size' | 'peekAt' | 'indexedTargets'>;

/** What a journal is searched by. Its texts are read once, in slices: by the first search, or before it in the background. */
export class SearchTexts {
  readonly #journal: SearchedJournal;
  readonly #pause: () => Promise<void>;
  readonly #maxKept: number;
  readonly #texts: (SearchText | undefined)[];
  #targets: ReadonlyMap<string, ReadonlySet<string>> | null = null;
  #preparing: Promise<void> | null = null;
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
  }

  /** Positions that match, newest first. Null where the texts were closed meanwhile. Throws system errors. */
  async search(test: SearchTest): Promise<readonly number[] | null> {
    await this.#preparing;
    const found: number[] = [];
    let read = 0;
    this.#targets ??= await this.#journal.indexedTargets();
    for (let position = this.#journal.size - 1; position >= 0 && !this.#isClosed; position--) {
      if (this.#texts[position] === undefined && ++read % READ_AT_ONCE === 0) {
        await this.#pause();
        if (this.#isClosed) break;
      }
      if (test(this.#textAt(position))) found.push(position);
    }
    return this.#isClosed ? null : found;
  }

  /** Ends what still reads the journal. */
  close(): void {
    this.#isClosed = true;
  }

  async #readKept(): Promise<void> {
    this.#targets ??= await this.#journal.indexedTargets();
    let read = 0;
    for (let position = this.#journal.size - 1; position >= this.#firstKept && !this.#isClosed; position--) {
      this.#textAt(position);
      if (++read % READ_AT_ONCE === 0) await this.#pause();
    }
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
