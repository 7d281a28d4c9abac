/** Apple's four server libraries. */
export type AppleLibrary = 'node' | 'python' | 'java' | 'swift';

export const APPLE_LIBRARIES: readonly AppleLibrary[] = ['node', 'python', 'java', 'swift'];

/** The statuses of one library over a range of its versions. */
export interface StatusEdition {
  readonly library: AppleLibrary;
  /** First version with these statuses; null for the first release. */
  readonly from: string | null;
  /** First version with different statuses; null for the current edition. */
  readonly until: string | null;
  /**
   * Meaning of the numbers: `value` where the status equals the number, `ordinal` where the number is the position in the declaration,
   * null where the library has no numbers.
   */
  readonly numbers: 'value' | 'ordinal' | null;
  /** In order of declaration; the position is the number. */
  readonly statuses: readonly string[];
}

const NODE_BEFORE_2 = [
  'OK',
  'VERIFICATION_FAILURE',
  'INVALID_APP_IDENTIFIER',
  'INVALID_ENVIRONMENT',
  'INVALID_CHAIN_LENGTH',
  'INVALID_CERTIFICATE',
  'FAILURE',
];

const JAVA_BEFORE_4 = [
  'OK',
  'VERIFICATION_FAILURE',
  'INVALID_APP_IDENTIFIER',
  'INVALID_ENVIRONMENT',
  'INVALID_CERTIFICATE',
  'INVALID_CHAIN_LENGTH',
  'INVALID_CHAIN',
];

const PYTHON_BEFORE_2 = [
  'OK',
  'VERIFICATION_FAILURE',
  'INVALID_APP_IDENTIFIER',
  'INVALID_CERTIFICATE',
  'INVALID_CHAIN_LENGTH',
  'INVALID_CHAIN',
  'INVALID_ENVIRONMENT',
];

const SWIFT_BEFORE_4 = [
  'INVALID_JWT_FORMAT',
  'INVALID_CERTIFICATE',
  'VERIFICATION_FAILURE',
  'INVALID_APP_IDENTIFIER',
  'INVALID_ENVIRONMENT',
];

/** node and java inserted RETRYABLE_VERIFICATION_FAILURE after the first two statuses, which shifted all later ones by one. */
const withRetryable = (statuses: readonly string[]): readonly string[] => [
  ...statuses.slice(0, 2),
  'RETRYABLE_VERIFICATION_FAILURE',
  ...statuses.slice(2),
];

/**
 * Every edition of the statuses, the current one of each library first. Sources: apple.md 2.5 and 10; node: the published packages 1.0.0, 1.6.0, 2.0.0 and
 * 3.1.0; python: signed_data_verifier.py at every tag (appended as 7 in 2.0.0, so no number changed); java: VerificationStatus.java and
 * CHANGELOG (4.0.0); swift: ChainVerifier.swift at every tag (4.0.0).
 */
export const STATUS_EDITIONS: readonly StatusEdition[] = [
  { library: 'node', from: '2.0.0', until: null, numbers: 'value', statuses: withRetryable(NODE_BEFORE_2) },
  { library: 'node', from: null, until: '2.0.0', numbers: 'value', statuses: NODE_BEFORE_2 },
  {
    library: 'python',
    from: '2.0.0',
    until: null,
    numbers: 'value',
    statuses: [...PYTHON_BEFORE_2, 'RETRYABLE_VERIFICATION_FAILURE'],
  },
  { library: 'python', from: null, until: '2.0.0', numbers: 'value', statuses: PYTHON_BEFORE_2 },
  { library: 'java', from: '4.0.0', until: null, numbers: 'ordinal', statuses: withRetryable(JAVA_BEFORE_4) },
  { library: 'java', from: null, until: '4.0.0', numbers: 'ordinal', statuses: JAVA_BEFORE_4 },
  {
    library: 'swift',
    from: '4.0.0',
    until: null,
    numbers: null,
    statuses: [...SWIFT_BEFORE_4.slice(0, 3), 'RETRYABLE_VERIFICATION_FAILURE', ...SWIFT_BEFORE_4.slice(3)],
  },
  { library: 'swift', from: null, until: '4.0.0', numbers: null, statuses: SWIFT_BEFORE_4 },
];

interface StatusMeaning {
  readonly name: string;
  /** A headline. */
  readonly title: string;
  /** Explanation in one or two sentences. */
  readonly meaning: string;
  /** Next step for the user; empty if none is needed. */
  readonly hint: string;
}

/** Explanations of the statuses by name: names are the same in all libraries, numbers are not. Apple documents no explanations. Source: apple.md 2.5. */
export const STATUS_MEANINGS: readonly StatusMeaning[] = [
  {
    name: 'OK',
    title: 'Verified',
    meaning: 'Every check passed. No library throws this status: on success it returns the decoded payload.',
    hint: '',
  },
  {
    name: 'VERIFICATION_FAILURE',
    title: 'Verification failed',
    meaning:
      'The signature, the chain or the format is not valid. The libraries use it for many causes; node also throws it when no root was given.',
    hint: 'storewire verify shows which check failed. Reject the payload, and load Apple Root CA - G3 if no root was loaded.',
  },
  {
    name: 'RETRYABLE_VERIFICATION_FAILURE',
    title: 'OCSP responder unreachable',
    meaning:
      'With online checks: the OCSP responder could not be reached, or answered with an HTTP error. That says nothing about the payload. A bad or stale OCSP response is FAILURE in node and VERIFICATION_FAILURE in python and swift.',
    hint: 'Check that ocsp.apple.com is reachable. In Production respond 503 so that Apple retries; Sandbox sends only once, so keep the body and verify it again yourself.',
  },
  {
    name: 'INVALID_APP_IDENTIFIER',
    title: 'Wrong app',
    meaning:
      'The signature is valid, but the bundle id or, in Production, the app Apple ID differs from the one given to the verifier. Also thrown for a genuine transaction sent instead of a notification, and for every container newer than the library.',
    hint: 'Compare both with storewire decode. For a new container, update the library.',
  },
  {
    name: 'INVALID_ENVIRONMENT',
    title: 'Wrong environment',
    meaning:
      'The signature is valid, but the payload is from Sandbox and the verifier is for Production, or the reverse.',
    hint: 'Create one verifier for each environment: TestFlight and App Review are Sandbox.',
  },
  {
    name: 'INVALID_CHAIN_LENGTH',
    title: 'Not three certificates',
    meaning: 'x5c does not hold exactly three certificates. node wraps it, so its callers see INVALID_CERTIFICATE.',
    hint: 'Reject it: the App Store always sends three. A payload signed by Xcode has one.',
  },
  {
    name: 'INVALID_CERTIFICATE',
    title: 'A certificate cannot be used',
    meaning:
      'A certificate cannot be read; in swift only if it is not base64. In node also: an expired certificate, or a chain of the wrong length. In python also: a verifier without roots.',
    hint: 'storewire verify names the certificate and the defect. Compare with the raw request body.',
  },
  {
    name: 'INVALID_CHAIN',
    title: 'The chain is not trusted',
    meaning:
      'java: the chain does not lead to a given root, a marker OID is missing, or a certificate has expired or was revoked. python declares it but never raises it.',
    hint: 'Load Apple Root CA - G3 as the root. If it is loaded, treat the payload as forged.',
  },
  {
    name: 'INVALID_JWT_FORMAT',
    title: 'Not an App Store JWS',
    meaning:
      'swift: not three parts, not JSON (a version 1 body too), an x5c header that is missing or does not hold three readable certificates, an algorithm other than ES256, or a signature that does not match.',
    hint: 'storewire verify distinguishes these cases.',
  },
  {
    name: 'FAILURE',
    title: 'The payload or the OCSP response is not valid',
    meaning:
      'node: a field does not have the documented type, or OCSP reports a revoked certificate or returns an invalid response.',
    hint: 'storewire verify --online distinguishes these cases.',
  },
];

/** One status of one library: its number there, and the versions it applies to. */
export interface StatusReading {
  readonly library: AppleLibrary;
  readonly name: string;
  /** Null where the library has no numbers. */
  readonly number: number | null;
  readonly numbers: StatusEdition['numbers'];
  readonly from: string | null;
  readonly until: string | null;
}

/** Every status of every edition, as one list. A status that no edition of its library changed is listed once, for all versions. */
export const STATUS_READINGS: readonly StatusReading[] = mergeUnchanged(
  STATUS_EDITIONS.flatMap(({ statuses, library, numbers, from, until }) =>
    statuses.map((name, position) => ({
      library,
      name,
      number: numbers === null ? null : position,
      numbers,
      from,
      until,
    })),
  ),
);

function mergeUnchanged(readings: readonly StatusReading[]): readonly StatusReading[] {
  const isSame = (one: StatusReading, other: StatusReading): boolean =>
    one.library === other.library && one.name === other.name && one.number === other.number;
  return readings.flatMap((reading) => {
    const editions = readings.filter((other) => isSame(reading, other));
    if (editions.length === 1) return [reading];
    return editions[0] === reading ? [{ ...reading, from: null, until: null }] : [];
  });
}
