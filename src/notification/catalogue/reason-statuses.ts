import type { ReasonCode } from '../reasons.js';
import type { AppleLibrary } from './verification-statuses.js';

/** Status that each of Apple's four server libraries reports for the same case; `null` where the library does not check it. */
type AppleStatuses = Readonly<Record<AppleLibrary, string | null>>;

const same = (status: string | null): AppleStatuses => ({ node: status, python: status, java: status, swift: status });

const FORMAT_REJECTED: AppleStatuses = {
  node: 'VERIFICATION_FAILURE',
  python: 'VERIFICATION_FAILURE',
  java: 'VERIFICATION_FAILURE',
  swift: 'INVALID_JWT_FORMAT',
};

const CHAIN_REJECTED: AppleStatuses = {
  node: 'VERIFICATION_FAILURE',
  python: 'VERIFICATION_FAILURE',
  java: 'INVALID_CHAIN',
  swift: 'VERIFICATION_FAILURE',
};

const DATES_REJECTED: AppleStatuses = { ...CHAIN_REJECTED, node: 'INVALID_CERTIFICATE' };

/**
 * Apple's statuses for each reason code. Source: apple.md 2.5, taken from the sources of node 3.1.0, python 3.1.1, java 5.2.0 and swift
 * 6.0.0.
 */
export const REASON_STATUSES: Readonly<Record<ReasonCode, AppleStatuses>> = {
  MALFORMED_JWS: FORMAT_REJECTED,
  UNSUPPORTED_ALGORITHM: FORMAT_REJECTED,
  MALFORMED_PAYLOAD: { node: 'FAILURE', python: null, java: 'VERIFICATION_FAILURE', swift: 'INVALID_JWT_FORMAT' },
  WRONG_KIND: {
    node: 'INVALID_APP_IDENTIFIER',
    python: 'INVALID_APP_IDENTIFIER',
    java: 'INVALID_APP_IDENTIFIER',
    swift: 'INVALID_APP_IDENTIFIER',
  },
  CHAIN_MISSING: {
    node: 'INVALID_CERTIFICATE',
    python: 'VERIFICATION_FAILURE',
    java: 'VERIFICATION_FAILURE',
    swift: 'INVALID_JWT_FORMAT',
  },
  CHAIN_LENGTH: {
    node: 'INVALID_CERTIFICATE',
    python: 'INVALID_CHAIN_LENGTH',
    java: 'INVALID_CHAIN_LENGTH',
    swift: 'INVALID_JWT_FORMAT',
  },
  CERTIFICATE_UNREADABLE: {
    node: 'INVALID_CERTIFICATE',
    python: 'INVALID_CERTIFICATE',
    java: 'INVALID_CERTIFICATE',
    swift: 'INVALID_JWT_FORMAT',
  },
  UNTRUSTED_ROOT: CHAIN_REJECTED,
  CHAIN_BROKEN: CHAIN_REJECTED,
  MISSING_MARKER_OID: CHAIN_REJECTED,
  CERTIFICATE_EXPIRED: DATES_REJECTED,
  CERTIFICATE_NOT_YET_VALID: DATES_REJECTED,
  CERTIFICATE_REVOKED: {
    node: 'FAILURE',
    python: 'VERIFICATION_FAILURE',
    java: 'INVALID_CHAIN',
    swift: 'VERIFICATION_FAILURE',
  },
  REVOCATION_UNKNOWN: same('RETRYABLE_VERIFICATION_FAILURE'),
  SIGNATURE_MISMATCH: FORMAT_REJECTED,
  BUNDLE_ID_MISMATCH: same('INVALID_APP_IDENTIFIER'),
  APP_APPLE_ID_MISMATCH: same('INVALID_APP_IDENTIFIER'),
  ENVIRONMENT_MISMATCH: same('INVALID_ENVIRONMENT'),
  AMBIGUOUS_APP: same('INVALID_APP_IDENTIFIER'),
  NESTED_MISMATCH: same(null),
  XCODE_SIGNED: {
    node: 'INVALID_CERTIFICATE',
    python: 'INVALID_CHAIN_LENGTH',
    java: 'INVALID_CHAIN_LENGTH',
    swift: 'INVALID_JWT_FORMAT',
  },
  LEGACY_V1: FORMAT_REJECTED,
  INTERNAL_ERROR: same(null),
};
