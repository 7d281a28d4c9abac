import { unescape as decodeLeniently } from 'node:querystring';
import packageJson from '../../package.json' with { type: 'json' };
import { ToolError } from '../errors.js';
import type { ForwardedNotification, HttpTarget } from './target.js';

const USER_AGENT = `storewire/${packageJson.version}`;

/** A notificationUUID as it may go into a header: Apple's are UUIDs, the signer of a test may have written anything. */
const PLAIN = /^[\w.-]{1,64}$/;

/** What a header can carry (RFC 9110, 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The headers of one attempt: the content type as received, the user's own, and ours, which win. Nothing else of what the peer sent
 * goes on. Credentials in the address become a header, as with every HTTP client.
 */
export function buildHeaders(
  target: HttpTarget,
  parcel: ForwardedNotification,
  attempt: number,
  runId: string,
): Record<string, string> {
  const { contentType, uuid, verdict, via = [] } = parcel;
  return {
    'content-type':
      contentType !== null && contentType !== '' && VALUE.test(contentType) ? contentType : 'application/json',
    'user-agent': USER_AGENT,
    ...credentialsOf(new URL(target.url)),
    ...target.headers,
    'storewire-id': parcel.id,
    ...(uuid !== null && PLAIN.test(uuid) ? { 'storewire-uuid': uuid } : {}),
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

/** A name as HTTP takes it (RFC 9110, 5.6.2). */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** They say how the message is framed, which is not the user's to say. */
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

/**
 * The user's own headers as `-H "name: value"` gives them, by lower-case name; a name given twice has the last value. Throws (usage)
 * `ERR_USAGE_HEADER`; a value, which may be a secret, is in no message.
 */
export function parseHeaders(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map(parseHeader));
}

function parseHeader(line: string): readonly [name: string, value: string] {
  const at = line.indexOf(':');
  const name = line.slice(0, Math.max(at, 0)).trim().toLowerCase();
  const value = line.slice(at + 1).trim();
  if (at === -1 || !NAME.test(name)) throw refusal('a header is written as "name: value"');
  if (!VALUE.test(value)) throw refusal(`the value of the header "${name}" holds characters that HTTP does not carry`);
  if (FRAMING.has(name)) throw refusal(`the header "${name}" frames the request and cannot be set`);
  if (name.startsWith('storewire-')) throw refusal(`the header "${name}" is one of those storewire writes itself`);
  return [name, value];
}

function refusal(message: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_HEADER', message, {
    hint: `Write --header 'Authorization: Bearer TOKEN', for example.`,
  });
}

/** Carries the ids of the listeners that a notification has passed, oldest first. */
const VIA_HEADER = 'storewire-via';

const ID = /^[0-9a-f]{8,64}$/;

/** More than any chain of listeners that somebody means has; what follows is of no interest, it is a loop already. */
const MOST_IDS = 16;

/** The ids in a `storewire-via` header; empty where there is none. What is no id is passed over: anybody may have written it. */
export function parseVia(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  const words = header.split(',', MOST_IDS).map((word) => word.trim());
  return words.filter((word) => ID.test(word));
}

/** The header of what a listener hands on: those it came by, and the listener itself. */
export function buildVia(passed: readonly string[], runId: string): string {
  return [...passed, runId].join(', ');
}
