/** Text that gathers from a terminal. */
export class PastedText {
  #text = '';
  #characters = 0;

  /** Code points without line ends. */
  get characters(): number {
    return this.#characters;
  }

  get isBlank(): boolean {
    return this.#characters === 0 || this.#text.trim() === '';
  }

  add(text: string): void {
    this.#text += text;
    this.#characters += countCharacters(text);
  }

  /** Removes the last character; CRLF is one. */
  erase(): void {
    const last = /(?:\r\n|.)$/su.exec(this.#text.slice(-2))?.[0] ?? '';
    this.#text = this.#text.slice(0, this.#text.length - last.length);
    this.#characters -= countCharacters(last);
  }

  clear(): void {
    this.#text = '';
    this.#characters = 0;
  }

  /** With CR and CRLF as LF. */
  toString(): string {
    return this.#text.replace(/\r\n?/g, '\n');
  }
}

function countCharacters(text: string): number {
  let count = 0;
  for (const character of text) if (character !== '\r' && character !== '\n') count += 1;
  return count;
}

const JSON_START = /^(?:\{|\[\s*["{[\]])/;

/** A compact JWS with the 86 characters of an ES256 signature, so that a token cut short does not match. */
const WHOLE_TOKEN = /(?:(?<![\w-])|(?<=%22))eyJ[\w-]+(?:\.|%2E)[\w-]+(?:\.|%2E)[\w-]{86}/i;

const LINE_WRAP = /[ \t]*\n[ \t>]*/g;

/**
 * True where an Enter after `text` may end the paste: it is JSON, JSON on each of its lines, or holds a whole token, which may be
 * wrapped. Other pastes end with Ctrl-D. The text is not validated further.
 */
export function isWholePaste(text: string): boolean {
  const trimmed = text.trim();
  if (!JSON_START.test(trimmed)) return WHOLE_TOKEN.test(trimmed) || WHOLE_TOKEN.test(trimmed.replace(LINE_WRAP, ''));
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
