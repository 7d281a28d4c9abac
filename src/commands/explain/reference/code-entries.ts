import { EXIT, EXIT_OF_ERROR } from '../../../cli/exit.js';
import { CONNECT_ERRORS } from '../../../connect-api/errors.js';
import { findSendAttempt, SEND_ATTEMPTS } from '../../../notification/catalogue/send-attempts.js';
import {
  APPLE_LIBRARIES,
  type AppleLibrary,
  STATUS_MEANINGS,
  STATUS_READINGS,
} from '../../../notification/catalogue/verification-statuses.js';
import { CHECK_IDS, type CheckId, REASONS, type Reason, type ReasonCode } from '../../../notification/reasons.js';
import { API_ERRORS } from '../../../server-api/errors.js';
import { type AppleAnswer, capitalise, type ErrorEntry, type Indexed, type StatusEntry, toSentence } from './entry.js';

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

const REASON_ENTRIES = Object.entries(REASONS) as readonly (readonly [ReasonCode, Reason])[];

/** Every reason code, with Apple's own status for the same case in each library. */
export function indexReasons(): readonly Indexed[] {
  return REASON_ENTRIES.map(([code, { check, title, meaning, hint, apple }]) => {
    const answers = { node: null, python: null, java: null, swift: null } as Record<AppleLibrary, AppleAnswer | null>;
    for (const library of APPLE_LIBRARIES) answers[library] = answerOf(library, apple[library]);
    const named = { term: code, title: capitalise(title), meaning };
    return { entry: { chapter: 'reasons', ...named, check, hint, apple: answers }, names: [code] };
  });
}

function answerOf(library: AppleLibrary, status: string | null): AppleAnswer | null {
  if (status === null) return null;
  const reading = STATUS_READINGS.find(
    (each) => each.library === library && each.name === status && each.until === null,
  );
  return { status, number: reading?.numbers === 'value' ? reading.number : null };
}

/** What each check asks, in the order of the checks. */
const ASKED: Readonly<Record<CheckId, string>> = {
  'jws.format': 'Is it three base64url parts joined by dots, nothing missing?',
  'jws.alg': 'Does the header ask for ES256, and mark nothing critical?',
  'payload.shape': 'Is the payload a JSON object whose fields hold the types Apple documents?',
  'payload.kind': 'Is it the kind of payload that belongs here?',
  'x5c.count': 'Does the header carry exactly three certificates?',
  'x5c.readable': 'Can each of them be read?',
  'chain.root': 'Does the chain end in a root you trust?',
  'chain.links': 'Was each certificate issued by the next?',
  'chain.ca': 'Were the issuers allowed to issue certificates?',
  'chain.markers': "Do leaf and intermediate carry Apple's marker OIDs for App Store signing?",
  'chain.dates': 'Were all certificates valid when it was signed?',
  'revocation.leaf': 'With --online: was the leaf revoked?',
  'revocation.intermediate': 'With --online: was the intermediate revoked?',
  signature: "Does the signature match the content, with the leaf's key?",
  'app.bundleId': 'Does it name your bundle id?',
  'app.appAppleId': 'Does it name your app Apple ID? It decides in Production only.',
  'app.environment': 'Is it from the environment you asked for?',
  'nested.match': 'Do nested tokens belong to the app and environment of the outer one?',
};

/** Checks that fail for the reasons of another; every other one has reasons of its own. */
const SHARED: Readonly<Partial<Record<CheckId, CheckId>>> = {
  'chain.ca': 'chain.links',
  'revocation.intermediate': 'revocation.leaf',
};

/** Every check, with the reasons that it fails for. */
export function indexChecks(): readonly Indexed[] {
  return CHECK_IDS.map((id) => {
    const reasons = REASON_ENTRIES.filter(([, { check }]) => check === (SHARED[id] ?? id)).map(([code, { title }]) => ({
      code,
      title: capitalise(title),
    }));
    return { entry: { chapter: 'checks', term: id, title: ASKED[id], meaning: '', reasons }, names: [id] };
  });
}

/** Every status by its name, and by its number as `2`, `node 2` and `node=2`. */
export function indexStatuses(): readonly Indexed[] {
  return [...STATUS_MEANINGS.map(({ name, ...told }) => indexName(name, told)), ...numbers().map(indexNumber)];
}

function indexName(name: string, told: Pick<StatusEntry, 'title' | 'meaning' | 'hint'>): Indexed {
  const readings = STATUS_READINGS.filter((reading) => reading.name === name);
  const reasons = REASON_ENTRIES.flatMap(([code, { apple }]) => {
    const libraries = APPLE_LIBRARIES.filter((library) => apple[library] === name);
    return libraries.length === 0 ? [] : [{ code, libraries }];
  });
  return { entry: { chapter: 'statuses', term: name, ...told, readings, reasons }, names: [name] };
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
    title: 'Another status in each library',
    meaning: 'In node and java it also depends on the version.',
    hint: 'Log the name and not the number: names are the same everywhere.',
    readings,
    reasons: [],
  };
  const names = [entry.term, ...libraries.flatMap((library) => [`${library} ${number}`, `${library}=${number}`])];
  return { entry, names: [...names, `status ${number}`, `VerificationStatus ${number}`], unlisted: true };
}
