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
    'A consumable, non-consumable or non-renewing subscription was bought, or a non-consumable came through Family Sharing.',
  ),
  purchase(
    'CONSUMPTION_REQUEST',
    null,
    '2.0',
    'Refund requested, usage data wanted',
    'The customer asked for a refund and Apple wants usage data: answer with Send Consumption Information within 12 hours.',
  ),
  purchase('REFUND', null, '2.0', 'Refunded', 'Apple refunded this purchase: withdraw what it gave.'),
  subscription(
    'REFUND',
    'SEATS',
    '2.23',
    'Seats refunded',
    'Apple refunded some seats of a multi-seat purchase; the others stay paid.',
  ),
  purchase(
    'REFUND_DECLINED',
    null,
    '2.0',
    'Refund declined',
    'Apple turned the refund request down: the purchase stays as it is.',
  ),
  purchase(
    'REFUND_REVERSED',
    null,
    '2.8',
    'Refund reversed',
    'A refund was undone after a dispute: give back what you had withdrawn.',
  ),
  // Since 2.22 the end of a seat assignment probably comes as REVOKE too; revocationType tells.
  purchase(
    'REVOKE',
    null,
    '2.0',
    'Shared access ended',
    'Someone who had this purchase through Family Sharing is no longer entitled to it.',
  ),
];
