/** Every check a verification makes, in the order it is made for each token. */
export const CHECK_IDS = [
  'jws.format',
  'jws.alg',
  'payload.shape',
  'payload.kind',
  'x5c.count',
  'x5c.readable',
  'chain.root',
  'chain.links',
  'chain.ca',
  'chain.markers',
  'chain.dates',
  'revocation.leaf',
  'revocation.intermediate',
  'signature',
  'app.bundleId',
  'app.appAppleId',
  'app.environment',
  'nested.match',
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

/** What Apple's four server libraries answer in the same case; `null` where the library does not look. */
interface AppleStatuses {
  readonly node: string | null;
  readonly python: string | null;
  readonly java: string | null;
  readonly swift: string | null;
}

export interface Reason {
  /** The check that fails with this code. */
  readonly check: CheckId;
  /** What is wrong, in a few words that continue "invalid:". */
  readonly title: string;
  /** What it means and how it usually comes about. */
  readonly meaning: string;
  /** What to do next. */
  readonly hint: string;
  readonly apple: AppleStatuses;
}

const same = (status: string | null): AppleStatuses => ({ node: status, python: status, java: status, swift: status });

const CHAIN_REFUSED: AppleStatuses = {
  node: 'VERIFICATION_FAILURE',
  python: 'VERIFICATION_FAILURE',
  java: 'INVALID_CHAIN',
  swift: 'VERIFICATION_FAILURE',
};

const DATES_REFUSED: AppleStatuses = { ...CHAIN_REFUSED, node: 'INVALID_CERTIFICATE' };

/**
 * The reason codes, one table: what verify, listen, audit and explain say about a payload that does not pass.
 * Apple's statuses: apple.md 2.5, read from the sources of node 3.1.0, python 3.1.1, java 5.2.0 and swift 6.0.0.
 */
export const REASONS = {
  MALFORMED_JWS: {
    check: 'jws.format',
    title: 'this is not a complete JWS',
    meaning:
      'A JWS is three base64url parts joined by dots. Most often the copy was cut short or a log line was truncated.',
    hint: 'Copy the whole value of signedPayload again, or save the request body to a file and pass the file.',
    apple: {
      node: 'VERIFICATION_FAILURE',
      python: 'VERIFICATION_FAILURE',
      java: 'VERIFICATION_FAILURE',
      swift: 'INVALID_JWT_FORMAT',
    },
  },
  UNSUPPORTED_ALGORITHM: {
    check: 'jws.alg',
    title: 'the header asks for an algorithm Apple does not use',
    meaning:
      'Apple signs with ES256 only, and marks no header field critical. Anything else is an attempt to have a weaker check made.',
    hint: 'Refuse it: never let a token choose the algorithm it is checked with.',
    apple: { node: null, python: 'VERIFICATION_FAILURE', java: 'VERIFICATION_FAILURE', swift: 'INVALID_JWT_FORMAT' },
  },
  MALFORMED_PAYLOAD: {
    check: 'payload.shape',
    title: 'the payload is not what Apple documents',
    meaning: 'The payload is not a JSON object, or a documented field holds another type than Apple documents.',
    hint: 'Look at the field named; if Apple signed this, report it with `storewire decode --raw`.',
    apple: { node: 'FAILURE', python: null, java: 'VERIFICATION_FAILURE', swift: 'INVALID_JWT_FORMAT' },
  },
  WRONG_KIND: {
    check: 'payload.kind',
    title: 'a payload of another kind stands here',
    meaning:
      'Anyone who uses an app holds genuine transactions of it: a transaction in the place of a notification proves nothing.',
    hint: 'Refuse it here; to check it for what it is, run verify without --kind.',
    apple: {
      node: 'INVALID_APP_IDENTIFIER',
      python: 'INVALID_APP_IDENTIFIER',
      java: 'INVALID_APP_IDENTIFIER',
      swift: 'INVALID_APP_IDENTIFIER',
    },
  },
  CHAIN_MISSING: {
    check: 'x5c.count',
    title: 'the header carries no certificates',
    meaning: 'Without an x5c header there is nothing that ties the signature to Apple.',
    hint: 'Ask where this token came from: the App Store always sends three certificates.',
    apple: {
      node: 'INVALID_CERTIFICATE',
      python: 'VERIFICATION_FAILURE',
      java: 'VERIFICATION_FAILURE',
      swift: 'INVALID_JWT_FORMAT',
    },
  },
  CHAIN_LENGTH: {
    check: 'x5c.count',
    title: 'the chain does not have three certificates',
    meaning: 'The App Store sends exactly leaf, intermediate and root.',
    hint: 'Refuse it: a chain of another length was not made by the App Store.',
    apple: {
      node: 'INVALID_CERTIFICATE',
      python: 'INVALID_CHAIN_LENGTH',
      java: 'INVALID_CHAIN_LENGTH',
      swift: 'INVALID_JWT_FORMAT',
    },
  },
  CERTIFICATE_UNREADABLE: {
    check: 'x5c.readable',
    title: 'a certificate cannot be read',
    meaning: 'An entry of x5c is not the base64 of one DER certificate. Usually the header was damaged in transit.',
    hint: 'Compare with the raw request body; an intact payload never shows this.',
    apple: {
      node: 'INVALID_CERTIFICATE',
      python: 'INVALID_CERTIFICATE',
      java: 'INVALID_CERTIFICATE',
      swift: 'INVALID_CERTIFICATE',
    },
  },
  UNTRUSTED_ROOT: {
    check: 'chain.root',
    title: 'the chain does not end in a root you trust',
    meaning: 'Names inside certificates prove nothing: this chain was not issued under a trusted root.',
    hint: 'If this is test data, pass its root with --root FILE; otherwise treat it as forged.',
    apple: CHAIN_REFUSED,
  },
  CHAIN_BROKEN: {
    check: 'chain.links',
    title: 'one certificate was not issued by the next',
    meaning: 'A signature, an issuer name or the right to issue certificates is wrong inside the chain.',
    hint: "Treat it as forged or damaged; an intact chain of Apple's never shows this.",
    apple: CHAIN_REFUSED,
  },
  MISSING_MARKER_OID: {
    check: 'chain.markers',
    title: 'a certificate was not made for App Store signing',
    meaning:
      'Apple issues many certificates under this root; only those that carry the two marker OIDs may sign payloads.',
    hint: 'Treat it as forged: a genuine Apple certificate of another purpose is not enough.',
    apple: CHAIN_REFUSED,
  },
  CERTIFICATE_EXPIRED: {
    check: 'chain.dates',
    title: 'a certificate had expired',
    meaning:
      'At the moment the chain was judged at, a certificate was no longer valid. Payloads without signedDate are judged now.',
    hint: 'If you know when it was signed, judge it then with --at.',
    apple: DATES_REFUSED,
  },
  CERTIFICATE_NOT_YET_VALID: {
    check: 'chain.dates',
    title: 'a certificate was not valid yet',
    meaning: 'At the moment the chain was judged at, a certificate was not valid yet.',
    hint: "Check the moment given with --at, and this machine's clock.",
    apple: DATES_REFUSED,
  },
  CERTIFICATE_REVOKED: {
    check: 'revocation.leaf',
    title: 'a certificate was revoked',
    meaning: 'The issuer has withdrawn the certificate, so what it signed is not to be believed any more.',
    hint: 'Refuse it, and look at what you accepted since the revocation date.',
    apple: { node: 'FAILURE', python: 'VERIFICATION_FAILURE', java: 'INVALID_CHAIN', swift: 'VERIFICATION_FAILURE' },
  },
  REVOCATION_UNKNOWN: {
    check: 'revocation.leaf',
    title: 'whether a certificate was revoked could not be learnt',
    meaning: 'The OCSP responder did not answer, or its answer does not hold. That says nothing about the payload.',
    hint: 'Try again, look at proxy and firewall settings, or leave out --online.',
    apple: same('RETRYABLE_VERIFICATION_FAILURE'),
  },
  SIGNATURE_MISMATCH: {
    check: 'signature',
    title: 'the signature does not match the content',
    meaning: 'Header or payload were changed after signing, or another key signed them.',
    hint: 'Compare with the raw request body: re-encoding JSON is harmless, changing one character of the JWS is not.',
    apple: {
      node: 'VERIFICATION_FAILURE',
      python: 'VERIFICATION_FAILURE',
      java: 'VERIFICATION_FAILURE',
      swift: 'INVALID_JWT_FORMAT',
    },
  },
  BUNDLE_ID_MISMATCH: {
    check: 'app.bundleId',
    title: 'it belongs to another app',
    meaning: 'The payload names another bundle id than yours, or none.',
    hint: 'Check --bundle-id; a genuine payload of another app is a common forgery.',
    apple: same('INVALID_APP_IDENTIFIER'),
  },
  APP_APPLE_ID_MISMATCH: {
    check: 'app.appAppleId',
    title: 'it belongs to another app',
    meaning: 'The payload names another app Apple ID than yours, or none. It decides in Production only.',
    hint: 'Check --app-apple-id: the number in the App Store URL of your app.',
    apple: same('INVALID_APP_IDENTIFIER'),
  },
  ENVIRONMENT_MISMATCH: {
    check: 'app.environment',
    title: 'it comes from another environment',
    meaning: 'TestFlight and App Review are Sandbox: a Sandbox payload must never unlock anything in Production.',
    hint: 'Check --environment, and which URL is set for which environment in App Store Connect.',
    apple: same('INVALID_ENVIRONMENT'),
  },
  NESTED_MISMATCH: {
    check: 'nested.match',
    title: 'a nested token belongs to another app or environment',
    meaning: 'Outer and inner tokens are each genuine but do not belong together.',
    hint: 'Refuse it: the App Store never mixes apps or environments in one notification.',
    apple: same(null),
  },
  XCODE_SIGNED: {
    check: 'x5c.count',
    title: 'Xcode signed this, not the App Store',
    meaning: 'StoreKit Testing in Xcode signs with a certificate of its own; nothing about it can be verified.',
    hint: 'Use it in development only, and never accept the Xcode environment on a server.',
    apple: {
      node: 'INVALID_CERTIFICATE',
      python: 'INVALID_CHAIN_LENGTH',
      java: 'INVALID_CHAIN_LENGTH',
      swift: 'INVALID_JWT_FORMAT',
    },
  },
  LEGACY_V1: {
    check: 'jws.format',
    title: 'this is a version 1 notification, which carries no signature',
    meaning: 'V1 bodies are plain JSON, deprecated since June 2023. Nothing in them can be verified.',
    hint: 'Choose Version 2 Notifications in App Store Connect, under App Information.',
    apple: same(null),
  },
} as const satisfies Readonly<Record<string, Reason>>;

export type ReasonCode = keyof typeof REASONS;
