import { nearestWord } from '../../notification/catalogue/edit-distance.js';
import type { FieldEntry } from '../../notification/catalogue/entry.js';
import { fieldsOf } from '../../notification/catalogue/fields.js';

/** A documented field, and its object in the catalogue. */
export interface FoundField {
  readonly field: FieldEntry;
  readonly object: string;
}

/** A path of an edit: documented, or the first part of it that is not, with the nearest documented path. */
export type PathTarget =
  | { readonly kind: 'field'; readonly found: FoundField }
  /** A whole payload: `transaction`. */
  | { readonly kind: 'object'; readonly object: string }
  | { readonly kind: 'unknown'; readonly nearest: string | null };

const PAYLOADS = ['transaction', 'renewalInfo', 'appTransaction'] as const;

const INDEX = /^\d+$/;

/** Finds the field of a path such as `data.bundleId`, `transaction.price` or `renewalInfo.multiSeatInfo.renewalPriceTiers.0.price`. */
export function findField(path: string): PathTarget {
  const parts = path.split('.');
  const [first = ''] = parts;
  const isPayload = PAYLOADS.some((name) => name === first);
  const rest = isPayload || first === 'notification' ? parts.slice(1) : parts;
  const root = isPayload ? first : 'notification';
  if (rest.length === 0) return { kind: 'object', object: root };
  return walk(root, rest, parts.slice(0, parts.length - rest.length));
}

function walk(object: string, parts: readonly string[], before: readonly string[]): PathTarget {
  const [name = '', ...rest] = parts;
  const fields = fieldsOf(object);
  const field = fields.find((known) => known.name === name);
  if (field === undefined) {
    const names = [...fields.map((known) => known.name), ...(before.length === 0 ? PAYLOADS : [])];
    const nearest = nearestWord(name, names) ?? nearestFold(name, names);
    return { kind: 'unknown', nearest: nearest === null ? null : [...before, nearest, ...rest].join('.') };
  }
  const isItem = (field.type === 'array' || field.type === 'strings') && INDEX.test(rest[0] ?? '');
  const inner = isItem ? rest.slice(1) : rest;
  if (inner.length === 0) {
    if (!isItem) return { kind: 'field', found: { field, object } };
    return field.type === 'strings'
      ? { kind: 'field', found: { field: { ...field, type: 'string' }, object } }
      : { kind: 'object', object: field.of ?? '' };
  }
  if (field.of === undefined) return { kind: 'unknown', nearest: null };
  return walk(field.of, inner, [...before, name, ...rest.slice(0, rest.length - inner.length)]);
}

/** The name in another letter case: `bundleid`. */
function nearestFold(name: string, names: readonly string[]): string | null {
  return names.find((known) => known.toLowerCase() === name.toLowerCase()) ?? null;
}
