import { ToolError } from '../../errors.js';
import { describeJson, isJsonObject, type Json, tryParseJson } from '../../jws/json.js';
import type { FieldEntry } from '../../notification/catalogue/entry.js';
import { findValue, VALUES } from '../../notification/catalogue/values.js';
import { isSeconds, MAX_DATE_MS } from '../../notification/kind.js';
import { findField } from './field-path.js';
import { parseMomentText } from './moment-text.js';

/** A value to set, converted to the documented type of its field. */
export interface TypedValue {
  readonly value: Json;
  /** A remark on a value that verifiers accept and that is probably a slip. */
  readonly remark: string | null;
}

/** `atMs`: time of the event, which `+3d` counts from. */
interface ValueContext {
  readonly atMs: number;
  /** Values that every verifier refuses are allowed. */
  readonly isForged: boolean;
}

/**
 * Converts the text behind `--set path=` to the type of the field: numbers, booleans, dates in ISO 8601 or relative to the event, JSON for
 * objects and lists. Fields that Apple does not document take JSON or text. Throws `ERR_SIMULATOR_VALUE` (usage).
 */
export function parseFieldText(path: string, text: string, context: ValueContext): TypedValue {
  const place = findField(path);
  if (place.kind !== 'field') {
    const json = tryParseJson(text);
    const value = json === undefined ? text : json;
    return { value, remark: place.kind === 'unknown' ? unknownField(path, place.nearest) : null };
  }
  const { field } = place.found;
  if (context.isForged) return { value: parseForged(field, text, context.atMs), remark: null };
  if (text === 'null' && field.type !== 'string') throw nullValue(path);
  const value = parseAs(field, path, text, context.atMs);
  return { value, remark: remarkOn(field, path, value) };
}

/** Converts a value of a story file, where numbers and booleans have their type; dates may be text. Throws `ERR_SIMULATOR_VALUE` (usage). */
export function readFieldJson(path: string, value: Json, context: ValueContext): TypedValue {
  const place = findField(path);
  if (place.kind !== 'field') {
    return { value, remark: place.kind === 'unknown' ? unknownField(path, place.nearest) : null };
  }
  const { field } = place.found;
  if (value === null) throw nullValue(path);
  if (field.type === 'date' && typeof value === 'string')
    return { value: parseAs(field, path, value, context.atMs), remark: null };
  if (!context.isForged && !hasType(field, value)) throw wrongType(field, path, describeJson(value));
  return { value, remark: remarkOn(field, path, value) };
}

/** Any value: of the type of the field where the text is one, else JSON, else text. */
function parseForged(field: FieldEntry, text: string, atMs: number): Json {
  const typed = PARSERS[field.type](text, atMs);
  if (typed !== undefined) return typed;
  const json = tryParseJson(text);
  return json === undefined ? text : json;
}

type Parser = (text: string, atMs: number) => Json | undefined;

const parseNumber: Parser = (text) => (/^-?\d+(?:\.\d+)?$/.test(text) ? tryParseJson(text) : undefined);

/** A JSON string is taken by its content: `"7"` is 7 as text. */
const parseString: Parser = (text) => {
  const quoted = text.startsWith('"') ? tryParseJson(text) : undefined;
  return typeof quoted === 'string' ? quoted : text;
};

const parseList: Parser = (text) => {
  const value = tryParseJson(text);
  return Array.isArray(value) ? value : undefined;
};

const parseObject: Parser = (text) => {
  const value = tryParseJson(text);
  return value !== undefined && isJsonObject(value) ? value : undefined;
};

const PARSERS: Readonly<Record<FieldEntry['type'], Parser>> = {
  string: parseString,
  uuid: parseString,
  period: parseString,
  jws: parseString,
  enum: parseString,
  integer: parseNumber,
  money: parseNumber,
  percent: parseNumber,
  code: parseNumber,
  date: (text, atMs) => parseMomentText(text, atMs) ?? undefined,
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  object: parseObject,
  array: parseList,
  strings: (text) =>
    parseList(text, 0) ?? (text.startsWith('[') ? undefined : text.split(',').map((item) => item.trim())),
};

function parseAs(field: FieldEntry, path: string, text: string, atMs: number): Json {
  const value = PARSERS[field.type](text, atMs);
  if (value === undefined) throw wrongType(field, path, text);
  return value;
}

const NUMBERS = new Set<FieldEntry['type']>(['integer', 'money', 'percent', 'code', 'date']);

function hasType({ type }: FieldEntry, value: Json): boolean {
  if (NUMBERS.has(type)) return typeof value === 'number' || typeof value === 'bigint';
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'object') return isJsonObject(value);
  if (type === 'array' || type === 'strings') return Array.isArray(value);
  return typeof value === 'string';
}

const EXPECTED: Readonly<Record<FieldEntry['type'], string>> = {
  string: 'text',
  uuid: 'a UUID as text',
  period: 'an ISO 8601 duration as text, such as P1M',
  jws: 'a token as text',
  enum: 'text',
  integer: 'a number',
  money: 'a number: milliunits of the currency, 4990 is 4.99',
  percent: 'a number: thousandths of a percent, 50000 is 50 %',
  code: 'a number',
  date: 'a date: milliseconds since 1970, 2026-03-04T12:00:00Z, or relative to the event, such as +3d',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a JSON list',
  strings: 'a list: USA,CAN or ["USA","CAN"]',
};

const MAX_SHOWN = 40;

function wrongType(field: FieldEntry, path: string, found: string): ToolError {
  const shown = found.length > MAX_SHOWN ? `${found.slice(0, MAX_SHOWN)}…` : found;
  return valueError(`${path} must be ${EXPECTED[field.type]}; "${shown}" is not`, hintOf(field));
}

function hintOf({ type, values }: FieldEntry): string {
  const names = type === 'code' && values !== undefined ? listValues(values) : null;
  return names === null
    ? 'Every verifier rejects another type. To send one all the same, add --forge REASON.'
    : `Values: ${names}.`;
}

function nullValue(path: string): ToolError {
  return valueError(`${path} cannot be null: every verifier rejects that`, `To leave the field out: --remove ${path}`);
}

export function valueError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_SIMULATOR_VALUE', message, { hint });
}

function unknownField(path: string, nearest: string | null): string {
  const suggestion = nearest === null ? '' : `; did you mean ${nearest}?`;
  return `${path} is not a field that Apple documents${suggestion}`;
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

const ISO_DURATION = /^P(?:\d+[YMWD])+$/;

function remarkOn({ type, values }: FieldEntry, path: string, value: Json): string | null {
  if ((type === 'enum' || type === 'code') && values !== undefined) {
    if (findValue(values, value as string | number) !== undefined) return null;
    return `${path}: ${describeJson(value)} is not a documented value (${listValues(values)})`;
  }
  if (type === 'uuid' && !UUID.test(describeJson(value))) return `${path} is not a UUID`;
  if (type === 'period' && !ISO_DURATION.test(describeJson(value)))
    return `${path} is not an ISO 8601 duration such as P1M`;
  if (typeof value !== 'number') return null;
  if (type === 'date') return dateRemark(path, value);
  return Number.isInteger(value)
    ? null
    : `${path} is usually a whole number${type === 'money' ? ' of milliunits: 4990 is 4.99' : ''}`;
}

function dateRemark(path: string, value: number): string | null {
  if (isSeconds(value)) return `${path} looks like seconds: Apple's dates are milliseconds, ${value}000`;
  return Math.abs(value) > MAX_DATE_MS ? `${path} is out of the range of dates` : null;
}

const MAX_LISTED = 8;

function listValues(table: string): string {
  const values = (VALUES[table] ?? []).map(({ value, meaning }) =>
    typeof value === 'number' ? `${value} ${meaning.replace(/\.$/, '').toLowerCase()}` : value,
  );
  const more = values.length > MAX_LISTED ? ', …' : '';
  return values.slice(0, MAX_LISTED).join(', ') + more;
}
