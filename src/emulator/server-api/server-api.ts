import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { NotificationLog, NotificationRecord } from '../delivery/notification-log.js';
import { type Answer, bearerToken, type Incoming, jsonAnswer, textAnswer } from '../http.js';
import type { Identity } from '../identity.js';
import { checkToken } from '../jwt.js';
import { type CallLimits, RateLimit, type ServerCall } from '../rate-limit.js';
import { errorAnswer, rateLimitAnswer, type ServerApiErrorCode, unauthenticated } from './errors.js';
import {
  describeRecord,
  issuePageToken,
  PAGE_SIZE,
  type PageTokens,
  parseHistoryQuery,
  readPageToken,
  selectRecords,
} from './history.js';

interface ServerApiOptions {
  readonly environment: AppEnvironment;
  readonly identity: Identity;
  readonly bundleId: string;
  readonly log: NotificationLog;
  readonly now: () => number;
  readonly limits: CallLimits;
  readonly pageTokens: PageTokens;
  /** How long a TEST stays pending at least, as Apple's does. */
  readonly pendingMs: number;
  /** Every request is 401: so the production host answers until the app's first release. */
  readonly unreleased: boolean;
  /** Sends a TEST and returns its token; null where no URL is set. */
  readonly sendTest: (environment: AppEnvironment) => string | null;
  /** The error that the next answer is to be, whatever was asked; null for none. */
  readonly takeError: (environment: AppEnvironment) => ServerApiErrorCode | null;
  readonly requestId: () => string;
}

interface Call {
  readonly name: ServerCall;
  readonly answer: (incoming: Incoming) => Answer;
}

const TEST_PATH = '/inApps/v1/notifications/test';

const HISTORY_PATH = '/inApps/v1/notifications/history';

/** The App Store Server API of one environment, as far as notifications go. Source: apple.md section 6. */
export function createServerApi(options: ServerApiOptions): (incoming: Incoming) => Promise<Answer> {
  const { limits, now } = options;
  const buckets: Record<ServerCall, RateLimit> = {
    test: new RateLimit(limits.test, now),
    status: new RateLimit(limits.status, now),
    history: new RateLimit(limits.history, now),
  };
  return async (incoming) => {
    const defect = await callerDefect(incoming, options);
    if (defect !== null) return unauthenticated(defect, options.requestId());
    const call = findCall(incoming, options);
    if (call === null) return textAnswer(404, 'Not Found\n');
    const forced = options.takeError(options.environment);
    if (forced === 4290000) return rateLimitAnswer(now() + 1_000);
    if (forced !== null) return errorAnswer(forced, { cause: 'asked for through the control API' });
    const retryAtMs = buckets[call.name].take();
    return retryAtMs === null ? call.answer(incoming) : rateLimitAnswer(retryAtMs);
  };
}

function callerDefect(incoming: Incoming, { unreleased, identity, bundleId, now }: ServerApiOptions) {
  if (unreleased) return Promise.resolve('the app has had no first release (--unreleased)');
  return tokenDefect(bearerToken(incoming), { identity, bundleId, nowMs: now() });
}

/** Paths are case-sensitive. Null for a call that does not exist or is not emulated. */
function findCall({ method, url }: Incoming, options: ServerApiOptions): Call | null {
  const { pathname } = url;
  if (method === 'POST' && pathname === TEST_PATH) return { name: 'test', answer: () => requestTest(options) };
  if (method === 'POST' && pathname === HISTORY_PATH) {
    return { name: 'history', answer: (incoming) => history(incoming, options) };
  }
  const token = pathname.startsWith(`${TEST_PATH}/`) ? pathname.slice(TEST_PATH.length + 1) : '';
  if (method !== 'GET' || token === '' || token.includes('/')) return null;
  return { name: 'status', answer: () => testStatus(token, options) };
}

function requestTest({ sendTest, environment }: ServerApiOptions): Answer {
  const testNotificationToken = sendTest(environment);
  return testNotificationToken === null ? errorAnswer(4040007) : jsonAnswer(200, { testNotificationToken });
}

/** As Apple's are said to look: a UUID, an underscore, a moment. */
const TOKEN_SHAPE = /^[0-9a-f-]{36}_\d{13}$/;

function testStatus(encoded: string, { log, environment, now, pendingMs }: ServerApiOptions): Answer {
  const token = decodeToken(encoded);
  if (token === null || !TOKEN_SHAPE.test(token)) return errorAnswer(4000020);
  const record = log.findTest(environment, token);
  if (record === undefined) return errorAnswer(4040008, { cause: 'no such TEST was requested in this environment' });
  return isPending(record, now() - pendingMs)
    ? errorAnswer(4040008, { cause: 'still pending' })
    : jsonAnswer(200, describeRecord(record));
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

function history({ url, body }: Incoming, { log, environment, now, pageTokens }: ServerApiOptions): Answer {
  const nowMs = now();
  const query = parseHistoryQuery(body, environment, nowMs);
  if (typeof query === 'number') return errorAnswer(query);
  const token = url.searchParams.get('paginationToken');
  const start = { after: -1, endMs: query.endMs, issuedMs: nowMs };
  const position = token === null || token === '' ? start : readPageToken(token, body, nowMs, pageTokens);
  if (typeof position === 'number') return errorAnswer(position);
  const found = selectRecords(log.attempted(environment), { ...query, endMs: position.endMs });
  if (typeof found === 'number') return errorAnswer(found);
  const rest = found.filter(({ sequence }) => sequence > position.after);
  const page = rest.slice(0, PAGE_SIZE);
  const hasMore = rest.length > page.length;
  const next = { after: page.at(-1)?.sequence ?? -1, endMs: position.endMs, issuedMs: nowMs };
  return jsonAnswer(200, {
    notificationHistory: page.map(describeRecord),
    hasMore,
    ...(hasMore ? { paginationToken: issuePageToken(next, body, pageTokens) } : {}),
  });
}

/** Longest life of a token. Source: docs, "Generating JSON Web Tokens for API requests". */
const MAX_TOKEN_SECONDS = 3_600;

interface ServerApiCaller {
  readonly identity: Identity;
  readonly bundleId: string;
  readonly nowMs: number;
}

/** Why a token does not open the Server API, in words; null where it does. */
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
      ? 'the key is one of App Store Connect, and this API takes an In-App Purchase key (SubscriptionKey_….p8)'
      : `kid ${keyId} is not known, the key here is ${server.keyId}`;
  };
}

function show(claim: unknown): string {
  return claim === undefined ? 'missing' : String(claim);
}
