import { type HttpRequest, type HttpResponse, request } from './request.js';

/** Tokens that are still valid, or were when the server may have noted them. */
const REMEMBERED = 4;

/** Sends requests with a token of ours, and takes from the responses what they repeat of the tokens sent. */
export function createTokenSender(token: () => Promise<string>): (options: HttpRequest) => Promise<HttpResponse> {
  let sent: readonly string[] = [];
  return async (options) => {
    const jwt = await token();
    if (!sent.includes(jwt)) sent = [...sent.slice(1 - REMEMBERED), jwt];
    const headers = { ...options.headers, authorization: `Bearer ${jwt}` };
    return withoutEchoedTokens(await request({ ...options, headers }), sent);
  };
}

/** Runs of this length are struck wherever no genuine text can contain them; a shorter one identifies nothing. */
const LEAST = 8;

/** Runs of a signature in a genuine answer: longer, so that chance does not damage a notification. */
const LEAST_IN_ANSWER = 12;

const STRUCK = '…';

/**
 * The response without what it repeats of our own tokens, whole or in part, also as percent or JSON escapes, so that no output can contain
 * it: a wrong base address, a proxy or a server in debug mode may echo a request. In a genuine answer, status 2xx and a JSON object, only
 * signatures and whole unsigned parts count, because the notifications in it contain the same words as our claims.
 */
export function withoutEchoedTokens(response: HttpResponse, tokens: readonly string[]): HttpResponse {
  const text = Buffer.from(response.body).toString('utf8');
  const isAnswer = response.status >= 200 && response.status < 300 && /^\s*\{/.test(text);
  const strike = (given: string, isGenuine: boolean): string =>
    tokens.reduce((left, token) => strikeToken(left, token, isGenuine), given);
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, strike(value, false)]),
  );
  const struck = strike(text, isAnswer);
  return { ...response, headers, body: struck === text ? response.body : Buffer.from(struck) };
}

function strikeToken(text: string, token: string, isGenuine: boolean): string {
  if (!isGenuine) return strikeRuns(text, token, LEAST);
  const signatureAt = token.lastIndexOf('.');
  const unsigned = strikeRuns(text, token, signatureAt);
  return strikeRuns(unsigned, token.slice(signatureAt + 1), LEAST_IN_ANSWER);
}

/** Strikes each run of at least `least` characters that is also a part of `secret`. */
function strikeRuns(text: string, secret: string, least: number): string {
  const { plain, starts } = unescapeText(text);
  const gram = Math.ceil(least / 2);
  const places = placesOf(secret, gram);
  const kept: string[] = [];
  let from = 0;
  // One of these steps meets a gram of every run that is long enough.
  for (let at = 0; at + gram <= plain.length; at += gram) {
    const run = longestRun(plain, at, secret, places.get(plain.slice(at, at + gram)) ?? []);
    if (run === null || run.end - run.start < least) continue;
    const start = Math.max(from, starts(run.start));
    kept.push(text.slice(from, start), STRUCK);
    from = starts(run.end);
    at = Math.max(at, run.end - gram);
  }
  return kept.length === 0 ? text : kept.join('') + text.slice(from);
}

function placesOf(secret: string, gram: number): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (let at = 0; at + gram <= secret.length; at += 1) {
    const text = secret.slice(at, at + gram);
    places.set(text, [...(places.get(text) ?? []), at]);
  }
  return places;
}

interface Run {
  readonly start: number;
  readonly end: number;
}

/** The longest common run of both texts around `at`, which is one of `places` in the secret. */
function longestRun(text: string, at: number, secret: string, places: readonly number[]): Run | null {
  let longest: Run | null = null;
  for (const place of places) {
    let before = 0;
    while (place > before && at > before && text[at - before - 1] === secret[place - before - 1]) before += 1;
    let after = 0;
    while (place + after < secret.length && text[at + after] === secret[place + after]) after += 1;
    if (longest === null || before + after > longest.end - longest.start) {
      longest = { start: at - before, end: at + after };
    }
  }
  return longest;
}

const ESCAPE = /%[0-9a-f]{2}|\\+u00[0-9a-f]{2}|\\+x[0-9a-f]{2}/gi;

/** The text with its escapes of single characters resolved; `starts` gives the offset in `text` of a position in `plain`. */
function unescapeText(text: string): { readonly plain: string; readonly starts: (at: number) => number } {
  const shifts: { readonly plainAt: number; readonly textAt: number }[] = [];
  let plain = '';
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ESCAPE)) {
    plain += text.slice(from, index);
    shifts.push({ plainAt: plain.length, textAt: index });
    plain += String.fromCharCode(Number.parseInt(found.slice(-2), 16));
    from = index + found.length;
    shifts.push({ plainAt: plain.length, textAt: from });
  }
  if (shifts.length === 0) return { plain: text, starts: (at) => at };
  plain += text.slice(from);
  return { plain, starts: (at) => offsetIn(shifts, at) };
}

/** By binary search: a hostile body consists of escapes. */
function offsetIn(shifts: readonly { readonly plainAt: number; readonly textAt: number }[], at: number): number {
  let low = 0;
  let high = shifts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shifts[middle]!.plainAt <= at) low = middle + 1;
    else high = middle;
  }
  const last = shifts[low - 1];
  return last === undefined ? at : last.textAt + (at - last.plainAt);
}
