import { isAscii, isUtf8 } from 'node:buffer';
import { type CompactJws, parseBase64Url, splitJws, viewBase64Url } from './compact.js';
import { isJsonObject, type JsonObject, NestingError, parseJson } from './json.js';

/**
 * A compact JWS taken apart as far as it goes; nothing is verified. `formatDefect` and `payloadDefect` say in words what is wrong.
 * `signature` is null where the format is broken.
 */
export interface OpenedJws {
  readonly text: string;
  readonly header: JsonObject | null;
  readonly payload: JsonObject | null;
  readonly signature: Buffer | null;
  readonly formatDefect: string | null;
  readonly payloadDefect: string | null;
}

/** Reads the header a token starts with; a cache where many tokens share one. */
export type HeaderParser = (token: string) => JsonObject | string;

/** The header of a token, all before its first dot, as a JSON object; the defect in words where it is none. */
export function parseHeader(token: string): JsonObject | string {
  const dot = token.indexOf('.');
  return parseObject(dot === -1 ? token : token.slice(0, dot));
}

/** Takes a token apart; never throws. A token cut short is opened as far as it reaches. */
export function openJws(text: string, headerOf: HeaderParser = parseHeader): OpenedJws {
  const split = splitJws(text);
  if ('defect' in split) return { ...openRemains(text, headerOf), formatDefect: split.defect };
  const { jws } = split;
  const header = headerOf(text);
  const payload = parseObject(jws.payload);
  const signature = parseBase64Url(jws.signature);
  return {
    text,
    header: typeof header === 'string' ? null : header,
    payload: typeof payload === 'string' ? null : payload,
    signature: typeof signature === 'string' ? null : signature,
    formatDefect: formatDefectOf(jws, header, payload, signature),
    payloadDefect: typeof payload === 'string' ? payload : null,
  };
}

function formatDefectOf(
  jws: CompactJws,
  header: JsonObject | string,
  payload: JsonObject | string,
  signature: Buffer | string,
): string | null {
  if (typeof header === 'string') return `its header: ${header}`;
  if (typeof payload === 'string') {
    const bytes = parseBase64Url(jws.payload);
    if (typeof bytes === 'string') return `its payload: ${bytes}`;
  }
  return typeof signature === 'string' ? `its signature: ${signature}` : null;
}

/** What a token that is cut short still says: its header if that is whole. */
function openRemains(text: string, headerOf: HeaderParser): Omit<OpenedJws, 'formatDefect'> {
  const header = text.includes('.') ? headerOf(text) : null;
  return {
    text,
    header: header === null || typeof header === 'string' ? null : header,
    payload: null,
    signature: null,
    payloadDefect: null,
  };
}

function parseObject(segment: string): JsonObject | string {
  const bytes = viewBase64Url(segment);
  if (typeof bytes === 'string') return bytes;
  if (!isUtf8(bytes)) return 'it is not UTF-8 text';
  try {
    const value = parseJson(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8'));
    return isJsonObject(value) ? value : 'it is not a JSON object';
  } catch (error) {
    if (error instanceof NestingError) return error.message;
    if (error instanceof SyntaxError) return 'it is not JSON';
    throw error;
  }
}
