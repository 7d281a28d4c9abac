import { REASONS, type ReasonCode } from '../../notification/reasons.js';
import type { BodyRefusal } from './result.js';

/** Defects of a body that has no token to verify. */
export type BodyDefect =
  | 'NOT_UTF8'
  | 'NOT_JSON'
  | 'NESTED_TOO_DEEP'
  | 'NOT_AN_OBJECT'
  | 'NO_SIGNED_PAYLOAD'
  | 'TWO_SIGNED_PAYLOADS'
  | 'SIGNED_PAYLOAD_NOT_TEXT';

/** Refusal of a body without a token; always 400, since Apple never sends one. */
export function refuseBody(code: BodyDefect): BodyRefusal {
  return { status: 400, code, message: BODY_DEFECTS[code] };
}

/** Refusal of a body whose verdict is not `valid`. */
export function refuseVerdict(reason: ReasonCode): BodyRefusal {
  return { status: STATUS_OF[reason], code: reason, message: MESSAGES[reason] ?? messageOf(reason) };
}

const BODY_DEFECTS: Readonly<Record<BodyDefect, string>> = {
  NOT_UTF8: 'The body is not UTF-8 text.',
  NOT_JSON: 'The body is not JSON. Expected {"signedPayload":"…"}, as the App Store sends it.',
  NESTED_TOO_DEEP: 'The body nests objects or arrays too deeply.',
  NOT_AN_OBJECT: 'The body is JSON, but not an object. Expected {"signedPayload":"…"}, as the App Store sends it.',
  NO_SIGNED_PAYLOAD: 'The body has no signedPayload. Expected {"signedPayload":"…"}, as the App Store sends it.',
  TWO_SIGNED_PAYLOADS: 'The body has more than one signedPayload key, ignoring case.',
  SIGNED_PAYLOAD_NOT_TEXT: 'The signedPayload of the body is not a string.',
};

/** 400: not a notification. 401: not verified to be signed by Apple. 422: a payload, but not one for this endpoint. 503: a bug of this tool. */
const STATUS_OF: Readonly<Record<ReasonCode, 400 | 401 | 422 | 503>> = {
  MALFORMED_JWS: 400,
  UNSUPPORTED_ALGORITHM: 401,
  MALFORMED_PAYLOAD: 400,
  WRONG_KIND: 422,
  CHAIN_MISSING: 401,
  CHAIN_LENGTH: 401,
  CERTIFICATE_UNREADABLE: 401,
  UNTRUSTED_ROOT: 401,
  CHAIN_BROKEN: 401,
  MISSING_MARKER_OID: 401,
  CERTIFICATE_EXPIRED: 401,
  CERTIFICATE_NOT_YET_VALID: 401,
  CERTIFICATE_REVOKED: 401,
  REVOCATION_UNKNOWN: 401,
  SIGNATURE_MISMATCH: 401,
  BUNDLE_ID_MISMATCH: 422,
  APP_APPLE_ID_MISMATCH: 422,
  ENVIRONMENT_MISMATCH: 422,
  AMBIGUOUS_APP: 422,
  NESTED_MISMATCH: 422,
  XCODE_SIGNED: 401,
  LEGACY_V1: 400,
  INTERNAL_ERROR: 503,
};

/** Messages with a fix that the reader of the answer can apply. */
const MESSAGES: Partial<Record<ReasonCode, string>> = {
  LEGACY_V1:
    'This is a version 1 notification, which is not signed. Choose Version 2 Notifications for this app in App Store Connect, under App Information.',
};

function messageOf(reason: ReasonCode): string {
  return `Not a verified notification: ${REASONS[reason].title}.`;
}
