import { CONNECT_ERRORS } from '../../connect-api/errors.js';
import { findSendAttempt, SEND_ATTEMPTS } from '../../notification/catalogue/send-attempts.js';
import { API_ERRORS } from '../../server-api/errors.js';
import { EXIT, EXIT_OF_ERROR } from '../exit.js';
import type { ErrorEntry, Indexed } from './entry.js';
import { toSentence } from './sentence.js';

/** The one former name that old records carry. */
const FORMER = { name: 'SSL_ISSUE', now: findSendAttempt('SSL_ISSUE')?.value } as const;

/** Every sendAttemptResult. */
export function indexAttempts(): readonly Indexed[] {
  return SEND_ATTEMPTS.map(({ value, meaning, cause, hint }) => {
    const formerly = value === FORMER.now ? FORMER.name : null;
    const entry = { chapter: 'attempts', term: value, title: meaning, meaning: '', cause, hint, formerly } as const;
    return { entry, names: formerly === null ? [value] : [value, formerly] };
  });
}

/** Every documented error of both APIs. They answer to their HTTP status, too, and to Apple's names for them in code. */
export function indexErrors(): readonly Indexed[] {
  return [
    { entry: UNAUTHENTICATED, names: ['401', 'Unauthenticated', 'ERR_API_UNAUTHENTICATED'] },
    ...API_ERRORS.map(({ code, name, meaning, next, retryable, kind }): Indexed => {
      const httpStatus = Math.floor(code / 10_000);
      const exit = kind === 'no' ? EXIT.no : EXIT_OF_ERROR[kind];
      const told = `Apple says that ${meaning}.`;
      const entry = serverError(String(code), name, told, next, {
        httpStatus,
        // 4040008 is not on Apple's list, yet right after a request it only means not yet.
        retryable: retryable || kind === 'pending',
        exit,
      });
      return { entry, names: [entry.term, name, `${name}Error`, String(httpStatus)] };
    }),
    ...CONNECT_ERRORS.map(({ code, status, kind, toolCode, explained, hint, retryable }): Indexed => {
      const entry: ErrorEntry = {
        chapter: 'errors',
        term: code,
        title: toSentence(explained).slice(0, -1),
        meaning: '',
        api: 'App Store Connect API',
        httpStatus: status,
        retryable,
        exit: EXIT_OF_ERROR[kind],
        hint,
      };
      return { entry, names: [code, String(status), toolCode] };
    }),
  ];
}

function serverError(
  term: string,
  title: string,
  meaning: string,
  hint: string,
  facts: Pick<ErrorEntry, 'httpStatus' | 'retryable' | 'exit'>,
): ErrorEntry {
  return { chapter: 'errors', term, title, meaning, api: 'App Store Server API', ...facts, hint };
}

/** The one answer without a code: plain text. Source: apple.md 6.4. */
const UNAUTHENTICATED = serverError(
  '401',
  'Unauthenticated',
  'Apple does not accept the token, and does not say why: key id, issuer id, bundle id and private key do not belong together, the key was revoked, it is no In-App Purchase key, or this clock is wrong. Production also answers 401 to everything until the app has had its first release there.',
  'Try --environment sandbox with the same key; storewire config shows where each value comes from.',
  { httpStatus: 401, retryable: false, exit: EXIT.auth },
);
