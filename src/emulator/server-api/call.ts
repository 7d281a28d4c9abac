import type { JsonObject } from '../../jws/json.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { ConsumptionAnswer } from '../consumption/consumption-requests.js';
import type { NotificationLog } from '../delivery/notification-log.js';
import type { EmulatorRequest, EmulatorResponse } from '../http.js';
import type { ServerCall } from '../rate-limit.js';
import type { PurchaseStore } from '../store/purchase-store.js';
import type { ServerApiErrorCode } from './errors.js';
import type { PageTokens } from './history.js';

/** State and services that the calls of one environment use. */
export interface ServerApiState {
  readonly environment: AppEnvironment;
  readonly bundleId: string;
  readonly appAppleId: number;
  readonly log: NotificationLog;
  readonly store: PurchaseStore;
  readonly now: () => number;
  readonly pageTokens: PageTokens;
  /** Minimum time that a TEST stays pending, in milliseconds. */
  readonly pendingMs: number;
  /** Sends a TEST and returns its token; null if no URL is set. */
  readonly sendTest: (environment: AppEnvironment) => string | null;
  /** Signs a transaction or renewal info as of now. */
  readonly sign: (payload: JsonObject) => string;
  /** Receives a valid answer to a CONSUMPTION_REQUEST. */
  readonly onConsumption: (answer: Omit<ConsumptionAnswer, 'atMs' | 'requestState'>) => void;
}

/** One call of the Server API. */
export interface ServerApiCall {
  readonly name: ServerCall;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Path as documented. A parameter in braces, only at the end, takes one segment. Case-sensitive. */
  readonly path: string;
  /** `parameter`: decoded value of the parameter; '' for a path without one, null if it is not valid percent encoding. */
  readonly handle: (request: EmulatorRequest, parameter: string | null, state: ServerApiState) => EmulatorResponse;
}

/** Error of a call, or the value it has parsed. */
export type Parsed<Value> = Value | ServerApiErrorCode;

/** The first path parameter of a URL if it has the path of this call; undefined if not. */
export function matchPath(pathname: string, { path }: ServerApiCall): string | null | undefined {
  const [fixed = '', parameter] = path.split(/(\{.*\}$)/);
  if (parameter === undefined) return pathname === path ? '' : undefined;
  const segment = pathname.startsWith(fixed) ? pathname.slice(fixed.length) : '';
  return segment === '' || segment.includes('/') ? undefined : decodeSegment(segment);
}

function decodeSegment(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}
