/** ASCII codes of the bytes that the input reader distinguishes. */
export const TAB = 0x09;

export const LF = 0x0a;

const CR = 0x0d;

export const SPACE = 0x20;

export const QUOTE = 0x22;

export const PERCENT = 0x25;

export const APOSTROPHE = 0x27;

export const COMMA = 0x2c;

export const DOT = 0x2e;

export const COLON = 0x3a;

export const EQUALS = 0x3d;

export const GREATER = 0x3e;

export const OPEN_BRACKET = 0x5b;

export const BACKSLASH = 0x5c;

export const CLOSE_BRACKET = 0x5d;

export const OPEN_BRACE = 0x7b;

export const PIPE = 0x7c;

export const CLOSE_BRACE = 0x7d;

/** The start of every JWS header: base64url of `{"`. */
export const TOKEN_START = Buffer.from('eyJ');

/** A line of Docker's json-file log. */
export const DOCKER_LINE = '{"log":"';

const NEITHER = 0;

const BASE64URL = 1;

const JOINER = 2;

const CLASSES = classify();

function classify(): Uint8Array {
  const classes = new Uint8Array(256).fill(NEITHER);
  const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  for (const byte of Buffer.from(base64url)) classes[byte] = BASE64URL;
  classes[DOT] = JOINER;
  classes[PERCENT] = JOINER;
  return classes;
}

export function isBase64Url(byte: number | undefined): boolean {
  return byte !== undefined && CLASSES[byte] === BASE64URL;
}

/** A byte of a compact JWS, also of one with its dots written `%2E`. */
export function isTokenByte(byte: number | undefined): boolean {
  return byte !== undefined && CLASSES[byte] !== NEITHER;
}

/** White space within a line. CR counts, since it occurs at line ends only. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}
