import { explainService } from '../address/services.js';
import { ToolError } from '../errors.js';
import { type HttpResponse, parseRetryAfter } from '../http/request.js';
import { notificationKey } from '../journal/notification-key.js';
import type { DeliveryRecord } from '../journal/record.js';
import type { DeliveryAttempt, ForwardedNotification, HttpTarget } from './target.js';

/** Maximum length of {@link DeliveryAttempt.detail}. */
const MAX_DETAIL = 200;

const MAX_QUOTE = 100;

/** Status of a listener that has detected a forwarding loop; a retry cannot succeed. */
const LOOP_DETECTED = 508;

/** Classifies a response: 2xx is accepted, anything else refused; 429 and 5xx are retriable. Pure. */
export function classifyResponse(
  { status, headers, body }: HttpResponse,
  { service }: Pick<HttpTarget, 'service'>,
  { ms, nowMs }: { readonly ms: number; readonly nowMs: number },
): DeliveryAttempt {
  if (status >= 200 && status < 300)
    return { httpStatus: status, ms, outcome: 'accepted', detail: null, retriable: false, retryAtMs: null };
  const retriable = status === 429 || (status >= 500 && status !== LOOP_DETECTED);
  return {
    httpStatus: status,
    ms,
    outcome: 'refused',
    detail: cut(describeRefusal(status, quote(body), service === null ? null : explainService(service, status))),
    retriable,
    retryAtMs: retriable ? parseRetryAfter(headers['retry-after'], nowMs) : null,
  };
}

/** Classifies a request that got no response; null for an error that is not the peer's. Pure. */
export function classifyError(error: unknown, ms: number): DeliveryAttempt | null {
  if (!(error instanceof ToolError) || error.kind !== 'remote') return null;
  const outcome = error.code === 'ERR_HTTP_TIMEOUT' ? 'timed-out' : 'unreachable';
  return { httpStatus: null, ms, outcome, detail: cut(error.message), retriable: true, retryAtMs: null };
}

function describeRefusal(status: number, quoted: string, explained: string | null): string {
  if (explained !== null) return `${status}: ${explained}`;
  if (status >= 300 && status < 400) return `${status}: redirects are not followed; set the final URL`;
  return quoted === '' ? `answered ${status}` : `answered ${status}: ${quoted}`;
}

/** Beginning of a response body as a JSON string; empty for an empty or binary body. */
function quote(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 4 * MAX_QUOTE))
    .toString('utf8')
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '' || text.includes('\0')) return '';
  return JSON.stringify(text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text);
}

/** Clips a text to {@link MAX_DETAIL} characters. */
export function cut(text: string): string {
  return text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL - 1)}…` : text;
}

/** Statuses of a gateway without a usable, or timely, response from upstream. */
const BAD_GATEWAY = 502;

const GATEWAY_TIMEOUT = 504;

/**
 * Status for Apple with `--answer forwarded`: the target's own if Apple interprets it (200–206 as delivered, 4xx and 5xx as failed), 504 if
 * the target timed out, else 502. Pure.
 */
export function statusForApple({ outcome, httpStatus }: Pick<DeliveryAttempt, 'outcome' | 'httpStatus'>): number {
  if (outcome === 'timed-out') return GATEWAY_TIMEOUT;
  return httpStatus !== null && isInterpretedByApple(httpStatus) ? httpStatus : BAD_GATEWAY;
}

function isInterpretedByApple(status: number): boolean {
  return (status >= 200 && status <= 206) || (status >= 400 && status <= 599);
}

/** Target, time and follow-up of an attempt to record. */
interface RecordedAttempt extends Pick<DeliveryRecord, 'target' | 'attempt' | 'atMs' | 'final' | 'nextAtMs'> {
  /** Id of the `replay` run. */
  readonly run?: string;
}

/**
 * Builds the journal record of an attempt. An unverified notification is recorded without its UUID: otherwise the genuine one with that
 * UUID would count as accepted and never reach the target.
 */
export function buildDeliveryRecord(
  { id, verdict, ...facts }: Pick<ForwardedNotification, 'id' | 'uuid' | 'variant' | 'verdict'>,
  { run, ...attempt }: RecordedAttempt,
  { httpStatus, ms, outcome, detail }: Pick<DeliveryAttempt, 'httpStatus' | 'ms' | 'outcome' | 'detail'>,
): DeliveryRecord {
  return {
    type: 'delivery',
    id,
    uuid: verdict === 'valid' ? notificationKey(facts) : null,
    ...attempt,
    httpStatus,
    ms,
    outcome,
    ...(detail === null ? {} : { detail }),
    ...(run === undefined ? {} : { run }),
  };
}
