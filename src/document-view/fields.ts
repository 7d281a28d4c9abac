import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { FieldEntry } from '../notification/catalogue/entry.js';
import { fieldsOf } from '../notification/catalogue/fields.js';
import { escapeText, shorten } from '../terminal/escape.js';
import { groupDigits } from '../terminal/format.js';
import type { Row } from '../terminal/layout.js';
import { NOT_KNOWN, type ShownValue, showPlain, showValue, type ValueContext } from './values.js';

/** Further entries of an array or object are counted, not listed: genuine payloads have fewer. */
const MOST_ENTRIES = 100;

/** Apple's payloads nest five levels; deeper values are shown on one line as JSON. */
const DEEPEST = 6;

const LONGEST_NAME = 40;

/**
 * Every field of a payload object as rows: documented ones in the catalogue's order, then unknown ones. `object` selects the fields of the
 * catalogue; `skip` leaves out fields that are shown elsewhere.
 */
export function rowsOf(
  payload: JsonObject,
  object: string,
  context: ValueContext,
  skip: ReadonlySet<string> = NOTHING,
): readonly Row[] {
  const entries = fieldsOf(object);
  return objectRows(payload, entries, context, 0, entries.length === 0 ? null : NOT_KNOWN, skip);
}

/** These fields only, in this order, without those that the payload lacks. */
export function selectRows(
  payload: JsonObject,
  object: string,
  context: ValueContext,
  names: readonly string[],
): readonly Row[] {
  return names
    .filter((name) => isShown(payload, name, NOTHING))
    .flatMap((name) => {
      const entry = fieldsOf(object).find((field) => field.name === name);
      const value = payload[name]!;
      return entry === undefined
        ? foreignRows(name, value, context, 0, NOT_KNOWN)
        : fieldRows(entry, value, context, 0);
    });
}

/** The name of an unknown field, escaped and shortened. */
export function foreignLabel(name: string): string {
  return escapeText(shorten(name, LONGEST_NAME));
}

const NOTHING: ReadonlySet<string> = new Set();

function objectRows(
  payload: JsonObject,
  entries: readonly FieldEntry[],
  context: ValueContext,
  depth: number,
  foreignRemark: string | null,
  skip: ReadonlySet<string>,
): readonly Row[] {
  const known = entries.filter(({ name }) => isShown(payload, name, skip));
  const names = new Set(entries.map(({ name }) => name));
  const foreign = Object.keys(payload).filter((name) => !names.has(name) && isShown(payload, name, skip));
  return [
    ...known.flatMap((entry) => fieldRows(entry, payload[entry.name]!, context, depth)),
    ...foreign
      .slice(0, MOST_ENTRIES)
      .flatMap((name) => foreignRows(name, payload[name]!, context, depth, foreignRemark)),
    ...moreRow(foreign.length, depth),
  ];
}

function isShown(payload: JsonObject, name: string, skip: ReadonlySet<string>): boolean {
  return Object.hasOwn(payload, name) && payload[name] !== undefined && !skip.has(name);
}

function fieldRows(entry: FieldEntry, value: Json, context: ValueContext, depth: number): readonly Row[] {
  const { name: label, of } = entry;
  const inner = (object: JsonObject): readonly Row[] =>
    objectRows(
      object,
      of === undefined ? [] : fieldsOf(of),
      context,
      depth + 1,
      of === undefined ? null : NOT_KNOWN,
      NOTHING,
    );
  if (entry.type === 'jws') return [{ label, depth, value: 'not opened', remark: null, tone: 'warning' }];
  return (
    containerRows({ label, depth }, value, inner) ?? [{ label, depth, ...asRow(showValue(entry, value, context)) }]
  );
}

function foreignRows(
  name: string,
  value: Json,
  context: ValueContext,
  depth: number,
  remark: string | null,
): readonly Row[] {
  const head = { label: foreignLabel(name), depth, foreign: true, remark };
  const inner = (object: JsonObject): readonly Row[] => objectRows(object, [], context, depth + 1, null, NOTHING);
  return containerRows(head, value, inner) ?? [{ ...head, value: showPlain(value).text }];
}

/** An object, or an array of objects, as a heading with its fields indented; null for other values. */
function containerRows(
  head: Omit<Row, 'value'> & { depth: number },
  value: Json,
  inner: (object: JsonObject) => readonly Row[],
): readonly Row[] | null {
  if (head.depth >= DEEPEST) return null;
  if (isJsonObject(value)) return isEmpty(value) ? null : [{ ...head, value: '' }, ...inner(value)];
  if (!Array.isArray(value) || !value.some(isJsonObject)) return null;
  const entries = value.slice(0, MOST_ENTRIES).flatMap((entry: Json, index) => {
    const numbered = { ...head, label: `${head.label}[${index}]`, remark: index === 0 ? (head.remark ?? null) : null };
    return isJsonObject(entry)
      ? [{ ...numbered, value: '' }, ...inner(entry)]
      : [{ ...numbered, value: showPlain(entry).text }];
  });
  return [...entries, ...moreRow(value.length, head.depth)];
}

function moreRow(count: number, depth: number): readonly Row[] {
  return count > MOST_ENTRIES
    ? [{ label: '…', depth, value: `${groupDigits(count - MOST_ENTRIES)} more, shown by --json` }]
    : [];
}

function asRow({ text, remark }: ShownValue): Pick<Row, 'value' | 'remark'> {
  return { value: text, remark };
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}
