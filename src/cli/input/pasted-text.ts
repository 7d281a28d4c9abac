/** Text as it gathers from a terminal. What is added may be cut anywhere, within a character too. */
export interface PastedText {
  add(bytes: Uint8Array): void;
  /** Takes the last character back; CRLF is one. */
  erase(): void;
  clear(): void;
  /** Characters so far (code points), line ends not counted. */
  characters(): number;
  /** All of it, with CR and CRLF as LF. */
  text(): string;
}

export function createPastedText(): PastedText {
  let parts: Uint8Array[] = [];
  let characters = 0;
  return {
    add(bytes) {
      parts.push(bytes);
      characters += countCharacters(bytes);
    },
    erase() {
      const all = Buffer.concat(parts);
      const end = startOfLast(all);
      characters -= countCharacters(all.subarray(end));
      parts = [all.subarray(0, end)];
    },
    clear() {
      parts = [];
      characters = 0;
    },
    characters: () => characters,
    text: () => Buffer.concat(parts).toString().replace(/\r\n?/g, '\n'),
  };
}

const CR = 0x0d;
const LF = 0x0a;

/** Counted by first bytes, so that a character split over two chunks is one. */
function countCharacters(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (!isContinuation(byte) && byte !== CR && byte !== LF) count += 1;
  return count;
}

function startOfLast(bytes: Uint8Array): number {
  let start = Math.max(0, bytes.length - 1);
  while (start > 0 && isContinuation(bytes[start])) start -= 1;
  return bytes[start] === LF && bytes[start - 1] === CR ? start - 1 : start;
}

/** The second to fourth byte of a UTF-8 character: 10xxxxxx. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

const JSON_BEGUN = /^(?:\{|\[\s*["{[\]])/;
/** A compact JWS with the 86 characters of an ES256 signature: one that was cut short is not taken for whole. */
const WHOLE_TOKEN = /(?:(?<![\w-])|(?<=%22))eyJ[\w-]+(?:\.|%2E)[\w-]+(?:\.|%2E)[\w-]{86}/i;
const LINE_WRAP = /[ \t]*\n[ \t>]*/g;

/**
 * Whether an Enter after `text` may end the paste: it is JSON, JSON on each of its lines, or holds a whole token (that may be wrapped).
 * Only that: what the text is worth is for the reader of claims to say. What is never whole ends with Ctrl-D.
 */
export function isWholePaste(text: string): boolean {
  const trimmed = text.trim();
  if (!JSON_BEGUN.test(trimmed)) return WHOLE_TOKEN.test(trimmed) || WHOLE_TOKEN.test(trimmed.replace(LINE_WRAP, ''));
  return /[}\]]$/.test(trimmed) && (isJson(trimmed) || trimmed.split(/\n\s*/).every(isJson));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
