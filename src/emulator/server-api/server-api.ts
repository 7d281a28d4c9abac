import { describeJson } from '../../jws/json.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import { bearerToken, type EmulatorRequest, type EmulatorResponse, textResponse } from '../http.js';
import type { Identity } from '../identity.js';
import { checkToken } from '../jwt.js';
import { type CallLimits, RateLimit, type ServerCall } from '../rate-limit.js';
import { matchPath, type ServerApiCall, type ServerApiState } from './call.js';
import { describeCall, type ReceivedCall } from './call-log.js';
import { CONSUMPTION_CALLS } from './consumption.js';
import { errorResponse, rateLimitResponse, type ServerApiErrorCode, unauthenticated } from './errors.js';
import { NOTIFICATION_CALLS } from './notifications.js';
import { TRANSACTION_CALLS } from './transactions.js';

interface ServerApiOptions extends ServerApiState {
  readonly identity: Identity;
  readonly limits: CallLimits;
  /** Answers every request with 401, as the production host does until the app's first release. */
  readonly unreleased: boolean;
  /** Error override for the next response; null if there is none. */
  readonly nextError: (environment: AppEnvironment) => ServerApiErrorCode | null;
  readonly requestId: () => string;
  readonly onCall: (call: ReceivedCall) => void;
}

/** Calls in the order of their match: fixed paths first. */
const CALLS: readonly ServerApiCall[] = [...NOTIFICATION_CALLS, ...CONSUMPTION_CALLS, ...TRANSACTION_CALLS];

/** Creates the App Store Server API for one environment. Source: docs, App Store Server API. */
export function createServerApiHandler(
  options: ServerApiOptions,
): (request: EmulatorRequest) => Promise<EmulatorResponse> {
  const { limits, now, environment } = options;
  const buckets = new Map<ServerCall, RateLimit>();
  for (const { name } of CALLS) buckets.set(name, new RateLimit(limits[name], now));
  const answer = async (request: EmulatorRequest, requestId: string): Promise<EmulatorResponse> => {
    const defect = await callerDefect(request, options);
    if (defect !== null) return unauthenticated(defect, requestId);
    const found = findCall(request);
    if (found === null) return unknownCall();
    const forced = options.nextError(environment);
    if (forced === 4290000) return rateLimitResponse(now() + 1_000);
    if (forced !== null) return errorResponse(forced, { cause: 'error override of the control API' });
    const retryAtMs = buckets.get(found.call.name)!.take();
    return retryAtMs === null ? found.call.handle(request, found.parameter, options) : rateLimitResponse(retryAtMs);
  };
  return async (request) => {
    const requestId = options.requestId();
    const response = await answer(request, requestId);
    options.onCall(describeCall(request, response, { atMs: now(), environment, requestId }));
    return { ...response, headers: { ...response.headers, 'x-request-id': requestId } };
  };
}

/** Not Apple's answer: it lists the calls, whose paths are case-sensitive. */
function unknownCall(): EmulatorResponse {
  const calls = CALLS.map(({ method, path }) => `${method} ${path}`);
  const text = `Not Found\n\nCalls of the Server API served here:\n${calls.map((call) => `  ${call}\n`).join('')}`;
  return textResponse(404, text, { cause: `calls served: ${calls.join(', ')}` });
}

function callerDefect(request: EmulatorRequest, { unreleased, identity, bundleId, now }: ServerApiOptions) {
  if (unreleased) return Promise.resolve('the app has not been released yet (--unreleased)');
  return tokenDefect(bearerToken(request), { identity, bundleId, nowMs: now() });
}

/** Null for an unknown call. */
function findCall({ method, url }: EmulatorRequest): { call: ServerApiCall; parameter: string | null } | null {
  for (const call of CALLS) {
    const parameter = call.method === method ? matchPath(url.pathname, call) : undefined;
    if (parameter !== undefined) return { call, parameter };
  }
  return null;
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
