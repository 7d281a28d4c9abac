import type { ErrorKind } from '../errors.js';

/** One error that the App Store Connect API documents. */
interface ConnectErrorEntry {
  /** Apple's dotted code, or the first parts of it: `ENTITY_ERROR` stands for `ENTITY_ERROR.ATTRIBUTE.INVALID` too. */
  readonly code: string;
  /** HTTP status that it comes with. */
  readonly status: number;
  readonly kind: ErrorKind;
  /** Code of the ToolError it becomes. */
  readonly toolCode: string;
  /** What it means here, in words. */
  readonly explained: string;
  /** What to do next. */
  readonly hint: string;
  /** Whether the same request may succeed a little later. */
  readonly retryable: boolean;
}

const KEY_ROLE_HINT =
  'Give the key the role App Manager or Admin, or use one that has it: Users and Access, Integrations.';

const REPORT_HINT = 'If it stays so, App Store Connect may have changed: please report it with the code above.';

/**
 * Every error of the App Store Connect API that the calls of this tool can meet, the more exact code of one status first. The first
 * entry of a status also stands for answers of that status without a known code. Sources: "Interpreting and Handling Errors" and
 * "Identifying Rate Limits" in Apple's documentation, the OpenAPI document of the API (4.4.1) for the statuses of `/v1/apps`. Not
 * documented, but seen in answers that users of other tools reported: FORBIDDEN.REQUIRED_AGREEMENTS_… (rorkai/App-Store-Connect-CLI
 * pull request 2124), STATE_ERROR (cidertool/cider issue 30), UNEXPECTED_ERROR (fastlane/fastlane issue 17886).
 */
export const CONNECT_ERRORS: readonly ConnectErrorEntry[] = [
  {
    code: 'PARAMETER_ERROR',
    status: 400,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect did not understand a parameter of the request',
    hint: REPORT_HINT,
    retryable: false,
  },
  {
    code: 'ENTITY_INVALID',
    status: 400,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect did not understand the body of the request',
    hint: REPORT_HINT,
    retryable: false,
  },
  {
    code: 'NOT_AUTHORIZED',
    status: 401,
    kind: 'auth',
    toolCode: 'ERR_CONNECT_UNAUTHORIZED',
    explained:
      'App Store Connect does not accept this key: key id, issuer id and private key do not belong together, the key was revoked, it is an In-App Purchase key, or this clock is wrong',
    hint: 'Check the three in App Store Connect (Users and Access, Integrations, App Store Connect API). An individual key has no issuer id.',
    retryable: false,
  },
  {
    code: 'FORBIDDEN_ERROR',
    status: 403,
    kind: 'auth',
    toolCode: 'ERR_CONNECT_FORBIDDEN',
    explained: 'the key is good, but may not do this: its role or its apps do not allow it',
    hint: KEY_ROLE_HINT,
    retryable: false,
  },
  {
    code: 'FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED',
    status: 403,
    kind: 'auth',
    toolCode: 'ERR_CONNECT_AGREEMENT',
    explained:
      'an agreement with Apple is not signed or has expired, and until then the API is closed to the whole team',
    hint: 'The Account Holder signs it in App Store Connect under Business, or at developer.apple.com/account.',
    retryable: false,
  },
  {
    code: 'NOT_FOUND',
    status: 404,
    kind: 'usage',
    toolCode: 'ERR_CONNECT_NOT_FOUND',
    explained: 'there is no such app among those that this key can see',
    hint: 'Check the app Apple ID, and that the key belongs to the team of the app and may see it.',
    retryable: false,
  },
  {
    code: 'PATH_ERROR',
    status: 404,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect has nothing at this path',
    hint: 'Check STOREWIRE_CONNECT_API_URL, where it is set.',
    retryable: false,
  },
  {
    code: 'METHOD_NOT_ALLOWED',
    status: 405,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect does not offer this operation',
    hint: REPORT_HINT,
    retryable: false,
  },
  {
    code: 'NOT_ACCEPTABLE',
    status: 406,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect would not answer in JSON',
    hint: 'Something between here and Apple may change the request. Check HTTPS_PROXY and STOREWIRE_CONNECT_API_URL.',
    retryable: false,
  },
  {
    code: 'ENTITY_ERROR',
    status: 409,
    kind: 'usage',
    toolCode: 'ERR_CONNECT_REFUSED',
    explained: 'App Store Connect does not take this value',
    hint: 'The address must be https, at most one for each environment, with port 443 or one from 1024 up where it names a port.',
    retryable: false,
  },
  {
    code: 'STATE_ERROR',
    status: 409,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_STATE',
    explained: 'the app is in a state in which App Store Connect does not change this',
    hint: 'See the app in App Store Connect; one that was removed cannot be changed.',
    retryable: false,
  },
  {
    code: 'ENTITY_UNPROCESSABLE',
    status: 422,
    kind: 'usage',
    toolCode: 'ERR_CONNECT_REFUSED',
    explained: 'App Store Connect understood the change and cannot make it',
    hint: 'Compare it with what App Store Connect shows under App Information.',
    retryable: false,
  },
  {
    code: 'RATE_LIMIT_EXCEEDED',
    status: 429,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_RATE_LIMIT',
    explained: 'too many requests with this key within the last hour',
    hint: 'Wait, and see what else uses the same key: the limit counts for all of it together.',
    retryable: true,
  },
  {
    code: 'UNEXPECTED_ERROR',
    status: 500,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_SERVER',
    explained: 'App Store Connect failed',
    hint: 'Try again in a few minutes; developer.apple.com/system-status tells of larger failures.',
    retryable: true,
  },
];

/**
 * The entry for an answer: by Apple's code, matched at its dots, the longest match first; else by the status alone; null for a status
 * that Apple does not document. Everything from 500 up is Apple's own failure.
 */
export function findConnectError(status: number, code: string | null): ConnectErrorEntry | null {
  const byCode = CONNECT_ERRORS.filter((entry) => code === entry.code || code?.startsWith(`${entry.code}.`));
  const exact = byCode.toSorted((a, b) => b.code.length - a.code.length)[0];
  return exact ?? CONNECT_ERRORS.find((entry) => entry.status === Math.min(status, 500)) ?? null;
}
