import { describe, expect, it } from 'vitest';
import type { PayloadDocument } from '../../../src/notification/document.js';
import {
  type FilterField,
  filterDocument,
  matchesField,
  type PayloadFilter,
  payloadIdsOf,
} from '../../../src/notification/payload-filter.js';

const UUID = '7e3fb20b-4cdb-47cc-936d-99d65f608138';
const TOKEN = '0be5c7f1-7c1b-4b7d-8a4f-1c2d3e4f5a6b';

const NOTIFICATION = {
  kind: 'notification',
  source: 'argument',
  tokens: [],
  notification: {
    notificationType: 'DID_RENEW',
    notificationUUID: UUID,
    data: { bundleId: 'com.example.app', environment: 'Sandbox' },
  },
  transaction: {
    transactionId: '2000000900000002',
    originalTransactionId: '2000000900000001',
    appAccountToken: TOKEN,
    productId: 'com.example.pro',
  },
  renewalInfo: { originalTransactionId: '2000000900000001' },
} as const satisfies PayloadDocument;

const damaged = (path: string) => ({
  problems: [{ token: path, code: 'MALFORMED_JWS', message: 'cut off', hint: '' }] as const,
});

const { transaction: _none, ...WITHOUT_TRANSACTION } = NOTIFICATION;

describe('an id', () => {
  it.each<[FilterField, string, string, boolean]>([
    ['transactionId', '2000000900000001', '2000000900000001', true],
    ['transactionId', '2000000900000001', '20000009', true],
    ['transactionId', '2000000900000001', '900000001', false],
    ['transactionId', '2000000900000001', '…000001', true],
    ['transactionId', '2000000900000001', '*000001', true],
    ['transactionId', '2000000900000001', '…200000', false],
    ['uuid', UUID, '*F608138', true],
    ['productId', 'com.example.pro.yearly', '…pro.yearly', true],
    ['productId', 'com.example.pro.yearly', '*.pro', false],
    ['uuid', UUID, '7E3FB20B', true],
    ['uuid', UUID.toUpperCase(), '7e3fb', true],
    ['uuid', UUID, '4cdb', false],
    ['accountToken', TOKEN, '0be5', true],
    ['productId', 'com.example.pro', 'com.example.pro', true],
    ['productId', 'com.example.pro.yearly', 'com.example.pro', false],
    ['productId', 'com.example.pro.yearly', 'com.example.pro*', true],
    ['productId', 'com.example.pro', 'COM.example.pro', false],
    ['bundleId', 'com.example.app.beta', 'com.example.app', false],
    ['bundleId', 'com.example.app.beta', 'com.example.*', true],
    ['bundleId', 'org.example', '*', true],
  ])('%s %s is met by %s: %s', (field, id, wanted, expected) => {
    expect(matchesField(field, [id], wanted)).toBe(expected);
  });

  it('that a payload does not have meets no condition', () => {
    expect(matchesField('accountToken', [], '0')).toBe(false);
    expect(matchesField('productId', [], '*')).toBe(false);
  });
});

describe('a filter', () => {
  it.each<[string, PayloadDocument, PayloadFilter, string]>([
    ['the transaction', NOTIFICATION, { transactionId: '2000000900000002' }, 'match'],
    ['the original transaction', NOTIFICATION, { transactionId: '2000000900000001' }, 'match'],
    ['all conditions', NOTIFICATION, { transactionId: '2', uuid: '7e', bundleId: 'com.example.app' }, 'match'],
    ['one condition that fails', NOTIFICATION, { transactionId: '2', uuid: '8' }, 'other'],
    ['no conditions', NOTIFICATION, {}, 'match'],
    ['renewal info alone', WITHOUT_TRANSACTION, { transactionId: '2000000900000001' }, 'match'],
    ['an absent nested token', WITHOUT_TRANSACTION, { transactionId: '3' }, 'other'],
    [
      'a damaged nested token',
      { ...WITHOUT_TRANSACTION, ...damaged('data.signedTransactionInfo') },
      { transactionId: '3' },
      'unreadable',
    ],
    [
      'a damaged nested token, and another UUID',
      { ...WITHOUT_TRANSACTION, ...damaged('data.signedTransactionInfo') },
      { transactionId: '3', uuid: '8' },
      'other',
    ],
    [
      'a damaged payload',
      { kind: 'unknown', source: 'x', tokens: [], ...damaged('signedPayload') },
      { uuid: '7' },
      'unreadable',
    ],
    [
      'a verified payload with a damaged nested token',
      {
        ...WITHOUT_TRANSACTION,
        verification: {
          ...{ verdict: 'invalid', reason: 'MALFORMED_JWS', root: null, checkedAtMs: null, clock: null },
          checks: [{ id: 'jws.format', token: 'data.signedTransactionInfo', ok: false, reason: 'MALFORMED_JWS' }],
        },
      },
      { accountToken: TOKEN },
      'unreadable',
    ],
  ])('on %s', (_name, document, filter, expected) => expect(filterDocument(document, filter)).toBe(expected));
});

describe('the ids of a payload', () => {
  it('are those of every part', () => {
    expect(payloadIdsOf(NOTIFICATION)).toEqual({
      transactionId: ['2000000900000001', '2000000900000001', '2000000900000002'],
      accountToken: [TOKEN],
      productId: ['com.example.pro'],
      uuid: [UUID],
      bundleId: ['com.example.app'],
    });
  });

  it('are found in a version 1 body', () => {
    const receipt = { transaction_id: '12', original_transaction_id: '1', product_id: 'monthly' };
    const payload = {
      notification_type: 'DID_RENEW',
      bid: 'com.example.app',
      unified_receipt: { latest_receipt_info: [receipt] },
    };
    const document: PayloadDocument = { kind: 'notificationV1', source: 'x', tokens: [], payload };
    expect(payloadIdsOf(document)).toMatchObject({
      ...{ transactionId: ['1', '12'], productId: ['monthly'], bundleId: ['com.example.app'] },
    });
  });

  it('count as numbers, too, and nothing else does', () => {
    const odd = {
      transactionId: 12,
      originalTransactionId: 20_000_000_000_000_000_001n,
      appAccountToken: { a: 1 },
      productId: '',
    };
    expect(payloadIdsOf({ kind: 'transaction', source: 'x', tokens: [], transaction: odd })).toEqual({
      ...{ transactionId: ['20000000000000000001', '12'], accountToken: [], productId: [], uuid: [], bundleId: [] },
    });
  });
});
