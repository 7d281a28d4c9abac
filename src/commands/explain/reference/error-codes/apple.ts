import type { CodeRow } from './row.js';

/** Codes of the Server API that stand for no single error of Apple's; the others are derived from its table of errors. */
export const SERVER_API: readonly CodeRow[] = [
  [
    'ERR_API_UNAUTHENTICATED',
    'auth',
    'Apple rejected the credentials with 401 and gives no reason.',
    'Check key id, issuer id, bundle id and .p8 file with storewire config. Before the first release of the app, production answers 401 to every request.',
  ],
  [
    'ERR_API_CLOCK',
    'auth',
    'Apple rejected the credentials, and the clock of this machine is wrong.',
    'Set the clock (NTP).',
  ],
  [
    'ERR_API_REFUSED',
    ['usage', 'remote'],
    'Apple rejected the request with an error code that this version does not know.',
    "Look the code up in Apple's documentation, or update storewire.",
  ],
  ['ERR_API_FAILED', 'remote', 'Apple, or a gateway before it, failed with HTTP status 5xx.', 'Try again later.'],
  [
    'ERR_API_ANSWER',
    'remote',
    'The response is not one that Apple sends; a proxy or login page may have answered.',
    'Check the network, HTTPS_PROXY and the base address in storewire config.',
  ],
  [
    'ERR_API_PAGING',
    'remote',
    'A list of transactions has no end: Apple returned the same revision twice, or more than 500 pages.',
    'Try again later.',
  ],
  [
    'ERR_LOOKUP_ID',
    'usage',
    'The id is neither a transaction id (digits) nor an order id (letters and digits).',
    'Pass the transactionId or originalTransactionId of a payload, or the order id on a receipt.',
  ],
  [
    'ERR_LOOKUP_NOT_FOUND',
    'no',
    'Apple does not know the transaction or order in this environment.',
    'Try the other environment, and check the bundle id.',
  ],
  [
    'ERR_LOOKUP_ORDER_SANDBOX',
    'usage',
    "Apple's sandbox has no order ids.",
    'Look the order up with --environment production.',
  ],
  [
    'ERR_LOOKUP_DEADLINE',
    'pending',
    '--timeout was reached before the last page of transactions.',
    'Raise or leave out --timeout.',
  ],
  [
    'ERR_HISTORY_TOO_FAR',
    'usage',
    '--since is before the oldest notification that Apple keeps: 180 days in production, 30 in the sandbox.',
    'Pass a later --since.',
  ],
  [
    'ERR_HISTORY_DATES',
    'usage',
    '--since is in the future, or not before --until.',
    'For example: --since 7d --until 1d',
  ],
  [
    'ERR_HISTORY_TYPE',
    'usage',
    '--type or --subtype is not valid, or the subtype does not belong to the type.',
    'For example: --type DID_RENEW.BILLING_RECOVERY',
  ],
  [
    'ERR_HISTORY_FILTERS',
    'usage',
    '--type and --transaction-id cannot be combined: Apple filters by one of them.',
    'Leave out one of them.',
  ],
  ['ERR_HISTORY_TRANSACTION_ID', 'usage', '--transaction-id is not digits.', 'Use any transaction id of the customer.'],
  [
    'ERR_HISTORY_WATCH',
    'usage',
    '--watch and --until cannot be combined.',
    'Leave out --until, or limit the run with --timeout.',
  ],
  ['ERR_HISTORY_DEADLINE', 'pending', 'The run timed out before the end of the history.', 'Raise or omit --timeout.'],
  [
    'ERR_HISTORY_LOOP',
    'remote',
    "The history cannot be read to its end: Apple's page tokens repeat or expire.",
    'Try again later, or select a shorter period with --since and --until.',
  ],
];

export const CONNECT_API: readonly CodeRow[] = [
  [
    'ERR_CONNECT_UNAUTHORIZED',
    'auth',
    'App Store Connect rejected the key.',
    'Check key id, issuer id and .p8 file; an individual key has no issuer id. It must be an App Store Connect key.',
  ],
  [
    'ERR_CONNECT_FORBIDDEN',
    'auth',
    'The key is valid, but its role or app access does not allow this.',
    'Use a key with the role App Manager or Admin and access to the app.',
  ],
  [
    'ERR_CONNECT_AGREEMENT',
    'auth',
    'An agreement with Apple is missing or expired, which blocks the API for the whole team.',
    'The Account Holder can sign it in App Store Connect under Business.',
  ],
  [
    'ERR_CONNECT_NOT_FOUND',
    'usage',
    'The app was not found, or the key has no access to it.',
    'Check the bundle id, and that the key belongs to the team of the app.',
  ],
  [
    'ERR_CONNECT_REFUSED',
    'usage',
    'App Store Connect rejected the value or the change.',
    'The URL must be https, with port 443 or 1024 and above if it has one.',
  ],
  [
    'ERR_CONNECT_STATE',
    'remote',
    'The state of the app does not allow this change.',
    'Check the app in App Store Connect.',
  ],
  [
    'ERR_CONNECT_RATE_LIMIT',
    'remote',
    'Too many requests were made with this key in the last hour.',
    'Try again later; the limit is shared by all that use the key.',
  ],
  [
    'ERR_CONNECT_SERVER',
    'remote',
    'App Store Connect failed.',
    'Try again in a few minutes; developer.apple.com/system-status shows outages.',
  ],
  [
    'ERR_CONNECT_REQUEST',
    'remote',
    'App Store Connect rejected the form of the request.',
    'Check STOREWIRE_CONNECT_API_URL if set; otherwise report it as a bug.',
  ],
  [
    'ERR_CONNECT_ANSWER',
    'remote',
    'The response is not one that App Store Connect sends; a proxy may have answered.',
    'Check HTTPS_PROXY and STOREWIRE_CONNECT_API_URL, if set.',
  ],
  [
    'ERR_ENDPOINT_URL',
    'usage',
    'App Store Connect would reject this notification URL.',
    'Use https, a public host, and port 443 or 1024 and above.',
  ],
  [
    'ERR_ENDPOINT_CONFIRM',
    'usage',
    'The change was not confirmed, so nothing was changed.',
    'Preview it with --dry-run, or apply it with --yes.',
  ],
  [
    'ERR_ENDPOINT_NOT_TAKEN',
    'remote',
    'App Store Connect accepted the change, but does not show it.',
    'See storewire endpoint show: someone else may be changing it too.',
  ],
  [
    'ERR_ENDPOINT_NOTHING_KEPT',
    'usage',
    'No earlier change is saved that could be restored.',
    'Only changes by endpoint set and listen --claim are saved.',
  ],
  [
    'ERR_ENDPOINT_KEPT_FOREIGN',
    'usage',
    'The saved URLs were created in another folder, by a copy or a clone.',
    'Preview them with --dry-run, and restore them with --yes.',
  ],
  [
    'ERR_ENDPOINT_KEPT_UNREADABLE',
    'usage',
    'The file with the saved URLs is damaged or cannot be read.',
    'Check it, then move it away.',
  ],
  [
    'ERR_ENDPOINT_KEPT_UNWRITABLE',
    'usage',
    'The previous URLs cannot be saved, so nothing was changed.',
    'Check the permissions of the folder that the message names.',
  ],
  [
    'ERR_ENDPOINT_IN_USE',
    'usage',
    'A running listener has claimed the URL.',
    'Stop the listener, which restores the URL, or add --yes.',
  ],
  [
    'ERR_ENDPOINT_CHANGED_SINCE',
    'usage',
    'The URL was changed elsewhere since the saved change.',
    'To restore the older URL anyway, add --yes.',
  ],
  [
    'ERR_CLAIM_NO_OLD_URL',
    'usage',
    'The sandbox has no URL of its own that could be restored afterwards.',
    'To continue, add --yes.',
  ],
  [
    'ERR_CLAIM_CONFIRM',
    'usage',
    'The claim was not confirmed, so nothing was claimed.',
    'Preview it with --dry-run, or claim with --yes.',
  ],
  ['ERR_CLAIM_OPEN', 'usage', 'An earlier claim of the sandbox URL was not ended.', 'Run storewire endpoint restore.'],
  [
    'ERR_CLAIM_TUNNEL',
    'remote',
    'The tunnel exited before its URL was claimed.',
    'Start it again; its own output says why it ended.',
  ],
];

export const NETWORK: readonly CodeRow[] = [
  [
    'ERR_HTTP_UNREACHABLE',
    'remote',
    'The host could not be reached: DNS, connection, TLS or a malformed response.',
    'Check the network, HTTPS_PROXY and the address; the message names the cause.',
  ],
  [
    'ERR_HTTP_TIMEOUT',
    'remote',
    'The host did not respond in time.',
    'Try again, and check firewalls and HTTPS_PROXY.',
  ],
  [
    'ERR_HTTP_PROXY',
    'remote',
    'The proxy refused the connection, such as with 407 for a missing user and password.',
    'Write the user and password in HTTPS_PROXY, or add the host to NO_PROXY.',
  ],
  ['ERR_HTTP_TOO_LARGE', 'remote', 'The response is too large.', 'Check that the right server answered.'],
];
