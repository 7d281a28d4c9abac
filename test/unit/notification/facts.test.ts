import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/jws/json.js';
import type { PayloadDocument } from '../../../src/notification/document.js';
import { factsOf } from '../../../src/notification/facts.js';

const data: JsonObject = { bundleId: 'com.example', appAppleId: 9007199254740993n, environment: 'Sandbox' };

test.each<[string, Omit<PayloadDocument, 'source' | 'tokens'>, Record<string, Json>]>([
  [
    'a notification with a subtype',
    {
      kind: 'notification',
      notification: { notificationType: 'EXPIRED', subtype: 'VOLUNTARY', signedDate: 5, data },
      transaction: { productId: 'pro' },
    },
    {
      type: 'EXPIRED.VOLUNTARY',
      bundleId: 'com.example',
      appAppleId: '9007199254740993',
      environment: 'Sandbox',
      productId: 'pro',
      signedAtMs: 5,
    },
  ],
  [
    'a type that is no string',
    { kind: 'notification', notification: { notificationType: 7, data } },
    { type: 'notification', signedAtMs: null },
  ],
  [
    'a summary',
    { kind: 'notification', notification: { notificationType: 'T', summary: { productId: 'pro' } } },
    { type: 'T', productId: 'pro' },
  ],
  [
    'a summary that is no object',
    { kind: 'notification', notification: { notificationType: 'T', summary: null } },
    { productId: null },
  ],
  [
    'a transaction',
    { kind: 'transaction', transaction: { bundleId: 'b', productId: 'p', signedDate: 1.5 } },
    { type: 'transaction', bundleId: 'b', signedAtMs: 1.5 },
  ],
  [
    'a version 1 body',
    { kind: 'notificationV1', payload: { notification_type: 'CANCEL', bid: 'b' } },
    { type: 'CANCEL', bundleId: 'b', signedAtMs: null },
  ],
  ['an absurd date', { kind: 'transaction', transaction: { signedDate: 1e300 } }, { signedAtMs: null }],
  [
    'nothing that could be opened',
    { kind: 'unknown' },
    { type: 'unknown', bundleId: null, environment: null, productId: null },
  ],
])('%s', (_name, document, expected) => {
  expect(factsOf(document)).toMatchObject(expected);
});
