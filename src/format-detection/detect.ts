import { tryParseJson } from '../jws/json.js';
import { type DetectedFormat, detected } from './detected.js';
import { detectJson } from './json.js';
import { detectIos6Receipt, detectReceipt } from './receipt.js';
import { detectToken, objectIn } from './token.js';

const TAKE_SIGNED_PAYLOAD = 'Pass the whole value of signedPayload: header, payload and signature, joined by dots.';

/** Longer input is not examined: a genuine notification has 19 KB, a receipt with years of purchases a few hundred. */
const MOST_CHARACTERS = 2_000_000;

/**
 * Recognises the format of a text without a token, or of an invalid token. Null where it is not recognised: the text may still be a
 * damaged token. Never throws. `nowMs` decides whether a token has expired.
 */
export function detectFormat(input: string, nowMs: number): DetectedFormat | null {
  if (input.length > MOST_CHARACTERS) return null;
  const text = input.trim();
  return (
    detectMarkup(text) ??
    detectIos6Receipt(text) ??
    detectJsonText(text, nowMs) ??
    detectToken(text, nowMs) ??
    detectPart(text) ??
    detectHex(text) ??
    detectBase64(text)
  );
}

function detectMarkup(text: string): DetectedFormat | null {
  if (/^<(?:!doctype html|html|head|body)\b/i.test(text)) {
    return detected(
      'html',
      'an HTML page',
      'It is a page for a browser, not a payload.',
      'Look at what was downloaded: a login or error page, most often.',
    );
  }
  if (/^(?:<\?xml|<plist)\b/.test(text)) {
    return detected(
      'xml',
      'an XML document',
      'Payloads of the App Store are JSON.',
      'Pass the value of signedPayload.',
    );
  }
  if (/^-----BEGIN CERTIFICATE-----/.test(text)) {
    return detected(
      'certificate',
      'a certificate (PEM)',
      'It signs payloads and is none.',
      'To trust it as a root, give it with --root FILE.',
    );
  }
  return null;
}

function detectJsonText(text: string, nowMs: number): DetectedFormat | null {
  if (!/^[{["]/.test(text)) return null;
  const value = tryParseJson(text);
  return value === undefined ? null : detectJson(value, nowMs);
}

/** One part of a token alone: base64url of a JSON object. */
function detectPart(text: string): DetectedFormat | null {
  if (text.includes('.') || !text.startsWith('eyJ')) return null;
  const part = objectIn(text);
  if (part === null || part.signedPayload !== undefined) return null;
  return part.alg !== undefined
    ? detected('header-part', 'the header of a token, alone', 'Payload and signature are missing.', TAKE_SIGNED_PAYLOAD)
    : detected(
        'payload-part',
        'the payload of a token, alone',
        'Header and signature are missing, so it cannot be verified.',
        TAKE_SIGNED_PAYLOAD,
      );
}

function detectHex(text: string): DetectedFormat | null {
  const digits = text.replace(/^0x/i, '').replace(/[\s:]/g, '');
  if (digits.length < 64 || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return null;
  const bytes = Buffer.from(digits, 'hex');
  const receipt = detectReceipt(bytes);
  if (receipt !== null) return receipt;
  const isText = /^\s*(?:\{|eyJ)/.test(bytes.subarray(0, 8).toString('latin1'));
  return detected(
    'hex',
    'bytes written in hexadecimal',
    isText ? 'They hold text that may be a payload.' : 'They do not hold a token.',
    isText ? 'Decode them first: xxd -r -p FILE | storewire decode -' : 'Pass the value of signedPayload.',
  );
}

const GZIP = [0x1f, 0x8b];

function detectBase64(text: string): DetectedFormat | null {
  const compact = text.replace(/\s/g, '');
  if (compact.length < 16 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(compact)) return null;
  const bytes = Buffer.from(compact, 'base64');
  const receipt = detectReceipt(bytes) ?? detectIos6Receipt(bytes.toString('latin1'));
  if (receipt !== null) return receipt;
  if (bytes[0] === GZIP[0] && bytes[1] === GZIP[1]) {
    return detected(
      'gzip',
      'base64 of gzip data',
      'It is compressed, as CloudWatch and other log exports are.',
      'Unpack it first: base64 -d FILE | gunzip | storewire decode -',
    );
  }
  if (/^\s*\{\s*"/.test(bytes.subarray(0, 64).toString('latin1')) && bytes.includes('"signedPayload"')) {
    return detected(
      'base64-body',
      'base64 of a JSON body',
      'It was encoded on the way.',
      'Decode it first: base64 -d FILE | storewire decode -',
    );
  }
  return isEcdsaSignature(bytes)
    ? detected(
        'offer-signature',
        'a signature alone (DER, ECDSA), as one for a promotional offer is',
        'It is made with your own key and holds no payload.',
        'Pass the value of signedPayload, or the jwsRepresentation of the transaction.',
      )
    : null;
}

/** SEQUENCE of two INTEGERs of a P-256 signature: 68 to 72 bytes. */
function isEcdsaSignature(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x30 && bytes[1] === bytes.length - 2 && bytes[2] === 0x02 && bytes.length >= 66 && bytes.length <= 72
  );
}
