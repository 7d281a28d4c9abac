import { type ConnectError, parameterError } from './errors.js';

/** What a GET of apps asks for, checked. */
export interface AppQuery {
  /** Attributes named in `fields[apps]`; null where the parameter is left out. */
  readonly fields: readonly string[] | null;
  readonly bundleIds: readonly string[] | null;
  readonly ids: readonly string[] | null;
  readonly limit: number;
}

/**
 * The attributes of an app that are emulated. The last four are given only where `fields[apps]` names them.
 * Source: apple.md section 7.
 */
export const PLAIN_ATTRIBUTES = ['name', 'bundleId', 'sku', 'primaryLocale'] as const;
export const URL_ATTRIBUTES = [
  'subscriptionStatusUrl',
  'subscriptionStatusUrlVersion',
  'subscriptionStatusUrlForSandbox',
  'subscriptionStatusUrlVersionForSandbox',
] as const;

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const LIST_PARAMETERS = ['fields[apps]', 'filter[bundleId]', 'filter[id]', 'limit'];
const ONE_PARAMETERS = ['fields[apps]'];

/** Reads the query of `GET /v1/apps` (`isList`) or `GET /v1/apps/{id}`. */
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

/** Lists are joined with commas, and may be given several times. */
function listOf(parameters: URLSearchParams, name: string): readonly string[] | null {
  const values = parameters.getAll(name);
  return values.length === 0 ? null : values.flatMap((value) => value.split(','));
}
