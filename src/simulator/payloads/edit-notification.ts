import type { Json, JsonObject } from '../../jws/json.js';
import type { BuiltNotification } from './built.js';
import { removeField, setField } from './edit.js';

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
