import { tryParseJson } from '../jws/json.js';
import { detectAltered, detectWrapped } from './altered.js';
import { detectBase64, detectBytes, detectHex } from './bytes.js';
import { type DetectedFormat, detected } from './detected.js';
import { detectJson } from './json.js';
import { detectInText, detectNested } from './nested.js';
import { detectIos6Receipt } from './receipt.js';
import { detectToken } from './token.js';

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
    detectAltered(text) ??
    detectBytes(text) ??
    detectHex(text) ??
    detectBase64(text) ??
    detectInText(text, nowMs)
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
  if (value === undefined) return null;
  return detectJson(value, nowMs) ?? detectWrapped(value) ?? detectBytes(value) ?? detectNested(value, nowMs);
}
