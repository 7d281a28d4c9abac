import { type EventEntry, eventsThatCarry } from '../entry.js';

const subscription = eventsThatCarry('data', true, true);

const test = eventsThatCarry('data without tokens', false, false);

const summary = eventsThatCarry('summary', false, false);

const external = eventsThatCarry('externalPurchaseToken', false, false);

const consent = eventsThatCarry('appData', false, false);

const seats = eventsThatCarry('unclaimInfo', false, false);

/** Subscriptions sold through the Advanced Commerce API. Source: apple.md section 5. */
export const ADVANCED_COMMERCE_EVENTS: readonly EventEntry[] = [
  subscription(
    'METADATA_UPDATE',
    null,
    '2.16',
    'Subscription metadata changed',
    'You changed names, descriptions or other metadata of a subscription through the Advanced Commerce API.',
  ),
  subscription(
    'MIGRATION',
    null,
    '2.16',
    'Subscription migrated',
    'You migrated a subscription to the Advanced Commerce API.',
  ),
  // Introduced between 2.16 and 2.20; the changelogs available to us do not name the version.
  subscription(
    'PRICE_CHANGE',
    null,
    null,
    'Subscription price changed',
    'You changed the price of a subscription through the Advanced Commerce API.',
  ),
];

/** Responses to your own requests, purchases outside the App Store, consent and seats. Source: apple.md section 5. */
export const SERVICE_EVENTS: readonly EventEntry[] = [
  summary(
    'RENEWAL_EXTENSION',
    'SUMMARY',
    '2.7',
    'Mass extension completed',
    'Your request to extend the renewal date for many subscribers has completed; the summary counts successes and failures.',
  ),
  subscription(
    'RENEWAL_EXTENSION',
    'FAILURE',
    '2.7',
    'Extension failed for one subscriber',
    'Your request to extend the renewal date for many subscribers failed for this subscription.',
  ),
  external(
    'EXTERNAL_PURCHASE_TOKEN',
    'UNREPORTED',
    '2.10',
    'External purchase not reported yet',
    'Apple created a token for an external purchase and has not received a report about it from you.',
  ),
  external(
    'EXTERNAL_PURCHASE_TOKEN',
    'CREATED',
    '2.17',
    'External purchase token created',
    'Apple created a token for a custom link: report the purchases made with it to Apple.',
  ),
  external(
    'EXTERNAL_PURCHASE_TOKEN',
    'ACTIVE_TOKEN_REMINDER',
    '2.17',
    'External purchase token still active',
    'A monthly reminder that a token for a custom link is still active: keep reporting the purchases made with it, or report it as a duplicate, which ends the reminders.',
  ),
  consent(
    'RESCIND_CONSENT',
    null,
    '2.19',
    'Parental consent withdrawn',
    'A parent or guardian withdrew consent for a child to use the app.',
  ),
  seats(
    'UNCLAIM_SEATS',
    null,
    '2.23',
    'Seats released',
    'The App Store has unclaimed these seats of a multi-seat purchase: revoke access for the customers they were assigned to. Sent only where you manage the invitations yourself.',
  ),
  test(
    'TEST',
    null,
    '2.5',
    'Test notification',
    'You requested this test notification through the App Store Server API; nothing was purchased.',
  ),
];
