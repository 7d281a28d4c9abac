/** The three parts of a compact JWS (RFC 7515), still base64url. */
export interface CompactJws {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

export type Split = { readonly jws: CompactJws } | { readonly defect: string };

const PARTS = ['header', 'payload', 'signature'] as const;

/** Cuts text at its dots. `defect` says in words what is missing; characters and encoding are not looked at here. */
export function splitJws(text: string): Split {
  const first = text.indexOf('.');
  if (first === -1) return { defect: describeSinglePart(text) };
  const second = text.indexOf('.', first + 1);
  if (second === -1)
    return { defect: `it ends inside the payload, after ${count(text.length)} characters: 2 of 3 parts` };
  if (text.indexOf('.', second + 1) !== -1) {
    return { defect: `it has ${text.split('.').length} parts joined by dots, a JWS has 3` };
  }
  const jws = {
    header: text.slice(0, first),
    payload: text.slice(first + 1, second),
    signature: text.slice(second + 1),
  };
  const empty = PARTS.find((part) => part !== 'signature' && jws[part] === '');
  return empty === undefined ? { jws } : { defect: `its ${empty} is empty` };
}

/**
 * Strict base64url (RFC 4648 section 5) to bytes: no padding, no other alphabet, no white space, unused bits zero, so that one value
 * has one spelling. Returns a description of the defect instead of throwing.
 */
export function parseBase64Url(text: string): Buffer | string {
  const bytes = viewBase64Url(text);
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes);
}

/**
 * {@link parseBase64Url} without a copy: the bytes stand in a buffer that the next call overwrites. Payloads are read by the million, and
 * a buffer for each keeps the garbage collector busier than the reading.
 */
export function viewBase64Url(text: string): Buffer | string {
  const length = Math.floor((text.length * 3) / 4);
  if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(Math.max(length, MIN_SCRATCH_BYTES));
  const written = scratch.write(text, 0, 'base64url');
  const rest = text.length % 4;
  if (rest === 1 || written !== length || text.includes('+') || text.includes('/')) return describeAlphabet(text);
  if (rest !== 0 && (BASE64URL.indexOf(text.at(-1) ?? '') & (rest === 2 ? 0b1111 : 0b11)) !== 0) {
    return 'the last character carries bits that belong to nothing';
  }
  return scratch.subarray(0, length);
}

const MIN_SCRATCH_BYTES = 64 * 1024;
let scratch = Buffer.alloc(0);

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function describeAlphabet(text: string): string {
  const at = text.search(/[^A-Za-z0-9_-]/);
  return at === -1
    ? 'one character is missing or too many'
    : `character ${count(at + 1)} is not base64url (${describeCharacter(text, at)})`;
}

function describeCharacter(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  return code > 0x20 && code < 0x7f
    ? String.fromCodePoint(code)
    : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function describeSinglePart(text: string): string {
  if (text.startsWith('eyJ')) return `it ends inside the header, after ${count(text.length)} characters: 1 of 3 parts`;
  return `${describeValue(text)}: a JWS is three parts joined by dots`;
}

/** Where a JWS belongs, JSON may hold something else, which arrives here as its text. */
function describeValue(text: string): string {
  if (text === '') return 'it is empty';
  if (/^(?:null|true|false)$/.test(text)) return `it is ${text}`;
  if (/^[{[]/.test(text)) return text.startsWith('{') ? 'it is an object' : 'it is an array';
  return /^-?\d+$/.test(text) ? 'it is a number' : 'it has no dots';
}

function count(characters: number): string {
  return characters.toLocaleString('en-US');
}
