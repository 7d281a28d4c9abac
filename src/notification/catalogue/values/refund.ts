import type { ValueEntry } from '../entry.js';
import { value } from '../rows.js';

/** Values about refunds, external purchases and the app itself. Source: apple.md sections 3 and 4. */
export const REFUND_VALUES = {
  revocationReason: [
    value(0, 'another reason, or Family Sharing ended', '2.0'),
    value(1, 'a problem within the app', '2.0'),
  ],
  revocationType: [
    value('REFUND_FULL', 'refunded in full', '2.20'),
    value('REFUND_PRORATED', 'refunded in part', '2.20'),
    value('FAMILY_REVOKE', 'Family Sharing ended', '2.20'),
    value('ASSIGNMENT_REVOKE', 'the seat assignment ended', '2.22'),
  ],
  consumptionRequestReason: [
    value('UNINTENDED_PURCHASE', 'did not mean to buy it', '2.11'),
    value('FULFILLMENT_ISSUE', 'did not receive it, or it did not work', '2.11'),
    value('UNSATISFIED_WITH_PURCHASE', 'not satisfied with it', '2.11'),
    value('LEGAL', 'a legal reason', '2.11'),
    value('OTHER', 'another reason', '2.11'),
  ],
  tokenType: [
    value('SERVICES', 'a token for services', '2.17'),
    value('ACQUISITION', 'a token for winning a new customer', '2.17'),
  ],
  originalPlatform: [
    value('iOS', 'iPhone or iPad', null),
    value('macOS', 'Mac', null),
    value('tvOS', 'Apple TV', null),
    value('visionOS', 'Apple Vision Pro', null),
  ],
} as const satisfies Readonly<Record<string, readonly ValueEntry[]>>;
