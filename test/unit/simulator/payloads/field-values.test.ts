import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../src/jws/json.js';
import { parseFieldText, readFieldJson } from '../../../../src/simulator/payloads/field-values.js';

const AT_MS = Date.parse('2026-03-31T12:00:00Z');
const TYPED = { atMs: AT_MS, isForged: false };

describe('a value of --set has the type of its field', () => {
  it.each<[path: string, text: string, value: Json]>([
    ['data.bundleId', 'com.example.app', 'com.example.app'],
    ['notification.data.bundleVersion', '9', '9'],
    ['data.bundleVersion', '"9"', '9'],
    ['data.bundleVersion', 'null', 'null'],
    ['data.appAppleId', '12345678901234567890', 12345678901234567890n],
    ['data.status', '2', 2],
    ['transaction.price', '4990', 4990],
    ['transaction.isUpgraded', 'true', true],
    ['transaction.expiresDate', '1793610000000', 1793610000000],
    ['transaction.expiresDate', '2026-11-02T09:00:00Z', 1793610000000],
    ['transaction.expiresDate', '2026-11-02', Date.parse('2026-11-02')],
    ['transaction.expiresDate', '+3d', AT_MS + 3 * 86_400_000],
    ['transaction.expiresDate', '-1h30m', AT_MS - 5_400_000],
    ['transaction.expiresDate', '+P1M', Date.parse('2026-04-30T12:00:00Z')],
    ['summary.storefrontCountryCodes', 'USA, CAN', ['USA', 'CAN']],
    ['summary.storefrontCountryCodes', '["USA"]', ['USA']],
    ['summary.storefrontCountryCodes.0', 'USA', 'USA'],
    ['transaction.commitmentInfo', '{"billingPeriodNumber":2}', { billingPeriodNumber: 2 }],
    ['transaction.multiSeatInfo.priceTiers.0.quantity', '5', 5],
    ['renewalInfo', '{"autoRenewStatus":1}', { autoRenewStatus: 1 }],
  ])('%s=%s', (path, text, value) => expect(parseFieldText(path, text, TYPED)).toEqual({ value, remark: null }));

  it.each([
    ['data.status', 'active', 'data.status must be a number; "active" is not', 'Values: 1 active'],
    ['transaction.price', '4,99', 'milliunits of the currency', '--forge'],
    ['transaction.isUpgraded', 'yes', 'true or false', '--forge'],
    ['transaction.expiresDate', 'tomorrow', 'a date: milliseconds since 1970', '--forge'],
    ['transaction.expiresDate', '2026-02-30', 'a date', '--forge'],
    ['transaction.commitmentInfo', '[]', 'a JSON object', '--forge'],
    ['transaction.advancedCommerceInfo.items', '{}', 'a JSON list', '--forge'],
    ['transaction.appAccountToken', 'null', 'cannot be null', '--remove transaction.appAccountToken'],
  ])('%s=%s is refused', (path, text, message, hint) => {
    expect(() => parseFieldText(path, text, TYPED)).toThrow(
      expect.objectContaining({
        code: 'ERR_SIMULATOR_VALUE',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
  });

  it.each<[path: string, text: string, value: Json, remark: string]>([
    ['transaction.type', 'Rental', 'Rental', 'transaction.type: Rental is not a documented value (Auto-Renewable'],
    ['data.status', '9', 9, 'data.status: 9 is not a documented value (1 active, 2 expired'],
    [
      'transaction.pric',
      '4990',
      4990,
      'transaction.pric is not a field that Apple documents; did you mean transaction.price?',
    ],
    ['data.bundleid', 'x', 'x', 'did you mean data.bundleId?'],
    ['transacton.price', '1', 1, 'did you mean transaction.price?'],
    ['data.brandNew', '{"a":1}', { a: 1 }, 'data.brandNew is not a field that Apple documents'],
    ['transaction.appAccountToken', 'me', 'me', 'transaction.appAccountToken is not a UUID'],
    ['transaction.offerPeriod', 'month', 'month', 'not an ISO 8601 duration'],
    ['transaction.price', '4.99', 4.99, 'a whole number of milliunits: 4990 is 4.99'],
    [
      'transaction.expiresDate',
      '1793610000',
      1793610000,
      "looks like seconds: Apple's dates are milliseconds, 1793610000000",
    ],
  ])('%s=%s is taken, with a remark', (path, text, value, remark) => {
    expect(parseFieldText(path, text, TYPED)).toEqual({ value, remark: expect.stringContaining(remark) });
  });

  it.each<[string, string, Json]>([
    ['data.status', 'active', 'active'],
    ['data.status', '2', 2],
    ['transaction.appAccountToken', 'null', 'null'],
    ['transaction.expiresDate', 'null', null],
    ['transaction.isUpgraded', '7', 7],
  ])('a forgery takes any: %s=%s', (path, text, value) => {
    expect(parseFieldText(path, text, { ...TYPED, isForged: true })).toEqual({ value, remark: null });
  });
});

describe('a value of a story has its type already', () => {
  it.each<[string, Json, Json]>([
    ['transaction.price', 4990, 4990],
    ['transaction.expiresDate', '+3d', AT_MS + 3 * 86_400_000],
    ['transaction.expiresDate', 1793610000000, 1793610000000],
    ['transaction.brandNew', { a: [1] }, { a: [1] }],
  ])('%s: %j', (path, json, value) => expect(readFieldJson(path, json, TYPED).value).toEqual(value));

  it.each<[string, Json]>([
    ['transaction.price', '4990'],
    ['data.bundleId', 7],
    ['transaction.isUpgraded', 'true'],
    ['transaction.expiresDate', 'soon'],
    ['transaction.quantity', null],
  ])('%s: %j is refused', (path, json) => {
    expect(() => readFieldJson(path, json, TYPED)).toThrow(expect.objectContaining({ code: 'ERR_SIMULATOR_VALUE' }));
  });
});
