import { describeJson, type JsonObject } from '../../jws/json.js';
import type { EmulatedAppSettings } from '../app-settings.js';
import { bearerToken, type EmulatorRequest, type EmulatorResponse, jsonResponse } from '../http.js';
import type { Identity } from '../identity.js';
import { checkToken } from '../jwt.js';
import { RateLimit } from '../rate-limit.js';
import { type AppQuery, PLAIN_ATTRIBUTES, parseAppQuery, parseAppUpdate } from './app-request.js';
import {
  appNotFound,
  type ConnectError,
  connectError,
  forbidden,
  methodNotAllowed,
  pathError,
  rateLimited,
  unauthorized,
} from './errors.js';

interface ConnectApiOptions {
  readonly identity: Identity;
  readonly bundleId: string;
  readonly appAppleId: number;
  readonly limit: number;
  readonly now: () => number;
  readonly settings: () => EmulatedAppSettings;
  readonly change: (change: Partial<EmulatedAppSettings>) => void;
  readonly requestId: () => string;
  /** Base URL for links in responses. */
  readonly url: () => string;
}

const APPS_PATH = '/v1/apps';

/** Creates the apps resource of the App Store Connect API, with one app. Source: docs, "Apps" and "Modify an App". */
export function createConnectApiHandler(
  options: ConnectApiOptions,
): (request: EmulatorRequest) => Promise<EmulatorResponse> {
  const limits = new Map<string, RateLimit>();
  return async (request) => {
    const { method, url } = request;
    const call = { method, pathname: url.pathname, nowMs: options.now() };
    const caller = await findCaller(bearerToken(request), options.identity, call);
    if ('defect' in caller) {
      const error = caller.status === 401 ? unauthorized() : forbidden(caller.defect);
      return connectError(error, options.requestId(), { cause: caller.defect });
    }
    const limit = limits.get(caller.keyId) ?? new RateLimit(options.limit, options.now);
    limits.set(caller.keyId, limit);
    const response = limit.take() === null ? route(request, options) : respondWithError(rateLimited(), options);
    const left = `user-hour-lim:${limit.perHour};user-hour-rem:${limit.left};`;
    return { ...response, headers: { ...response.headers, 'x-rate-limit': left } };
  };
}

function route({ method, url, body }: EmulatorRequest, options: ConnectApiOptions): EmulatorResponse {
  const { pathname, searchParams } = url;
  if (pathname === APPS_PATH) {
    return method === 'GET' ? listApps(searchParams, options) : respondWithError(methodNotAllowed(method), options);
  }
  const [, id] = /^\/v1\/apps\/([^/]+)$/.exec(pathname) ?? [];
  if (id === undefined) return respondWithError(pathError(), options);
  if (id !== String(options.appAppleId)) return respondWithError(appNotFound(id), options);
  if (method === 'GET') return readApp(searchParams, options);
  return method === 'PATCH' ? updateApp(body, options) : respondWithError(methodNotAllowed(method), options);
}

function listApps(parameters: URLSearchParams, options: ConnectApiOptions): EmulatorResponse {
  const query = parseAppQuery(parameters, true);
  if ('status' in query) return respondWithError(query, options);
  const { bundleIds, ids, limit } = query;
  const wanted = (bundleIds?.includes(options.bundleId) ?? true) && (ids?.includes(String(options.appAppleId)) ?? true);
  const data = wanted ? [describeApp(query, options)] : [];
  const self = `${options.url()}${APPS_PATH}`;
  return jsonResponse(200, { data, links: { self }, meta: { paging: { total: data.length, limit } } });
}

function readApp(parameters: URLSearchParams, options: ConnectApiOptions): EmulatorResponse {
  const query = parseAppQuery(parameters, false);
  return 'status' in query ? respondWithError(query, options) : oneApp(query, options);
}

/** The response lacks the changed attributes, as every response without `fields[apps]` does. A client must read them back. */
function updateApp(body: Uint8Array, options: ConnectApiOptions): EmulatorResponse {
  const change = parseAppUpdate(body, String(options.appAppleId));
  if (isError(change)) return respondWithError(change, options);
  options.change(change);
  return oneApp({ fields: null }, options);
}

function isError(value: object): value is ConnectError {
  return 'status' in value && 'code' in value;
}

function oneApp(query: Pick<AppQuery, 'fields'>, options: ConnectApiOptions): EmulatorResponse {
  const data = describeApp(query, options);
  return jsonResponse(200, { data, links: data.links });
}

function describeApp({ fields }: Pick<AppQuery, 'fields'>, options: ConnectApiOptions) {
  const { bundleId, appAppleId, settings, url } = options;
  const plain = { name: 'storewire emulated app', bundleId, sku: bundleId, primaryLocale: 'en-US' };
  const all: Readonly<Record<string, string | null>> = { ...plain, ...settings() };
  const names = fields ?? PLAIN_ATTRIBUTES;
  const attributes = Object.fromEntries(names.map((name) => [name, all[name] ?? null]));
  const id = String(appAppleId);
  return { type: 'apps', id, attributes, links: { self: `${url()}${APPS_PATH}/${id}` } };
}

function respondWithError(error: ConnectError, { requestId }: ConnectApiOptions): EmulatorResponse {
  return connectError(error, requestId());
}

/** Maximum lifetime of a token, and of one whose `scope` only allows GET. Source: docs, "Generating Tokens for API Requests". */
const MAX_TOKEN_SECONDS = 20 * 60;

const MAX_SCOPED_SECONDS = 183 * 86_400;

interface ConnectCall {
  readonly method: string;
  readonly pathname: string;
  readonly nowMs: number;
}

/** Authenticated caller, or the error: 401 for an invalid token, 403 for a scope without this call. */
type ConnectCaller = { readonly keyId: string } | { readonly status: 401 | 403; readonly defect: string };

async function findCaller(
  token: string | null,
  identity: Identity,
  { method, pathname, nowMs }: ConnectCall,
): Promise<ConnectCaller> {
  const found = await checkToken({ token, nowMs, maxSeconds: maxSecondsOf, keyOf: keyFinder(identity) });
  if ('defect' in found) return { status: 401, defect: found.defect };
  const defect = ownerDefect(found.keyId, found.claims, identity);
  if (defect !== null) return { status: 401, defect };
  const scope = scopeOf(found.claims);
  if (scope === null || scope.some((entry) => entry.split('?', 1)[0] === `${method} ${pathname}`))
    return { keyId: found.keyId };
  return { status: 403, defect: `the scope of the token does not name ${method} ${pathname}` };
}

/** A token of a team key has `iss`; one of an individual key has `sub: user` instead. */
function ownerDefect(keyId: string, { iss, sub }: JsonObject, { connect, individual }: Identity): string | null {
  if (keyId === individual.keyId) {
    if (iss !== undefined) return 'iss is set, but an individual key has no issuer';
    return sub === 'user' ? null : 'sub must be "user" for an individual key';
  }
  return iss === connect.issuerId
    ? null
    : `iss is ${iss === undefined ? 'missing' : describeJson(iss)}, the key belongs to ${connect.issuerId}`;
}

function keyFinder({ server, connect, individual }: Identity) {
  return (keyId: string) => {
    const found = [connect, individual].find((key) => key.keyId === keyId);
    if (found !== undefined) return found.publicKey;
    return keyId === server.keyId
      ? 'this is an In-App Purchase key; the API requires an App Store Connect key (AuthKey_….p8)'
      : `unknown kid ${keyId}; the key id is ${connect.keyId}`;
  };
}

function maxSecondsOf(claims: JsonObject): number {
  const scope = scopeOf(claims);
  return scope?.every((entry) => entry.startsWith('GET ')) ? MAX_SCOPED_SECONDS : MAX_TOKEN_SECONDS;
}

function scopeOf({ scope }: JsonObject): readonly string[] | null {
  return Array.isArray(scope) && scope.length > 0 ? scope.map(describeJson) : null;
}
