import { unescape as decodeLeniently } from 'node:querystring';
import packageJson from '../../package.json' with { type: 'json' };
import { ToolError } from '../errors.js';
import type { ForwardedNotification, HttpTarget } from './target.js';

const USER_AGENT = `storewire/${packageJson.version}`;

/** notificationUUID that is safe in a header: Apple's are UUIDs, but a test notification may contain anything. */
const SAFE_UUID = /^[\w.-]{1,64}$/;

/** Valid field value (RFC 9110, 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Builds the headers of one attempt: the received content type, the user's headers, and the `storewire-*` headers, which win. No other
 * header of the peer is forwarded. Credentials in the URL become an `Authorization` header, as with every HTTP client.
 */
export function buildHeaders(
  target: HttpTarget,
  notification: ForwardedNotification,
  attempt: number,
  runId: string,
): Record<string, string> {
  const { contentType, uuid, verdict, via = [] } = notification;
  return {
    'content-type':
      contentType !== null && contentType !== '' && VALUE.test(contentType) ? contentType : 'application/json',
    'user-agent': USER_AGENT,
    ...credentialsOf(new URL(target.url)),
    ...target.headers,
    'storewire-id': notification.id,
    ...(uuid !== null && SAFE_UUID.test(uuid) ? { 'storewire-uuid': uuid } : {}),
    'storewire-verdict': verdict,
    'storewire-attempt': String(attempt),
    [VIA_HEADER]: buildVia(via, runId),
  };
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeLeniently(username)}:${decodeLeniently(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Valid field name (RFC 9110, 5.6.2). */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Headers that control message framing; the user cannot set them. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Parses the values of `-H "name: value"` into headers by lower-case name; the last of several values wins. A value `env:NAME` is read from
 * that environment variable, so that a secret is neither in the shell history nor in the list of processes. Throws (usage)
 * `ERR_USAGE_HEADER`, also for a missing variable; no message contains a value, which may be a secret.
 */
export function parseHeaders(lines: readonly string[], env: Variables): Record<string, string> {
  return Object.fromEntries(lines.map((line) => parseHeader(line, env)));
}

function parseHeader(line: string, env: Variables): readonly [name: string, value: string] {
  const at = line.indexOf(':');
  const name = line.slice(0, Math.max(at, 0)).trim().toLowerCase();
  const written = line.slice(at + 1).trim();
  if (at === -1 || !NAME.test(name)) throw invalidHeader('a header must be written as "name: value"');
  const value = readValue(name, written, env);
  if (!VALUE.test(value))
    throw invalidHeader(`the value of the header "${name}" has characters that HTTP does not allow`);
  if (FRAMING.has(name))
    throw invalidHeader(`the header "${name}" controls the framing of the request and cannot be set`);
  if (name.startsWith('storewire-')) throw invalidHeader(`the header "${name}" is set by storewire itself`);
  return [name, value];
}

const FROM_VARIABLE = /^env:([A-Za-z_]\w*)$/;

function readValue(name: string, written: string, env: Variables): string {
  const variable = FROM_VARIABLE.exec(written)?.[1];
  if (variable === undefined) return written;
  const value = env[variable]?.trim() ?? '';
  if (value !== '') return value;
  throw invalidHeader(`the environment variable ${variable} of the header "${name}" is not set`);
}

function invalidHeader(message: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_HEADER', message, {
    hint: "For example: --header 'Authorization: env:NAME', which keeps the value in the environment variable NAME.",
  });
}

/** Header with the ids of the listeners that a notification has passed, oldest first. */
const VIA_HEADER = 'storewire-via';

const ID = /^[0-9a-f]{8,64}$/;

/** Longer than any intended chain of listeners: more ids mean a loop. */
const MAX_IDS = 16;

/** Parses a `storewire-via` header; empty without one. Anything that is not an id is skipped, since any client can set the header. */
export function parseVia(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  const words = header.split(',', MAX_IDS).map((word) => word.trim());
  return words.filter((word) => ID.test(word));
}

/** Value of the `storewire-via` header: the listeners passed so far, then this one. */
export function buildVia(passed: readonly string[], runId: string): string {
  return [...passed, runId].join(', ');
}
