import type { Cell } from '../terminal/columns.js';
import { showText } from '../terminal/escape.js';
import { keepEnd } from '../terminal/width.js';

/** `…` and the last digits of an originalTransactionId: enough to tell purchases apart. */
export const SHORT_PURCHASE_WIDTH = 7;

/** Apple's ids have 15 or 16 digits. */
const PURCHASE_WIDTH = 16;

/** The column of every list that distinguishes purchases: the last digits on a terminal, the whole id in a pipe. */
export function purchaseCell(originalTransactionId: string | null | undefined, columns: number): Cell {
  const id = showText(originalTransactionId ?? '–');
  return Number.isFinite(columns)
    ? { text: keepEnd(id, SHORT_PURCHASE_WIDTH), width: SHORT_PURCHASE_WIDTH }
    : { text: id, width: PURCHASE_WIDTH };
}
