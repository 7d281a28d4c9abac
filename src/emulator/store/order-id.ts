import { createHash } from 'node:crypto';

/** Letters of an order id; no vowel, so that it spells nothing. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ0123456789';

const LENGTH = 9;

/**
 * Order id of a transaction: `M` and nine letters or digits, the form that customers read in the email of Apple's receipt. No notification
 * carries Apple's, so the emulator derives one: each transaction is an order of its own.
 */
export function orderIdOf(transactionId: string): string {
  const digest = createHash('sha256').update(`order ${transactionId}`).digest();
  return `M${Array.from(digest.subarray(0, LENGTH), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}
