import { describe, expect, it } from 'vitest';
import { type JsonObject, parseJson } from '../../../src/jws/json.js';
import type { Kind } from '../../../src/notification/document.js';
import {
  appAppleIdOf,
  bundleIdOf,
  detectKind,
  environmentOf,
  nestedSlots,
  signedMoment,
} from '../../../src/notification/kind.js';

const SHARED = { originalTransactionId: '1', productId: 'a.b', signedDate: 1, environment: 'Sandbox' };

describe('detectKind', () => {
  it.each<[Kind, string, JsonObject]>([
    ['notification', 'a type', { notificationType: 'TEST' }],
    ['notification', 'a UUID alone', { notificationUUID: 'x' }],
    ['notification', 'a type of the wrong JSON type', { notificationType: null }],
    [
      'notification',
      'a type beside fields of a transaction',
      { notificationType: 'TEST', transactionId: '1', bundleId: 'a' },
    ],
    [
      'notification',
      'a type beside fields of a realtime request',
      { notificationType: 'TEST', requestIdentifier: 'x', userLocale: 'de' },
    ],
    ['notificationV1', 'a V1 type', { notification_type: 'DID_RENEW', environment: 'PROD' }],
    ['notificationV1', 'a unified receipt', { unified_receipt: {} }],
    ['realtimeRequest', 'a request', { ...SHARED, appAppleId: 1, userLocale: 'de', requestIdentifier: 'x' }],
    ['appTransaction', 'a receipt type', { receiptType: 'Sandbox', bundleId: 'a', originalPurchaseDate: 1 }],
    ['appTransaction', 'a receipt date', { receiptCreationDate: 1, bundleId: 'a' }],
    ['renewalInfo', 'what will renew', { ...SHARED, autoRenewProductId: 'a.b' }],
    ['renewalInfo', 'whether it will renew', { ...SHARED, autoRenewStatus: 0 }],
    ['renewalInfo', 'a renewal field and one nobody knows', { ...SHARED, autoRenewStatus: 0, brandNew: 1 }],
    ['renewalInfo', "what Apple's test data has", { environment: 'Sandbox', signedDate: 1 }],
    ['renewalInfo', 'shared fields alone', SHARED],
    ['transaction', 'its ids', { ...SHARED, transactionId: '2', bundleId: 'a' }],
    ['transaction', 'its dates', { ...SHARED, purchaseDate: 1 }],
    ['transaction', "what Apple's test data has", { environment: 'Sandbox', bundleId: 'a', signedDate: 1 }],
    ['transaction', 'a purchase date beside a renewal field', { ...SHARED, purchaseDate: 1, autoRenewStatus: 1 }],
    ['unknown', 'nothing', {}],
    ['unknown', 'a date alone', { signedDate: 1 }],
    ['unknown', 'an environment and a field nobody knows', { environment: 'Sandbox', brandNew: 1 }],
    ['unknown', "a developer's own token", { iss: 'x', iat: 1, exp: 2, aud: 'appstoreconnect-v1', bid: 'a' }],
    ['unknown', 'half a realtime request', { ...SHARED, appAppleId: 1, userLocale: 'de' }],
  ])('%s from %s', (kind, _, payload) => {
    expect(detectKind(payload)).toBe(kind);
  });

  it('is not misled by keys that name parts of a prototype', () => {
    const text = '{"__proto__":{"notificationType":"TEST"},"constructor":{"transactionId":"1"}}';
    expect(detectKind(parseJson(text) as JsonObject)).toBe('unknown');
  });
});

describe('signedMoment', () => {
  it.each<[string, Kind, JsonObject, ReturnType<typeof signedMoment>]>([
    ['signedDate', 'notification', { signedDate: 5 }, { atMs: 5, clock: 'signedDate' }],
    ['fractions, as Xcode writes them', 'transaction', { signedDate: 1.5 }, { atMs: 1.5, clock: 'signedDate' }],
    ['zero', 'transaction', { signedDate: 0 }, { atMs: 0, clock: 'signedDate' }],
    [
      'the receipt of an app transaction',
      'appTransaction',
      { receiptCreationDate: 7, signedDate: 5 },
      { atMs: 7, clock: 'receiptCreationDate' },
    ],
    ['no receipt date: signedDate does not stand in', 'appTransaction', { signedDate: 5 }, null],
    ['no receipt date in other kinds', 'transaction', { receiptCreationDate: 7 }, null],
    ['text', 'transaction', { signedDate: '5' }, null],
    ['more than a double', 'transaction', { signedDate: 9007199254740993n }, null],
    ['infinite', 'transaction', { signedDate: Infinity }, null],
    ['more than a Date can hold', 'transaction', { signedDate: 8.64e15 + 1 }, null],
    ['a body without a signature', 'notificationV1', { signedDate: 5 }, null],
  ])('%s', (_, kind, payload, moment) => {
    expect(signedMoment(payload, kind)).toEqual(moment);
  });
});

const APP = { bundleId: 'a.b', appAppleId: 12, environment: 'Sandbox' };
const OTHER = { bundleId: 'x.y', appAppleId: 99, environment: 'Production' };

describe('app and environment of a payload', () => {
  it.each<[string, Kind, JsonObject, readonly (string | null)[]]>([
    ['data', 'notification', { data: APP }, ['a.b', '12', 'Sandbox']],
    ['summary', 'notification', { summary: APP }, ['a.b', '12', 'Sandbox']],
    ['app data', 'notification', { appData: APP }, ['a.b', '12', 'Sandbox']],
    [
      'a container nobody knows yet',
      'notification',
      { note: 'n', list: [APP], empty: {}, unclaimInfo: APP },
      ['a.b', '12', 'Sandbox'],
    ],
    ['data before an earlier container', 'notification', { newInfo: OTHER, data: APP }, ['a.b', '12', 'Sandbox']],
    ['data before summary', 'notification', { summary: OTHER, data: APP }, ['a.b', '12', 'Sandbox']],
    ['data that names nothing: no other is asked', 'notification', { data: {}, summary: APP }, [null, null, null]],
    ['the top level of a notification', 'notification', APP, [null, null, null]],
    [
      'a sandbox token',
      'notification',
      { externalPurchaseToken: { externalPurchaseId: 'SANDBOX_1', bundleId: 'a.b', appAppleId: 12 } },
      ['a.b', '12', 'Sandbox'],
    ],
    [
      'a production token',
      'notification',
      { externalPurchaseToken: { externalPurchaseId: '1', bundleId: 'a.b' } },
      ['a.b', null, 'Production'],
    ],
    [
      'a token without an id',
      'notification',
      { externalPurchaseToken: { environment: 'Production' } },
      [null, null, null],
    ],
    ['no container', 'notification', { notificationType: 'TEST' }, [null, null, null]],
    [
      'wrong JSON types',
      'notification',
      { data: { bundleId: 1, appAppleId: '12', environment: null } },
      [null, null, null],
    ],
    [
      'an id beyond 2^53',
      'notification',
      { data: { appAppleId: 9007199254740993n } },
      [null, '9007199254740993', null],
    ],
    ['a transaction', 'transaction', APP, ['a.b', null, 'Sandbox']],
    ['renewal info', 'renewalInfo', APP, [null, null, 'Sandbox']],
    ['an app transaction', 'appTransaction', { ...APP, receiptType: 'Production' }, ['a.b', '12', 'Production']],
    ['a realtime request', 'realtimeRequest', APP, [null, '12', 'Sandbox']],
    ['V1 in production', 'notificationV1', { bid: 'a.b', environment: 'PROD' }, ['a.b', null, 'Production']],
    ['V1 in sandbox', 'notificationV1', { bid: 'a.b', environment: 'Sandbox' }, ['a.b', null, 'Sandbox']],
    ['an unknown payload, at the top', 'unknown', { ...APP, newInfo: OTHER }, ['a.b', '12', 'Sandbox']],
    ['an unknown payload, in a container', 'unknown', { newInfo: APP }, ['a.b', '12', 'Sandbox']],
  ])('%s', (_, kind, payload, expected) => {
    expect([bundleIdOf(payload, kind), appAppleIdOf(payload, kind), environmentOf(payload, kind)]).toEqual(expected);
  });

  it('reads no inherited property', () => {
    const payload = parseJson('{"__proto__":{"data":{"bundleId":"a.b"}}}') as JsonObject;
    expect(bundleIdOf(payload, 'notification')).toBe(null);
  });
});

describe('nestedSlots', () => {
  it.each<[string, JsonObject, readonly (readonly [string, Kind, unknown])[]]>([
    [
      'a subscription',
      { data: { signedTransactionInfo: 't', signedRenewalInfo: 'r' } },
      [
        ['data.signedTransactionInfo', 'transaction', 't'],
        ['data.signedRenewalInfo', 'renewalInfo', 'r'],
      ],
    ],
    [
      'app data',
      { appData: { signedAppTransactionInfo: 'a' } },
      [['appData.signedAppTransactionInfo', 'appTransaction', 'a']],
    ],
    [
      'a newer container',
      { unclaimInfo: { signedTransactionInfo: 't' } },
      [['unclaimInfo.signedTransactionInfo', 'transaction', 't']],
    ],
    [
      'what is no token is a slot all the same',
      { data: { signedTransactionInfo: null } },
      [['data.signedTransactionInfo', 'transaction', null]],
    ],
    ['nothing', { data: {}, version: '2.0', list: [{ signedTransactionInfo: 't' }] }, []],
  ])('%s', (_, payload, expected) => {
    expect(nestedSlots(payload).map(({ path, kind, value }) => [path, kind, value])).toEqual(expected);
  });

  it('takes a container named __proto__ for a container', () => {
    const payload = parseJson('{"__proto__":{"signedRenewalInfo":"r"}}') as JsonObject;
    expect(nestedSlots(payload).map(({ path }) => path)).toEqual(['__proto__.signedRenewalInfo']);
  });
});
