import { isJsonObject, type Json, parseJson } from '../../jws/json.js';
import { checkEmulatedUrl, type EmulatedAppSettings } from '../app-settings.js';
import { type ConnectError, parameterError, unacceptableEntity, unreadableEntity } from './errors.js';

/** Validated query of GET /v1/apps. */
export interface AppQuery {
  /** Attributes named in `fields[apps]`; null if the parameter is absent. */
  readonly fields: readonly string[] | null;
  readonly bundleIds: readonly string[] | null;
  readonly ids: readonly string[] | null;
  readonly limit: number;
}

/**
 * Emulated attributes of an app. {@link URL_ATTRIBUTES} are returned only if `fields[apps]` names them.
 * Source: docs, "Modify an App"; the omission was observed in 2026.
 */
export const PLAIN_ATTRIBUTES = ['name', 'bundleId', 'sku', 'primaryLocale'] as const;

const URL_ATTRIBUTES = [
  'subscriptionStatusUrl',
  'subscriptionStatusUrlVersion',
  'subscriptionStatusUrlForSandbox',
  'subscriptionStatusUrlVersionForSandbox',
] as const;

const DEFAULT_LIMIT = 50;

const MAX_LIMIT = 200;

const LIST_PARAMETERS = ['fields[apps]', 'filter[bundleId]', 'filter[id]', 'limit'];

const ONE_PARAMETERS = ['fields[apps]'];

/** Parses the query of `GET /v1/apps` (`isList`) or `GET /v1/apps/{id}`. */
export function parseAppQuery(parameters: URLSearchParams, isList: boolean): AppQuery | ConnectError {
  const allowed = isList ? LIST_PARAMETERS : ONE_PARAMETERS;
  const illegal = [...parameters.keys()].find((name) => !allowed.includes(name));
  if (illegal !== undefined) {
    return parameterError('ILLEGAL', illegal, `The parameter '${illegal}' can not be used with this request.`);
  }
  const fields = listOf(parameters, 'fields[apps]');
  const unknown = fields?.find((name) => !isAttribute(name));
  if (unknown !== undefined) {
    return parameterError('INVALID', 'fields[apps]', `'${unknown}' is not a valid field name for the resource 'apps'.`);
  }
  const limit = Number(parameters.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return parameterError('INVALID', 'limit', `The limit must be from 1 to ${MAX_LIMIT}.`);
  }
  return { fields, bundleIds: listOf(parameters, 'filter[bundleId]'), ids: listOf(parameters, 'filter[id]'), limit };
}

function isAttribute(name: string): boolean {
  return [...PLAIN_ATTRIBUTES, ...URL_ATTRIBUTES].some((attribute) => attribute === name);
}

/** Values are comma-separated and may be repeated. */
function listOf(parameters: URLSearchParams, name: string): readonly string[] | null {
  const values = parameters.getAll(name);
  return values.length === 0 ? null : values.flatMap((value) => value.split(','));
}

/** Settings changed by a PATCH. */
type SettingsChange = Partial<EmulatedAppSettings>;

/** Parses `{"data":{"type":"apps","id":"…","attributes":{…}}}`: the change, or Apple's error. */
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

/** Checks of the URL attributes. Null clears a value (unconfirmed). */
const CHECKS: Readonly<Record<string, (value: Json) => string | null>> = {
  subscriptionStatusUrl: urlDefect,
  subscriptionStatusUrlForSandbox: urlDefect,
  subscriptionStatusUrlVersion: versionDefect,
  subscriptionStatusUrlVersionForSandbox: versionDefect,
};

function urlDefect(value: Json): string | null {
  return typeof value === 'string' ? checkEmulatedUrl(value).defect : 'it is not a string';
}

function versionDefect(value: Json): string | null {
  return value === 'V1' || value === 'V2' ? null : "it is neither 'V1' nor 'V2'";
}
