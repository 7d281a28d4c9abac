import { openJws } from '../../jws/compact.js';
import { isJsonObject, type Json, type JsonObject } from '../../jws/json.js';
import { nestedSlots } from '../../notification/kind.js';
import type { BuiltNotification } from './assemble.js';
import { baseError } from './read-state.js';

const TOKEN_OF: Readonly<Record<string, Exclude<keyof BuiltNotification, 'notification'>>> = {
  'data.signedTransactionInfo': 'transaction',
  'data.signedRenewalInfo': 'renewalInfo',
  'appData.signedAppTransactionInfo': 'appTransaction',
};

/**
 * Takes a decoded notification apart: its payload without the nested tokens, and their payloads. Nothing is verified, every field is kept.
 * Throws `ERR_SIMULATOR_BASE` (usage) for a nested token that cannot be decoded.
 */
export function openBase(notification: JsonObject): BuiltNotification {
  let built: BuiltNotification = { notification };
  for (const { path, value } of nestedSlots(notification)) {
    const token = Object.hasOwn(TOKEN_OF, path) ? TOKEN_OF[path] : undefined;
    if (token === undefined) continue;
    const payload = typeof value === 'string' ? openJws(value).payload : null;
    if (payload === null) throw baseError(`the token in ${path} cannot be decoded`, 'Pass a whole notification.');
    built = { ...built, notification: withoutField(built.notification, path), [token]: payload };
  }
  return built;
}

function withoutField(notification: JsonObject, path: string): JsonObject {
  const [container = '', field = ''] = path.split('.');
  const parent = notification[container];
  if (!isJsonObject(parent)) return notification;
  const { [field]: _token, ...rest } = parent;
  return { ...notification, [container]: rest as Readonly<Record<string, Json>> };
}
