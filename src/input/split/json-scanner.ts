import { MAX_NESTING } from '../../jws/json.js';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  GREATER,
  isBlank,
  isTokenByte,
  LF,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
  TOKEN_START,
} from './bytes.js';

/** `more`: more bytes are needed. `end`: the value is complete. `bad`: malformed JSON. */
type Scan = 'more' | 'end' | 'bad';

/**
 * Finds the end of one JSON value in bytes that arrive in chunks. Structure, numbers and literals are validated; strings, which have nearly
 * all of the bytes, are skipped over and left to the parser. One kind of damage is accepted and marked: raw line ends inside a string that
 * is a wrapped token.
 */
export interface JsonScanner {
  /** Starts a value at this offset. */
  begin(at: number): void;
  /** Continues to the end of `view`, which has everything from the start of the value at unchanged offsets. */
  run(view: Buffer): Scan;
  /** Subtracts this from all offsets, after bytes were dropped. */
  rebase(by: number): void;
  /** Offset after the scanned bytes. */
  readonly at: number;
  /** Line ends in the scanned bytes. */
  readonly lines: number;
  readonly damaged: boolean;
}

/** The expected syntax. From {@link IN_STRING} on: inside a string or literal, where bytes are not structure. */
const VALUE = 0;

const VALUE_OR_END = 1;

const KEY = 2;

const KEY_OR_END = 3;

const AFTER_KEY = 4;

const AFTER_VALUE = 5;

const IN_STRING = 6;

const IN_LITERAL = 7;

/** On a continuation line of a wrapped token: before, inside and after its part of the token. */
const WRAP_LEAD = 8;

const WRAP_TOKEN = 9;

const WRAP_TAIL = 10;

type Step = 'on' | 'more' | 'bad';

const LITERAL = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

const MAX_LITERAL_BYTES = 1024;

/** Keys and short values end within this many bytes, where a loop is faster than the native search. */
const NEAR_BYTES = 32;

export function createJsonScanner(): JsonScanner {
  const isArrayAt = new Uint8Array(MAX_NESTING + 1);
  let at = 0;
  let lines = 0;
  let damaged = false;
  let depth = 0;
  let state: number = VALUE;
  let isKey = false;
  /** Start of the current string or literal. */
  let tokenAt = 0;
  const backslash = createByteFinder(BACKSLASH);
  const lineEnd = createByteFinder(LF);

  function open(isArray: boolean): boolean {
    depth += 1;
    if (depth > MAX_NESTING) return false;
    isArrayAt[depth] = isArray ? 1 : 0;
    state = isArray ? VALUE_OR_END : KEY_OR_END;
    return true;
  }

  function close(isArray: boolean): boolean {
    if (isArrayAt[depth] !== (isArray ? 1 : 0)) return false;
    depth -= 1;
    state = AFTER_VALUE;
    return true;
  }

  function startString(asKey: boolean): void {
    isKey = asKey;
    tokenAt = at;
    state = IN_STRING;
  }

  /** The byte that begins a value. */
  function startValue(byte: number): boolean {
    if (byte === QUOTE) startString(false);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return open(byte === OPEN_BRACKET);
    else {
      tokenAt = at;
      state = IN_LITERAL;
    }
    return true;
  }

  /** Consumes one byte of structure; false where JSON does not allow it. */
  function take(byte: number): boolean {
    switch (state) {
      case VALUE_OR_END:
        return byte === CLOSE_BRACKET ? close(true) : startValue(byte);
      case VALUE:
        return startValue(byte);
      case KEY_OR_END:
        if (byte === CLOSE_BRACE) return close(false);
        startString(true);
        return byte === QUOTE;
      case KEY:
        startString(true);
        return byte === QUOTE;
      case AFTER_KEY:
        state = VALUE;
        return byte === COLON;
      default:
        if (byte !== COMMA) return (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && close(byte === CLOSE_BRACKET);
        state = isArrayAt[depth] === 1 ? VALUE : KEY;
        return true;
    }
  }

  function endString(): true {
    at += 1;
    state = isKey ? AFTER_KEY : AFTER_VALUE;
    return true;
  }

  /** Skips to the end of a string, or of the bytes. False at a line end that is not the wrap of a token. */
  function runString(view: Buffer): boolean {
    const near = Math.min(view.length, at + NEAR_BYTES);
    for (; at < near; at++) {
      const byte = view[at];
      if (byte === QUOTE) return endString();
      if (byte === BACKSLASH) at += 1;
      else if (byte === LF) return startWrap(view);
    }
    if (at >= view.length) return true;
    const quote = view.indexOf(QUOTE, at);
    const end = quote === -1 ? view.length : quote;
    const stop = Math.min(end, backslash.next(view, at), lineEnd.next(view, at));
    at = stop;
    if (stop === quote) endString();
    else if (view[stop] === BACKSLASH) at += 2;
    else if (view[stop] === LF) return startWrap(view);
    return true;
  }

  function startWrap(view: Buffer): boolean {
    if (isKey || tokenAt < 0 || view.compare(TOKEN_START, 0, 3, tokenAt + 1, tokenAt + 4) !== 0) return false;
    damaged = true;
    state = WRAP_LEAD;
    return true;
  }

  /** One byte of a continuation line: blanks and quote marks before its part of the token, blanks after it. */
  function takeWrapped(byte: number): boolean {
    if (byte === QUOTE) return endString();
    if (byte === LF) {
      lines += 1;
      state = WRAP_LEAD;
    } else if (isTokenByte(byte)) {
      if (state === WRAP_TAIL) return false;
      state = WRAP_TOKEN;
    } else if (isBlank(byte)) {
      if (state === WRAP_TOKEN) state = WRAP_TAIL;
    } else if (byte !== GREATER || state !== WRAP_LEAD) return false;
    at += 1;
    return true;
  }

  function runLiteral(view: Buffer): Step {
    while (at < view.length && isOfLiteral(view[at]!)) at += 1;
    if (at - tokenAt > MAX_LITERAL_BYTES || tokenAt < 0) return 'bad';
    if (at === view.length) return 'more';
    state = AFTER_VALUE;
    return LITERAL.test(view.toString('latin1', tokenAt, at)) ? 'on' : 'bad';
  }

  function runInside(view: Buffer): Step {
    if (state === IN_LITERAL) return runLiteral(view);
    return (state === IN_STRING ? runString(view) : takeWrapped(view[at]!)) ? 'on' : 'bad';
  }

  /** White space, or one byte of structure. */
  function runBetween(byte: number): Step {
    if (byte > SPACE) {
      if (!take(byte)) return 'bad';
      if (state !== IN_LITERAL) at += 1;
      return 'on';
    }
    if (byte === LF) lines += 1;
    else if (!isBlank(byte)) return 'bad';
    at += 1;
    return 'on';
  }

  function run(view: Buffer): Scan {
    while (at < view.length) {
      const step = state >= IN_STRING ? runInside(view) : runBetween(view[at]!);
      if (step !== 'on') return step;
      if (depth === 0 && state === AFTER_VALUE) return 'end';
    }
    return 'more';
  }

  return {
    begin(start) {
      at = start;
      lines = 0;
      damaged = false;
      depth = 0;
      state = VALUE;
    },
    run,
    rebase(by) {
      at -= by;
      tokenAt -= by;
      backslash.forget();
      lineEnd.forget();
    },
    get at() {
      return at;
    },
    get lines() {
      return lines;
    },
    get damaged() {
      return damaged;
    },
  };
}

/** Digits, letters, signs and the dot: a superset of the characters of numbers and literals. */
function isOfLiteral(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x45 ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}

/** Finds the next occurrence of one byte. */
interface ByteFinder {
  /** Offset of the first occurrence at or after `from`; the end of `view` where there is none. */
  next(view: Buffer, from: number): number;
  /** Invalidates the cache, after bytes were moved. */
  forget(): void;
}

/** Caches the last occurrence, so that many calls for the same bytes cost one search. */
function createByteFinder(byte: number): ByteFinder {
  let searchedFrom = 0;
  let found = -1;
  return {
    next(view, from) {
      if (from >= searchedFrom && from <= found && (found < view.length ? view[found] === byte : found === view.length))
        return found;
      searchedFrom = from;
      const at = view.indexOf(byte, from);
      found = at === -1 ? view.length : at;
      return found;
    },
    forget() {
      found = -1;
    },
  };
}
