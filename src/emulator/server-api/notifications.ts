import type { NotificationRecord } from '../delivery/notification-log.js';
import { type EmulatorRequest, type EmulatorResponse, jsonResponse } from '../http.js';
import type { ServerApiCall, ServerApiState } from './call.js';
import { errorResponse } from './errors.js';
import { describeRecord, issuePageToken, parseHistoryQuery, readPageToken, selectPage } from './history.js';

/** Calls about notifications. Source: docs, App Store Server API. */
export const NOTIFICATION_CALLS: readonly ServerApiCall[] = [
  {
    name: 'test',
    method: 'POST',
    path: '/inApps/v1/notifications/test',
    handle: (_request, _none, state) => requestTest(state),
  },
  {
    name: 'history',
    method: 'POST',
    path: '/inApps/v1/notifications/history',
    handle: (request, _none, state) => history(request, state),
  },
  {
    name: 'status',
    method: 'GET',
    path: '/inApps/v1/notifications/test/{testNotificationToken}',
    handle: (_request, token, state) => testStatus(token, state),
  },
];

function requestTest({ sendTest, environment }: ServerApiState): EmulatorResponse {
  const testNotificationToken = sendTest(environment);
  return testNotificationToken === null ? errorResponse(4040007) : jsonResponse(200, { testNotificationToken });
}

/** Observed format of Apple's tokens: UUID, underscore, time in milliseconds. */
const TOKEN_SHAPE = /^[0-9a-f-]{36}_\d{13}$/;

function testStatus(token: string | null, { log, environment, now, pendingMs }: ServerApiState): EmulatorResponse {
  if (token === null || !TOKEN_SHAPE.test(token)) return errorResponse(4000020);
  const record = log.findTest(environment, token);
  if (record === undefined) return errorResponse(4040008, { cause: 'no such TEST in this environment' });
  return isPending(record, now() - pendingMs)
    ? errorResponse(4040008, { cause: 'still pending' })
    : jsonResponse(200, describeRecord(record));
}

function isPending({ attempts, createdMs }: NotificationRecord, visibleFromMs: number): boolean {
  return attempts.length === 0 || createdMs > visibleFromMs;
}

function history(
  { url, body }: EmulatorRequest,
  { log, environment, now, pageTokens }: ServerApiState,
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
