import type { EventEntry } from '../entry.js';
import { eventsThatCarry } from '../rows.js';

const event = eventsThatCarry('data', true, true);

/** What the customer changes while subscribed, and price increases. Source: apple.md section 5. */
export const CHANGE_EVENTS: readonly EventEntry[] = [
  event(
    'DID_CHANGE_RENEWAL_STATUS',
    'AUTO_RENEW_ENABLED',
    '2.0',
    'Automatic renewal turned on',
    'The subscription will renew again at the end of its period.',
  ),
  event(
    'DID_CHANGE_RENEWAL_STATUS',
    'AUTO_RENEW_DISABLED',
    '2.0',
    'Automatic renewal turned off',
    'The customer, or Apple after a refund request, turned renewal off: the service is paid until the period ends.',
  ),
  event(
    'DID_CHANGE_RENEWAL_PREF',
    'UPGRADE',
    '2.0',
    'Upgraded',
    'The customer moved up to another product of the group; it is in force now.',
  ),
  event(
    'DID_CHANGE_RENEWAL_PREF',
    'DOWNGRADE',
    '2.0',
    'Downgrade at next renewal',
    'The customer chose another product that takes effect at the next renewal; nothing changes until then.',
  ),
  event(
    'DID_CHANGE_RENEWAL_PREF',
    null,
    '2.0',
    'Planned downgrade undone',
    'The customer went back to the present product: a change that was waiting for the next renewal is off.',
  ),
  // 2.23: which type these two subtypes belong to is presumed, not documented where we could read it.
  event(
    'DID_CHANGE_RENEWAL_PREF',
    'INCREASE_QUANTITY',
    '2.23',
    'More seats',
    'The customer raised the number of seats of a multi-seat subscription.',
  ),
  event(
    'DID_CHANGE_RENEWAL_PREF',
    'DECREASE_QUANTITY',
    '2.23',
    'Fewer seats',
    'The customer lowered the number of seats of a multi-seat subscription.',
  ),
  event(
    'OFFER_REDEEMED',
    'UPGRADE',
    '2.0',
    'Offer redeemed for an upgrade',
    'An active subscriber used an offer to move up to another product; it is in force now.',
  ),
  event(
    'OFFER_REDEEMED',
    'DOWNGRADE',
    '2.0',
    'Offer redeemed for a downgrade',
    'An active subscriber used an offer for another product that takes effect at the next renewal.',
  ),
  event('OFFER_REDEEMED', null, '2.0', 'Offer redeemed', 'An active subscriber used an offer on the present product.'),
  event(
    'PRICE_INCREASE',
    'PENDING',
    '2.0',
    'Price increase, consent awaited',
    'The customer was told of a price increase that needs consent and has not answered yet.',
  ),
  event(
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
  event(
    'OFFER_REDEEMED',
    'INITIAL_BUY',
    '2.0',
    'New subscription with an offer',
    'A first subscription began with an offer; since January 2024 Apple sends SUBSCRIBED for this.',
  ),
  event(
    'OFFER_REDEEMED',
    'RESUBSCRIBE',
    '2.0',
    'Customer came back with an offer',
    'A former subscriber came back with an offer; since January 2024 Apple sends SUBSCRIBED for this.',
  ),
];
