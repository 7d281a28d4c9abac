import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/jws/json.js';
import { buildNotification, type NotificationOptions } from '../../../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../../../src/simulator/random.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9, 0, 0, 417);
const EVENT_MS = Date.UTC(2026, 10, 2, 8, 59, 58);
const DAY_MS = 86_400_000;

type Options = Partial<NotificationOptions> & Pick<NotificationOptions, 'type'>;
const build = (options: Options) =>
  buildNotification({ nowMs: NOW_MS, random: seededRandom('notification'), ...options });

interface Row {
  type: string;
  subtype?: string;
  data?: JsonObject;
  transaction?: JsonObject;
  renewalInfo?: JsonObject;
}
const MONTHLY = 'com.example.app.premium.monthly';
const LOWER = 'com.example.app.basic.monthly';

/** Fields that distinguish each event. */
const EVENTS: readonly Row[] = [
  {
    type: 'SUBSCRIBED',
    subtype: 'INITIAL_BUY',
    data: { status: 1 },
    transaction: { purchaseDate: EVENT_MS, originalPurchaseDate: EVENT_MS, transactionReason: 'PURCHASE', price: 9990 },
    renewalInfo: { autoRenewStatus: 1, recentSubscriptionStartDate: EVENT_MS, renewalPrice: 9990 },
  },
  {
    type: 'SUBSCRIBED',
    subtype: 'RESUBSCRIBE',
    data: { status: 1 },
    transaction: { purchaseDate: EVENT_MS, transactionReason: 'PURCHASE' },
    renewalInfo: { autoRenewStatus: 1, recentSubscriptionStartDate: EVENT_MS },
  },
  {
    type: 'DID_RENEW',
    data: { status: 1 },
    transaction: {
      purchaseDate: EVENT_MS,
      expiresDate: Date.UTC(2026, 11, 2, 8, 59, 58),
      transactionReason: 'RENEWAL',
    },
    renewalInfo: { autoRenewStatus: 1 },
  },
  {
    type: 'DID_RENEW',
    subtype: 'BILLING_RECOVERY',
    data: { status: 1 },
    transaction: { purchaseDate: EVENT_MS, transactionReason: 'RENEWAL' },
    renewalInfo: { autoRenewStatus: 1 },
  },
  {
    type: 'DID_FAIL_TO_RENEW',
    data: { status: 3 },
    transaction: { expiresDate: EVENT_MS },
    renewalInfo: { expirationIntent: 2, isInBillingRetryPeriod: true, autoRenewStatus: 1 },
  },
  {
    type: 'DID_FAIL_TO_RENEW',
    subtype: 'GRACE_PERIOD',
    data: { status: 4 },
    transaction: { expiresDate: EVENT_MS },
    renewalInfo: { gracePeriodExpiresDate: EVENT_MS + 16 * DAY_MS, isInBillingRetryPeriod: true },
  },
  {
    type: 'GRACE_PERIOD_EXPIRED',
    data: { status: 3 },
    transaction: { expiresDate: EVENT_MS - 16 * DAY_MS },
    renewalInfo: { gracePeriodExpiresDate: EVENT_MS, isInBillingRetryPeriod: true },
  },
  {
    type: 'EXPIRED',
    subtype: 'VOLUNTARY',
    data: { status: 2 },
    renewalInfo: { expirationIntent: 1, autoRenewStatus: 0 },
  },
  {
    type: 'EXPIRED',
    subtype: 'BILLING_RETRY',
    data: { status: 2 },
    transaction: { expiresDate: EVENT_MS - 60 * DAY_MS },
    renewalInfo: { expirationIntent: 2, isInBillingRetryPeriod: false },
  },
  {
    type: 'EXPIRED',
    subtype: 'PRICE_INCREASE',
    data: { status: 2 },
    renewalInfo: { expirationIntent: 3, priceIncreaseStatus: 0 },
  },
  { type: 'EXPIRED', subtype: 'PRODUCT_NOT_FOR_SALE', renewalInfo: { expirationIntent: 4 } },
  { type: 'EXPIRED', renewalInfo: { expirationIntent: 5 } },
  {
    type: 'DID_CHANGE_RENEWAL_STATUS',
    subtype: 'AUTO_RENEW_DISABLED',
    data: { status: 1 },
    renewalInfo: { autoRenewStatus: 0 },
  },
  { type: 'DID_CHANGE_RENEWAL_STATUS', subtype: 'AUTO_RENEW_ENABLED', renewalInfo: { autoRenewStatus: 1 } },
  {
    type: 'DID_CHANGE_RENEWAL_PREF',
    subtype: 'UPGRADE',
    transaction: { productId: MONTHLY, purchaseDate: EVENT_MS, transactionReason: 'PURCHASE', price: 9990 },
    renewalInfo: { autoRenewProductId: MONTHLY },
  },
  {
    type: 'DID_CHANGE_RENEWAL_PREF',
    subtype: 'DOWNGRADE',
    transaction: { productId: MONTHLY, price: 9990 },
    renewalInfo: { productId: MONTHLY, autoRenewProductId: LOWER, renewalPrice: 5000 },
  },
  { type: 'DID_CHANGE_RENEWAL_PREF', renewalInfo: { autoRenewProductId: MONTHLY } },
  {
    type: 'DID_CHANGE_RENEWAL_PREF',
    subtype: 'INCREASE_QUANTITY',
    transaction: {
      quantity: 3,
      purchaseDate: EVENT_MS,
      transactionReason: 'PURCHASE',
      additionalTransactionReason: 'SEAT_ADDITION',
      multiSeatInfo: { priceTiers: [{ quantity: 3 }] },
    },
    renewalInfo: { renewalQuantity: 8 },
  },
  {
    type: 'DID_CHANGE_RENEWAL_PREF',
    subtype: 'DECREASE_QUANTITY',
    transaction: { quantity: 5 },
    renewalInfo: { renewalQuantity: 3 },
  },
  {
    type: 'OFFER_REDEEMED',
    subtype: 'UPGRADE',
    transaction: { offerType: 3, offerIdentifier: 'WINTER', price: 4990, purchaseDate: EVENT_MS },
    renewalInfo: { renewalPrice: 9990 },
  },
  {
    type: 'OFFER_REDEEMED',
    subtype: 'DOWNGRADE',
    renewalInfo: { offerType: 3, autoRenewProductId: LOWER, renewalPrice: 4990 },
  },
  {
    type: 'OFFER_REDEEMED',
    renewalInfo: { offerType: 3, offerPeriod: 'P1M', autoRenewProductId: MONTHLY, renewalPrice: 4990 },
  },
  { type: 'PRICE_INCREASE', subtype: 'PENDING', renewalInfo: { priceIncreaseStatus: 0, renewalPrice: 12000 } },
  { type: 'PRICE_INCREASE', subtype: 'ACCEPTED', renewalInfo: { priceIncreaseStatus: 1, renewalPrice: 12000 } },
  {
    type: 'REFUND',
    data: { status: 5 },
    transaction: {
      revocationDate: EVENT_MS,
      revocationReason: 0,
      revocationType: 'REFUND_FULL',
      revocationPercentage: 100000,
    },
    renewalInfo: { autoRenewStatus: 0 },
  },
  {
    type: 'REFUND',
    subtype: 'SEATS',
    data: { status: 1 },
    transaction: {
      multiSeatInfo: {
        invitationManagement: 'APPLE',
        priceTiers: [{ price: 9990, quantity: 5 }],
        revokedSeatQuantity: 2,
      },
    },
  },
  { type: 'REFUND_REVERSED', data: { status: 1 } },
  { type: 'REFUND_DECLINED', data: { status: 1 } },
  {
    type: 'REVOKE',
    data: { status: 5 },
    transaction: { inAppOwnershipType: 'FAMILY_SHARED', revocationType: 'FAMILY_REVOKE', revocationReason: 0 },
  },
  { type: 'RENEWAL_EXTENDED', data: { status: 1 }, renewalInfo: { autoRenewStatus: 1 } },
  { type: 'RENEWAL_EXTENSION', subtype: 'FAILURE', data: { status: 1 } },
  {
    type: 'CONSUMPTION_REQUEST',
    data: { consumptionRequestReason: 'UNINTENDED_PURCHASE' },
    transaction: { type: 'Consumable' },
  },
  {
    type: 'ONE_TIME_CHARGE',
    transaction: { type: 'Consumable', purchaseDate: EVENT_MS, productId: 'com.example.app.coins.100' },
  },
];

describe('buildNotification', () => {
  it.each(EVENTS)('$type $subtype', ({ type, subtype, data = {}, transaction = {}, renewalInfo = {} }) => {
    const built = build({ type, ...(subtype && { subtype }) });
    expect(built.notification).toMatchObject({ data });
    expect(built.transaction).toMatchObject(transaction);
    expect(built.renewalInfo ?? {}).toMatchObject(renewalInfo);
  });

  it('extends the present transaction by RENEWAL_EXTENDED', () => {
    const before = build({ type: 'REFUND_DECLINED' });
    const after = build({ type: 'RENEWAL_EXTENDED' });
    expect(after.transaction?.transactionId).toBe(before.transaction?.transactionId);
    expect(Number(after.transaction?.expiresDate) - Number(before.transaction?.expiresDate)).toBe(14 * DAY_MS);
  });

  it('builds TEST as Apple sends it', () => {
    expect(build({ type: 'TEST', environment: 'Production' })).toEqual({
      notification: {
        notificationType: 'TEST',
        notificationUUID: expect.stringMatching(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
        data: { appAppleId: 1234567890, bundleId: 'com.example.app', environment: 'Production' },
        version: '2.0',
        signedDate: NOW_MS,
      },
    });
  });

  it.each([
    { environment: 'Sandbox', prefix: /^SANDBOX_[0-9a-f-]{36}$/ },
    { environment: 'Production', prefix: /^[0-9a-f-]{36}$/ },
  ] as const)('marks $environment by the id of an external purchase token', ({ environment, prefix }) => {
    const { notification } = build({ type: 'EXTERNAL_PURCHASE_TOKEN', subtype: 'CREATED', environment });
    const token = { externalPurchaseId: expect.stringMatching(prefix), tokenType: 'SERVICES' };
    expect(notification.externalPurchaseToken).toMatchObject(token);
  });

  it('gives RESCIND_CONSENT an app transaction of the same app', () => {
    const { notification, appTransaction } = build({ type: 'RESCIND_CONSENT', bundleId: 'a.b', appAppleId: 7 });
    expect(notification.appData).toEqual({ appAppleId: 7, bundleId: 'a.b', environment: 'Sandbox' });
    expect(appTransaction).toMatchObject({ appAppleId: 7, bundleId: 'a.b', receiptType: 'Sandbox' });
    expect(appTransaction).not.toHaveProperty('signedDate');
  });

  it('has the ids of its environment: 16 digits in Sandbox, 15 in Production', () => {
    const ids = (['Sandbox', 'Production'] as const).map(
      (environment) => build({ type: 'DID_RENEW', environment }).transaction?.originalTransactionId,
    );
    expect(ids).toEqual([expect.stringMatching(/^2000000\d{9}$/), expect.stringMatching(/^510\d{12}$/)]);
  });

  it('follows the options throughout', () => {
    const options = {
      bundleId: 'org.tea',
      appAppleId: 5,
      bundleVersion: '9',
      productId: 'tea.year',
      period: 'P1Y',
      price: 100_000,
    };
    const built = build({ type: 'SUBSCRIBED', subtype: 'INITIAL_BUY', environment: 'Production', ...options });
    const data = { bundleId: 'org.tea', appAppleId: 5, bundleVersion: '9', environment: 'Production' };
    expect(built.notification.data).toMatchObject(data);
    expect(built.transaction).toMatchObject({
      bundleId: 'org.tea',
      productId: 'tea.year',
      price: 100_000,
      expiresDate: Date.UTC(2027, 10, 2, 8, 59, 58),
      environment: 'Production',
    });
    expect(built.renewalInfo).toMatchObject({
      productId: 'tea.year',
      renewalPrice: 100_000,
      environment: 'Production',
    });
  });

  it('is the same for the same seed, another for another', () => {
    expect(build({ type: 'REFUND' })).toEqual(build({ type: 'REFUND' }));
    const other = build({ type: 'REFUND', random: seededRandom('other') });
    expect(other.notification.notificationUUID).not.toBe(build({ type: 'REFUND' }).notification.notificationUUID);
  });

  it.each(['CONSUMPTION_REQUEST', 'REFUND', 'REFUND_DECLINED', 'REFUND_REVERSED', 'REVOKE'])(
    '%s accepts any product type',
    (type) => {
      const subscription = build({ type, productType: 'Auto-Renewable Subscription' });
      const once = build({ type, productType: 'Non-Consumable' });
      expect(subscription.renewalInfo).toBeDefined();
      expect(once.renewalInfo).toBeUndefined();
      expect(once.notification.data).not.toHaveProperty('status');
      expect(once.transaction).toMatchObject({ type: 'Non-Consumable' });
    },
  );

  it.each([
    { what: 'an unknown type', options: { type: 'NO_SUCH' }, code: 'ERR_SIMULATOR_EVENT', hint: /Types: .*DID_RENEW/ },
    {
      what: 'a misspelt type',
      options: { type: 'DID_RENW' },
      code: 'ERR_SIMULATOR_EVENT',
      hint: /^Did you mean DID_RENEW\?$/,
    },
    {
      what: 'a misspelt subtype',
      options: { type: 'EXPIRED', subtype: 'VOLUNTRY' },
      code: 'ERR_SIMULATOR_EVENT',
      hint: /^Did you mean EXPIRED\.VOLUNTARY\?$/,
    },
    {
      what: 'an unknown subtype',
      options: { type: 'EXPIRED', subtype: 'PENDING' },
      code: 'ERR_SIMULATOR_EVENT',
      hint: /VOLUNTARY/,
    },
    {
      what: 'a missing subtype',
      options: { type: 'SUBSCRIBED' },
      code: 'ERR_SIMULATOR_EVENT',
      hint: /INITIAL_BUY, RESUBSCRIBE/,
    },
    { what: 'a property name of Object', options: { type: 'constructor' }, code: 'ERR_SIMULATOR_EVENT', hint: /Types/ },
    {
      what: 'a renewal of a consumable',
      options: { type: 'DID_RENEW', productType: 'Consumable' as const },
      code: 'ERR_SIMULATOR_PRODUCT_TYPE',
      hint: /Auto-Renewable/,
    },
    {
      what: 'a one-time charge for a subscription',
      options: { type: 'ONE_TIME_CHARGE', productType: 'Auto-Renewable Subscription' as const },
      code: 'ERR_SIMULATOR_PRODUCT_TYPE',
      hint: /Consumable, Non-Consumable/,
    },
    {
      what: 'an invalid period',
      options: { type: 'DID_RENEW', period: 'monthly' },
      code: 'ERR_SIMULATOR_PERIOD',
      hint: /P1M/,
    },
  ])('refuses $what', ({ options, code, hint }) => {
    const expected = { kind: 'usage', code, hint: expect.stringMatching(hint) };
    expect(() => build(options)).toThrow(expect.objectContaining(expected));
  });
});

describe('what Apple documents of special products', () => {
  it('PRICE_CHANGE is scheduled: the customer has not been told, so nothing was accepted', () => {
    const { renewalInfo } = build({ type: 'PRICE_CHANGE' });
    expect(renewalInfo).toMatchObject({
      advancedCommerceInfo: { items: [{ priceIncreaseInfo: { status: 'SCHEDULED' } }] },
    });
    expect(renewalInfo).not.toHaveProperty('priceIncreaseStatus');
  });

  it('MIGRATION names the original transaction before it', () => {
    const { transaction } = build({ type: 'MIGRATION' });
    expect(transaction?.previousOriginalTransactionId).toMatch(/^2000000\d{9}$/);
    expect(transaction?.previousOriginalTransactionId).not.toBe(transaction?.originalTransactionId);
  });

  it('added seats have a transaction of their own within the period', () => {
    const { transaction } = build({ type: 'DID_CHANGE_RENEWAL_PREF', subtype: 'INCREASE_QUANTITY' });
    expect(transaction?.transactionId).not.toBe(transaction?.originalTransactionId);
    expect(Number(transaction?.expiresDate) - Number(transaction?.purchaseDate)).toBeLessThan(30 * DAY_MS);
  });

  it('a refund of some seats has no revocationDate', () => {
    const { transaction } = build({ type: 'REFUND', subtype: 'SEATS' });
    expect(transaction).not.toHaveProperty('revocationDate');
    expect(transaction).toMatchObject({ multiSeatInfo: { revokedSeatQuantity: 2 } });
  });
});
