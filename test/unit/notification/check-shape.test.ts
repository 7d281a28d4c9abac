import { AppTransactionValidator } from '@apple/app-store-server-library/dist/models/AppTransaction.js';
import { DecodedRealtimeRequestBodyValidator } from '@apple/app-store-server-library/dist/models/DecodedRealtimeRequestBody.js';
import { JWSRenewalInfoDecodedPayloadValidator } from '@apple/app-store-server-library/dist/models/JWSRenewalInfoDecodedPayload.js';
import { JWSTransactionDecodedPayloadValidator } from '@apple/app-store-server-library/dist/models/JWSTransactionDecodedPayload.js';
import { ResponseBodyV2DecodedPayloadValidator } from '@apple/app-store-server-library/dist/models/ResponseBodyV2DecodedPayload.js';
import { describe, expect, it } from 'vitest';
import { type JsonObject, parseJson } from '../../../src/jws/json.js';
import { checkShape } from '../../../src/notification/check-shape.js';
import type { Kind } from '../../../src/notification/document.js';
import { fullObject, pathsIn, pathText, withValueAt } from '../../support/full-payloads.js';

const KINDS = {
  notification: new ResponseBodyV2DecodedPayloadValidator(),
  transaction: new JWSTransactionDecodedPayloadValidator(),
  renewalInfo: new JWSRenewalInfoDecodedPayloadValidator(),
  appTransaction: new AppTransactionValidator(),
  realtimeRequest: new DecodedRealtimeRequestBodyValidator(),
} as const;
type ModelledKind = keyof typeof KINDS;
const MODELLED = Object.keys(KINDS) as ModelledKind[];

/** Apple's verifier takes a validator that throws for a refusal, as null in an object's place makes it do. */
function appleAccepts(payload: unknown, kind: ModelledKind): boolean {
  try {
    return KINDS[kind].validate(payload);
  } catch {
    return false;
  }
}

function check(payload: unknown, kind: Kind) {
  return checkShape(payload as JsonObject, kind);
}

/** `undefined` takes the field away. */
const WRONG = [undefined, null, 'x'.repeat(46), '', 0, 1.5, 13, -1, true, [], {}, [null], [1], ['x'], [[]], [{}]];

/** Fields that Apple's 3.1.0 validators never look at: newer ones, and two that they leave out. */
const NOT_LOOKED_AT = [
  'unclaimInfo',
  'externalPurchaseToken.tokenType',
  'externalPurchaseToken.tokenExpirationDate',
  'previousOriginalTransactionId',
  'multiSeatInfo',
  'additionalTransactionReason',
  'renewalQuantity',
  'receiptType',
  'summary.storefrontCountryCodes',
];

/** Why we may refuse what Apple's validators let through; the test fails on a case that none of these explains. */
function explanation(path: string, original: unknown, value: unknown): string | null {
  if (NOT_LOOKED_AT.some((field) => `${path}.`.replace('[', '.').startsWith(`${field}.`))) return 'not looked at';
  // Their validators read fields of whatever is there, and a string, number or array has none that is wrong.
  const isPlainObject = typeof original === 'object' && original !== null && !Array.isArray(original);
  if (isPlainObject && value !== null && (typeof value !== 'object' || Array.isArray(value)))
    return 'no object in the place of one';
  const isListOfObjects = Array.isArray(original) && typeof original[0] === 'object';
  if (isListOfObjects && Array.isArray(value)) return 'an item that is no object';
  return null;
}

describe("compared with Apple's library, one field changed", () => {
  const cases = MODELLED.flatMap((kind) => {
    const full = fullObject(kind);
    return pathsIn(full).flatMap((path) => WRONG.map((value) => ({ kind, full, path, value })));
  });
  const originalAt = (full: unknown, path: readonly (string | number)[]): unknown =>
    path.reduce((place, key) => (place as Record<string | number, unknown>)[key], full);
  const judged = cases.map(({ kind, full, path, value }) => {
    const payload = withValueAt(full as Record<string, unknown>, path, value);
    const findings = check(payload, kind);
    const where = pathText(path);
    return {
      label: `${kind} ${where} = ${value === undefined ? 'absent' : JSON.stringify(value)}`,
      apple: appleAccepts(payload, kind),
      ours: findings.length === 0,
      findings,
      where,
      why: explanation(where, originalAt(full, path), value),
    };
  });

  it.each(MODELLED)('%s with every field: both accept', (kind) => {
    expect(check(fullObject(kind), kind)).toEqual([]);
    expect(appleAccepts(fullObject(kind), kind)).toBe(true);
  });

  it('has enough cases, of both verdicts', () => {
    expect(judged.filter(({ apple }) => !apple).length).toBeGreaterThan(1500);
    expect(judged.filter(({ apple }) => apple).length).toBeGreaterThan(500);
  });

  it('rejects every payload that the library rejects', () => {
    expect(judged.filter(({ apple, ours }) => !apple && ours).map(({ label }) => label)).toEqual([]);
  });

  it('explains every payload that only storewire rejects', () => {
    expect(judged.filter(({ apple, ours, why }) => apple && !ours && why === null).map(({ label }) => label)).toEqual(
      [],
    );
  });

  it('each explanation is needed', () => {
    const used = new Set(judged.filter(({ apple, ours }) => apple && !ours).map(({ why }) => why));
    expect(used).toEqual(new Set(['not looked at', 'no object in the place of one', 'an item that is no object']));
  });

  it('every finding names the changed place or something in it', () => {
    for (const { findings, where, label } of judged) {
      for (const { path } of findings) expect(path.startsWith(where), `${label}: ${path}`).toBe(true);
    }
  });
});

describe('a field Apple never documented', () => {
  it('is refused where the library refuses it: environment of an app transaction', () => {
    const payload = { receiptType: 'Sandbox', environment: 1 };
    expect(appleAccepts(payload, 'appTransaction')).toBe(false);
    expect(check(payload, 'appTransaction')).toEqual([{ path: 'environment', expected: 'string', found: 'number' }]);
  });

  it.each(MODELLED)('passes everywhere else: %s', (kind) => {
    const payload = { ...fullObject(kind), brandNew: null, newInfo: { bundleId: 1 }, toString: 1 };
    expect(check(payload, kind)).toEqual([]);
  });

  it('passes where its name is one of a prototype', () => {
    const text = '{"notificationType":"TEST","data":{"__proto__":{"status":"x"},"constructor":null},"__proto__":null}';
    expect(check(parseJson(text), 'notification')).toEqual([]);
    expect(appleAccepts(JSON.parse(text), 'notification')).toBe(true);
  });
});

describe('findings', () => {
  it.each<[string, Kind, unknown, readonly [string, string, string][]]>([
    ['text for a number', 'notification', { data: { status: '1' } }, [['data.status', 'number', 'string']]],
    ['null for an object', 'notification', { data: null }, [['data', 'object', 'null']]],
    ['an array for an object', 'notification', { summary: [] }, [['summary', 'object', 'array']]],
    [
      'one string among others',
      'renewalInfo',
      { eligibleWinBackOfferIds: ['a', 1] },
      [['eligibleWinBackOfferIds[1]', 'string', 'number']],
    ],
    [
      'deep in a list',
      'transaction',
      { advancedCommerceInfo: { items: [{}, { refunds: [{ refundType: 1 }] }] } },
      [['advancedCommerceInfo.items[1].refunds[0].refundType', 'string', 'number']],
    ],
    [
      'too long',
      'transaction',
      { advancedCommerceInfo: { descriptors: { description: 'x'.repeat(46), displayName: '' } } },
      [['advancedCommerceInfo.descriptors.description', 'at most 45 characters', '46']],
    ],
    [
      'out of bounds',
      'transaction',
      { commitmentInfo: { billingPeriodNumber: 13n } },
      [['commitmentInfo.billingPeriodNumber', 'number from 1 to 12', '13']],
    ],
    [
      'missing',
      'renewalInfo',
      { advancedCommerceInfo: { descriptors: { displayName: 'x' } } },
      [['advancedCommerceInfo.descriptors.description', 'a value', 'nothing']],
    ],
    [
      'a date no Date can hold',
      'transaction',
      { signedDate: 9e15 },
      [['signedDate', 'date in milliseconds', 'number out of range']],
    ],
    [
      'a date beyond 2^53',
      'transaction',
      { signedDate: 9007199254740993n },
      [['signedDate', 'date in milliseconds', 'number out of range']],
    ],
    ['an infinite number', 'transaction', { price: Infinity }, [['price', 'number', 'number out of range']]],
    [
      'several, in the order of the payload',
      'transaction',
      { quantity: true, bundleId: 7 },
      [
        ['quantity', 'number', 'boolean'],
        ['bundleId', 'string', 'number'],
      ],
    ],
    ['fractional dates of Xcode', 'transaction', { purchaseDate: 1759389041604.25, transactionId: '0' }, []],
    ['integers beyond 2^53', 'notification', { data: { appAppleId: 9007199254740993n } }, []],
    [
      'words Apple has not used yet',
      'notification',
      { notificationType: 'NEW', subtype: 'NEWER', data: { environment: 'Moon' } },
      [],
    ],
    ['a field that a caller left undefined', 'transaction', { bundleId: undefined }, []],
    ['an unknown payload', 'unknown', { data: null }, []],
    ['a version 1 body', 'notificationV1', { notification_type: 1 }, []],
  ])('%s', (_, kind, payload, expected) => {
    expect(check(payload, kind).map(({ path, expected: wanted, found }) => [path, wanted, found])).toEqual(expected);
  });
});

describe('fields that only tokens from a device have', () => {
  it.each(['transaction', 'renewalInfo'] as const)('are known in a %s, and no type of theirs is refused', (kind) => {
    for (const value of ['AAAA', 1, null, {}]) {
      expect(check({ deviceVerification: value, deviceVerificationNonce: value }, kind)).toEqual([]);
    }
  });
});
