import { describe, expect, test } from 'vitest';
import type { PayloadDocument } from '../../../src/notification/document.js';
import { addToTotals, emptyTotals, MAX_VALUES, mergeTotals, type Totals } from '../../../src/notification/totals.js';

function notification(type: string, environment?: string): PayloadDocument {
  const data = environment === undefined ? {} : { environment };
  return { kind: 'notification', source: 'x', notification: { notificationType: type, data }, tokens: [] };
}

function countsOf(documents: readonly PayloadDocument[]): Totals {
  const counts = emptyTotals();
  for (const document of documents) addToTotals(counts, document);
  return counts;
}

function manyTypes(prefix: string, count: number): readonly PayloadDocument[] {
  return Array.from({ length: count }, (_, index) => notification(`${prefix}${index}`));
}

describe('addToCounts', () => {
  test('counts verdict, reason, type, environment and kind', () => {
    const verification = {
      verdict: 'invalid',
      reason: 'LEGACY_V1',
      root: null,
      checkedAtMs: null,
      clock: null,
      checks: [],
    } as const;
    const counts = countsOf([notification('TEST', 'Sandbox'), { ...notification('TEST'), verification }]);
    expect(counts).toEqual({
      total: 2,
      verdicts: { valid: 0, invalid: 1, undetermined: 0 },
      reasons: { LEGACY_V1: 1 },
      types: { values: new Map([['TEST', 2]]), other: 0 },
      environments: {
        values: new Map([
          ['Sandbox', 1],
          ['not given', 1],
        ]),
        other: 0,
      },
      kinds: { values: new Map([['notification', 2]]), other: 0 },
      skipped: 0,
    });
  });

  test.each(['__proto__', 'constructor', 'other', 'toString'])('%s is a word like any other', (word) => {
    expect(countsOf([notification(word), notification(word)]).types.values.get(word)).toBe(2);
  });

  test('keeps a bounded number of values, and counts the rest', () => {
    const counts = countsOf([...manyTypes('T', MAX_VALUES + 50), notification('T0')]);
    expect([counts.types.values.size, counts.types.other, counts.types.values.get('T0')]).toEqual([MAX_VALUES, 50, 2]);
  });

  test('keeps the start of a long value', () => {
    expect([...countsOf([notification('x'.repeat(1_000))]).types.values.keys()]).toEqual([`${'x'.repeat(100)}…`]);
  });
});

describe('mergeCounts', () => {
  test('adds both up and changes neither', () => {
    const one = countsOf([notification('A', 'Sandbox'), notification('B')]);
    const other = { ...countsOf([notification('A', 'Sandbox')]), skipped: 3 };
    const [before, merged] = [structuredClone(one), mergeTotals(one, other)];
    expect(one).toEqual(before);
    expect(merged).toEqual({
      ...countsOf([notification('A', 'Sandbox'), notification('B'), notification('A', 'Sandbox')]),
      skipped: 3,
    });
  });

  test('stays bounded', () => {
    const merged = mergeTotals(countsOf(manyTypes('A', MAX_VALUES + 1)), countsOf(manyTypes('B', MAX_VALUES + 2)));
    expect([merged.types.values.size, merged.types.other]).toEqual([MAX_VALUES, MAX_VALUES + 3]);
  });

  test('survives a worker boundary', () => {
    const counts = countsOf([notification('A')]);
    expect(structuredClone(counts)).toEqual(counts);
  });
});
