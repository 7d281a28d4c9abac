import type { VerifiedDocument } from '../../notification/verified-document.js';
import { outcomeOf, PENDING, type SentNotification, SUCCESS } from '../../server-api/responses.js';

/** Delivery outcomes of the notifications shown so far, by notificationUUID. */
export interface DeliveryCounts {
  /** Records the outcome; a later one of the same notification replaces it. */
  add(item: SentNotification, document: VerifiedDocument): void;
  /** False for a notification recorded with as many attempts. */
  isNew(item: SentNotification, document: VerifiedDocument): boolean;
  /** Number of notifications with a failed attempt and none that succeeded. One without an attempt is pending. */
  undelivered(): number;
}

export function createDeliveryCounts(): DeliveryCounts {
  const attempts = new Map<string, number>();
  const failed = new Set<string>();
  return {
    add(item, document) {
      const key = keyOf(item, document);
      attempts.set(key, item.sendAttempts.length);
      const outcome = outcomeOf(item);
      if (outcome === SUCCESS || outcome === PENDING) failed.delete(key);
      else failed.add(key);
    },
    isNew: (item, document) => attempts.get(keyOf(item, document)) !== item.sendAttempts.length,
    undelivered: () => failed.size,
  };
}

/** Payloads that cannot be decoded are told apart by their text. */
function keyOf({ signedPayload }: SentNotification, { notification }: VerifiedDocument): string {
  const uuid = notification?.notificationUUID;
  return typeof uuid === 'string' ? uuid : (signedPayload ?? '');
}
