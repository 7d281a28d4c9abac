import { type EventEntry, eventsThatCarry } from '../entry.js';

const oneTime = eventsThatCarry('data', true, false);

const purchase = eventsThatCarry('data', true, 'subscription only');

const subscription = eventsThatCarry('data', true, true);

/** Purchases of any kind, refunds and shared access. Source: apple.md section 5. */
export const PURCHASE_EVENTS: readonly EventEntry[] = [
  oneTime(
    'ONE_TIME_CHARGE',
    null,
    '2.12',
    'One-time purchase',
    'The customer bought a consumable, non-consumable or non-renewing subscription, or received a non-consumable through Family Sharing.',
  ),
  purchase(
    'CONSUMPTION_REQUEST',
    null,
    '2.0',
    'Refund requested, usage data requested',
    'The customer requested a refund and Apple asks for usage data: respond with Send Consumption Information within 12 hours. Until you do, Apple may ask up to three times, about 8 hours apart, each time with a new notificationUUID: that is not a retry of a failed delivery, so recognise repeats by transactionId.',
  ),
  purchase('REFUND', null, '2.0', 'Refunded', 'Apple refunded this purchase: revoke access.'),
  subscription(
    'REFUND',
    'SEATS',
    '2.23',
    'Seats refunded',
    'Apple refunded some seats of a multi-seat purchase; the remaining seats stay paid. revocationDate is set only when every seat is refunded.',
  ),
  purchase(
    'REFUND_DECLINED',
    null,
    '2.0',
    'Refund declined',
    'Apple declined the refund request: the purchase remains valid.',
  ),
  purchase(
    'REFUND_REVERSED',
    null,
    '2.8',
    'Refund reversed',
    'Apple reversed a refund after a dispute by the customer: restore access if you revoked it.',
  ),
  // Since 2.22 the end of a seat assignment is probably sent as REVOKE too, in Sandbox only so far; revocationType distinguishes the two.
  purchase(
    'REVOKE',
    null,
    '2.0',
    'Shared access ended',
    'A family member who had this purchase through Family Sharing is no longer entitled to it: revoke access.',
  ),
];
