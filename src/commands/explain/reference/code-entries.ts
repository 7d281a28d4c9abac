import { EXIT, EXIT_OF_ERROR } from '../../../cli/exit.js';
import { CONNECT_ERRORS } from '../../../connect-api/errors.js';
import { REASON_STATUSES } from '../../../notification/catalogue/reason-statuses.js';
import { findSendAttempt, SEND_ATTEMPTS } from '../../../notification/catalogue/send-attempts.js';
import {
  APPLE_LIBRARIES,
  type AppleLibrary,
  STATUS_MEANINGS,
  STATUS_READINGS,
} from '../../../notification/catalogue/verification-statuses.js';
import { CHECK_IDS, type CheckId, REASONS, type Reason, type ReasonCode } from '../../../notification/reasons.js';
import { API_ERRORS } from '../../../server-api/errors.js';
import { ERRORS_OF_OTHER_CALLS } from '../../../server-api/errors-of-other-calls.js';
import { toolCodeOf } from '../../../server-api/refusal.js';
import { type AppleStatus, capitalise, type ErrorEntry, type Indexed, type StatusEntry, toSentence } from './entry.js';
import { ATTEMPTS_LINK, apiErrorLink, CONNECT_ERRORS_LINK, statusLink, UNAUTHENTICATED_LINK } from './links.js';

/** The only renamed result; old records still contain the former name. */
const FORMER = { name: 'SSL_ISSUE', now: findSendAttempt('SSL_ISSUE')?.value } as const;

/** Every sendAttemptResult. */
export function indexAttempts(): readonly Indexed[] {
  return SEND_ATTEMPTS.map(({ value, meaning, cause, hint }) => {
    const formerly = value === FORMER.now ? FORMER.name : null;
    const named = { term: value, title: meaning, meaning: '', link: ATTEMPTS_LINK };
    const entry = { chapter: 'attempts', ...named, cause, hint, formerly } as const;
    const names = [value, `sendAttemptResult ${value}`];
    return { entry, names: formerly === null ? names : [...names, formerly] };
  });
}

/** Every documented error of both APIs. An error is also found by its HTTP status and by Apple's name for it in code. */
export function indexErrors(): readonly Indexed[] {
  return [
    { entry: UNAUTHENTICATED, names: ['401', 'Unauthenticated'] },
    ...API_ERRORS.map(({ code, name, meaning, next, retryable, kind }): Indexed => {
      const httpStatus = Math.floor(code / 10_000);
      const exit = kind === 'no' ? EXIT.no : EXIT_OF_ERROR[kind];
      const entry = serverError(String(code), name, `Apple reports that ${meaning}.`, next, {
        httpStatus,
        // 4040008 is not on Apple's list of retryable errors, but right after a request it only means that no result exists yet.
        retryable: retryable || kind === 'pending',
        exit,
        toolCode: toolCodeOf(name),
        link: apiErrorLink(code, name),
      });
      return { entry, names: [...namesOf(code, name), String(httpStatus)] };
    }),
    ...ERRORS_OF_OTHER_CALLS.map(([code, name, meaning, next]): Indexed => {
      const httpStatus = Math.floor(code / 10_000);
      const link = apiErrorLink(code, name);
      const facts = { httpStatus, retryable: false, exit: EXIT.usage, toolCode: null, link };
      const entry = serverError(String(code), name, `Apple reports that ${meaning}.`, next, facts);
      return { entry, names: namesOf(code, name) };
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
        toolCode,
        hint,
        link: CONNECT_ERRORS_LINK,
      };
      return { entry, names: [code, String(status)] };
    }),
  ];
}

/** Names in Apple's documentation and in the enums of its libraries. */
function namesOf(code: number, name: string): readonly string[] {
  const constant = toolCodeOf(name).replace('ERR_API_', '');
  return [String(code), name, `${name}Error`, constant, `${constant}_ERROR`];
}

function serverError(
  term: string,
  title: string,
  meaning: string,
  hint: string,
  facts: Pick<ErrorEntry, 'httpStatus' | 'retryable' | 'exit' | 'toolCode' | 'link'>,
): ErrorEntry {
  return { chapter: 'errors', term, title, meaning, api: 'App Store Server API', ...facts, hint };
}

/** The only error without a code: the response is plain text. Source: apple.md 6.4. */
const UNAUTHENTICATED = serverError(
  '401',
  'Unauthenticated',
  'Apple rejected the token and gives no reason: key id, issuer id, bundle id and private key do not match, the key was revoked or is not an In-App Purchase key, or the clock of this machine is wrong. Production also returns 401 for every request until the first release of the app.',
  'Try --environment sandbox with the same key; storewire config shows the source of each value.',
  {
    httpStatus: 401,
    retryable: false,
    exit: EXIT.auth,
    toolCode: 'ERR_API_UNAUTHENTICATED',
    link: UNAUTHENTICATED_LINK,
  },
);

const REASON_ENTRIES = Object.entries(REASONS) as readonly (readonly [ReasonCode, Reason])[];

/** Every reason code, with Apple's own status for the same case in each library. */
export function indexReasons(): readonly Indexed[] {
  return REASON_ENTRIES.map(([code, { check, title, meaning, hint }]) => {
    const apple = REASON_STATUSES[code];
    const statuses = { node: null, python: null, java: null, swift: null } as Record<AppleLibrary, AppleStatus | null>;
    for (const library of APPLE_LIBRARIES) statuses[library] = statusOf(library, apple[library]);
    const named = { term: code, title: capitalise(title), meaning, link: null };
    return { entry: { chapter: 'reasons', ...named, check, hint, apple: statuses }, names: [code] };
  });
}

function statusOf(library: AppleLibrary, status: string | null): AppleStatus | null {
  if (status === null) return null;
  const reading = STATUS_READINGS.find(
    (each) => each.library === library && each.name === status && each.until === null,
  );
  return { status, number: reading?.numbers === 'value' ? reading.number : null };
}

/** The question each check answers, in the order of the checks. */
const QUESTIONS: Readonly<Record<CheckId, string>> = {
  'jws.format': 'Is it three complete base64url parts joined by dots?',
  'jws.alg': 'Is the algorithm ES256, and is no header field critical?',
  'payload.shape': 'Is the payload a JSON object whose fields have the types that Apple documents?',
  'payload.kind': 'Is it the expected kind of payload?',
  'x5c.count': 'Does the header carry exactly three certificates?',
  'x5c.readable': 'Can each certificate be read?',
  'chain.root': 'Does the chain end in a root you trust?',
  'chain.links': 'Was each certificate issued by the next?',
  'chain.ca': 'Were the issuers allowed to issue certificates?',
  'chain.markers': "Do leaf and intermediate carry Apple's marker OIDs for App Store signing?",
  'chain.dates': 'Were all certificates valid at the verification time?',
  'revocation.leaf': 'With --online: was the leaf revoked?',
  'revocation.intermediate': 'With --online: was the intermediate revoked?',
  signature: "Does the signature match the content, with the leaf's key?",
  'app.bundleId': 'Does it name the expected bundle id?',
  'app.appAppleId': 'Does it name the expected app Apple ID? Enforced in Production only.',
  'app.environment': 'Is it from the expected environment?',
  'nested.match': 'Do nested tokens belong to the same app and environment as the outer token?',
};

/** Checks that share the reasons of another check; every other check has its own. */
const SHARED: Readonly<Partial<Record<CheckId, CheckId>>> = {
  'chain.ca': 'chain.links',
  'revocation.intermediate': 'revocation.leaf',
};

/** Every check, with the reasons for its failure. */
export function indexChecks(): readonly Indexed[] {
  return CHECK_IDS.map((id) => {
    const reasons = REASON_ENTRIES.filter(([, { check }]) => check === (SHARED[id] ?? id)).map(([code, { title }]) => ({
      code,
      title: capitalise(title),
    }));
    const named = { term: id, title: QUESTIONS[id], meaning: '', link: null };
    return { entry: { chapter: 'checks', ...named, of: 'verification', reasons }, names: [id] };
  });
}

/** Every status by name, and by number as `2`, `node 2` and `node=2`. */
export function indexStatuses(): readonly Indexed[] {
  return [...STATUS_MEANINGS.map(({ name, ...text }) => indexName(name, text)), ...numbers().map(indexNumber)];
}

function indexName(name: string, text: Pick<StatusEntry, 'title' | 'meaning' | 'hint'>): Indexed {
  const readings = STATUS_READINGS.filter((reading) => reading.name === name);
  const reasons = REASON_ENTRIES.flatMap(([code]) => {
    const apple = REASON_STATUSES[code];
    const libraries = APPLE_LIBRARIES.filter((library) => apple[library] === name);
    return libraries.length === 0 ? [] : [{ code, libraries }];
  });
  const link = statusLink(readings.some(({ library }) => library === 'node'));
  return { entry: { chapter: 'statuses', term: name, ...text, link, readings, reasons }, names: [name] };
}

function numbers(): readonly number[] {
  const all = STATUS_READINGS.flatMap(({ number }) => (number === null ? [] : [number]));
  return [...new Set(all)].sort((a, b) => a - b);
}

function indexNumber(number: number): Indexed {
  const readings = STATUS_READINGS.filter((reading) => reading.number === number);
  const libraries = [...new Set(readings.map(({ library }) => library))];
  const entry: StatusEntry = {
    chapter: 'statuses',
    term: String(number),
    title: 'A different status in each library',
    meaning: 'In node and java it also depends on the library version.',
    hint: 'Log the name, not the number: names are the same in every library.',
    link: statusLink(true),
    readings,
    reasons: [],
  };
  const names = [entry.term, ...libraries.flatMap((library) => [`${library} ${number}`, `${library}=${number}`])];
  return { entry, names: [...names, `status ${number}`, `VerificationStatus ${number}`], unlisted: true };
}
