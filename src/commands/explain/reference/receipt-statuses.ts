import type { ErrorEntry, Indexed } from './entry.js';

const LINK = 'https://developer.apple.com/documentation/appstorereceipts/status';

/** Source: Apple, "status" and "is-retryable" of App Store Receipts (deprecated). The words are ours. */
const STATUSES: readonly (readonly [code: string, title: string, next: string, retryable?: true])[] = [
  ['21000', 'The request was not an HTTP POST', 'Send it as a POST with a JSON body.'],
  ['21001', 'No longer sent by Apple', ''],
  [
    '21002',
    'receipt-data was malformed, or the service had a temporary issue',
    'Check that receipt-data is the whole receipt in base64, and try again.',
    true,
  ],
  ['21003', 'The receipt could not be authenticated', 'Check that the receipt is complete and unchanged.'],
  [
    '21004',
    'The shared secret does not match the one on file for the account',
    'Compare password with the shared secret in App Store Connect.',
  ],
  ['21005', 'The receipt server was temporarily unable to provide the receipt', 'Try again.', true],
  [
    '21006',
    'The receipt is valid, but its subscription has expired',
    'Read the receipt in the response. Apple sends this for iOS 6 style receipts only: others have status 0.',
  ],
  [
    '21007',
    'A sandbox receipt was sent to production',
    'Send it to sandbox.itunes.apple.com. App Review buys in the sandbox, so verify with production first.',
  ],
  ['21008', 'A production receipt was sent to the sandbox', 'Send it to buy.itunes.apple.com.'],
  ['21009', 'Internal data access error at Apple', 'Try again later.', true],
  ['21010', 'The user account was not found or has been deleted', 'Treat it as if no purchase was made.'],
  [
    '21100-21199',
    'Internal data access errors at Apple',
    'is-retryable in the response says if it is worth trying again.',
    true,
  ],
];

/** Every status of verifyReceipt, which takes app receipts and no token. */
export function indexReceiptStatuses(): readonly Indexed[] {
  return STATUSES.map(([term, title, next, retryable = false]) => {
    const entry: ErrorEntry = {
      chapter: 'errors',
      term,
      title,
      meaning: 'verifyReceipt is deprecated: the Server API answers for a transaction id, and StoreKit 2 signs tokens.',
      api: 'verifyReceipt',
      httpStatus: null,
      retryable,
      exit: null,
      toolCode: null,
      hint: next,
      link: LINK,
    };
    const codes = term.includes('-') ? Array.from({ length: 100 }, (_, index) => String(21_100 + index)) : [term];
    return { entry, names: [term, ...codes, ...codes.map((code) => `status ${code}`)] };
  });
}
