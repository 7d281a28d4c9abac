import { isJsonObject, type Json, parseJson } from '../../jws/json.js';
import { type AppSettings, checkNotificationUrl } from '../app-settings.js';
import { PLAIN_ATTRIBUTES } from './app-query.js';
import { type ConnectError, unacceptableEntity, unreadableEntity } from './errors.js';

/** The settings that a PATCH changes. */
export type SettingsChange = Partial<AppSettings>;

/** Reads `{"data":{"type":"apps","id":"…","attributes":{…}}}`: what is to change, or Apple's refusal. */
export function parseAppUpdate(body: Uint8Array, appId: string): SettingsChange | ConnectError {
  const data = parseData(body);
  if (data === null) return unreadableEntity('The body must be a JSON object with the member "data".');
  if (data.type !== 'apps') return unacceptableEntity('TYPE', '/data/type', "The type must be 'apps'.");
  if (data.id !== appId) return unacceptableEntity('ID', '/data/id', `The id must be '${appId}', as in the path.`);
  const { attributes = {} } = data;
  if (!isJsonObject(attributes)) return unreadableEntity('"attributes" must be an object.');
  for (const [name, value] of Object.entries(attributes)) {
    const refusal = checkAttribute(name, value ?? null);
    if (refusal !== null) return refusal;
  }
  return attributes as SettingsChange;
}

function parseData(body: Uint8Array) {
  try {
    const value = parseJson(Buffer.from(body).toString());
    return isJsonObject(value) && isJsonObject(value.data) ? value.data : null;
  } catch {
    return null;
  }
}

function checkAttribute(name: string, value: Json): ConnectError | null {
  const pointer = `/data/attributes/${name}`;
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (check !== undefined) {
    const defect = value === null ? null : check(value);
    return defect === null
      ? null
      : unacceptableEntity('ATTRIBUTE.INVALID', pointer, `'${name}' has an invalid value: ${defect}.`);
  }
  return PLAIN_ATTRIBUTES.some((known) => known === name)
    ? unacceptableEntity('ATTRIBUTE.NOT_ALLOWED', pointer, `The emulator does not change '${name}'.`)
    : unacceptableEntity('ATTRIBUTE.UNKNOWN', pointer, `'${name}' is not an attribute of the resource 'apps'.`);
}

/** null clears a value (unconfirmed, apple.md section 7). */
const CHECKS: Readonly<Record<string, (value: Json) => string | null>> = {
  subscriptionStatusUrl: urlDefect,
  subscriptionStatusUrlForSandbox: urlDefect,
  subscriptionStatusUrlVersion: versionDefect,
  subscriptionStatusUrlVersionForSandbox: versionDefect,
};

function urlDefect(value: Json): string | null {
  return typeof value === 'string' ? checkNotificationUrl(value).defect : 'it is not a string';
}

function versionDefect(value: Json): string | null {
  return value === 'V1' || value === 'V2' ? null : "it is neither 'V1' nor 'V2'";
}
