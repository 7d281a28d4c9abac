import { Chalk } from 'chalk';
import type { PayloadDocument } from '../../../src/notification/document.js';

/** Documents that the views are tried on, and the view they are tried with. Nothing here is signed: views only show. */
export const NOW = Date.parse('2026-11-20T16:00:00Z');
export const PLAIN = { paint: new Chalk({ level: 0 }), columns: 80, nowMs: NOW } as const;
export const COLOURED = { ...PLAIN, paint: new Chalk({ level: 1 }) } as const;

function certificate(name: string) {
  return {
    subject: `CN=${name}, O=Apple Inc., C=US`,
    serial: '01',
    sha256: name,
    notBefore: '2025-09-19T19:44:51Z',
    notAfter: '2027-10-13T17:47:23Z',
  };
}

export const CHAIN = [
  'Prod ECC Mac App Store and iTunes Store Receipt Signing',
  'Apple Worldwide Developer Relations Certification Authority',
  'Apple Root CA - G3',
].map(certificate);

const header = { alg: 'ES256', x5c: CHAIN };

export const SUBSCRIBED: PayloadDocument = {
  kind: 'notification',
  source: 'history.ndjson:3',
  notification: {
    notificationType: 'SUBSCRIBED',
    subtype: 'INITIAL_BUY',
    notificationUUID: '9ad56bd2-0bc6-42e0-af24-fd996d87a1e6',
    version: '2.0',
    signedDate: 1793000000123,
    data: {
      appAppleId: 9007199254740993n,
      bundleId: 'com.example.reader',
      bundleVersion: '42',
      environment: 'Production',
      status: 1,
      signedTransactionInfo: 'eyJ…',
      signedRenewalInfo: 'eyJ…',
    },
  },
  transaction: {
    transactionId: '2000000004047119',
    productId: 'com.example.reader.pro.yearly',
    purchaseDate: 1793000000000,
    expiresDate: 1824536000000,
    type: 'Auto-Renewable Subscription',
    environment: 'Production',
    offerPeriod: 'P1W',
    currency: 'USD',
    price: 49990,
    commitmentInfo: { billingPeriodNumber: 1, commitmentPrice: 599880 },
    multiSeatInfo: { priceTiers: [{ price: 9990, quantity: 5 }, { price: 8990 }] },
    newThing: { depth: 1, '::error::x': '\u001b[2Jboo' },
    loyalty: 'gold\u202eelif',
  },
  renewalInfo: { autoRenewStatus: 1, offerType: 7, renewalDate: 1793606400000, currency: 'USD', renewalPrice: 49990 },
  tokens: [
    { path: 'signedPayload', header },
    { path: 'data.signedTransactionInfo', header },
    { path: 'data.signedRenewalInfo', header },
  ],
};

export const CUT: PayloadDocument = {
  kind: 'unknown',
  source: 'paste',
  tokens: [{ path: 'signedPayload', header }],
  problems: [
    {
      token: 'signedPayload',
      code: 'MALFORMED_JWS',
      message: 'it ends inside the payload, after 9,000 characters: 2 of 3 parts',
      hint: 'Copy the whole value of signedPayload again.',
    },
  ],
};

export const HOSTILE: PayloadDocument = {
  kind: 'notification',
  source: 'x\u001b]0;title\u0007.json',
  notification: {
    notificationType: 'NEW\n::error::type',
    subtype: 'SUB\u202e',
    notificationUUID: `u ${'wide word '.repeat(15)}\u2028::error::uuid`,
    signedDate: 1e300,
    futureInfo: { bundleId: 'com.example\u0000', environment: '\u009b2J', signedTransactionInfo: 'eyJhb', level: 9 },
    '::error::name\n': { '::error::inner': ['::error::list'] },
    ['x'.repeat(5_000)]: 'y'.repeat(5_000),
    ['__proto__']: 'own',
  },
  tokens: [{ path: 'signedPayload', header: { x5c: [{ subject: 'CN=\u001b[31mApple' }, 'junk', 7, null] } }],
  problems: [
    {
      token: 'future\n::error::token',
      code: 'MALFORMED_JWS',
      message: '\u001b[2J ::error::message',
      hint: 'Copy it again.',
    },
  ],
};

export const LEGACY: PayloadDocument = {
  kind: 'notificationV1',
  source: 'stdin',
  payload: {
    notification_type: 'DID_RENEW',
    password: 'hunter2',
    environment: 'PROD',
    bid: 'com.example.reader',
    unified_receipt: { status: 0, latest_receipt: 'MII'.repeat(2_000), latest_receipt_info: [{ product_id: 'pro' }] },
  },
  tokens: [],
};

export const XCODE: PayloadDocument = {
  kind: 'transaction',
  source: 'argument',
  repaired: ['line-wraps', 'percent-encoding'],
  transaction: {
    transactionId: '0',
    purchaseDate: 1793000000123.5,
    environment: 'Xcode',
    price: 500000,
    currency: 'JPY',
  },
  tokens: [
    { path: 'signedPayload', header: { kid: 'Apple_Xcode_Key', x5c: [certificate('StoreKit Testing in Xcode')] } },
  ],
};
