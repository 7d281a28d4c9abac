import type { EventEntry } from '../entry.js';
import { eventsThatCarry } from '../rows.js';

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
