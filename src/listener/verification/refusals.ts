import { REASONS, type ReasonCode } from '../../notification/reasons.js';
import type { BodyRefusal } from './result.js';

/** What is wrong with a body before there is a token to judge. */
export type BodyDefect =
  | 'NOT_UTF8'
  | 'NOT_JSON'
  | 'NESTED_TOO_DEEP'
  | 'NOT_AN_OBJECT'
  | 'NO_SIGNED_PAYLOAD'
  | 'TWO_SIGNED_PAYLOADS'
  | 'SIGNED_PAYLOAD_NOT_TEXT';

/** How a body is refused that holds no token; all 400, since Apple sends no such thing. */
export function refuseBody(code: BodyDefect): BodyRefusal {
  return { status: 400, code, message: BODY_DEFECTS[code] };
}

/** How a body is refused whose verdict is not `valid`. */
export function refuseVerdict(reason: ReasonCode): BodyRefusal {
  return { status: STATUS_OF[reason], code: reason, message: MESSAGES[reason] ?? messageOf(reason) };
}

const BODY_DEFECTS: Readonly<Record<BodyDefect, string>> = {
  NOT_UTF8: 'The body is not UTF-8 text.',
  NOT_JSON: 'The body is not JSON. Expected {"signedPayload":"…"}, as the App Store sends it.',
  NESTED_TOO_DEEP: 'The body nests objects or arrays too deep.',
  NOT_AN_OBJECT: 'The body is JSON, but not an object. Expected {"signedPayload":"…"}, as the App Store sends it.',
  NO_SIGNED_PAYLOAD: 'The body has no signedPayload. Expected {"signedPayload":"…"}, as the App Store sends it.',
  TWO_SIGNED_PAYLOADS: 'The body has more than one signedPayload, in one spelling or several.',
  SIGNED_PAYLOAD_NOT_TEXT: 'The signedPayload of the body is not a string.',
};

/** 400: no token of a notification. 401: nothing proves that Apple signed it. 422: a payload, but not one for this endpoint. */
const STATUS_OF: Readonly<Record<ReasonCode, 400 | 401 | 422>> = {
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
  NESTED_MISMATCH: 422,
  XCODE_SIGNED: 401,
  LEGACY_V1: 400,
};

/** Where whoever reads the answer can mend it, it says how. */
const MESSAGES: Partial<Record<ReasonCode, string>> = {
  LEGACY_V1:
    'This is a version 1 notification, which carries no signature: App Store Connect is set to version 1 for this app. Choose Version 2 Notifications there, under App Information.',
};

function messageOf(reason: ReasonCode): string {
  return `Not a verified notification: ${REASONS[reason].title}.`;
}
