import { describeJson } from '../../jws/json.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { NotificationLog, NotificationRecord } from '../delivery/notification-log.js';
import { bearerToken, type EmulatorRequest, type EmulatorResponse, jsonResponse, textResponse } from '../http.js';
import type { Identity } from '../identity.js';
import { checkToken } from '../jwt.js';
import { type CallLimits, RateLimit, type ServerCall } from '../rate-limit.js';
import { errorResponse, rateLimitResponse, type ServerApiErrorCode, unauthenticated } from './errors.js';
import {
  describeRecord,
  issuePageToken,
  type PageTokens,
  parseHistoryQuery,
  readPageToken,
  selectPage,
} from './history.js';

interface ServerApiOptions {
  readonly environment: AppEnvironment;
  readonly identity: Identity;
  readonly bundleId: string;
  readonly log: NotificationLog;
  readonly now: () => number;
  readonly limits: CallLimits;
  readonly pageTokens: PageTokens;
  /** Minimum time that a TEST stays pending, in milliseconds. */
  readonly pendingMs: number;
  /** Answers every request with 401, as the production host does until the app's first release. */
  readonly unreleased: boolean;
  /** Sends a TEST and returns its token; null if no URL is set. */
  readonly sendTest: (environment: AppEnvironment) => string | null;
  /** Error override for the next response; null if there is none. */
  readonly nextError: (environment: AppEnvironment) => ServerApiErrorCode | null;
  readonly requestId: () => string;
}

interface Call {
  readonly name: ServerCall;
  readonly handle: (request: EmulatorRequest) => EmulatorResponse;
}

const TEST_PATH = '/inApps/v1/notifications/test';

const HISTORY_PATH = '/inApps/v1/notifications/history';

/** Creates the notification calls of the App Store Server API, for one environment. Source: docs, App Store Server API. */
export function createServerApiHandler(
  options: ServerApiOptions,
): (request: EmulatorRequest) => Promise<EmulatorResponse> {
  const { limits, now } = options;
  const buckets: Record<ServerCall, RateLimit> = {
    test: new RateLimit(limits.test, now),
    status: new RateLimit(limits.status, now),
    history: new RateLimit(limits.history, now),
  };
  return async (request) => {
    const defect = await callerDefect(request, options);
    if (defect !== null) return unauthenticated(defect, options.requestId());
    const call = findCall(request, options);
    if (call === null) return unknownCall();
    const forced = options.nextError(options.environment);
    if (forced === 4290000) return rateLimitResponse(now() + 1_000);
    if (forced !== null) return errorResponse(forced, { cause: 'error override of the control API' });
    const retryAtMs = buckets[call.name].take();
    return retryAtMs === null ? call.handle(request) : rateLimitResponse(retryAtMs);
  };
}

/** Not Apple's answer: it lists the calls, whose paths are case-sensitive. */
function unknownCall(): EmulatorResponse {
  const calls = [`POST ${TEST_PATH}`, `GET ${TEST_PATH}/{testNotificationToken}`, `POST ${HISTORY_PATH}`];
  const text = `Not Found\n\nCalls of the Server API served here:\n${calls.map((call) => `  ${call}\n`).join('')}`;
  return textResponse(404, text, { cause: `calls served: ${calls.join(', ')}` });
}

function callerDefect(request: EmulatorRequest, { unreleased, identity, bundleId, now }: ServerApiOptions) {
  if (unreleased) return Promise.resolve('the app has not been released yet (--unreleased)');
  return tokenDefect(bearerToken(request), { identity, bundleId, nowMs: now() });
}

/** Paths are case-sensitive. Null for an unknown call. */
function findCall({ method, url }: EmulatorRequest, options: ServerApiOptions): Call | null {
  const { pathname } = url;
  if (method === 'POST' && pathname === TEST_PATH) return { name: 'test', handle: () => requestTest(options) };
  if (method === 'POST' && pathname === HISTORY_PATH) {
    return { name: 'history', handle: (request) => history(request, options) };
  }
  const token = pathname.startsWith(`${TEST_PATH}/`) ? pathname.slice(TEST_PATH.length + 1) : '';
  if (method !== 'GET' || token === '' || token.includes('/')) return null;
  return { name: 'status', handle: () => testStatus(token, options) };
}

function requestTest({ sendTest, environment }: ServerApiOptions): EmulatorResponse {
  const testNotificationToken = sendTest(environment);
  return testNotificationToken === null ? errorResponse(4040007) : jsonResponse(200, { testNotificationToken });
}

/** Observed format of Apple's tokens: UUID, underscore, time in milliseconds. */
const TOKEN_SHAPE = /^[0-9a-f-]{36}_\d{13}$/;

function testStatus(encoded: string, { log, environment, now, pendingMs }: ServerApiOptions): EmulatorResponse {
  const token = decodeToken(encoded);
  if (token === null || !TOKEN_SHAPE.test(token)) return errorResponse(4000020);
  const record = log.findTest(environment, token);
  if (record === undefined) return errorResponse(4040008, { cause: 'no such TEST in this environment' });
  return isPending(record, now() - pendingMs)
    ? errorResponse(4040008, { cause: 'still pending' })
    : jsonResponse(200, describeRecord(record));
}

function decodeToken(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

function isPending({ attempts, createdMs }: NotificationRecord, visibleFromMs: number): boolean {
  return attempts.length === 0 || createdMs > visibleFromMs;
}

function history(
  { url, body }: EmulatorRequest,
  { log, environment, now, pageTokens }: ServerApiOptions,
): EmulatorResponse {
  const nowMs = now();
  const query = parseHistoryQuery(body, environment, nowMs);
  if (typeof query === 'number') return errorResponse(query);
  const token = url.searchParams.get('paginationToken');
  const start = { after: -1, endMs: query.endMs, issuedMs: nowMs };
  const position = token === null || token === '' ? start : readPageToken(token, body, nowMs, pageTokens);
  if (typeof position === 'number') return errorResponse(position);
  const attempted = (after: number): Iterable<NotificationRecord> => log.attempted(environment, after);
  const found = selectPage(attempted, { ...query, endMs: position.endMs }, position.after);
  if (typeof found === 'number') return errorResponse(found);
  const { page, hasMore } = found;
  const next = { after: page.at(-1)?.sequence ?? -1, endMs: position.endMs, issuedMs: nowMs };
  return jsonResponse(200, {
    notificationHistory: page.map(describeRecord),
    hasMore,
    ...(hasMore ? { paginationToken: issuePageToken(next, body, pageTokens) } : {}),
  });
}

/** Maximum lifetime of a token. Source: docs, "Generating JSON Web Tokens for API requests". */
const MAX_TOKEN_SECONDS = 3_600;

interface ServerApiCaller {
  readonly identity: Identity;
  readonly bundleId: string;
  readonly nowMs: number;
}

/** Reason why the Server API rejects a token; null if it is valid. */
async function tokenDefect(
  token: string | null,
  { identity, bundleId, nowMs }: ServerApiCaller,
): Promise<string | null> {
  const found = await checkToken({ token, nowMs, maxSeconds: () => MAX_TOKEN_SECONDS, keyOf: keyFinder(identity) });
  if ('defect' in found) return found.defect;
  const { iss, bid } = found.claims;
  if (iss !== identity.server.issuerId) return `iss is ${show(iss)}, the key belongs to ${identity.server.issuerId}`;
  return bid === bundleId ? null : `bid is ${show(bid)}, the app is ${bundleId}`;
}

function keyFinder({ server, connect, individual }: Identity) {
  return (keyId: string) => {
    if (keyId === server.keyId) return server.publicKey;
    return keyId === connect.keyId || keyId === individual.keyId
      ? 'this is an App Store Connect key; the API requires an In-App Purchase key (SubscriptionKey_….p8)'
      : `unknown kid ${keyId}; the key id is ${server.keyId}`;
  };
}

function show(claim: unknown): string {
  return claim === undefined ? 'missing' : describeJson(claim);
}
