import { describe, expect, it } from 'vitest';
import { Body } from '../../../../src/listener/http/requests.js';

describe('a body', () => {
  it.each<[string, number | null, readonly number[]]>([
    ['of nothing', null, []],
    ['in one piece', 5, [5]],
    ['in two pieces of a known length', 30, [10, 20]],
    ['in two pieces of an unknown length', null, [10, 20]],
    ['longer than it said', 10, [10, 20]],
    ['in many small pieces', null, Array.from({ length: 70_000 }, () => 3)],
    ['in large pieces', null, [100_000, 1, 300_000]],
    ['that announces much and sends little', 1_000_000, [1, 1]],
  ])('%s', (_case, expected, sizes) => {
    const pieces = sizes.map((size, at) => Buffer.alloc(size, at % 251));
    const body = new Body(expected);
    for (const piece of pieces) body.add(piece);
    expect(body.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(Buffer.concat(pieces).equals(body.toBytes())).toBe(true);
  });

  it('keeps one piece without a copy', () => {
    const piece = Buffer.from('{}');
    const body = new Body(2);
    body.add(piece);
    expect(body.toBytes().buffer).toBe(piece.buffer);
  });

  it('allocates nothing for the declared length alone', () => {
    const body = new Body(1_000_000);
    body.add(Buffer.alloc(1));
    body.add(Buffer.alloc(1));
    expect(body.toBytes().buffer.byteLength).toBeLessThan(100_000);
  });
});
