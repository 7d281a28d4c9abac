import { reachOf } from '../address/reach.js';
import { serviceOf } from '../address/services.js';
import { isValidUrl } from '../address/valid-url.js';

/** Stands for a secret. */
const HIDDEN = '…';

/**
 * A URL without its secrets: no user or password, nothing of a service whose URLs are keys, no values of the query but plain ones, and no
 * segment of the path that looks random. Paths of Apple's APIs are documented and hold none.
 */
export function redactUrl(url: URL): string {
  const { protocol, host, username, password } = url;
  const user = username === '' && password === '' ? '' : `${HIDDEN}@`;
  const origin = `${protocol}//${user}${host}`;
  if (serviceOf(url) !== null) return `${origin}/${HIDDEN}`;
  const path = isApi(url) ? redactText(url.pathname) : url.pathname.split('/').map(redactSegment).join('/');
  return origin + path + redactQuery(url.search);
}

/** Apple's hosts, and the emulator's paths of the same APIs on this machine. */
function isApi({ hostname, pathname }: URL): boolean {
  if (hostname === 'apple.com' || hostname.endsWith('.apple.com')) return true;
  return reachOf(hostname) === 'loopback' && /^\/(?:inApps|v1\/apps)\//.test(pathname);
}

/** Letters and digits mixed, as in keys, tokens and UUIDs; a word, a version or a number is none. */
const RANDOM = /^(?=[^/]*\d)(?=[^/]*[A-Za-z])[^/\s]{16,}$/;

/** Long letters of both cases, as base64 without a digit. */
const LETTERS = /^(?=.*[a-z].*[A-Z].*[a-z].*[A-Z])[\w-]{20,}$/;

function redactSegment(segment: string): string {
  return RANDOM.test(segment) || LETTERS.test(segment) ? HIDDEN : redactText(segment);
}

const SECRET_NAME = /token|secret|key|sig|auth|pass|pwd|code|jwt|session|credential/i;

function redactQuery(search: string): string {
  if (search === '') return '';
  const pairs = search.slice(1).split('&');
  return `?${pairs.map(redactPair).join('&')}`;
}

function redactPair(pair: string): string {
  const at = pair.indexOf('=');
  if (at === -1) return redactSegment(pair);
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const isPlain = value.length <= 40 && !SECRET_NAME.test(name) && redactSegment(value) === value;
  return `${name}=${isPlain ? value : HIDDEN}`;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers as `name: value`; values of secret ones keep their scheme only: `authorization: Bearer …`. */
export function redactHeaders(headers: Headers): readonly string[] {
  return Object.entries(headers).flatMap(([name, given]) => {
    if (given === undefined) return [];
    const value = typeof given === 'string' ? given : given.join(', ');
    return [`${name}: ${redactHeader(name, value)}`];
  });
}

const SECRET_HEADER =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie2?)$|token|secret|api-?key|access-?key|password|passwd|passphrase|signature|credential|session|bypass/i;

function redactHeader(name: string, value: string): string {
  if (SECRET_HEADER.test(name)) return /^[A-Za-z]+(?= )/.test(value) ? `${value.split(' ', 1)[0]} ${HIDDEN}` : HIDDEN;
  if (/^(?:location|referer|origin|content-location)$/i.test(name) && isValidUrl(value))
    return redactUrl(new URL(value));
  return redactText(value);
}

/** A JWT or JWS: its parts are as good as the whole. */
const TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Values of JSON members and form fields with a secret name; ids that Apple calls tokens are no secrets. */
const MEMBER =
  /("(?!(?:appAccountToken|testNotificationToken|paginationToken)")[^"\\]{0,64}(?:password|passwd|pwd|passphrase|secret|token|private_?key|api_?key|authorization|credential)[^"\\]{0,64}"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|-?\d[\d.e+-]*|\[[^\]]{0,2000}\]?)/gi;

/** The same inside of a string that holds JSON. */
const ESCAPED_MEMBER =
  /(\\"(?!(?:appAccountToken|testNotificationToken|paginationToken)\\)[^"\\]{0,64}(?:password|passwd|pwd|passphrase|secret|token|private_?key|api_?key|authorization|credential)[^"\\]{0,64}\\"\s*:\s*)\\"[^"\\]*/gi;

const FIELD =
  /(^|[&\s?;])([\w.-]{0,64}(?:password|passwd|pwd|passphrase|secret|token|session_?id|api_?key|private_?key)[\w.-]{0,64}=)[^&\s]+/gi;

const CREDENTIALS = /\b([Bb]earer|[Bb]asic|BEARER|BASIC)\s+(?=\S*[\d=A-Z])[\w.~+/=-]{8,}/g;

const USER_IN_URL = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']{1,200}@/gi;

/** Text without tokens, private keys, passwords and the like: a signed payload keeps its start and its length. */
export function redactText(text: string): string {
  return text
    .replace(PRIVATE_KEY, `private key ${HIDDEN}`)
    .replace(MEMBER, (member: string, name: string) =>
      member.slice(name.length).startsWith('"eyJ') ? member : `${name}"${HIDDEN}"`,
    )
    .replace(ESCAPED_MEMBER, `$1\\"${HIDDEN}`)
    .replace(FIELD, `$1$2${HIDDEN}`)
    .replace(CREDENTIALS, `$1 ${HIDDEN}`)
    .replace(USER_IN_URL, `$1${HIDDEN}@`)
    .replace(TOKEN, (token) => `${token.slice(0, 3)}${HIDDEN} (${token.length} characters)`);
}
