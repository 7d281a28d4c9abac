import { ToolError } from '../../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../jws/json.js';
import type { BuiltNotification } from './assemble.js';

/** Changes to a built notification, by path. */
export interface Edits {
  /**
   * Fields to set otherwise: `data.bundleId`, `notificationUUID`; inside the nested tokens `transaction.price`,
   * `renewalInfo.autoRenewStatus`, `appTransaction.bundleId`. Nothing else follows along.
   */
  readonly set?: Readonly<Record<string, Json>>;
  /** Fields to leave out; `transaction`, `renewalInfo` or `appTransaction` alone leaves that token out. */
  readonly remove?: readonly string[];
}

/** A copy with fields left out, then set. Throws `ERR_SIMULATOR_PATH` (usage) for a path that leads nowhere. */
export function editNotification(built: BuiltNotification, { set = {}, remove = [] }: Edits): BuiltNotification {
  const removed = remove.reduce((rest, path) => editAt(rest, SLOTS[path] ?? path, removeField), built);
  return Object.entries(set).reduce(
    (changed, [path, value]) => editAt(changed, path, (target, fields) => setField(target, fields, value)),
    removed,
  );
}

/** To leave out the slot of a nested token is to leave out that token. */
const SLOTS: Readonly<Record<string, string>> = {
  'data.signedTransactionInfo': 'transaction',
  'data.signedRenewalInfo': 'renewalInfo',
  'appData.signedAppTransactionInfo': 'appTransaction',
};

const NESTED: ReadonlySet<string> = new Set(Object.values(SLOTS));

type Edit = (target: JsonObject, path: readonly string[]) => JsonObject;

/** Edits the payload that a path points into. */
function editAt(built: BuiltNotification, path: string, edit: Edit): BuiltNotification {
  const fields = path.split('.');
  const [first = '', ...rest] = fields;
  if (!NESTED.has(first)) {
    return { ...built, notification: edit(built.notification, first === 'notification' ? rest : fields) };
  }
  const { notification, ...nested } = built;
  return { notification, ...edit(nested, fields) };
}

/** A copy with one field set. Objects on the way are made where they are missing; a number in the path is a place in an array. */
export function setField(target: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [first = '', ...rest] = path;
  return { ...target, [first]: rest.length === 0 ? value : setInside(target[first], rest, value, path) };
}

/** A copy with one field less. Throws `ERR_SIMULATOR_PATH` (usage) where there is nothing to remove: a typo is told. */
function removeField(target: JsonObject, path: readonly string[]): JsonObject {
  const [first = '', ...rest] = path;
  const { [first]: inner, ...others } = target;
  if (inner === undefined) throw nothingThere(path);
  if (rest.length === 0) return others;
  if (!isJsonObject(inner)) throw nothingThere(path);
  return { ...target, [first]: removeField(inner, rest) };
}

function setInside(inner: Json | undefined, rest: readonly string[], value: Json, path: readonly string[]): Json {
  if (Array.isArray(inner)) return setItem(inner, rest, value, path);
  if (inner === undefined) return setField({}, rest, value);
  if (isJsonObject(inner)) return setField(inner, rest, value);
  throw new ToolError('usage', 'ERR_SIMULATOR_PATH', `"${path.join('.')}" cannot be set: "${path[0]}" is no object.`);
}

function setItem(items: readonly Json[], rest: readonly string[], value: Json, path: readonly string[]): Json {
  const [place = '', ...deeper] = rest;
  const at = Number(place);
  if (!Number.isInteger(at) || at < 0 || at > items.length) throw nothingThere(path);
  const changed = deeper.length === 0 ? value : setInside(items[at], deeper, value, rest);
  return [...items.slice(0, at), changed, ...items.slice(at + 1)];
}

function nothingThere(path: readonly string[]): ToolError {
  return new ToolError('usage', 'ERR_SIMULATOR_PATH', `There is no "${path.join('.')}" in this payload.`, {
    hint: 'Paths are field names joined by dots: data.bundleId, transaction.price, renewalInfo.autoRenewStatus.',
  });
}
