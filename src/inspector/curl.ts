/** Default URL of `listen`, for when none runs. */
const DEFAULT_URL = 'http://127.0.0.1:4280/';

/** One argument of a program may have 128 KiB on Linux. */
const MAX_ARGUMENT = 100_000;

/** A terminal could interpret these in pasted text, and no JSON holds them. */
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;

/** From the second line on, an old bash replaces `!…` with earlier commands even in single quotes, quotes included. */
const EXPANDED = /\n[\s\S]*!/;

/**
 * A command for a POSIX shell that posts a body as Apple does: the bytes as they are, in single quotes. Null for a body that is too long for
 * an argument, holds control characters or what a shell could expand, or is not UTF-8. `--data-raw`, since `--data-binary` reads a file
 * where the body begins with `@`.
 */
export function buildCurl(body: Uint8Array, url: string | null): string | null {
  if (body.length > MAX_ARGUMENT) return null;
  const text = Buffer.from(body).toString('utf8');
  if (CONTROL.test(text) || EXPANDED.test(text) || !Buffer.from(text).equals(body)) return null;
  return `curl -sS -i ${quote(url ?? DEFAULT_URL)} -H 'Content-Type: application/json' --data-raw ${quote(text)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
