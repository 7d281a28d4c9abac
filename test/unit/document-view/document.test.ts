import { describe, expect, test } from 'vitest';
import { describeDocument } from '../../../src/document-view/document.js';
import type { PayloadDocument } from '../../../src/notification/document.js';
import { COLOURED, CUT, HOSTILE, LEGACY, NOW, PLAIN, SUBSCRIBED, XCODE } from './documents.js';

const DECODE = { ...PLAIN, verbose: false, verified: false, showSource: false };

function decode(document: PayloadDocument, change: object = {}): string {
  return describeDocument(document, { ...DECODE, ...change });
}

describe('whole views at 80 columns', () => {
  test('a notification: event, app, transaction, renewal, certificates', () => {
    expect(decode(SUBSCRIBED)).toMatchInlineSnapshot(`
      "New subscription  SUBSCRIBED.INITIAL_BUY
      The customer subscribed to a product of this group for the first time, or
      received it through Family Sharing.

        bundleId               com.example.reader
        appAppleId             9007199254740993
        environment            Production  a real purchase
        signedDate             2026-10-26T07:33:20.123Z  25 days ago
        notificationUUID       9ad56bd2-0bc6-42e0-af24-fd996d87a1e6
        bundleVersion          42
        status                 1  active
        version                2.0

      Transaction  data.signedTransactionInfo
        transactionId          2000000004047119
        productId              com.example.reader.pro.yearly
        purchaseDate           2026-10-26T07:33:20Z  25 days ago
        expiresDate            2027-10-26T07:33:20Z  in 339 days
        type                   Auto-Renewable Subscription
                               renews until auto-renewal is turned off
        offerPeriod            P1W  1 week
        currency               USD
        price                  49.99 USD
        commitmentInfo
          billingPeriodNumber  1
          commitmentPrice      599.88 USD
        multiSeatInfo
          priceTiers[0]
            price              9.99 USD
            quantity           5
          priceTiers[1]
            price              8.99 USD
      ? newThing               not known to this version
      ?   depth                1
      ?   ::error::x           \\u{1b}[2Jboo
      ? loyalty                gold\\u{202e}elif  not known to this version
        same as above          environment

      Renewal info  data.signedRenewalInfo
        autoRenewStatus        1  on: will renew
        offerType              7  not known to this version
        renewalDate            2026-11-02T08:00:00Z  18 days ago
        renewalPrice           49.99 USD
        same as above          currency

      Not verified: \`storewire verify\` checks that Apple signed this.

      New subscription  SUBSCRIBED.INITIAL_BUY
      "
    `);
  });

  test('a token cut in transit leads', () => {
    expect(decode(CUT)).toMatchInlineSnapshot(`
      "MALFORMED_JWS  this is not a complete JWS
      A JWS is three base64url parts joined by dots. The usual cause is an incomplete
      copy or a truncated log line.

        token  signedPayload
        found  it ends inside the payload, after 9,000 characters: 2 of 3 parts
        hint   Copy the whole value of signedPayload again.

      Certificates  names as claimed by the token
        leaf       Prod ECC Mac App Store and iTunes Store Receipt Signing
                   2025-09-19 to 2027-10-13
        issued by  Apple Worldwide Developer Relations Certification Authority
        root       Apple Root CA - G3
      "
    `);
  });

  test('a version 1 body: no signature, no password', () => {
    expect(decode(LEGACY)).toMatchInlineSnapshot(`
      "Version 1: DID_RENEW
      Meaning: a subscription renewed. Version 1 is deprecated and carries no
      signature.

        notification_type         DID_RENEW  a subscription renewed
        environment               PROD  a real purchase
        bid                       com.example.reader
        password                  [redacted]
        unified_receipt
          latest_receipt          MIIMIIMIIMIIMIIMIIMIIMIIMIIMIIMIIMIIMIIMIIMIIMII…
                                ↳ (6,000 characters)
          latest_receipt_info[0]
      ?     product_id            pro
          status                  0

      Not verified, and cannot be: a version 1 body has no signature.
      "
    `);
  });

  test('a repaired Xcode transaction', () => {
    expect(decode(XCODE)).toMatchInlineSnapshot(`
      "Transaction  transaction
      A purchase or renewal.
      Made by Xcode (StoreKit Testing), not by the App Store.

        transactionId  0
        purchaseDate   2026-10-26T07:33:20.123Z  25 days ago
        environment    Xcode  StoreKit Testing in Xcode, not signed by the App Store
        currency       JPY
        price          500 JPY

      Repaired: line wraps, percent-encoding
      Not verified, and cannot be: Xcode signs with its own certificate.
      "
    `);
  });

  test('what was received and forwarded', () => {
    const document: PayloadDocument = {
      ...XCODE,
      sendAttempts: [{ attemptDate: NOW - 7_200_000, sendAttemptResult: 'TIMED_OUT' }],
      received: { id: '01J', atMs: NOW - 60_000, answered: 200, repeatOf: '01H' },
      deliveries: [{ target: 'app', attempt: 2, httpStatus: 200, ms: 1234, outcome: 'accepted' }],
    };
    expect(decode(document, { columns: 120 }).match(/Delivery\n(?: .*\n)+/)?.[0]).toMatchInlineSnapshot(`
      "Delivery
        attempt 1  2026-11-20T14:00:00Z  TIMED_OUT  2 hours ago
        received   2026-11-20T15:59:00Z  answered 200, 01J, a repeat of 01H  1 minute ago
        forwarded  accepted 200 by app  attempt 2, 1,234 ms
      "
    `);
  });
});

describe('what an attacker sends', () => {
  const shown = decode(HOSTILE, { showSource: true });

  test('reaches the terminal escaped only', () => {
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  });

  test('begins no line, blanks or not', () => {
    expect(shown.split('\n').filter((line) => /^\s*::/.test(line))).toEqual([]);
  });

  test('fits the terminal', () => {
    expect(shown.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('is all there, marked', () => {
    expect(shown).toMatchInlineSnapshot(`
      "MALFORMED_JWS  this is not a complete JWS
      A JWS is three base64url parts joined by dots. The usual cause is an incomplete
      copy or a truncated log line.

        token  future\\u{a}::error::token
        found  \\u{1b}[2J ::error::message
        hint   Copy it again.

      Unknown type NEW\\u{a}::error::type.SUB\\u{202e}
      The type NEW\\u{a}::error::type is unknown to this version of storewire. Apple
      ↳ adds types and subtypes without notice: respond 200 and look it up at
      ↳ developer.apple.com.

        bundleId               com.example\\u{0}
        environment            \\u{9b}2J  not known to this version
        signedDate             1e+300  out of range for a date
        notificationUUID       u wide word wide word wide word wide word wide word
                             ↳ wide word wide word wide word wide word wide word wide
                             ↳ word wide word wide word wide word wide word
                             ↳ \\u{2028}::error::uuid
        signedTransactionInfo  not opened
      ? level                  9  not known to this version
      ? ::error::name\\u{a}     not known to this version
      ?   ::error::inner       ::error::list
      ? xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… (5,000 characters)
                             ↳ yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
                             ↳ (5,000 characters)  not known to this version
      ? __proto__              own  not known to this version
      ? futureInfo             not known to this version; its fields are shown above

      Source: x\\u{1b}]0;title\\u{7}.json
      Not verified: \`storewire verify\` checks that Apple signed this.

      Unknown type NEW\\u{a}::error::type.SUB\\u{202e}
      "
    `);
  });
});

test('a group of its own replaces the nested token; one that was not opened is named', () => {
  expect(decode(SUBSCRIBED)).not.toContain('signedTransactionInfo  ');
  const { transaction: _, ...unopened } = SUBSCRIBED;
  expect(decode(unopened)).toMatch(/ {2}signedTransactionInfo +not opened\n/);
});

test('colour repeats what the words say', () => {
  const coloured = decode(SUBSCRIBED, { paint: COLOURED.paint });
  expect(coloured).not.toBe(decode(SUBSCRIBED));
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(decode(SUBSCRIBED));
});

test('without a width nothing is broken: for pipes', () => {
  expect(decode(SUBSCRIBED, { columns: Number.POSITIVE_INFINITY })).not.toContain('↳');
});

test('beside a verdict nothing is said about verifying', () => {
  expect(decode(SUBSCRIBED, { verified: true })).not.toContain('Not verified');
});

test('long lists are counted, deep ones are on one line', () => {
  let deep: object = { end: 1 };
  for (let level = 0; level < 20; level += 1) deep = { deep };
  const payload = { list: Array.from({ length: 150 }, (_, index) => ({ index })), deep } as PayloadDocument['payload'];
  const shown = decode({ kind: 'unknown', source: 'x', tokens: [], ...(payload === undefined ? {} : { payload }) });
  expect(shown).toMatch(/… +50 more, shown by --json/);
  expect(shown.split('\n').filter((line) => line.includes('deep')).length).toBeLessThan(10);
});

describe('a short view and a verbose one', () => {
  const notification = { ...SUBSCRIBED.notification, signedDate: 5 };
  const transaction = { ...SUBSCRIBED.transaction, signedDate: 5, bundleId: 'com.other' };
  const document: PayloadDocument = { ...SUBSCRIBED, notification, transaction };

  test('fields with the value already shown are listed by name, others in full', () => {
    const [, nested = ''] = decode(document).split('\n\nTransaction');
    expect(nested).toMatch(/ {2}same as above +signedDate, environment\n/);
    expect(nested).toMatch(/ {2}bundleId +com\.other\n/);
  });

  test('--verbose shows every field and the certificates', () => {
    const shown = decode(document, { verbose: true });
    expect(shown).not.toContain('same as above');
    expect(shown.match(/^ {2}signedDate /gm)).toHaveLength(2);
    expect(shown).toMatch(/^Certificates {2}/m);
    expect(decode(document)).not.toMatch(/^Certificates/m);
  });

  test('the event is the last line only where it has scrolled off', () => {
    expect(decode(SUBSCRIBED)).toMatch(/\n\nNew subscription {2}SUBSCRIBED\.INITIAL_BUY\n$/);
    expect(decode(XCODE).match(/^Transaction {2}transaction$/gm)).toHaveLength(1);
  });
});
