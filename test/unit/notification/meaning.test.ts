import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { EVENTS } from '../../../src/notification/catalogue/events.js';
import type { Kind } from '../../../src/notification/document.js';
import { detectKind } from '../../../src/notification/kind.js';
import { describeEvent, type EventSubject, valueMeaning } from '../../../src/notification/meaning.js';

/** A decoded payload on its own, without what is nested in it. */
const describePayload = (payload: JsonObject, kind: Kind = detectKind(payload)) =>
  describeEvent({ kind, [kind === 'unknown' || kind === 'notificationV1' ? 'payload' : kind]: payload });

function notification(type: string, subtype: string | null, rest: Omit<EventSubject, 'kind'> = {}): EventSubject {
  const words = { notificationType: type, ...(subtype === null ? {} : { subtype }) };
  return { kind: 'notification', ...rest, notification: { ...words, ...rest.notification } };
}

describe('a notification', () => {
  it.each(EVENTS.map((event) => [event.type, event.subtype, event] as const))(
    '%s %s is told by its entry',
    (type, subtype, event) => {
      expect(describeEvent(notification(type, subtype))).toEqual({
        title: event.title,
        meaning: event.meaning,
        known: true,
      });
    },
  );

  it.each<[string, EventSubject, string]>([
    [
      'the refunded share',
      notification('REFUND', null, { transaction: { revocationPercentage: 67932 } }),
      '67.932 % of the price was refunded.',
    ],
    [
      'a whole refund',
      notification('REFUND', null, { transaction: { revocationPercentage: 100000 } }),
      '100 % of the price was refunded.',
    ],
    [
      'why it expired',
      notification('EXPIRED', null, { renewalInfo: { expirationIntent: 2 } }),
      'Reason in renewal info: billing error.',
    ],
    [
      'why a refund is asked for',
      notification('CONSUMPTION_REQUEST', null, { notification: { data: { consumptionRequestReason: 'LEGAL' } } }),
      "The customer's reason: a legal reason.",
    ],
    [
      'a trial',
      notification('SUBSCRIBED', 'INITIAL_BUY', { transaction: { offerType: 1, offerDiscountType: 'FREE_TRIAL' } }),
      'The purchase uses an introductory offer: a free trial.',
    ],
    [
      'an offer without a discount type',
      notification('OFFER_REDEEMED', null, { transaction: { offerType: 2 } }),
      'The purchase uses a promotional offer.',
    ],
    [
      'family sharing',
      notification('ONE_TIME_CHARGE', null, { transaction: { inAppOwnershipType: 'FAMILY_SHARED' } }),
      'The customer received it through Family Sharing.',
    ],
    [
      'that a cancelled commitment goes on',
      notification('DID_CHANGE_RENEWAL_STATUS', 'AUTO_RENEW_DISABLED', { transaction: { billingPlanType: 'MONTHLY' } }),
      'It is a monthly commitment: the remaining periods are billed, so access continues until commitmentExpiresDate.',
    ],
    [
      'that a commitment has no grace period',
      notification('DID_FAIL_TO_RENEW', null, { transaction: { billingPlanType: 'MONTHLY' } }),
      'It is a monthly commitment: no grace period applies, and Apple retries for up to 90 days.',
    ],
    [
      'how access ended',
      notification('REVOKE', null, { transaction: { revocationType: 'ASSIGNMENT_REVOKE' } }),
      'Revocation type: the seat assignment ended.',
    ],
    [
      'how an extension went',
      notification('RENEWAL_EXTENSION', 'SUMMARY', {
        notification: { summary: { succeededCount: 12, failedCount: 1 } },
      }),
      'Extensions: 12 succeeded, 1 failed.',
    ],
  ])('adds %s', (_, subject, sentence) => {
    const { meaning, known } = describeEvent(subject);
    expect(meaning.endsWith(` ${sentence}`), meaning).toBe(true);
    expect(known).toBe(true);
  });

  it.each<[string, EventSubject]>([
    ['a share that is no number', notification('REFUND', null, { transaction: { revocationPercentage: 'all' } })],
    ['a code nobody knows', notification('EXPIRED', null, { renewalInfo: { expirationIntent: 77 } })],
    [
      'a reason that the subtype already tells',
      notification('EXPIRED', 'VOLUNTARY', { renewalInfo: { expirationIntent: 1 } }),
    ],
    ['data that is no object', notification('CONSUMPTION_REQUEST', null, { notification: { data: 'LEGAL' } })],
    ['a word made for a prototype', notification('REVOKE', null, { transaction: { revocationType: 'constructor' } })],
  ])('adds nothing for %s', (_, subject) => {
    const type = subject.notification?.notificationType;
    const subtype = subject.notification?.subtype ?? null;
    const plain = EVENTS.find((event) => event.type === type && event.subtype === subtype);
    expect(describeEvent(subject).meaning).toBe(plain?.meaning);
  });

  it('names an unknown type', () => {
    const { title, meaning, known } = describeEvent(notification('QUANTUM_LEAP', 'SIDEWAYS'));
    expect(title).toBe('Unknown type QUANTUM_LEAP.SIDEWAYS');
    expect(meaning).toMatch(/^The type QUANTUM_LEAP is unknown to this version of storewire\./);
    expect(known).toBe(false);
  });

  it('names an unknown subtype and explains the type', () => {
    const { title, meaning, known } = describeEvent(notification('DID_RENEW', 'SIDEWAYS'));
    expect(title).toBe('Unknown subtype DID_RENEW.SIDEWAYS');
    expect(meaning).toMatch(/^DID_RENEW: a subscription renewed\. Its subtype SIDEWAYS is unknown/);
    expect(known).toBe(false);
  });

  it('says which subtypes a type should have', () => {
    expect(describeEvent(notification('SUBSCRIBED', null))).toEqual({
      title: 'SUBSCRIBED without a subtype',
      meaning:
        'SUBSCRIBED: a subscription started. It usually has one of the subtypes INITIAL_BUY, RESUBSCRIBE; this one has none.',
      known: false,
    });
  });

  it.each([{}, { notificationUUID: 'x' }, { notificationType: 7 }, { notificationType: null }])(
    'without a type: %j',
    (payload) => {
      const { title, known } = describeEvent({ kind: 'notification', notification: payload });
      expect([title, known]).toEqual(['Notification without a type', false]);
    },
  );

  it.each(['constructor', '__proto__', 'toString'])('treats %s as an ordinary type', (word) => {
    expect(describeEvent(notification(word, word))).toMatchObject({
      title: `Unknown type ${word}.${word}`,
      known: false,
    });
  });
});

describe('other kinds', () => {
  it.each<[JsonObject, string, boolean]>([
    [{ transactionId: '1', type: 'Consumable' }, 'Consumable purchase', true],
    [
      { transactionId: '1', type: 'Auto-Renewable Subscription', transactionReason: 'PURCHASE' },
      'Subscription transaction',
      true,
    ],
    [
      { transactionId: '1', type: 'Auto-Renewable Subscription', transactionReason: 'RENEWAL' },
      'Renewal transaction',
      true,
    ],
    [{ transactionId: '1', type: 'Brand-New' }, 'Transaction', true],
    [{ transactionId: '1', revocationDate: 1 }, 'Revoked transaction', true],
    [{ transactionId: '1', isUpgraded: true }, 'Transaction replaced by an upgrade', true],
    [{ autoRenewStatus: 1 }, 'Renewal info: will renew', true],
    [{ autoRenewStatus: 0 }, 'Renewal info: will not renew', true],
    [{ autoRenewStatus: 0, expirationIntent: 1 }, 'Renewal info: expired', true],
    [{ autoRenewStatus: 1, isInBillingRetryPeriod: true, expirationIntent: 2 }, 'Renewal info: billing retry', true],
    [{ environment: 'Sandbox', signedDate: 1 }, 'Renewal info', true],
    [{ receiptType: 'Sandbox' }, 'App transaction', true],
    [{ requestIdentifier: 'x', userLocale: 'de' }, 'Retention message request', true],
    [{ notification_type: 'DID_RECOVER' }, 'Version 1: DID_RECOVER', true],
    [{ notification_type: 'BRAND_NEW' }, 'Version 1: BRAND_NEW', false],
    [{ unified_receipt: {} }, 'Version 1: without a type', false],
    [{ hello: 'world' }, 'Unrecognised payload', false],
  ])('%j', (payload, title, known) => {
    const told = describePayload(payload);
    expect([told.title, told.known]).toEqual([title, known]);
    expect(told.meaning).toMatch(/^[A-Z].*\.$/);
  });

  it('gives the type and the reason of a revocation', () => {
    const payload = { transactionId: '1', revocationDate: 1, revocationType: 'REFUND_FULL', revocationReason: 1 };
    expect(describePayload(payload).meaning).toBe(
      'A purchase that was refunded or revoked (refunded in full; reason: a problem within the app).',
    );
  });

  it('goes by the kind it is given', () => {
    expect(describePayload({ transactionId: '1' }, 'unknown').title).toBe('Unrecognised payload');
  });

  it('does without the payload a kind should have', () => {
    for (const kind of ['notification', 'transaction', 'renewalInfo', 'appTransaction', 'notificationV1'] as const) {
      expect(describeEvent({ kind }).title).not.toBe('');
    }
  });
});

describe('valueMeaning', () => {
  it.each<[string, Parameters<typeof valueMeaning>[1], string | null]>([
    ['status', 1, 'active'],
    ['expirationIntent', '1', 'the customer cancelled'],
    ['tokenType', 'SERVICES', 'a token for services'],
    ['status', 1.5, null],
    ['status', null, null],
    ['status', undefined, null],
    ['status', true, null],
    ['status', [1], null],
    ['__proto__', 1, null],
  ])('%s %j is %s', (table, value, meaning) => {
    expect(valueMeaning(table, value)).toBe(meaning);
  });
});
