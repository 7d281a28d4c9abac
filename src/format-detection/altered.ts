import { isJsonObject, type Json } from '../jws/json.js';
import { type DetectedFormat, detected } from './detected.js';
import { objectIn } from './token.js';

const COPY_AGAIN = 'Take the value of signedPayload from where it is whole: the request body, saved to a file.';

/** Values that log filters and error trackers write instead of a secret. */
const MASK =
  /^[\s"'[<({]*(?:filtered|redacted|masked|hidden|removed|secure|sensitive|omitted|scrubbed|truncated|\*+|x{3,}|…|\.{3})[\s"'\]>)}]*$/i;

/** A token that was masked, shortened or changed on the way, or a word that is no token at all. */
export function detectAltered(text: string): DetectedFormat | null {
  return detectMask(text) ?? detectId(text) ?? detectOtherToken(text) ?? detectChange(text);
}

function detectMask(text: string): DetectedFormat | null {
  if (text === '[object Object]') {
    return detected(
      'object-as-text',
      'an object that JavaScript turned into text',
      'Its content is lost.',
      'Print it as JSON: JSON.stringify(value).',
    );
  }
  if (/^["']?(?:undefined|null|nil|none)["']?$/i.test(text)) {
    return detected(
      'empty-value',
      'the text of a value that is not there',
      'A variable or field was empty and was turned into text.',
      'Look at where the payload is read: most often the body was not parsed, or the field has another name.',
    );
  }
  const isPartly = text.startsWith('eyJ') && /\*{3,}|\.[[<(]?(?:filtered|redacted|masked|hidden|removed)/i.test(text);
  if (!isPartly && !MASK.test(text)) return null;
  return detected(
    'masked-token',
    isPartly ? 'a token of which a part was masked' : 'a placeholder where the token was',
    'A log filter or an error tracker writes this instead of what may be a secret; the token is lost there.',
    COPY_AGAIN,
  );
}

/** Identifiers that other commands take. */
function detectId(text: string): DetectedFormat | null {
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}_\d{13}$/i.test(text)) {
    return detected(
      'test-notification-token',
      'the token of a TEST notification (testNotificationToken)',
      'It names a TEST that was requested and holds no payload.',
      `Ask Apple for its outcome: storewire status ${text} --environment sandbox`,
    );
  }
  if (!/^\d{10,20}$/.test(text)) return null;
  return detected(
    'transaction-id',
    'a number, perhaps a transaction id',
    'It names a purchase and holds no payload.',
    `Ask Apple for the purchase: storewire lookup ${text}`,
  );
}

function detectOtherToken(text: string): DetectedFormat | null {
  if (/^v[1-4]\.(?:public|local)\.[\w-]+/.test(text)) {
    return detected(
      'paseto',
      'a PASETO token',
      'The App Store sends JWS: three parts, of which the first begins with eyJ.',
      'Take the value of signedPayload, or the jwsRepresentation of a StoreKit 2 transaction.',
    );
  }
  const parts = text.split('.');
  if (parts.length !== 5 || /\s/.test(text) || typeof objectIn(parts[0] ?? '')?.enc !== 'string') return null;
  return detected(
    'encrypted-token',
    'an encrypted token (JWE, five parts)',
    'The App Store signs its payloads (JWS, three parts) and does not encrypt them.',
    'Take the value of signedPayload, or the jwsRepresentation of a StoreKit 2 transaction.',
  );
}

/** A token that begins as one of the App Store does and was changed further on. */
function detectChange(text: string): DetectedFormat | null {
  if (/^eyj[\w-]+\.eyj/.test(text) && text === text.toLowerCase()) {
    return changed('a token in lower case', 'Letter case counts in base64url, so its content is lost.', COPY_AGAIN);
  }
  if (!/^eyJ[^\s]{40}/.test(text)) return null;
  if (/[^.](?:\.{3,}|…)(?=.)/.test(text.slice(0, -3))) {
    return detected(
      'shortened-token',
      'a token with its middle left out (…)',
      'A program or a person shortened it for display; what is missing cannot be restored.',
      COPY_AGAIN,
    );
  }
  if (/^[\w+/-]+={0,2}\.[\w+/-]+={0,2}\.[\w+/-]+={0,2}$/.test(text) && /[+/=]/.test(text)) {
    return changed(
      'a token in base64 instead of base64url',
      'A JWS has - and _ where base64 has + and /, and no = at the end.',
      "Change the characters back: tr '+/' '-_' < FILE | tr -d = | storewire decode -",
    );
  }
  const invisible = /[\u00ad\u200b-\u200f\u2060\ufeff]/.exec(text);
  if (invisible !== null) {
    const code = (invisible[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return changed(
      'a token with an invisible character in it',
      `A chat program or an editor put U+${code} after character ${invisible.index.toLocaleString('en-US')}.`,
      'Copy it from the source as plain text.',
    );
  }
  if (/[\u2010-\u2015\u2212]/.test(text)) {
    return changed(
      'a token whose hyphens became dashes',
      'An editor or a chat program replaced them; it may have changed more.',
      'Copy it from the source as plain text.',
    );
  }
  return null;
}

function changed(title: string, explanation: string, hint: string): DetectedFormat {
  return detected('altered-token', title, explanation, hint);
}

/** An object or array instead of a token, with a token in it: `{"S":"eyJ…"}` of DynamoDB, `{"stringValue":…}` of Firestore. */
export function detectWrapped(value: Json): DetectedFormat | null {
  if (typeof value !== 'object' || value === null) return null;
  const [name, held] = Object.entries(value)[0] ?? [];
  if (
    name === undefined ||
    /^signed_?payload$/i.test(name) ||
    typeof held !== 'string' ||
    !/^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(held)
  )
    return null;
  const key = isJsonObject(value) && /^\w{1,40}$/.test(name) ? `.${name}` : '[0]';
  return detected(
    'wrapped-token',
    isJsonObject(value)
      ? 'an object that holds the token, not the token'
      : 'an array that holds the token, not the token',
    'The value of signedPayload is a string; a database export or a parser put something around it.',
    `Take the string: jq -r '.signedPayload${key}' FILE | storewire decode -`,
  );
}
