import type { ErrorKind } from '../errors.js';

/** One documented error of the App Store Server API. */
export interface ApiErrorEntry {
  /** `errorCode` of the response; its first three digits are the HTTP status. */
  readonly code: number;
  /** Apple's name for it. */
  readonly name: string;
  /** Meaning, as the end of "Apple reports that …". */
  readonly meaning: string;
  /** The next step. */
  readonly next: string;
  /** True for Apple's list of retryable errors, 4290000 and 5000000. */
  readonly retryable: boolean;
  /** Kind of the error, which decides the exit code; `no` is a result and not a failure. */
  readonly kind: ErrorKind | 'no';
}

type Row = readonly [code: number, name: string, kind: ApiErrorEntry['kind'], meaning: string, next: string];

const LATER = 'Try again in a moment.';

const BUNDLE = 'Check the bundle id and --environment; `storewire config` shows the source of each.';

const TRANSACTION = 'Check the id and --environment: each environment knows only its own transactions.';

/** Apple's list of retryable errors: 4040002, 4040004, 4040006, 5000001. 4290000 is retried after its `Retry-After`. */
const RETRYABLE: ReadonlySet<number> = new Set([4040002, 4040004, 4040006, 4290000, 5000000, 5000001]);

const ROWS: readonly Row[] = [
  [
    4000000,
    'GeneralBadRequest',
    'usage',
    'the request is malformed',
    'Check the values given. If they are all correct, report a bug.',
  ],
  [4000002, 'InvalidAppIdentifier', 'usage', 'the app identifier is not valid', BUNDLE],
  [
    4000005,
    'InvalidRequestRevision',
    'remote',
    'the revision of the next page is not valid',
    'Run the command again: a revision is valid only for the same request.',
  ],
  [4000006, 'InvalidTransactionId', 'usage', 'the transaction id is not valid', TRANSACTION],
  [4000008, 'InvalidOriginalTransactionId', 'usage', 'the original transaction id is not valid', TRANSACTION],
  [
    4000012,
    'StartDateTooFarInPast',
    'usage',
    'the start date is before the oldest notification it keeps',
    'History goes back 180 days in production and 30 days in the sandbox: pass a later --since.',
  ],
  [
    4000013,
    'StartDateAfterEndDate',
    'usage',
    'the start date is not before the end date',
    'Pass a --since before --until.',
  ],
  [
    4000014,
    'InvalidPaginationToken',
    'remote',
    'the page token is not valid',
    'Run the command again: a page token is valid only for the same request.',
  ],
  [4000015, 'InvalidStartDate', 'usage', 'the start date is not valid', 'Pass --since as 7d or 2026-03-04.'],
  [4000016, 'InvalidEndDate', 'usage', 'the end date is not valid', 'Pass --until as 1d or 2026-03-04.'],
  [
    4000017,
    'PaginationTokenExpired',
    'remote',
    'the page token has expired',
    'Run the command again, or select a shorter period with --since and --until.',
  ],
  [
    4000018,
    'InvalidNotificationType',
    'usage',
    'the notification type or subtype is not valid',
    'Check --type and --subtype, for example DID_RENEW.',
  ],
  [4000019, 'MultipleFiltersSupplied', 'usage', 'only one filter is allowed', 'Omit --transaction-id or --type.'],
  [
    4000020,
    'InvalidTestNotificationToken',
    'usage',
    'the test notification token is not valid',
    'Copy the full token printed by `storewire test`.',
  ],
  [
    4000048,
    'AppTransactionIdNotSupported',
    'usage',
    'an app transaction id is not supported here',
    'Pass a transactionId or originalTransactionId.',
  ],
  [4040001, 'AccountNotFound', 'usage', 'the customer account was not found', TRANSACTION],
  [4040002, 'AccountNotFoundRetryable', 'remote', 'the customer account was not found, but a retry may succeed', LATER],
  [4040003, 'AppNotFound', 'usage', 'the app was not found', BUNDLE],
  [4040004, 'AppNotFoundRetryable', 'remote', 'the app was not found, but a retry may succeed', LATER],
  [4040005, 'OriginalTransactionIdNotFound', 'usage', 'the original transaction id was not found', TRANSACTION],
  [
    4040006,
    'OriginalTransactionIdNotFoundRetryable',
    'remote',
    'the original transaction id was not found, but a retry may succeed',
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
    'the TEST has no status: too early, or older than six months',
    'Right after the request, try again in a few seconds. Otherwise check --environment and the token.',
  ],
  [4040010, 'TransactionIdNotFound', 'usage', 'the transaction id was not found', TRANSACTION],
  [
    4290000,
    'RateLimitExceeded',
    'remote',
    'too many requests were made for this app',
    'Limits apply per hour: try again later, or raise --timeout to wait.',
  ],
  [5000000, 'GeneralInternal', 'remote', 'an unknown error occurred on its side', LATER],
  [5000001, 'GeneralInternalRetryable', 'remote', 'a temporary error occurred on its side', LATER],
];

/**
 * Every documented error of the calls this tool makes, for error messages and `explain`.
 * Source: apple.md 6.4 (Apple, "Error codes" of the App Store Server API). The texts are our own.
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

/** Entry of an `errorCode`; undefined for a code added later. */
export function findApiError(code: number): ApiErrorEntry | undefined {
  return BY_CODE.get(code);
}
