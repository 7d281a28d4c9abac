import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../../../src/inspector/sources/search.js';
import { SearchTexts } from '../../../../src/inspector/sources/search-texts.js';
import type { RecordHead } from '../../../../src/journal/encoding.js';
import type { JournalEntry, ReceiptHead } from '../../../../src/journal/record.js';

const idOf = (position: number): string => String(position).padStart(16, '0');

const receiptAt = (position: number, type = 'DID_RENEW'): ReceiptHead => ({
  ...{ type: 'receipt', id: idOf(position), atMs: position, address: '17.58.1.2', contentType: null, bytes: 9 },
  ...{ verdict: {} as ReceiptHead['verdict'], synthetic: false, repeatOf: null, answered: 200, targets: [], marks: [] },
  facts: { kind: 'notification', type } as ReceiptHead['facts'],
});

const entryOf = (position: number, type: string): JournalEntry => ({
  ...{ type: 'receipt', receipt: receiptAt(position, type), answered: 200, deliveries: [] },
  location: { file: 0, offset: 0, bytes: 9 },
});

/** A journal of receipts that counts what is read of it, and a pause that lasts until it is told to end. */
function start(size: number, maxKept?: number) {
  const reads: number[] = [];
  const waiting: (() => void)[] = [];
  const state = { size, failure: null as Error | null, isPaced: false };
  const journal = {
    get size() {
      return state.size;
    },
    peekAt(position: number): RecordHead | null {
      if (state.failure !== null) throw state.failure;
      reads.push(position);
      return position === 3 ? null : receiptAt(position, position % 2 === 0 ? 'REFUND' : 'DID_RENEW');
    },
    indexedTargets: async () => new Map([[idOf(4), new Set(['app'])]]),
  };
  const pause = (): Promise<void> =>
    state.isPaced ? new Promise((resolve) => void waiting.push(resolve)) : Promise.resolve();
  const texts = new SearchTexts(journal, pause, maxKept);
  const search = (query: string) => texts.search(query, parseQuery(query)!);
  return { texts, search, reads, waiting, state };
}

describe('the texts of a search', () => {
  it('are found newest first, with the targets of the index, and read once', async () => {
    const { search, reads } = start(6);
    expect(await search('refund')).toEqual([4, 2, 0]);
    expect(await search('target:app')).toEqual([4]);
    expect(await search('type:did_renew')).toEqual([5, 1]);
    expect(reads).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are read in the background, in slices, and not again by a search', async () => {
    const { texts, search, reads, waiting, state } = start(1_000);
    state.isPaced = true;
    texts.prepare();
    texts.prepare();
    await new Promise((resolve) => setImmediate(resolve));
    const first = reads.length;
    expect(first).toBeLessThan(500);
    const found = search('refund');
    while (reads.length < 1_000) {
      for (const go of waiting.splice(0)) go();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const go of waiting.splice(0)) go();
    expect(await found).toHaveLength(500);
    expect(reads).toHaveLength(1_000);
  });

  it('of new and changed entries count as they are now', async () => {
    const { texts, search, state } = start(2);
    state.size = 3;
    texts.set(2, entryOf(2, 'REVOKE'));
    texts.set(0, entryOf(0, 'REVOKE'));
    expect(await search('revoke')).toEqual([2, 0]);
    texts.set(0, null);
    expect(await search('revoke')).toEqual([2]);
  });

  it('of the oldest are read for each search, so that the memory has a bound', async () => {
    const { texts, search, reads } = start(6, 4);
    texts.prepare();
    expect(await search('refund')).toEqual([4, 2, 0]);
    expect(reads).toEqual([2, 3, 4, 5, 0, 1]);
    expect(await search('did_renew')).toEqual([5, 1]);
    expect(reads.slice(6)).toEqual([0, 1]);
  });

  it('of the oldest are not read again for the next rows of a list, whatever has arrived or changed', async () => {
    const { texts, search, reads, state } = start(6, 4);
    expect(await search('refund')).toEqual([4, 2, 0]);
    state.size = 7;
    texts.set(6, entryOf(6, 'REFUND'));
    texts.set(5, entryOf(5, 'REFUND'));
    texts.set(4, entryOf(4, 'REVOKE'));
    texts.set(1, entryOf(1, 'REFUND'));
    texts.set(0, null);
    expect(await search('refund')).toEqual([6, 5, 2, 1]);
    expect(reads).toHaveLength(6);
  });

  it('that change while they are searched count as they are at the end', async () => {
    const { texts, search, waiting, state } = start(1_000, 0);
    state.isPaced = true;
    const found = search('type:revoke');
    const next = async (): Promise<void> => {
      for (const go of waiting.splice(0)) go();
      await new Promise((resolve) => setImmediate(resolve));
    };
    await next();
    await next();
    texts.set(990, entryOf(990, 'REVOKE'));
    texts.set(10, entryOf(10, 'REVOKE'));
    for (let step = 0; step < 5; step++) await next();
    expect(await found).toEqual([990, 10]);
  });

  it('that cannot be read in the background are an error of the search alone', async () => {
    const { texts, search, state } = start(2);
    state.failure = new Error('disk');
    texts.prepare();
    await expect(search('refund')).rejects.toThrow('disk');
    state.failure = null;
    texts.prepare();
    expect(await search('refund')).toEqual([0]);
  });

  it('are read no more once closed', async () => {
    const { texts, search, reads, waiting, state } = start(1_000);
    state.isPaced = true;
    texts.prepare();
    const found = search('refund');
    await new Promise((resolve) => setImmediate(resolve));
    texts.close();
    const before = reads.length;
    for (const go of waiting.splice(0)) go();
    expect(await found).toBeNull();
    expect(reads).toHaveLength(before);
  });
});
