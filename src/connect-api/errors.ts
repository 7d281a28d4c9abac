import type { ErrorKind } from '../errors.js';

/** One documented error of the App Store Connect API. */
interface ConnectErrorEntry {
  /** Apple's dotted code or a prefix of it: `ENTITY_ERROR` also matches `ENTITY_ERROR.ATTRIBUTE.INVALID`. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  readonly kind: ErrorKind;
  /** Code of the ToolError. */
  readonly toolCode: string;
  /** Meaning, used as the message. */
  readonly explained: string;
  /** Next step. */
  readonly hint: string;
  /** The same request may succeed later. */
  readonly retryable: boolean;
}

const KEY_ROLE_HINT =
  'Give the key the role App Manager or Admin, or use one that has it: Users and Access, Integrations.';

const REPORT_HINT = 'If it persists, App Store Connect may have changed: please report it with the code above.';

/**
 * Errors of the App Store Connect API that the calls of this tool can return, the more specific code of a status first. The first entry of a
 * status also covers responses with that status and no known code. Sources: "Interpreting and Handling Errors" and
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
    explained: 'App Store Connect rejected a parameter of the request',
    hint: REPORT_HINT,
    retryable: false,
  },
  {
    code: 'ENTITY_INVALID',
    status: 400,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect rejected the body of the request',
    hint: REPORT_HINT,
    retryable: false,
  },
  {
    code: 'NOT_AUTHORIZED',
    status: 401,
    kind: 'auth',
    toolCode: 'ERR_CONNECT_UNAUTHORIZED',
    explained:
      'App Store Connect rejected this key: key id, issuer id and private key do not match, the key is revoked, it is an In-App Purchase key, or the clock of this machine is wrong',
    hint: 'Check the three in App Store Connect (Users and Access, Integrations, App Store Connect API). An individual key has no issuer id.',
    retryable: false,
  },
  {
    code: 'FORBIDDEN_ERROR',
    status: 403,
    kind: 'auth',
    toolCode: 'ERR_CONNECT_FORBIDDEN',
    explained: 'the key is valid, but its role or app access does not allow this',
    hint: KEY_ROLE_HINT,
    retryable: false,
  },
  {
    code: 'FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED',
    status: 403,
    kind: 'auth',
    toolCode: 'ERR_CONNECT_AGREEMENT',
    explained: 'an agreement with Apple is missing or expired, which blocks the API for the whole team',
    hint: 'The Account Holder can sign it in App Store Connect under Business, or at developer.apple.com/account.',
    retryable: false,
  },
  {
    code: 'NOT_FOUND',
    status: 404,
    kind: 'usage',
    toolCode: 'ERR_CONNECT_NOT_FOUND',
    explained: 'the app was not found, or the key has no access to it',
    hint: 'Check the app Apple ID, and that the key belongs to the team of the app and has access to it.',
    retryable: false,
  },
  {
    code: 'PATH_ERROR',
    status: 404,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect does not know this path',
    hint: 'Check STOREWIRE_CONNECT_API_URL, if set.',
    retryable: false,
  },
  {
    code: 'METHOD_NOT_ALLOWED',
    status: 405,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect does not support this operation',
    hint: REPORT_HINT,
    retryable: false,
  },
  {
    code: 'NOT_ACCEPTABLE',
    status: 406,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_REQUEST',
    explained: 'App Store Connect refused to respond in JSON',
    hint: 'A proxy may have changed the request. Check HTTPS_PROXY and STOREWIRE_CONNECT_API_URL.',
    retryable: false,
  },
  {
    code: 'ENTITY_ERROR',
    status: 409,
    kind: 'usage',
    toolCode: 'ERR_CONNECT_REFUSED',
    explained: 'App Store Connect rejected this value',
    hint: 'The URL must be https, with port 443 or 1024 and above if it has one.',
    retryable: false,
  },
  {
    code: 'STATE_ERROR',
    status: 409,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_STATE',
    explained: 'the state of the app does not allow this change',
    hint: 'Check the app in App Store Connect; a removed app cannot be changed.',
    retryable: false,
  },
  {
    code: 'ENTITY_UNPROCESSABLE',
    status: 422,
    kind: 'usage',
    toolCode: 'ERR_CONNECT_REFUSED',
    explained: 'App Store Connect cannot make this change',
    hint: 'Compare it with App Information in App Store Connect.',
    retryable: false,
  },
  {
    code: 'RATE_LIMIT_EXCEEDED',
    status: 429,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_RATE_LIMIT',
    explained: 'too many requests with this key in the last hour',
    hint: 'Try again later, and check what else uses this key: the limit is shared.',
    retryable: true,
  },
  {
    code: 'UNEXPECTED_ERROR',
    status: 500,
    kind: 'remote',
    toolCode: 'ERR_CONNECT_SERVER',
    explained: 'App Store Connect failed',
    hint: 'Try again in a few minutes; developer.apple.com/system-status shows outages.',
    retryable: true,
  },
];

/**
 * Entry for a response: by Apple's code (longest dotted prefix first), else by status; null for an undocumented status. 500 and above count
 * as a failure of Apple.
 */
export function findConnectError(status: number, code: string | null): ConnectErrorEntry | null {
  const byCode = CONNECT_ERRORS.filter((entry) => code === entry.code || code?.startsWith(`${entry.code}.`));
  const exact = byCode.toSorted((a, b) => b.code.length - a.code.length)[0];
  return exact ?? CONNECT_ERRORS.find((entry) => entry.status === Math.min(status, 500)) ?? null;
}
