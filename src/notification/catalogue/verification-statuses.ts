/** Apple's four server libraries. */
export type AppleLibrary = 'node' | 'python' | 'java' | 'swift';

export const APPLE_LIBRARIES: readonly AppleLibrary[] = ['node', 'python', 'java', 'swift'];

/** The statuses of one library over a range of its versions. */
export interface StatusEdition {
  readonly library: AppleLibrary;
  /** The first version that has these; null for the first one ever. */
  readonly from: string | null;
  /** The first version that has others; null where they are today's. */
  readonly until: string | null;
  /**
   * What the numbers are: `value` where the status is that number, `ordinal` where only the order of declaration gives one, null where
   * there are none.
   */
  readonly numbers: 'value' | 'ordinal' | null;
  /** In order of declaration: the position is the number. */
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

/** Where RETRYABLE_VERIFICATION_FAILURE went in node and java: after the first two, so that all behind it moved by one. */
const withRetryable = (statuses: readonly string[]): readonly string[] => [
  ...statuses.slice(0, 2),
  'RETRYABLE_VERIFICATION_FAILURE',
  ...statuses.slice(2),
];

/**
 * Every edition of the statuses, today's first. Sources: apple.md 2.5 and 10; node: the published packages 1.0.0, 1.6.0, 2.0.0 and
 * 3.1.0; python: signed_data_verifier.py (appended as 7 by pull request 163, so no number moved; which release had it first we have
 * not read); java: VerificationStatus.java and CHANGELOG (4.0.0); swift: ChainVerifier.swift (appended by pull request 104).
 */
export const STATUS_EDITIONS: readonly StatusEdition[] = [
  { library: 'node', from: '2.0.0', until: null, numbers: 'value', statuses: withRetryable(NODE_BEFORE_2) },
  { library: 'node', from: null, until: '2.0.0', numbers: 'value', statuses: NODE_BEFORE_2 },
  {
    library: 'python',
    from: null,
    until: null,
    numbers: 'value',
    statuses: [
      'OK',
      'VERIFICATION_FAILURE',
      'INVALID_APP_IDENTIFIER',
      'INVALID_CERTIFICATE',
      'INVALID_CHAIN_LENGTH',
      'INVALID_CHAIN',
      'INVALID_ENVIRONMENT',
      'RETRYABLE_VERIFICATION_FAILURE',
    ],
  },
  { library: 'java', from: '4.0.0', until: null, numbers: 'ordinal', statuses: withRetryable(JAVA_BEFORE_4) },
  { library: 'java', from: null, until: '4.0.0', numbers: 'ordinal', statuses: JAVA_BEFORE_4 },
  {
    library: 'swift',
    from: null,
    until: null,
    numbers: null,
    statuses: [
      'INVALID_JWT_FORMAT',
      'INVALID_CERTIFICATE',
      'VERIFICATION_FAILURE',
      'RETRYABLE_VERIFICATION_FAILURE',
      'INVALID_APP_IDENTIFIER',
      'INVALID_ENVIRONMENT',
    ],
  },
];

interface StatusMeaning {
  readonly name: string;
  /** A headline. */
  readonly title: string;
  /** What it tells, in one or two sentences. */
  readonly meaning: string;
  /** The next step; empty where there is nothing to do. */
  readonly hint: string;
}

/** What each status tells, by name: names are the same in all libraries, numbers are not. The words are ours. Source: apple.md 2.5. */
export const STATUS_MEANINGS: readonly StatusMeaning[] = [
  {
    name: 'OK',
    title: 'Verified',
    meaning: 'Everything holds. No library ever throws it: it returns the decoded payload instead.',
    hint: '',
  },
  {
    name: 'VERIFICATION_FAILURE',
    title: 'Not to be believed',
    meaning:
      'Signature, chain or format does not hold. The libraries use it for many causes, and node also throws it where no root was given.',
    hint: 'storewire verify says which check failed. Refuse the payload, and load Apple Root CA - G3 if no root was loaded.',
  },
  {
    name: 'RETRYABLE_VERIFICATION_FAILURE',
    title: 'OCSP could not be asked',
    meaning: 'With online checks: the responder did not answer. That says nothing about the payload.',
    hint: 'Answer 503, so that Apple sends it again, and try again; see whether ocsp.apple.com can be reached.',
  },
  {
    name: 'INVALID_APP_IDENTIFIER',
    title: 'Another app',
    meaning:
      'The signature holds, but bundle id or, in Production, app Apple ID are not those that the verifier was made with. Also what a genuine transaction in the place of a notification comes to, and every container newer than the library.',
    hint: 'Compare both with storewire decode. With a container that is new, update the library.',
  },
  {
    name: 'INVALID_ENVIRONMENT',
    title: 'Another environment',
    meaning:
      'The signature holds, but the payload is from Sandbox where the verifier is for Production, or the reverse.',
    hint: 'Make one verifier for each environment: TestFlight and App Review are Sandbox.',
  },
  {
    name: 'INVALID_CHAIN_LENGTH',
    title: 'Not three certificates',
    meaning:
      'x5c does not hold exactly three certificates. node wraps it, so that its callers see INVALID_CERTIFICATE.',
    hint: 'Refuse it: the App Store always sends three. What Xcode signed has one.',
  },
  {
    name: 'INVALID_CERTIFICATE',
    title: 'A certificate cannot be used',
    meaning:
      'A certificate cannot be read; in node also one that has expired and a chain of the wrong length; in python also a verifier without roots.',
    hint: 'storewire verify says which certificate and why. Compare with the raw request body.',
  },
  {
    name: 'INVALID_CHAIN',
    title: 'The chain is not trusted',
    meaning:
      'java: the chain does not lead to a root that was given, a marker OID is missing, or a certificate has expired or was revoked. python declares it and never raises it.',
    hint: 'Load Apple Root CA - G3 as root. If it is loaded, treat the payload as forged.',
  },
  {
    name: 'INVALID_JWT_FORMAT',
    title: 'No JWS as Apple makes them',
    meaning:
      'swift: not three parts, no JSON, no x5c or one that is not three long, an algorithm other than ES256, or a signature that does not match.',
    hint: 'storewire verify tells these apart.',
  },
  {
    name: 'FAILURE',
    title: 'The payload or the OCSP answer does not hold',
    meaning:
      'node: a field holds another type than documented, or OCSP says revoked or gives an answer that does not hold.',
    hint: 'storewire verify --online tells these apart.',
  },
];

/** What a status says in one library: its number there, and in which versions. */
export interface StatusReading {
  readonly library: AppleLibrary;
  readonly name: string;
  /** Null where the library has no numbers. */
  readonly number: number | null;
  readonly numbers: StatusEdition['numbers'];
  readonly from: string | null;
  readonly until: string | null;
}

/** Every status of every edition as one list. */
export const STATUS_READINGS: readonly StatusReading[] = STATUS_EDITIONS.flatMap(
  ({ statuses, library, numbers, from, until }) =>
    statuses.map((name, position) => ({
      library,
      name,
      number: numbers === null ? null : position,
      numbers,
      from,
      until,
    })),
);
