import type { ErrorKind } from '../errors.js';

/** One documented error of the App Store Server API. */
export interface ApiErrorEntry {
  /** `errorCode` of the answer; its first three digits are the HTTP status. */
  readonly code: number;
  /** Apple's name for it. */
  readonly name: string;
  /** What Apple says with it, as the end of "Apple says that …". */
  readonly meaning: string;
  /** The next step. */
  readonly next: string;
  /** Whether asking again can help: Apple's own list, and 5000000, which is worth a few tries. */
  readonly retryable: boolean;
  /** What it comes to for a command; `no` is an answer and not a failure. */
  readonly kind: ErrorKind | 'no';
}

type Row = readonly [code: number, name: string, kind: ApiErrorEntry['kind'], meaning: string, next: string];

const LATER = 'Try again in a moment.';

const BUNDLE = 'Check the bundle id and --environment; `storewire config` shows where each comes from.';

const TRANSACTION =
  'Check the id, and --environment: a sandbox transaction is not known in production, nor the other way round.';

/** Apple's list of retryable errors: 4040002, 4040004, 4040006, 5000001. 4290000 is retried after its `Retry-After`. */
const RETRYABLE: ReadonlySet<number> = new Set([4040002, 4040004, 4040006, 4290000, 5000000, 5000001]);

const ROWS: readonly Row[] = [
  [
    4000000,
    'GeneralBadRequest',
    'usage',
    'the request is malformed',
    'Look at the values given; if all are right, report it.',
  ],
  [4000002, 'InvalidAppIdentifier', 'usage', 'the app identifier is not valid', BUNDLE],
  [4000006, 'InvalidTransactionId', 'usage', 'the transaction id is not valid', TRANSACTION],
  [
    4000012,
    'StartDateTooFarInPast',
    'usage',
    'the start lies before what it keeps',
    'History goes back 180 days in production and 30 days in the sandbox: give a later --since.',
  ],
  [4000013, 'StartDateAfterEndDate', 'usage', 'the start is not before the end', 'Give a --since before --until.'],
  [
    4000014,
    'InvalidPaginationToken',
    'remote',
    'the page token is not valid',
    'Start the command again: a page token is good only for the same request.',
  ],
  [4000015, 'InvalidStartDate', 'usage', 'the start date is not valid', 'Give --since as 7d, or as 2026-03-04.'],
  [4000016, 'InvalidEndDate', 'usage', 'the end date is not valid', 'Give --until as 1d, or as 2026-03-04.'],
  [
    4000017,
    'PaginationTokenExpired',
    'remote',
    'the page token has expired',
    'Start the command again, or ask for a shorter time with --since and --until.',
  ],
  [
    4000018,
    'InvalidNotificationType',
    'usage',
    'it knows no such notification type, or no such subtype of it',
    'Check --type and --subtype; Apple writes them in capitals, as DID_RENEW.',
  ],
  [
    4000019,
    'MultipleFiltersSupplied',
    'usage',
    'only one filter may be given',
    'Leave out --transaction-id or --type.',
  ],
  [
    4000020,
    'InvalidTestNotificationToken',
    'usage',
    'this is not the token of a TEST notification',
    'Copy the whole token that `storewire test` printed.',
  ],
  [4040001, 'AccountNotFound', 'usage', 'it knows no such customer account', TRANSACTION],
  [4040002, 'AccountNotFoundRetryable', 'remote', 'it cannot find the customer account just now', LATER],
  [4040003, 'AppNotFound', 'usage', 'it knows no such app', BUNDLE],
  [4040004, 'AppNotFoundRetryable', 'remote', 'it cannot find the app just now', LATER],
  [4040005, 'OriginalTransactionIdNotFound', 'usage', 'it knows no such original transaction id', TRANSACTION],
  [
    4040006,
    'OriginalTransactionIdNotFoundRetryable',
    'remote',
    'it cannot find the original transaction id just now',
    LATER,
  ],
  [
    4040007,
    'ServerNotificationUrlNotFound',
    'no',
    'no server URL is set for this environment',
    'Set it with `storewire endpoint set`, or in App Store Connect under App Information, App Store Server Notifications.',
  ],
  [
    4040008,
    'TestNotificationNotFound',
    'pending',
    'it has nothing on this TEST: not yet, or no longer (they are kept six months)',
    'Right after the request, ask again in a few seconds; else check --environment and the token.',
  ],
  [4040010, 'TransactionIdNotFound', 'usage', 'it knows no such transaction id', TRANSACTION],
  [
    4290000,
    'RateLimitExceeded',
    'remote',
    'too many requests were made for this app',
    'Limits are counted over an hour: wait, or give a longer --timeout to have it waited for.',
  ],
  [5000000, 'GeneralInternal', 'remote', 'something failed on its side', LATER],
  [5000001, 'GeneralInternalRetryable', 'remote', 'something failed on its side that will pass', LATER],
];

/**
 * Every documented error of the calls this tool makes, one table: what commands say and what `explain` prints.
 * Source: apple.md 6.4 (Apple, "Error codes" of the App Store Server API). The words are ours.
 */
export const API_ERRORS: readonly ApiErrorEntry[] = ROWS.map(([code, name, kind, meaning, next]) => ({
  code,
  name,
  meaning,
  next,
  retryable: RETRYABLE.has(code),
  kind,
}));

const BY_CODE: ReadonlyMap<number, ApiErrorEntry> = new Map(API_ERRORS.map((entry) => [entry.code, entry]));

/** The entry of an `errorCode`; undefined where Apple has added one since. */
export function findApiError(code: number): ApiErrorEntry | undefined {
  return BY_CODE.get(code);
}
