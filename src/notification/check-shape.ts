import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { FIELD_CONSTRAINTS, type FieldConstraints, type Limit } from './catalogue/constraints.js';
import type { FieldEntry, FieldType } from './catalogue/entry.js';
import { fieldsOf } from './catalogue/fields.js';
import { VERSIONS } from './catalogue/versions.js';
import type { Kind } from './document.js';
import { isSeconds, MAX_DATE_MS } from './kind.js';

/** A field that does not match its documentation. All strings are fixed text, never taken from the payload. */
interface ShapeFinding {
  /** `data.status`, `advancedCommerceInfo.items[0].SKU`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  /** A remark on a value of the documented type; it is no defect. */
  readonly isRemark?: true;
}

/**
 * Checks every documented field against its documented JSON type and the constraints of Apple's node library.
 * Unknown fields and unknown enum strings pass, since Apple adds both without notice; numbers may be fractional,
 * as in payloads signed by Xcode. Kind `unknown` has no documentation and a version 1 body no signature: no findings.
 */
export function checkShape(payload: JsonObject, kind: Kind): readonly ShapeFinding[] {
  if (kind === 'unknown' || kind === 'notificationV1') return [];
  const findings: ShapeFinding[] = [];
  checkObject(shapeOf(kind), payload, '', findings);
  return findings;
}

/** Checks one value and appends its defects to `findings`. */
type Checker = (value: Json, parent: string, name: string, findings: ShapeFinding[]) => void;

interface Shape {
  /** A Map, so that `__proto__` and `constructor` in a payload are ordinary fields. */
  readonly checkers: ReadonlyMap<string, Checker>;
  readonly required: readonly string[];
}

const SHAPES = new Map<string, Shape>();

/** The compiled checkers of an object, compiled on first use, since most payloads need few of them. */
function shapeOf(object: string): Shape {
  const cached = SHAPES.get(object);
  if (cached !== undefined) return cached;
  const shape = compile(fieldsOf(object), FIELD_CONSTRAINTS[object] ?? {});
  SHAPES.set(object, shape);
  return shape;
}

function compile(fields: readonly FieldEntry[], constraints: FieldConstraints): Shape {
  const checkers = new Map<string, Checker>();
  for (const name of constraints.alsoStrings ?? []) checkers.set(name, checkString);
  for (const field of fields.filter(isConfirmed)) {
    if (constraints.unchecked?.includes(field.name)) continue;
    const limit = constraints.limits?.[field.name];
    checkers.set(field.name, limit === undefined ? checkerOf(field) : limited(checkerOf(field), limit));
  }
  return { checkers, required: constraints.required ?? [] };
}

/** Field types of the latest versions are unconfirmed, and a wrong one must not reject a genuine payload. */
function isConfirmed({ since }: FieldEntry): boolean {
  return VERSIONS.find(({ version }) => version === since)?.dateConfirmed !== false;
}

function checkObject(shape: Shape, value: JsonObject, path: string, findings: ShapeFinding[]): void {
  for (const name in value) {
    const found = value[name];
    if (found !== undefined) shape.checkers.get(name)?.(found, path, name, findings);
  }
  for (const name of shape.required) {
    if (value[name] === undefined) findings.push({ path: pathOf(path, name), expected: 'a value', found: 'nothing' });
  }
}

const CHECKERS: Readonly<Record<Exclude<FieldType, 'object' | 'array'>, Checker>> = {
  string: checkString,
  uuid: checkString,
  period: checkString,
  jws: checkString,
  enum: checkString,
  integer: checkNumber,
  money: checkNumber,
  percent: checkNumber,
  code: checkNumber,
  date: checkDate,
  boolean: checkBoolean,
  strings: checkStrings,
};

function checkerOf({ type, of }: FieldEntry): Checker {
  if (type === 'object') return nested(of);
  if (type === 'array') return listOf(of);
  return CHECKERS[type];
}

function checkString(value: Json, parent: string, name: string, findings: ShapeFinding[]): void {
  if (typeof value !== 'string') findings.push(mismatch(parent, name, 'string', value));
}

function checkBoolean(value: Json, parent: string, name: string, findings: ShapeFinding[]): void {
  if (typeof value !== 'boolean') findings.push(mismatch(parent, name, 'boolean', value));
}

/** Rejects infinite numbers, which JSON.parse produces for `1e999` and which cannot be serialised. */
function checkNumber(value: Json, parent: string, name: string, findings: ShapeFinding[]): void {
  if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'bigint') {
    findings.push(mismatch(parent, name, 'number', value));
  }
}

/** Rejects a time out of the range of Date, which would otherwise count as no time at all. */
function checkDate(value: Json, parent: string, name: string, findings: ShapeFinding[]): void {
  if (typeof value === 'number' && Math.abs(value) <= MAX_DATE_MS) {
    if (isSeconds(value))
      findings.push({ ...mismatch(parent, name, 'milliseconds', value), found: 'seconds', isRemark: true });
    return;
  }
  findings.push(mismatch(parent, name, 'date in milliseconds', value));
}

function checkStrings(value: Json, parent: string, name: string, findings: ShapeFinding[]): void {
  if (!Array.isArray(value)) {
    findings.push(mismatch(parent, name, 'array of strings', value));
    return;
  }
  for (let at = 0; at < value.length; at++) checkString(value[at], parent, `${name}[${at}]`, findings);
}

/** `object` undefined: an object without documented fields. */
function nested(object: string | undefined): Checker {
  let shape: Shape | null = null;
  return (value, parent, name, findings) => {
    if (!isJsonObject(value)) {
      findings.push(mismatch(parent, name, 'object', value));
    } else if (object !== undefined) {
      shape ??= shapeOf(object);
      checkObject(shape, value, pathOf(parent, name), findings);
    }
  };
}

function listOf(object: string | undefined): Checker {
  const checkItem = nested(object);
  return (value, parent, name, findings) => {
    if (!Array.isArray(value)) {
      findings.push(mismatch(parent, name, 'array', value));
      return;
    }
    for (let at = 0; at < value.length; at++) checkItem(value[at], parent, `${name}[${at}]`, findings);
  };
}

function limited(check: Checker, { maxLength = Infinity, min = -Infinity, max = Infinity }: Limit): Checker {
  return (value, parent, name, findings) => {
    if (typeof value === 'string' && value.length > maxLength) {
      findings.push({
        path: pathOf(parent, name),
        expected: `at most ${maxLength} characters`,
        found: `${value.length}`,
      });
    } else if ((typeof value === 'number' || typeof value === 'bigint') && (value < min || value > max)) {
      findings.push({ path: pathOf(parent, name), expected: `number from ${min} to ${max}`, found: `${value}` });
    } else {
      check(value, parent, name, findings);
    }
  };
}

function mismatch(parent: string, name: string, expected: string, value: Json): ShapeFinding {
  return { path: pathOf(parent, name), expected, found: describeType(value) };
}

function pathOf(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function describeType(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' || typeof value === 'bigint') {
    return typeof value === 'number' && Math.abs(value) <= MAX_DATE_MS ? 'number' : 'number out of range';
  }
  return typeof value;
}
