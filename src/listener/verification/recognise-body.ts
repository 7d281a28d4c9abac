import { isUtf8 } from 'node:buffer';
import { detectWrapped } from '../../format-detection/altered.js';
import { detectBytes } from '../../format-detection/bytes.js';
import { detectFormat } from '../../format-detection/detect.js';
import type { DetectedFormat, FormatId } from '../../format-detection/detected.js';
import { detectJson } from '../../format-detection/json.js';
import { detectNested } from '../../format-detection/nested.js';
import { detectReceipt } from '../../format-detection/receipt.js';
import { readToken } from '../../format-detection/token.js';
import type { RecordedFacts } from '../../journal/record.js';
import { isJsonObject, type Json, type JsonObject, tryParseJson } from '../../jws/json.js';
import type { Kind } from '../../notification/document.js';

/** A refused body. */
interface RefusedBody {
  readonly body: Uint8Array;
  readonly facts: Pick<RecordedFacts, 'kind' | 'signedAtMs'> | null;
  readonly code: string;
  readonly nowMs: number;
}

/** Format of a body that is no notification. `message` quotes at most the name of a field. */
interface RecognisedBody {
  readonly format: string;
  readonly message: string;
}

/** Recognises a body that is no notification; null where its format is unknown. Never throws. Pure. */
export function recogniseBody({ body, facts, code, nowMs }: RefusedBody): RecognisedBody | null {
  if (code === 'CERTIFICATE_NOT_YET_VALID') return recogniseSeconds(facts);
  if (code === 'WRONG_KIND') return recogniseKind(facts?.kind);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!isUtf8(bytes)) return recogniseBinary(bytes);
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
  const value = tryParseJson(text);
  if (value === undefined) return recogniseText(text, nowMs);
  if (!isJsonObject(value)) return recogniseJson(value, nowMs);
  const name = Object.keys(value).find((key) => key.toLowerCase() === 'signedpayload');
  return name === undefined ? recogniseJson(value, nowMs) : recogniseSignedPayload(value[name], nowMs);
}

function recognised(format: string, title: string, ...sentences: readonly string[]): RecognisedBody {
  return { format, message: [`The body is ${title}.`, ...sentences].join(' ') };
}

const UNCHANGED = 'Pass the body on as it was received: {"signedPayload":"…"}.';

/** Below this a moment in milliseconds lies before 1973, and one in seconds before the year 5138. */
const MOST_SECONDS = 1e11;

function recogniseSeconds(facts: RefusedBody['facts']): RecognisedBody | null {
  const signedAt = facts?.signedAtMs ?? null;
  if (signedAt === null || signedAt < 1e9 || signedAt >= MOST_SECONDS) return null;
  return {
    format: 'seconds-for-milliseconds',
    message:
      'Not a verified notification: its signedDate is in seconds; the App Store writes milliseconds. Multiply it by 1000 where it is made, and sign again.',
  };
}

const KINDS: Partial<Record<Kind, readonly [title: string, hint: string]>> = {
  realtimeRequest: [
    'a real-time request of the Retention Messaging API',
    'It is posted to the real-time URL and answered with a message; give that API a URL of its own.',
  ],
  transaction: ['a signed transaction', 'It comes from StoreKit or the App Store Server API, not as a notification.'],
  renewalInfo: ['signed renewal info', 'It comes from StoreKit or the App Store Server API, not as a notification.'],
  appTransaction: ['a signed app transaction', 'It comes from StoreKit, not as a notification.'],
};

function recogniseKind(kind: Kind | undefined): RecognisedBody | null {
  const known = kind === undefined ? undefined : KINDS[kind];
  if (kind === undefined || known === undefined) return null;
  const [title, hint] = known;
  return { format: kind, message: `The signedPayload holds ${title}, not a notification. ${hint}` };
}

function recogniseBinary(bytes: Buffer): RecognisedBody | null {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    return recognised('gzip', 'gzip data', 'Post it uncompressed.');
  }
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) return recognised('utf-16', 'UTF-16 text', 'JSON is sent as UTF-8.', UNCHANGED);
  const receipt = detectReceipt(bytes);
  return receipt === null ? null : describeFormat(receipt, 'body');
}

function recogniseText(text: string, nowMs: number): RecognisedBody | null {
  if (isSignedToken(text)) {
    return recognised('bare-token', 'a bare token (JWS)', 'Post it as JSON: {"signedPayload":"…"}.');
  }
  if (isForm(text)) {
    return recognised('form-encoded', 'form-encoded (name=value)', 'The App Store posts JSON: {"signedPayload":"…"}.');
  }
  const found = detectFormat(text, nowMs);
  if (found !== null) return describeFormat(found, 'body');
  return recogniseDamaged(text);
}

/** Forms in which a body arrives that something on the way has written anew. */
function recogniseDamaged(text: string): RecognisedBody | null {
  if (/^[{[]\0/.test(text)) return recognised('utf-16', 'UTF-16 text', 'JSON is sent as UTF-8.', UNCHANGED);
  if (/^--\S+\r?\ncontent-/i.test(text)) {
    return recognised('multipart', 'a multipart form', 'The App Store posts JSON: {"signedPayload":"…"}.');
  }
  if (/^%7b/i.test(text))
    return recognised('percent-encoded', 'percent-encoded', 'It was encoded as a form is.', UNCHANGED);
  if (/^\{\s*&(?:quot|#34|#x22);/i.test(text)) {
    return recognised('html-escaped', 'escaped for HTML (&quot;)', 'A template or a sanitizer changed it.', UNCHANGED);
  }
  if (isLines(text)) {
    return recognised(
      'several-bodies',
      'several JSON values',
      'The App Store posts one notification in a request.',
      UNCHANGED,
    );
  }
  if (!text.includes('\0') && /^\{\\?["']?\w/.test(text) && text.includes('signedPayload')) {
    return {
      format: 'damaged-json',
      message:
        'The body resembles the JSON of a notification but is not valid JSON: quotes are missing or escaped, or it was cut short. Pass the body on as it was received.',
    };
  }
  return TOKEN_START.test(text)
    ? recognised(
        'token-in-text',
        'text with a token in it, not JSON',
        'Post what the App Store sends: {"signedPayload":"…"}.',
      )
    : null;
}

const TOKEN_START = /eyJ(?:hbGciOi|4NWMi|raWQi)/;

/** NDJSON: the first line is a whole JSON object. */
function isLines(text: string): boolean {
  const end = text.indexOf('\n');
  return end > 0 && text.startsWith('{') && isJsonObject(tryParseJson(text.slice(0, end)));
}

const MAX_FIELDS = 50;

/** `signedPayload=eyJ…&x=1`, but not base64, which may end in `=`. */
function isForm(text: string): boolean {
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
  return text.split('&', MAX_FIELDS).every((field) => /^[\w.%[\]-]{1,60}=[^\s"{]*$/.test(field));
}

function recogniseJson(value: Json, nowMs: number): RecognisedBody | null {
  if (typeof value === 'string' && isSignedToken(value.trim())) {
    return recognised('bare-token', 'a bare token (JWS) as a JSON string', 'Post an object: {"signedPayload":"…"}.');
  }
  const field = isJsonObject(value) ? tokenField(value) : undefined;
  const found = detectJson(value, nowMs) ?? (typeof value === 'string' ? detectFormat(value, nowMs) : null);
  if (field !== undefined && (found === null || found.id === 'renamed-field')) return describeRenamed(field);
  if (found?.id === 'renamed-field') return describeRenamed(found.facts[0]?.value ?? '');
  if (found !== null) return describeFormat(found, 'body');
  if (holdsSignedPayload(value)) {
    return recognised(
      'wrapped-body',
      'JSON with signedPayload deeper in it',
      'Another service has wrapped it.',
      UNCHANGED,
    );
  }
  const nested = detectBytes(value) ?? detectNested(value, nowMs);
  return nested === null ? null : describeFormat(nested, 'body');
}

/** Name of the top-level field that holds a token with a certificate chain. */
function tokenField(value: JsonObject): string | undefined {
  return Object.keys(value).find((key) => {
    const held = value[key];
    return typeof held === 'string' && isSignedToken(held);
  });
}

function describeRenamed(name: string): RecognisedBody {
  const field = /^\w[\w-]{0,39}$/.test(name) ? ` (${name})` : '';
  return recognised(
    'renamed-field',
    'JSON whose token has another field name',
    `The App Store posts the field signedPayload; here it was renamed on the way${field}.`,
    'Pass the body on as it was received, and switch off what converts key names (snake_case).',
  );
}

/** `signedPayload` as a key of a nested object, or within a string, as Lambda, SNS, SQS and Pub/Sub wrap a body. */
function holdsSignedPayload(value: Json): boolean {
  if (typeof value === 'string') return value.includes('signedPayload') || isBase64OfBody(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return (value as readonly Json[]).some(holdsSignedPayload);
  return Object.entries(value as JsonObject).some(
    ([key, held]) => key === 'signedPayload' || (held !== undefined && holdsSignedPayload(held)),
  );
}

function isBase64OfBody(text: string): boolean {
  if (!/^[A-Za-z0-9+/]{40}/.test(text)) return false;
  const start = Buffer.from(text.slice(0, 64), 'base64').toString('latin1');
  return start.includes('signedPayload') || TOKEN_START.test(start);
}

function recogniseSignedPayload(value: Json | undefined, nowMs: number): RecognisedBody | null {
  if (typeof value === 'string') {
    const found = detectFormat(value, nowMs);
    return found === null ? null : describeFormat(found, 'signedPayload');
  }
  if (value === undefined || value === null) return null;
  const found = detectJson(value, nowMs) ?? detectWrapped(value);
  return found === null ? null : describeFormat(found, 'signedPayload');
}

/** True for a token of the App Store's form: three parts, with a certificate chain in its header. */
function isSignedToken(text: string): boolean {
  return text.startsWith('ey') && Array.isArray(readToken(text)?.header.x5c);
}

/** Titles without what the general ones quote of the input. */
const TITLES: Partial<Record<FormatId, string>> = {
  'foreign-token': 'a token that the App Store did not sign',
  'offer-token': 'a signature for an offer, made with your own key',
  'base64-body': 'base64 of a JSON body',
};

/** Next steps for the sender, where the general hint is for a pasted input. */
const HINTS: Partial<Record<FormatId, string>> = {
  'object-as-text': UNCHANGED,
  'wrapped-token': 'The value of signedPayload must be the string itself.',
  'masked-token': 'Do not filter the body on its way to the endpoint.',
  'base64-body': `${UNCHANGED} Behind API Gateway, decode event.body where isBase64Encoded is true.`,
  'double-encoded': 'Pass the body on as it was received, without encoding it again.',
  'decoded-payload': `${UNCHANGED} The decoded payload is not enough: the signature is missing.`,
  'sign-in-with-apple-notification':
    'Its URL is set under Identifiers in the developer account; the one of the App Store under App Information in App Store Connect. Give each its own.',
};

/** Formats whose general hint says what the sender should do. */
const OWN_HINTS: ReadonlySet<string> = new Set([
  'connect-webhook',
  'google-notification',
  'revenuecat-event',
  'other-webhook',
  'verify-receipt-request',
  'verify-receipt-response',
]);

function describeFormat(
  { id, title, explanation, hint }: DetectedFormat,
  subject: 'body' | 'signedPayload',
): RecognisedBody {
  const next = HINTS[id] ?? (OWN_HINTS.has(id) ? hint : 'Post what the App Store sends: {"signedPayload":"…"}.');
  return { format: id, message: `The ${subject} is ${TITLES[id] ?? title}. ${explanation} ${next}` };
}
