/** Ids of all checks of a verification, in the order they run for each token. */
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

/** Id of a check. Later versions add some. */
export type CheckId = (typeof CHECK_IDS)[number];

export interface Reason {
  /** The check that fails with this code. */
  readonly check: CheckId;
  /** The defect in a few words, printed after "invalid:". */
  readonly title: string;
  /** Explanation, with the usual cause. */
  readonly meaning: string;
  /** Next step for the user. */
  readonly hint: string;
}

/** Where bugs are reported. */
export const ISSUES_URL = 'https://github.com/storewire/storewire/issues';

/**
 * Reason codes for a payload that fails verification: the one table behind verify, listen, audit and explain. What Apple's libraries
 * report for the same case is in catalogue/reason-statuses.ts, which only `explain` needs.
 */
export const REASONS = {
  MALFORMED_JWS: {
    check: 'jws.format',
    title: 'this is not a complete JWS',
    meaning:
      'A JWS is three base64url parts joined by dots. The usual cause is an incomplete copy or a truncated log line.',
    hint: 'Copy the whole value of signedPayload again, or save the request body to a file and pass the file.',
  },
  UNSUPPORTED_ALGORITHM: {
    check: 'jws.alg',
    title: 'the header names an algorithm that Apple does not use',
    meaning:
      'Apple signs with ES256 only and marks no header field critical. Anything else is an algorithm-downgrade attempt.',
    hint: 'Reject it: never let a token choose the algorithm that verifies it.',
  },
  MALFORMED_PAYLOAD: {
    check: 'payload.shape',
    title: "the payload does not match Apple's documentation",
    meaning: 'The payload is not a JSON object, or a documented field does not have the documented type.',
    hint: 'Check the named field; if Apple signed this, report it with `storewire decode --raw`.',
  },
  WRONG_KIND: {
    check: 'payload.kind',
    title: 'wrong payload type',
    meaning:
      'Anyone who uses an app holds genuine transactions of it, so a transaction sent instead of a notification proves nothing.',
    hint: 'Reject it here; to verify it as its own kind, run verify without --kind.',
  },
  CHAIN_MISSING: {
    check: 'x5c.count',
    title: 'the header carries no certificates',
    meaning: 'Without an x5c header nothing ties the signature to Apple.',
    hint: 'Find out where this token came from: the App Store always sends three certificates.',
  },
  CHAIN_LENGTH: {
    check: 'x5c.count',
    title: 'the chain does not have three certificates',
    meaning: 'The App Store sends exactly leaf, intermediate and root.',
    hint: 'Reject it: the App Store never sends a chain of another length.',
  },
  CERTIFICATE_UNREADABLE: {
    check: 'x5c.readable',
    title: 'a certificate cannot be read',
    meaning:
      'An entry of x5c is not the base64 of one DER certificate. Usually the header was damaged in transit. (The swift library reports INVALID_CERTIFICATE only for what is not base64.)',
    hint: 'Compare with the raw request body; an intact payload never fails this check.',
  },
  UNTRUSTED_ROOT: {
    check: 'chain.root',
    title: 'the chain does not end in a root you trust',
    meaning: 'Names inside certificates prove nothing: this chain was not issued under a trusted root.',
    hint: 'If this is test data, pass its root with --root FILE; otherwise treat it as forged.',
  },
  CHAIN_BROKEN: {
    check: 'chain.links',
    title: 'one certificate was not issued by the next',
    meaning: 'A signature, an issuer name or the right to issue certificates is wrong inside the chain.',
    hint: 'Treat it as forged or damaged; an intact Apple chain never fails this check.',
  },
  MISSING_MARKER_OID: {
    check: 'chain.markers',
    title: 'a certificate was not issued for App Store signing',
    meaning:
      'Apple issues many certificates under this root; only those that carry the two marker OIDs may sign payloads.',
    hint: 'Treat it as forged: a genuine Apple certificate issued for another purpose is not enough.',
  },
  CERTIFICATE_EXPIRED: {
    check: 'chain.dates',
    title: 'a certificate had expired',
    meaning:
      'A certificate was no longer valid at the verification time. Payloads without signedDate are checked as of now.',
    hint: 'If you know when it was signed, check it as of that time with --at.',
  },
  CERTIFICATE_NOT_YET_VALID: {
    check: 'chain.dates',
    title: 'a certificate was not valid yet',
    meaning: 'A certificate was not valid yet at the verification time.',
    hint: "Check the time given with --at, and this machine's clock.",
  },
  CERTIFICATE_REVOKED: {
    check: 'revocation.leaf',
    title: 'a certificate was revoked',
    meaning: 'The issuer revoked the certificate, so nothing it signed can be trusted any more.',
    hint: 'Reject it, and review what you accepted since the revocation date.',
  },
  REVOCATION_UNKNOWN: {
    check: 'revocation.leaf',
    title: 'the revocation status of a certificate is unknown',
    meaning:
      "The OCSP responder did not respond, or its response is not valid. That says nothing about the payload. (Apple's libraries report a response that is not valid as FAILURE in node and as VERIFICATION_FAILURE in python.)",
    hint: 'Try again, check proxy and firewall settings, or leave out --online.',
  },
  SIGNATURE_MISMATCH: {
    check: 'signature',
    title: 'the signature does not match the content',
    meaning: 'The header or the payload was changed after signing, or another key signed it.',
    hint: 'Compare with the raw request body: re-encoding JSON is harmless, changing one character of the JWS is not.',
  },
  BUNDLE_ID_MISMATCH: {
    check: 'app.bundleId',
    title: 'the bundle id is not the expected one',
    meaning: 'The payload names a different bundle id than yours, or none.',
    hint: 'Check --bundle-id; a genuine payload of another app is a common forgery.',
  },
  APP_APPLE_ID_MISMATCH: {
    check: 'app.appAppleId',
    title: 'the app Apple ID is not the expected one',
    meaning: 'The payload names a different app Apple ID than yours, or none. Enforced in Production only.',
    hint: 'Check --app-apple-id: the number in the App Store URL of your app.',
  },
  ENVIRONMENT_MISMATCH: {
    check: 'app.environment',
    title: 'the environment is not the expected one',
    meaning: 'TestFlight and App Review are Sandbox: a Sandbox payload must never unlock anything in Production.',
    hint: 'Check --environment, and which URL is set for which environment in App Store Connect.',
  },
  AMBIGUOUS_APP: {
    check: 'app.bundleId',
    title: 'more than one object of the payload names an app',
    meaning:
      'The payload has none of the four objects that are known to name its app, and several others that do; which of them counts is not known to this version.',
    hint: 'Update storewire; if the latest version reports the same, report it with `storewire decode --raw`.',
  },
  NESTED_MISMATCH: {
    check: 'nested.match',
    title: 'a nested token belongs to another app or environment',
    meaning: 'The outer and the nested token are each genuine, but for different apps or environments.',
    hint: 'Reject it: the App Store never mixes apps or environments in one notification.',
  },
  XCODE_SIGNED: {
    check: 'x5c.count',
    title: 'Xcode signed this, not the App Store',
    meaning: 'StoreKit Testing in Xcode signs with its own certificate; nothing in it can be verified.',
    hint: 'Use it in development only, and never accept the Xcode environment on a server.',
  },
  LEGACY_V1: {
    check: 'jws.format',
    title: 'this is a version 1 notification, which carries no signature',
    meaning: 'V1 bodies are plain JSON, deprecated since June 2023. Nothing in them can be verified.',
    hint: 'Choose Version 2 Notifications in App Store Connect, under App Information.',
  },
  INTERNAL_ERROR: {
    check: 'jws.format',
    title: 'storewire failed on this payload, which is a bug',
    meaning: 'The failure says nothing about the payload: it was not verified.',
    hint: `Please report it: ${ISSUES_URL}`,
  },
} as const satisfies Readonly<Record<string, Reason>>;

/** Code of a failed check. Later versions add some. */
export type ReasonCode = keyof typeof REASONS;

/** Reasons that a payload can be made for: all but a bug of this tool. */
export type ForgeableReason = Exclude<ReasonCode, 'INTERNAL_ERROR'>;

/** Every {@link ForgeableReason}. */
export const FORGEABLE_REASONS = /* @__PURE__ */ Object.keys(REASONS).filter(
  (code): code is ForgeableReason => code !== 'INTERNAL_ERROR',
);

/** Reasons that say nothing against a payload: its verdict is `undetermined`. */
export function isUndetermined(reason: ReasonCode | undefined): boolean {
  return reason === 'REVOCATION_UNKNOWN' || reason === 'AMBIGUOUS_APP' || reason === 'INTERNAL_ERROR';
}
