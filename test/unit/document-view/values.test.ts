import { describe, expect, test } from 'vitest';
import { showPlain, showValue, type ValueContext } from '../../../src/document-view/values.js';
import type { Json } from '../../../src/jws/json.js';
import type { FieldEntry, FieldType } from '../../../src/notification/catalogue/entry.js';

const NOW = Date.parse('2026-11-20T16:00:00Z');

function context(currency?: Json): ValueContext {
  return { nowMs: NOW, currency, explained: new Set() };
}

function entry(type: FieldType, values?: string): FieldEntry {
  return { name: 'field', type, meaning: '', since: null, ...(values === undefined ? {} : { values }) };
}

function shown(type: FieldType, value: Json, currency?: Json, values?: string): string {
  const { text, remark } = showValue(entry(type, values), value, context(currency));
  return remark === null ? text : `${text}  ${remark}`;
}

describe('dates', () => {
  test.each<[Json, string]>([
    [NOW, '2026-11-20T16:00:00Z  now'],
    [NOW - 1_000, '2026-11-20T15:59:59Z  1 second ago'],
    [NOW - 90_000, '2026-11-20T15:58:30Z  90 seconds ago'],
    [NOW - 3_600_000, '2026-11-20T15:00:00Z  1 hour ago'],
    [NOW - 47 * 3_600_000, '2026-11-18T17:00:00Z  47 hours ago'],
    [NOW + 3 * 86_400_000, '2026-11-23T16:00:00Z  in 3 days'],
    [NOW - 413 * 86_400_000, '2025-10-03T16:00:00Z  413 days ago'],
    [1646387008254, '2022-03-04T09:43:28.254Z  4.7 years ago'],
    [1646387008000.75, '2022-03-04T09:43:28Z  4.7 years ago'],
    [0, '1970-01-01T00:00:00Z  56 years ago'],
    [-1, '1969-12-31T23:59:59.999Z  56 years ago'],
    [8.64e15, '+275760-09-13T00:00:00Z  in 273733 years'],
    [8.64e15 + 1, '8640000000000001  out of range for a date'],
    [1e30, '1e+30  out of range for a date'],
    [10n ** 40n, `1${'0'.repeat(40)}  out of range for a date`],
    ['2022-03-04', '2022-03-04'],
    [null, 'null'],
    [true, 'yes'],
  ])('%s', (value, expected) => {
    expect(shown('date', value)).toBe(expected);
  });
});

describe('money', () => {
  test.each<[Json, Json | undefined, string]>([
    [9990, 'USD', '9.99 USD'],
    [9995, 'USD', '9.995 USD'],
    [10000, 'EUR', '10.00 EUR'],
    [0, 'USD', '0.00 USD'],
    [5, 'USD', '0.005 USD'],
    [-1990, 'USD', '-1.99 USD'],
    [500000, 'JPY', '500 JPY'],
    [500500, 'JPY', '500.5 JPY'],
    [1234, 'KWD', '1.234 KWD'],
    [9990, 'ZZZ', '9.99 ZZZ'],
    [9990, undefined, '9.99'],
    [9990, 'US\u202eD', '9.99'],
    [9990, '__proto__', '9.99'],
    [9007199254740993n, 'USD', '9007199254740.993 USD'],
    [1.5, 'USD', '1.5'],
    [1e30, 'USD', '1e+30'],
    ['9.99', 'USD', '9.99'],
  ])('%s %s', (value, currency, expected) => {
    expect(shown('money', value, currency)).toBe(expected);
  });
});

describe('other types', () => {
  test.each<[FieldType, Json, string | undefined, string]>([
    ['percent', 67932, undefined, '67.932 %'],
    ['percent', 100000, undefined, '100 %'],
    ['percent', 0.5, undefined, '0.5'],
    ['code', 1, 'status', '1  active'],
    ['code', 99, 'status', '99  not known to this version'],
    ['code', 2n ** 60n, 'status', '1152921504606846976  not known to this version'],
    ['code', '1', 'expirationIntent', '1  the customer cancelled'],
    ['enum', 'PURCHASED', 'inAppOwnershipType', 'PURCHASED  bought by this customer'],
    ['enum', 'RENTED\u001b', 'inAppOwnershipType', 'RENTED\\u{1b}  not known to this version'],
    ['enum', '__proto__', 'inAppOwnershipType', '__proto__  not known to this version'],
    ['enum', 3, 'inAppOwnershipType', '3'],
    ['period', 'P1M', undefined, 'P1M  1 month'],
    ['period', 'P1Y6M', undefined, 'P1Y6M  1 year 6 months'],
    ['period', 'P2W', undefined, 'P2W  2 weeks'],
    ['period', 'PT1H', undefined, 'PT1H'],
    ['period', 'P', undefined, 'P'],
    ['boolean', false, undefined, 'no'],
    ['integer', 9007199254740993n, undefined, '9007199254740993'],
    ['strings', ['USA', 'DEU'], undefined, 'USA, DEU'],
    ['strings', [], undefined, '[]'],
    ['string', '', undefined, '""'],
    ['string', ' x', undefined, '" x"'],
    ['string', 'x'.repeat(300), undefined, `${'x'.repeat(48)}… (300 characters)`],
  ])('%s %s', (type, value, values, expected) => {
    expect(shown(type, value, undefined, values)).toBe(expected);
  });

  test('explains a value once', () => {
    const once = context();
    const status = entry('code', 'status');
    expect(showValue(status, 1, once).remark).toBe('active');
    expect(showValue(status, 1, once).remark).toBeNull();
    expect(showValue(status, 2, once).remark).toBe('expired');
  });

  test('shows what it knows nothing of as JSON, escaped', () => {
    expect(showPlain({ a: [1n, '\u202e'] }).text).toBe('{"a":[1,"\\u{202e}"]}');
  });
});
