import { FIELD_CONSTRAINTS } from '../../src/notification/catalogue/constraints.js';
import type { FieldEntry } from '../../src/notification/catalogue/entry.js';
import { fieldsOf } from '../../src/notification/catalogue/fields.js';

/** A payload as plain, changeable JSON. */
export type Changeable = { [key: string]: unknown };

/** An object with every documented field, each of the documented type, recursively; arrays hold one item. */
export function fullObject(object: string): Changeable {
  return Object.fromEntries(fieldsOf(object).map((field) => [field.name, valueFor(object, field)]));
}

function valueFor(object: string, { name, type, of }: FieldEntry): unknown {
  if (type === 'object') return of === undefined ? {} : fullObject(of);
  if (type === 'array') return of === undefined ? [] : [fullObject(of)];
  if (type === 'strings') return ['text'];
  if (type === 'boolean') return true;
  if (['integer', 'money', 'percent', 'code', 'date'].includes(type))
    return FIELD_CONSTRAINTS[object]?.limits?.[name]?.max ?? 1000;
  return 'text';
}

/** Every path in a value, as lists of keys and indexes, outer ones first. */
export function pathsIn(
  value: unknown,
  above: readonly (string | number)[] = [],
): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [...keys].flatMap((key) => {
    const path = [...above, key];
    return [path, ...pathsIn((value as Changeable)[key], path)];
  });
}

/** `data.items[0].SKU` */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .slice(1);
}

/** A deep copy with one place set, or removed where `value` is undefined. */
export function withValueAt(payload: Changeable, path: readonly (string | number)[], value: unknown): Changeable {
  const copy = structuredClone(payload);
  let place = copy;
  for (const key of path.slice(0, -1)) place = place[key] as Changeable;
  const last = path.at(-1)!;
  if (value !== undefined) place[last] = value;
  else if (Array.isArray(place)) place.splice(Number(last), 1);
  else delete place[last];
  return copy;
}
