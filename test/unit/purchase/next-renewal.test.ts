import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import type { NextRenewal } from '../../../src/purchase/purchase.js';
import { ms, told } from '../../support/purchase-story.js';

const NOTHING: NextRenewal = { isOn: null, productId: null, atMs: null, price: null, offer: null, priceIncrease: null };

const ON: NextRenewal = { ...NOTHING, isOn: true, productId: 'monthly', atMs: ms('2026-02-01') };

const OFFER = { offerType: 3, offerIdentifier: 'WINTER', offerDiscountType: 'PAY_AS_YOU_GO', offerPeriod: 'P1M' };

it.each<[string, JsonObject | null, string, NextRenewal | null]>([
  ['on: at the end of the period', { autoRenewStatus: 1 }, '2026-01-20', ON],
  [
    'on: at the renewal date, with its price',
    { autoRenewStatus: 1, renewalDate: ms('2026-02-05'), renewalPrice: 4990, currency: 'EUR' },
    '2026-01-20',
    { ...ON, atMs: ms('2026-02-05'), price: { amountMilliunits: 4990, currency: 'EUR' } },
  ],
  ['another product', { autoRenewStatus: 1, autoRenewProductId: 'basic' }, '2026-01-20', { ...ON, productId: 'basic' }],
  [
    'an offer',
    { autoRenewStatus: 1, ...OFFER },
    '2026-01-20',
    { ...ON, offer: { type: 3, identifier: 'WINTER', discountType: 'PAY_AS_YOU_GO', period: 'P1M' } },
  ],
  ['consent asked', { autoRenewStatus: 1, priceIncreaseStatus: 0 }, '2026-01-20', { ...ON, priceIncrease: 'pending' }],
  ['consented', { autoRenewStatus: 1, priceIncreaseStatus: 1 }, '2026-01-20', { ...ON, priceIncrease: 'accepted' }],
  ['off', { autoRenewStatus: 0, autoRenewProductId: 'monthly' }, '2026-01-20', { ...NOTHING, isOn: false }],
  ['not said', {}, '2026-01-20', { ...ON, isOn: null, atMs: null }],
  ['a status that does not exist', { autoRenewStatus: '1' }, '2026-01-20', { ...ON, isOn: null, atMs: null }],
  ['the date is past: it is not known when', { autoRenewStatus: 1 }, '2026-03-01', { ...ON, atMs: null }],
  ['no renewal info', null, '2026-01-20', null],
])('%s', (_name, renewal, asOf, expected) => {
  const document = told({
    at: '2026-01-01',
    type: 'SUBSCRIBED.INITIAL_BUY',
    from: '2026-01-01',
    to: '2026-02-01',
    renewal,
  });
  expect(foldPurchases([document], { asOfMs: ms(asOf) }).purchases[0]?.renewal).toEqual(expected);
});
