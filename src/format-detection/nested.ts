import { isJsonObject, type Json, tryParseJson } from '../jws/json.js';
import { detectAltered } from './altered.js';
import { detectBase64, detectBytes, detectHex } from './bytes.js';
import { type DetectedFormat, detected, within } from './detected.js';
import { detectJson } from './json.js';
import { detectIos6Receipt } from './receipt.js';

const MOST_DEPTH = 8;

/** Values that are looked at: more than any event has, fewer than would take time. */
const MOST_VALUES = 2_000;

/** The first recognised format in the values of an object or array, strings with JSON included. */
export function detectNested(value: Json, nowMs: number): DetectedFormat | null {
  let left = MOST_VALUES;
  function search(held: Json | undefined, field: string, depth: number): DetectedFormat | null {
    left -= 1;
    if (left < 0 || depth > MOST_DEPTH) return null;
    if (typeof held === 'string') return searchString(held, field, depth);
    if (typeof held !== 'object' || held === null) return null;
    const found = depth === 0 ? null : (detectBytes(held) ?? detectJson(held, nowMs));
    if (found !== null) return within(found, 'JSON', field);
    for (const [name, inner] of Object.entries(held)) {
      const path = Array.isArray(held) ? `${field}[${name}]` : field === '' ? name : `${field}.${name}`;
      const deeper = search(inner, path, depth + 1);
      if (deeper !== null) return deeper;
    }
    return null;
  }
  function searchString(text: string, field: string, depth: number): DetectedFormat | null {
    const json = /^\s*[{["]/.test(text) ? tryParseJson(text) : undefined;
    if (json !== undefined && json !== text) return search(json, field, depth + 1);
    const found =
      text.length < MIN_CHARACTERS
        ? null
        : (detectHex(text.trim()) ?? detectBase64(text.trim()) ?? detectIos6Receipt(text));
    return found === null ? null : within(found, 'JSON', field);
  }
  return isJsonObject(value) || Array.isArray(value) ? search(value, '', 0) : null;
}

const MIN_CHARACTERS = 64;

/** The first recognised format in text around it: a receipt in a log line, a printed object, a JSON body after words. */
export function detectInText(text: string, nowMs: number): DetectedFormat | null {
  if (text.startsWith('eyJ')) return null;
  return detectPrinted(text) ?? detectMaskedField(text) ?? detectEmbedded(text, nowMs) ?? detectWord(text);
}

/** `"signedPayload"=>"[FILTERED]"`, as Rails logs it. */
function detectMaskedField(text: string): DetectedFormat | null {
  const value = /signed_?payload["']?\]?\s*(?::|=>?)\s*["']?([[<(*x][^\s"',}]{2,20})/i.exec(text)?.[1];
  const found = value === undefined ? null : detectAltered(value);
  return found?.id === 'masked-token' ? within(found, 'text', null) : null;
}

/** A decoded notification as Node, Python, Ruby, PHP, Go or Swift print an object. */
function detectPrinted(text: string): DetectedFormat | null {
  const type = fieldIn(text, 'notificationType');
  const others = ['notificationUUID', 'signedDate', 'bundleId', 'signedTransactionInfo'];
  if (type === null || !others.some((name) => new RegExp(`\\b${name}\\b`).test(text))) return null;
  return detected(
    'decoded-payload',
    'a payload that is already decoded, printed as text',
    'It carries no signature, so nothing of it can be verified.',
    'Pass the value of signedPayload, as the App Store posted it. To have the fields explained, print the object as JSON.',
    [
      ['notificationType', type],
      ['subtype', fieldIn(text, 'subtype')],
      ['notificationUUID', fieldIn(text, 'notificationUUID')],
    ],
  );
}

function fieldIn(text: string, name: string): string | null {
  return (
    new RegExp(`\\b${name}["']?\\]?\\s*(?::|=>?)\\s*(?:string\\(\\d+\\)\\s*)?["']?([\\w-]{2,60})`).exec(text)?.[1] ??
    null
  );
}

/** JSON with words around it. */
function detectEmbedded(text: string, nowMs: number): DetectedFormat | null {
  const [from, to] = [text.indexOf('{'), text.lastIndexOf('}')];
  if (from < 1 || to <= from) return null;
  const value = tryParseJson(text.slice(from, to + 1));
  const found = value === undefined ? null : detectJson(value, nowMs);
  if (found !== null) return within(found, 'text', null);
  return value === undefined ? null : detectNested(value, nowMs);
}

const MOST_WORDS = 20;

/** Parts of a token and the like are words of any log. */
const WORDS: ReadonlySet<string> = new Set(['app-receipt', 'ios6-receipt', 'gzip', 'base64-body']);

/** base64 or bytes in hexadecimal as a word of the text. */
function detectWord(text: string): DetectedFormat | null {
  const decoded = /%2[BF]/i.test(text) ? text.replace(/%2B/gi, '+').replace(/%2F/gi, '/').replace(/%3D/gi, '=') : text;
  for (const [word] of [...decoded.matchAll(/[A-Za-z0-9+/]{64,}={0,2}/g)].slice(0, MOST_WORDS)) {
    const found = detectBase64(word);
    if (found !== null && WORDS.has(found.id)) return within(found, 'text', null);
  }
  const bytes = detectBytes(text);
  return bytes === null ? null : within(bytes, 'text', null);
}
