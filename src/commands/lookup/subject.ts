import { ToolError } from '../../errors.js';

/** The id to look up. `remark`: a doubt about its kind, for the user. */
export interface LookupSubject {
  readonly kind: 'transaction' | 'order';
  readonly id: string;
  readonly remark: string | null;
}

/** Apple's ids have 15 or 16 digits, appTransactionIds 18; those of StoreKit Testing in Xcode count from 0. */
const TRANSACTION_ID = /^\d{1,32}$/;

/** Observed on receipts: M and 8 or 9 letters and digits. Apple documents no format. */
const USUAL_ORDER_ID = /^M[\dA-Z]{8,9}$/;

const ORDER_ID = /^(?=.*\d)[\dA-Z]{6,32}$/;

/**
 * Tells the kind of an id by its shape: digits are a transaction, letters and digits an order. Quotes around it and a comma behind it, as
 * copied from JSON, are dropped. Throws usage `ERR_LOOKUP_ID`.
 */
export function parseLookupSubject(text: string): LookupSubject {
  const id = text
    .trim()
    .replace(/,$/, '')
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim();
  if (TRANSACTION_ID.test(id)) return { kind: 'transaction', id, remark: null };
  const order = id.toUpperCase();
  if (USUAL_ORDER_ID.test(order)) return { kind: 'order', id: order, remark: null };
  if (!ORDER_ID.test(order)) throw notAnId(id);
  const remark = `${order} is not digits, as a transaction id is, nor M and 8 or 9 letters and digits, as order ids are: taking it for an order id.`;
  return { kind: 'order', id: order, remark };
}

const LONGEST_SHOWN = 40;

function notAnId(id: string): ToolError {
  const shown = id.length > LONGEST_SHOWN ? `${id.slice(0, LONGEST_SHOWN)}…` : id;
  const message = id === '' ? 'the id is empty' : `"${shown}" is neither a transaction id nor an order id`;
  return new ToolError('usage', 'ERR_LOOKUP_ID', message, { hint: hintFor(id) });
}

/** Other ids and payloads, each with the command that takes it. */
function hintFor(id: string): string {
  if (/^[\da-f-]{36}_\d{13}$/i.test(id)) return `For the token of a TEST notification: storewire status ${id}`;
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))
    return 'Apple finds no purchase by a UUID (appAccountToken, notificationUUID): pass the transactionId of the purchase.';
  if (id.startsWith('eyJ') || id.startsWith('{'))
    return 'For a payload: storewire decode. Pass the transactionId that is in it.';
  return 'A transaction id is digits, an order id is letters and digits, for example MK5TTTVWJH (on the receipt of the customer).';
}
