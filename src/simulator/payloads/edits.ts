import { ToolError } from '../../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../jws/json.js';
import type { BuiltNotification } from './assemble.js';

/** Changes to a built notification, by path. */
export interface Edits {
  /**
   * Fields to set: `data.bundleId`, `notificationUUID`; in the nested tokens `transaction.price`,
   * `renewalInfo.autoRenewStatus`, `appTransaction.bundleId`. No other field is adjusted to match.
   */
  readonly set?: Readonly<Record<string, Json>>;
  /** Fields to remove; `transaction`, `renewalInfo` or `appTransaction` alone removes that token. */
  readonly remove?: readonly string[];
}

/** Returns a copy with fields removed, then set. Throws `ERR_SIMULATOR_PATH` (usage) for a path that does not exist. */
export function editNotification(built: BuiltNotification, { set = {}, remove = [] }: Edits): BuiltNotification {
  const removed = remove.reduce(
    (rest, path) =>
      editAt(rest, (Object.hasOwn(SLOTS, path) ? SLOTS[path] : null) ?? path, (target, fields) =>
        removeField(target, fields),
      ),
    built,
  );
  return Object.entries(set).reduce(
    (changed, [path, value]) => editAt(changed, path, (target, fields) => setField(target, fields, value)),
    removed,
  );
}

/** Removing the field of a nested token removes the token. */
const SLOTS: Readonly<Record<string, string>> = {
  'data.signedTransactionInfo': 'transaction',
  'data.signedRenewalInfo': 'renewalInfo',
  'appData.signedAppTransactionInfo': 'appTransaction',
};

const NESTED: ReadonlySet<string> = new Set(Object.values(SLOTS));

type Edit = (target: JsonObject, path: readonly string[]) => JsonObject;

/** Applies an edit to the payload that the path belongs to. */
function editAt(built: BuiltNotification, path: string, edit: Edit): BuiltNotification {
  const fields = path.split('.');
  const [first = '', ...rest] = fields;
  if (!NESTED.has(first)) {
    return { ...built, notification: edit(built.notification, first === 'notification' ? rest : fields) };
  }
  const { notification, ...nested } = built;
  return { notification, ...edit(nested, fields) };
}

/** Returns a copy with one field set. Missing objects are created; a number in the path is an array index. */
export function setField(target: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [first = '', ...rest] = path;
  return { ...target, [first]: rest.length === 0 ? value : setInside(ownField(target, first), rest, value, path) };
}

/** Returns a copy without one field. Throws `ERR_SIMULATOR_PATH` (usage) if it does not exist, so that a typo is reported. */
function removeField(target: JsonObject, path: readonly string[], whole = path): JsonObject {
  const [first = '', ...rest] = path;
  const { [first]: _removed, ...others } = target;
  const inner = ownField(target, first);
  if (inner === undefined) throw fieldNotFound(whole);
  if (rest.length === 0) return others;
  if (!isJsonObject(inner)) throw fieldNotFound(whole);
  return { ...target, [first]: removeField(inner, rest, whole) };
}

/** Names such as `constructor` are data. */
function ownField(target: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(target, name) ? target[name] : undefined;
}

function setInside(inner: Json | undefined, rest: readonly string[], value: Json, path: readonly string[]): Json {
  if (Array.isArray(inner)) return setItem(inner, rest, value, path);
  if (inner === undefined) return setField({}, rest, value);
  if (isJsonObject(inner)) return setField(inner, rest, value);
  throw new ToolError('usage', 'ERR_SIMULATOR_PATH', `cannot set "${path.join('.')}": "${path[0]}" is not an object`);
}

function setItem(items: readonly Json[], rest: readonly string[], value: Json, path: readonly string[]): Json {
  const [index = '', ...inner] = rest;
  const position = Number(index);
  if (!Number.isInteger(position) || position < 0 || position > items.length) throw fieldNotFound(path);
  const changed = inner.length === 0 ? value : setInside(items[position], inner, value, rest);
  return [...items.slice(0, position), changed, ...items.slice(position + 1)];
}

function fieldNotFound(path: readonly string[]): ToolError {
  return new ToolError('usage', 'ERR_SIMULATOR_PATH', `no field "${path.join('.')}" in this payload`, {
    hint: 'Join field names with dots: data.bundleId, transaction.price, renewalInfo.autoRenewStatus.',
  });
}
