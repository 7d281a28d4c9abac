import { stringifyJson } from '../jws/json.js';
import { isMemoized } from '../notification/check.js';
import type { Check, PayloadDocument, TokenView, Verification } from '../notification/document.js';
import { escapeJson } from '../terminal/json.js';

/**
 * A document as one line of JSON and its newline: the same text as `toJsonLine`, in half the time for streams, since the JSON of headers and
 * checks that repeat is cached.
 */
export function documentToJsonLine(document: PayloadDocument): string {
  const { tokens, verification, ...rest } = document;
  const parts = [
    stringifyJson(rest).slice(0, -1),
    `,"tokens":[${tokens.map(tokenToJson).join()}]`,
    verification === undefined ? '' : `,"verification":${verificationToJson(verification)}`,
  ];
  return `${escapeJson(`${parts.join('')}}`)}\n`;
}

function tokenToJson({ header, path, ...rest }: TokenView): string {
  return `{"path":${JSON.stringify(path)},"header":${cachedJson(header)}${appendFields(rest)}`;
}

function verificationToJson({ checks, ...rest }: Verification): string {
  return `${stringifyJson(rest).slice(0, -1)},"checks":[${checks.map(checkToJson).join()}]}`;
}

function checkToJson(check: Check): string {
  return isMemoized(check) ? cachedJson(check) : stringifyJson(check);
}

/** The fields of an object after others: `,"a":1}`, or the closing brace alone. */
function appendFields(rest: object): string {
  const text = stringifyJson(rest).slice(1);
  return text === '}' ? text : `,${text}`;
}

function cachedJson(value: object): string {
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = stringifyJson(value);
  texts.set(value, text);
  return text;
}

const texts = new WeakMap<object, string>();
