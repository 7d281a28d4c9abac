import { describe, expect, it } from 'vitest';
import { RowCache } from '../../../../src/inspector/page/model/row-cache.js';
import type { InspectorRow } from '../../../../src/inspector/wire.js';

const row = (position: number, type = 'DID_RENEW'): InspectorRow => ({
  ...{ id: `id-${position}`, position, atMs: null, type, productId: null, bundleId: null, environment: null },
  ...{ originalTransactionId: null, uuid: null, verdict: null, reason: null, answered: null, isRepeat: false },
  ...{ isSynthetic: false, isRejected: false, targets: [] },
});

/** Rows of a journal with `total` entries, as the server pages them. */
const pageOf = (total: number, offset: number, limit: number) => ({
  ...{ total, offset },
  rows: Array.from({ length: Math.min(limit, total - offset) }, (_, index) => row(total - 1 - offset - index)),
});

const idsOf = (cache: RowCache): readonly (string | undefined)[] =>
  Array.from({ length: cache.total }, (_, index) => cache.rowAt(index)?.id);

describe('RowCache', () => {
  it('has the newest row first, and gaps where nothing was read', () => {
    const cache = new RowCache();
    cache.accept(pageOf(5, 0, 2));
    expect(idsOf(cache)).toEqual(['id-4', 'id-3', undefined, undefined, undefined]);
    expect([cache.firstMissing(0, 5), cache.firstMissing(0, 2), cache.firstMissing(3, 99)]).toEqual([2, undefined, 3]);
    cache.accept(pageOf(5, 2, 3));
    expect([cache.firstMissing(0, 99), cache.indexOf('id-0'), cache.indexOf('id-9')]).toEqual([
      undefined,
      4,
      undefined,
    ]);
  });

  it('moves what it has down when rows arrive on top', () => {
    const cache = new RowCache();
    cache.accept(pageOf(3, 0, 3));
    expect(cache.accept(pageOf(5, 0, 2))).toEqual({ added: 2, isReset: false });
    expect(idsOf(cache)).toEqual(['id-4', 'id-3', 'id-2', 'id-1', 'id-0']);
  });

  it.each([
    ['a row left in the middle', { total: 3, offset: 0, rows: [row(9), row(7)] }],
    ['a row joined in the middle', { total: 5, offset: 0, rows: [row(9), row(8), row(7)] }],
    ['the oldest were pruned', { total: 2, offset: 0, rows: [row(9), row(7)] }],
    ['the order changed', { total: 4, offset: 0, rows: [row(7), row(9)] }],
  ])('forgets all when %s', (_case, page) => {
    const cache = new RowCache();
    cache.accept({ total: 4, offset: 0, rows: [row(9), row(7), row(5), row(3)] });
    expect(cache.accept(page)).toEqual({ added: 0, isReset: true });
    expect(idsOf(cache).filter(Boolean)).toEqual(page.rows.map(({ id }) => id));
  });

  it('replaces a row that changed, and no other', () => {
    const cache = new RowCache();
    cache.accept(pageOf(2, 0, 2));
    expect([cache.update(row(1, 'REFUND')), cache.update(row(7))]).toEqual([true, false]);
    expect([cache.rowAt(0)?.type, cache.rowAt(1)?.type, cache.total]).toEqual(['REFUND', 'DID_RENEW', 2]);
  });
});
