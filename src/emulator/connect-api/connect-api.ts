import type { JWTPayload } from 'jose';
import type { AppSettings } from '../app-settings.js';
import { type Answer, bearerToken, type Incoming, jsonAnswer } from '../http.js';
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
  readonly settings: () => AppSettings;
  readonly change: (change: Partial<AppSettings>) => void;
  readonly requestId: () => string;
  /** Base address, for the links in answers. */
  readonly url: () => string;
}

const APPS_PATH = '/v1/apps';

/** The apps resource of the App Store Connect API, with one app. Source: apple.md section 7. */
export function createConnectApi(options: ConnectApiOptions): (incoming: Incoming) => Promise<Answer> {
  const limits = new Map<string, RateLimit>();
  return async (incoming) => {
    const { method, url } = incoming;
    const call = { method, pathname: url.pathname, nowMs: options.now() };
    const caller = await findCaller(bearerToken(incoming), options.identity, call);
    if ('defect' in caller) {
      const error = caller.status === 401 ? unauthorized() : forbidden(caller.defect);
      return connectError(error, options.requestId(), { cause: caller.defect });
    }
    const limit = limits.get(caller.keyId) ?? new RateLimit(options.limit, options.now);
    limits.set(caller.keyId, limit);
    const answer = limit.take() === null ? route(incoming, options) : refuse(rateLimited(), options);
    const left = `user-hour-lim:${limit.perHour};user-hour-rem:${limit.left};`;
    return { ...answer, headers: { ...answer.headers, 'x-rate-limit': left } };
  };
}

function route({ method, url, body }: Incoming, options: ConnectApiOptions): Answer {
  const { pathname, searchParams } = url;
  if (pathname === APPS_PATH) {
    return method === 'GET' ? listApps(searchParams, options) : refuse(methodNotAllowed(method), options);
  }
  const [, id] = /^\/v1\/apps\/([^/]+)$/.exec(pathname) ?? [];
  if (id === undefined) return refuse(pathError(), options);
  if (id !== String(options.appAppleId)) return refuse(appNotFound(id), options);
  if (method === 'GET') return readApp(searchParams, options);
  return method === 'PATCH' ? updateApp(body, options) : refuse(methodNotAllowed(method), options);
}

function listApps(parameters: URLSearchParams, options: ConnectApiOptions): Answer {
  const query = parseAppQuery(parameters, true);
  if ('status' in query) return refuse(query, options);
  const { bundleIds, ids, limit } = query;
  const wanted = (bundleIds?.includes(options.bundleId) ?? true) && (ids?.includes(String(options.appAppleId)) ?? true);
  const data = wanted ? [describeApp(query, options)] : [];
  const self = `${options.url()}${APPS_PATH}`;
  return jsonAnswer(200, { data, links: { self }, meta: { paging: { total: data.length, limit } } });
}

function readApp(parameters: URLSearchParams, options: ConnectApiOptions): Answer {
  const query = parseAppQuery(parameters, false);
  return 'status' in query ? refuse(query, options) : oneApp(query, options);
}

/** The answer leaves the changed values out, as every answer without `fields[apps]` does: only reading back proves them. */
function updateApp(body: Uint8Array, options: ConnectApiOptions): Answer {
  const change = parseAppUpdate(body, String(options.appAppleId));
  if (isError(change)) return refuse(change, options);
  options.change(change);
  return oneApp({ fields: null }, options);
}

function isError(value: object): value is ConnectError {
  return 'status' in value && 'code' in value;
}

function oneApp(query: Pick<AppQuery, 'fields'>, options: ConnectApiOptions): Answer {
  const data = describeApp(query, options);
  return jsonAnswer(200, { data, links: data.links });
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

function refuse(error: ConnectError, { requestId }: ConnectApiOptions): Answer {
  return connectError(error, requestId());
}

/** Longest life of a token, and of one that by its `scope` can only read. Source: docs, "Generating Tokens for API Requests". */
const MAX_TOKEN_SECONDS = 20 * 60;

const MAX_SCOPED_SECONDS = 183 * 86_400;

interface ConnectCall {
  readonly method: string;
  readonly pathname: string;
  readonly nowMs: number;
}

/** Who asks, or why not: 401 for a token that opens nothing, 403 for one whose scope leaves this call out. */
type ConnectCaller = { readonly keyId: string } | { readonly status: 401 | 403; readonly defect: string };

async function findCaller(
  token: string | null,
  identity: Identity,
  { method, pathname, nowMs }: ConnectCall,
): Promise<ConnectCaller> {
  const found = await checkToken({ token, nowMs, maxSeconds: longestLife, keyOf: keyFinder(identity) });
  if ('defect' in found) return { status: 401, defect: found.defect };
  const defect = ownerDefect(found.keyId, found.claims, identity);
  if (defect !== null) return { status: 401, defect };
  const scope = scopeOf(found.claims);
  if (scope === null || scope.some((entry) => entry.split('?', 1)[0] === `${method} ${pathname}`))
    return { keyId: found.keyId };
  return { status: 403, defect: `the scope of the token does not name ${method} ${pathname}` };
}

/** A team key names its issuer; an individual one has none and says `sub: user`. */
function ownerDefect(keyId: string, { iss, sub }: JWTPayload, { connect, individual }: Identity): string | null {
  if (keyId === individual.keyId) {
    if (iss !== undefined) return 'iss is there, and an individual key has no issuer';
    return sub === 'user' ? null : 'sub is not "user", as the token of an individual key has it';
  }
  return iss === connect.issuerId ? null : `iss is ${iss ?? 'missing'}, the key belongs to ${connect.issuerId}`;
}

function keyFinder({ server, connect, individual }: Identity) {
  return (keyId: string) => {
    const found = [connect, individual].find((key) => key.keyId === keyId);
    if (found !== undefined) return found.publicKey;
    return keyId === server.keyId
      ? 'the key is an In-App Purchase key, and this API takes one of App Store Connect (AuthKey_….p8)'
      : `kid ${keyId} is not known, the key here is ${connect.keyId}`;
  };
}

function longestLife(claims: JWTPayload): number {
  const scope = scopeOf(claims);
  return scope?.every((entry) => entry.startsWith('GET ')) ? MAX_SCOPED_SECONDS : MAX_TOKEN_SECONDS;
}

function scopeOf({ scope }: JWTPayload): readonly string[] | null {
  return Array.isArray(scope) && scope.length > 0 ? scope.map(String) : null;
}
