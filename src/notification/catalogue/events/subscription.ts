import { type EventEntry, eventsThatCarry } from '../entry.js';

const event = eventsThatCarry('data', true, true);

/** Start, renewal and expiration of a subscription. Source: apple.md section 5. */
export const LIFE_EVENTS: readonly EventEntry[] = [
  event(
    'SUBSCRIBED',
    'INITIAL_BUY',
    '2.0',
    'New subscription',
    'The customer subscribed to a product of this group for the first time, or received it through Family Sharing.',
  ),
  event(
    'SUBSCRIBED',
    'RESUBSCRIBE',
    '2.0',
    'Customer resubscribed',
    'A former subscriber subscribed again within the same group, or received it through Family Sharing.',
  ),
  event(
    'DID_RENEW',
    null,
    '2.0',
    'Subscription renewed',
    'The subscription renewed successfully: a new billing period begins.',
  ),
  event(
    'DID_RENEW',
    'BILLING_RECOVERY',
    '2.0',
    'Renewed after a billing failure',
    'A renewal that had failed was charged successfully: restore access if you revoked it.',
  ),
  event(
    'DID_FAIL_TO_RENEW',
    'GRACE_PERIOD',
    '2.0',
    'Billing failed, in grace period',
    'The renewal could not be charged: keep providing the service through the grace period while Apple retries.',
  ),
  event(
    'DID_FAIL_TO_RENEW',
    null,
    '2.0',
    'Billing failed',
    'The renewal could not be charged and there is no grace period; Apple retries for up to 60 days.',
  ),
  event(
    'GRACE_PERIOD_EXPIRED',
    null,
    '2.0',
    'Grace period ended unpaid',
    'The grace period ended without payment: you may stop providing the service; Apple keeps retrying the charge.',
  ),
  event(
    'EXPIRED',
    'VOLUNTARY',
    '2.0',
    'Subscription expired, cancelled by the customer',
    'The subscription expired because the customer had turned off auto-renewal.',
  ),
  event(
    'EXPIRED',
    'BILLING_RETRY',
    '2.0',
    'Subscription expired after billing retry',
    'The subscription expired because the billing retry period ended without a payment.',
  ),
  event(
    'EXPIRED',
    'PRICE_INCREASE',
    '2.0',
    'Subscription expired, price increase not accepted',
    'The subscription expired because the customer did not consent to a price increase.',
  ),
  event(
    'EXPIRED',
    'PRODUCT_NOT_FOR_SALE',
    '2.6',
    'Subscription expired, product not for sale',
    'The subscription expired because the product was not for sale when it was due to renew.',
  ),
  event('EXPIRED', null, '2.0', 'Subscription expired', 'The subscription expired for a reason that has no subtype.'),
  event(
    'RENEWAL_EXTENDED',
    null,
    '2.0',
    'Renewal date extended',
    'The App Store extended the renewal date of this subscription at your request.',
  ),
];

const changeEvent = eventsThatCarry('data', true, true);

/** Changes by the customer while subscribed, and price increases. Source: apple.md section 5. */
export const CHANGE_EVENTS: readonly EventEntry[] = [
  changeEvent(
    'DID_CHANGE_RENEWAL_STATUS',
    'AUTO_RENEW_ENABLED',
    '2.0',
    'Auto-renewal turned on',
    'The subscription will renew at the end of its current period.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_STATUS',
    'AUTO_RENEW_DISABLED',
    '2.0',
    'Auto-renewal turned off',
    'The customer, or Apple after a refund request, turned off auto-renewal: access is paid for until the period ends.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    'UPGRADE',
    '2.0',
    'Upgraded',
    'The customer upgraded, or switched to a product of the same level and duration, effective immediately.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    'DOWNGRADE',
    '2.0',
    'Downgrade at next renewal',
    'The customer chose a lower product, or one of the same level and another duration, effective at the next renewal; nothing changes until then.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    null,
    '2.0',
    'Downgrade cancelled',
    'The customer switched back to the current product, effective immediately: the change planned for the next renewal is cancelled.',
  ),
  // 2.23: the type of these two subtypes is presumed; the documentation available to us does not name it.
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    'INCREASE_QUANTITY',
    '2.23',
    'Seats added',
    'The customer added seats to a multi-seat subscription, effective immediately: an additional transaction covers the added seats.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    'DECREASE_QUANTITY',
    '2.23',
    'Seats removed',
    'The customer reduced the number of seats of a multi-seat subscription.',
  ),
  changeEvent(
    'OFFER_REDEEMED',
    'UPGRADE',
    '2.0',
    'Offer redeemed for an upgrade',
    'An active subscriber redeemed an offer to upgrade to another product, effective immediately.',
  ),
  changeEvent(
    'OFFER_REDEEMED',
    'DOWNGRADE',
    '2.0',
    'Offer redeemed for a downgrade',
    'An active subscriber redeemed an offer for another product, effective at the next renewal.',
  ),
  changeEvent(
    'OFFER_REDEEMED',
    null,
    '2.0',
    'Offer redeemed',
    'An active subscriber redeemed an offer for the current product.',
  ),
  changeEvent(
    'PRICE_INCREASE',
    'PENDING',
    '2.0',
    'Price increase, consent pending',
    'The customer was notified of a price increase that requires consent and has not responded yet.',
  ),
  changeEvent(
    'PRICE_INCREASE',
    'ACCEPTED',
    '2.0',
    'Price increase accepted',
    'The customer consented to a price increase, or was notified of one that requires no consent.',
  ),
];

/**
 * Pairs that Apple sent before January 2024, when redeeming an offer on an inactive subscription was reported as
 * OFFER_REDEEMED instead of SUBSCRIBED. Unconfirmed; old history may contain them, so they are explained, but not listed.
 */
export const FORMER_EVENTS: readonly EventEntry[] = [
  changeEvent(
    'OFFER_REDEEMED',
    'INITIAL_BUY',
    '2.0',
    'New subscription with an offer',
    'A first subscription started with an offer; since January 2024 Apple sends SUBSCRIBED for this.',
  ),
  changeEvent(
    'OFFER_REDEEMED',
    'RESUBSCRIBE',
    '2.0',
    'Customer resubscribed with an offer',
    'A former subscriber resubscribed with an offer; since January 2024 Apple sends SUBSCRIBED for this.',
  ),
];
