import { type EventEntry, eventsThatCarry } from '../entry.js';

const event = eventsThatCarry('data', true, true);

/** Begin, renewal and end of a subscription. Source: apple.md section 5. */
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
    'Customer came back',
    'A former subscriber subscribed again within the same group, or received it through Family Sharing.',
  ),
  event(
    'DID_RENEW',
    null,
    '2.0',
    'Subscription renewed',
    'The subscription renewed and was paid: a new period begins.',
  ),
  event(
    'DID_RENEW',
    'BILLING_RECOVERY',
    '2.0',
    'Renewed after failed billing',
    'A renewal that had failed was paid after all: restore the service if you had stopped it.',
  ),
  event(
    'DID_FAIL_TO_RENEW',
    'GRACE_PERIOD',
    '2.0',
    'Billing failed, grace period runs',
    'The renewal could not be charged: keep the service on through the grace period while Apple tries again.',
  ),
  event(
    'DID_FAIL_TO_RENEW',
    null,
    '2.0',
    'Billing failed',
    'The renewal could not be charged and there is no grace period; Apple tries again for up to 60 days.',
  ),
  event(
    'GRACE_PERIOD_EXPIRED',
    null,
    '2.0',
    'Grace period over, still unpaid',
    'The grace period ended without payment: the service may stop now, while Apple goes on trying to charge.',
  ),
  event(
    'EXPIRED',
    'VOLUNTARY',
    '2.0',
    'Subscription ended by the customer',
    'The subscription ended because the customer had turned automatic renewal off.',
  ),
  event(
    'EXPIRED',
    'BILLING_RETRY',
    '2.0',
    'Subscription ended unpaid',
    'The subscription ended because the billing retry period ran out without a payment.',
  ),
  event(
    'EXPIRED',
    'PRICE_INCREASE',
    '2.0',
    'Subscription ended over price',
    'The subscription ended because the customer did not consent to a price increase.',
  ),
  event(
    'EXPIRED',
    'PRODUCT_NOT_FOR_SALE',
    '2.6',
    'Subscription ended, product withdrawn',
    'The subscription ended because the product was not for sale when it was due to renew.',
  ),
  event(
    'EXPIRED',
    null,
    '2.0',
    'Subscription ended',
    'The subscription ended for a reason without a subtype of its own.',
  ),
  event(
    'RENEWAL_EXTENDED',
    null,
    '2.0',
    'Renewal date moved back',
    'The renewal date of this one subscription was extended at your request.',
  ),
];

const changeEvent = eventsThatCarry('data', true, true);

/** What the customer changes while subscribed, and price increases. Source: apple.md section 5. */
export const CHANGE_EVENTS: readonly EventEntry[] = [
  changeEvent(
    'DID_CHANGE_RENEWAL_STATUS',
    'AUTO_RENEW_ENABLED',
    '2.0',
    'Automatic renewal turned on',
    'The subscription will renew again at the end of its period.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_STATUS',
    'AUTO_RENEW_DISABLED',
    '2.0',
    'Automatic renewal turned off',
    'The customer, or Apple after a refund request, turned renewal off: the service is paid until the period ends.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    'UPGRADE',
    '2.0',
    'Upgraded',
    'The customer moved up to another product of the group; it is in force now.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    'DOWNGRADE',
    '2.0',
    'Downgrade at next renewal',
    'The customer chose another product that takes effect at the next renewal; nothing changes until then.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    null,
    '2.0',
    'Planned downgrade undone',
    'The customer went back to the present product: a change that was waiting for the next renewal is off.',
  ),
  // 2.23: which type these two subtypes belong to is presumed, not documented where we could read it.
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    'INCREASE_QUANTITY',
    '2.23',
    'More seats',
    'The customer raised the number of seats of a multi-seat subscription.',
  ),
  changeEvent(
    'DID_CHANGE_RENEWAL_PREF',
    'DECREASE_QUANTITY',
    '2.23',
    'Fewer seats',
    'The customer lowered the number of seats of a multi-seat subscription.',
  ),
  changeEvent(
    'OFFER_REDEEMED',
    'UPGRADE',
    '2.0',
    'Offer redeemed for an upgrade',
    'An active subscriber used an offer to move up to another product; it is in force now.',
  ),
  changeEvent(
    'OFFER_REDEEMED',
    'DOWNGRADE',
    '2.0',
    'Offer redeemed for a downgrade',
    'An active subscriber used an offer for another product that takes effect at the next renewal.',
  ),
  changeEvent(
    'OFFER_REDEEMED',
    null,
    '2.0',
    'Offer redeemed',
    'An active subscriber used an offer on the present product.',
  ),
  changeEvent(
    'PRICE_INCREASE',
    'PENDING',
    '2.0',
    'Price increase, consent awaited',
    'The customer was told of a price increase that needs consent and has not answered yet.',
  ),
  changeEvent(
    'PRICE_INCREASE',
    'ACCEPTED',
    '2.0',
    'Price increase accepted',
    'The customer consented to a price increase, or was told of one that needs no consent.',
  ),
];

/**
 * Pairs that Apple sent before January 2024, when an offer on an inactive subscription was OFFER_REDEEMED and not yet
 * SUBSCRIBED. Unconfirmed; old history may hold them, so they are explained, but they are no events of today.
 */
export const FORMER_EVENTS: readonly EventEntry[] = [
  changeEvent(
    'OFFER_REDEEMED',
    'INITIAL_BUY',
    '2.0',
    'New subscription with an offer',
    'A first subscription began with an offer; since January 2024 Apple sends SUBSCRIBED for this.',
  ),
  changeEvent(
    'OFFER_REDEEMED',
    'RESUBSCRIBE',
    '2.0',
    'Customer came back with an offer',
    'A former subscriber came back with an offer; since January 2024 Apple sends SUBSCRIBED for this.',
  ),
];
