import type { Answer, Judgement } from './outcome.js';
import { quote } from './outcome.js';

/** Statuses Apple takes for success. Source: docs, "Responding to App Store Server Notifications" (apple.md 1). */
export function isSuccessStatus(status: number): boolean {
  return status >= 200 && status <= 206;
}

/**
 * What a complete answer amounts to, redirects apart. The status comes first: a 404 in a strange charset is a 404. The body is not
 * looked at, since Apple ignores it. Pure.
 */
export function judgeAnswer(answer: Answer): Judgement {
  const { status } = answer;
  if (!isSuccessStatus(status)) return { result: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', detail: `answered ${status}` };
  const charset = charsetOf(firstOf(answer.headers['content-type']));
  if (charset === null || isKnownCharset(charset)) return { result: 'SUCCESS', detail: `answered ${status}` };
  return { result: 'UNSUPPORTED_CHARSET', detail: `answered ${status} in the charset ${quote(charset)}` };
}

/** A parameter of a media type (RFC 9110 section 5.6.6): quoted strings are skipped whole, so that nothing inside one counts. */
const PARAMETER = /;\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/g;

/** The charset a Content-Type names; null where it names none. */
function charsetOf(contentType: string | undefined): string | null {
  for (const [, name = '', value = ''] of (contentType ?? '').matchAll(PARAMETER)) {
    if (name.toLowerCase() === 'charset') return value.trim().replace(/^"(.*)"$/, '$1') || null;
  }
  return null;
}

/** In use elsewhere and registered with IANA, but not among the encodings of the web. */
const BEYOND_THE_WEB = /^(?:utf-32(?:be|le)?|iso-8859-1[1-6]|cesu-8)$/i;

/** Which charsets Apple supports is not documented [U]: every encoding of the web passes, so that only a mistake does not. */
function isKnownCharset(name: string): boolean {
  if (BEYOND_THE_WEB.test(name)) return true;
  try {
    new TextDecoder(name);
    return true;
  } catch {
    return false;
  }
}

function firstOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
