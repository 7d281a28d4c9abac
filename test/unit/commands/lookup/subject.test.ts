import { describe, expect, it } from 'vitest';
import { parseLookupSubject } from '../../../../src/commands/lookup/subject.js';

describe('the kind of an id', () => {
  it.each([
    ['2000000123456789', 'transaction', '2000000123456789'],
    ['0', 'transaction', '0'],
    [' 2000000123456789\n', 'transaction', '2000000123456789'],
    ['"2000000123456789",', 'transaction', '2000000123456789'],
    ['MK5TTTVWJH', 'order', 'MK5TTTVWJH'],
    ['mk5tttvwjh', 'order', 'MK5TTTVWJH'],
    ['MVXXXXXXX', 'order', 'MVXXXXXXX'],
  ])('%j is a %s', (text, kind, id) => expect(parseLookupSubject(text)).toEqual({ kind, id, remark: null }));

  it.each(['W123456789', 'MK5TTTVWJH9X', 'ABC123'])('%s is doubted, and taken for an order', (text) =>
    expect(parseLookupSubject(text)).toMatchObject({
      kind: 'order',
      id: text,
      remark: expect.stringContaining(`${text} is not digits`),
    }),
  );

  it.each([
    ['', 'the id is empty', 'A transaction id is digits'],
    ['hello', '"hello" is neither a transaction id nor an order id', 'A transaction id is digits'],
    ['2000000123456789x'.repeat(9), '…" is neither', 'A transaction id is digits'],
    ['21f4c5b4-8ed3-4f8a-a9a3-3a8d8fbc4a24', 'neither', 'Apple finds no purchase by a UUID'],
    ['21f4c5b4-8ed3-4f8a-a9a3-3a8d8fbc4a24_1700000000000', 'neither', 'storewire status'],
    ['eyJhbGciOiJFUzI1NiJ9.e30.AAAA', 'neither', 'storewire decode'],
    ['{"signedPayload":"eyJ"}', 'neither', 'storewire decode'],
    ['2000000123456789/../x', 'neither', 'A transaction id is digits'],
  ])('%j is refused', (text, message, hint) => {
    expect(() => parseLookupSubject(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'ERR_LOOKUP_ID',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
  });
});
