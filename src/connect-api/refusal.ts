import { ToolError } from '../errors.js';
import type { HttpResponse } from '../http/request.js';
import { isJsonObject, type JsonObject, parseJsonObject } from '../jws/json.js';
import { findConnectError } from './errors.js';
import { parseRateLimit } from './rate-limit.js';

/** What an answer that is no success says: Apple's code and its words, null where it has none. Untrusted: escape on display. */
export interface Refusal {
  readonly code: string | null;
  readonly words: string | null;
}

/** Reads `{"errors": [{status, code, title, detail, source}]}`; Apple answers some statuses (406) in plain text. */
export function parseRefusal(body: Uint8Array): Refusal {
  const first = errorsOf(body)[0];
  if (first === undefined) return { code: null, words: null };
  const { code, title, detail, source } = first;
  const said = [detail, title].find((text) => typeof text === 'string' && text !== '');
  const place = isJsonObject(source)
    ? [source.pointer, source.parameter].find((at) => typeof at === 'string')
    : undefined;
  const words = said === undefined ? null : place === undefined ? String(said) : `${String(said)} (${String(place)})`;
  return { code: typeof code === 'string' ? code : null, words };
}

/** An answer that is no success as a ToolError, by the table of errors; `host` is who answered. */
export function describeRefusal(answer: HttpResponse, host: string): ToolError {
  const { code, words } = parseRefusal(answer.body);
  const entry = findConnectError(answer.status, code);
  const told = `${answer.status}${code === null ? '' : ` ${shorten(code)}`}`;
  const limit = parseRateLimit(answer.headers['x-rate-limit']);
  const said = words === null ? '' : `. ${host} says: ${shorten(words)}`;
  const count = entry?.status === 429 && limit !== null ? `, of which Apple allows ${limit.perHour}` : '';
  if (entry !== null)
    return new ToolError(entry.kind, entry.toolCode, `${entry.explained}${count} (${told})${said}`, {
      hint: entry.hint,
    });
  const message = `${host} answered ${told}, which is no answer of App Store Connect's${said}`;
  const hint = 'Check HTTPS_PROXY and STOREWIRE_CONNECT_API_URL, where they are set.';
  return new ToolError('remote', 'ERR_CONNECT_ANSWER', message, { hint });
}

/** Longest part of an answer that goes into a message. */
const LONGEST_QUOTED = 300;

function shorten(text: string): string {
  return text.length <= LONGEST_QUOTED ? text : `${text.slice(0, LONGEST_QUOTED)}…`;
}

function errorsOf(body: Uint8Array): readonly JsonObject[] {
  const content = parseJsonObject(body);
  return content !== null && Array.isArray(content.errors) ? content.errors.filter(isJsonObject) : [];
}
