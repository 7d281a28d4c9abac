import { explainService } from '../address/services.js';
import { ToolError } from '../errors.js';
import { type HttpResponse, parseRetryAfter } from '../http/request.js';
import type { DeliveryRecord } from '../journal/record.js';
import type { DeliveryAttempt, ForwardedNotification, HttpTarget } from './target.js';

/** Of {@link Attempt.detail}. */
const LONGEST_DETAIL = 200;

const LONGEST_QUOTE = 100;

/** A listener's own word for a loop, which stays one however often it is tried. */
const LOOP = 508;

/** What an answer means: 2xx is accepted, all else refused, and 5xx and 429 may fare better another time. Pure. */
export function judgeAnswer(
  { status, headers, body }: HttpResponse,
  { service }: Pick<HttpTarget, 'service'>,
  { ms, nowMs }: { readonly ms: number; readonly nowMs: number },
): DeliveryAttempt {
  if (status >= 200 && status < 300)
    return { httpStatus: status, ms, outcome: 'accepted', detail: null, retriable: false, retryAtMs: null };
  const retriable = status === 429 || (status >= 500 && status !== LOOP);
  return {
    httpStatus: status,
    ms,
    outcome: 'refused',
    detail: cut(describeRefusal(status, quote(body), service === null ? null : explainService(service, status))),
    retriable,
    retryAtMs: retriable ? parseRetryAfter(headers['retry-after'], nowMs) : null,
  };
}

/** What a request without an answer means; comes back null where the error is none of the peer's. Pure. */
export function judgeFailure(error: unknown, ms: number): DeliveryAttempt | null {
  if (!(error instanceof ToolError) || error.kind !== 'remote') return null;
  const outcome = error.code === 'ERR_HTTP_TIMEOUT' ? 'timed-out' : 'unreachable';
  return { httpStatus: null, ms, outcome, detail: cut(error.message), retriable: true, retryAtMs: null };
}

function describeRefusal(status: number, quoted: string, explained: string | null): string {
  if (explained !== null) return `${status}: ${explained}`;
  if (status >= 300 && status < 400)
    return `${status}: a redirect, which is not followed: give the address it leads to`;
  return quoted === '' ? `answered ${status}` : `answered ${status}: ${quoted}`;
}

/** The first words of an answer, in JSON quotes; empty where it says nothing that can be read. */
function quote(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 4 * LONGEST_QUOTE))
    .toString('utf8')
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '' || text.includes('\0')) return '';
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

/** At most {@link LONGEST_DETAIL} characters. */
export function cut(text: string): string {
  return text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL - 1)}…` : text;
}

/** The gateway's own statuses: nothing usable came from behind it, or nothing in time. */
const BAD_GATEWAY = 502;

const GATEWAY_TIMEOUT = 504;

/**
 * What Apple is answered where a target is asked first: the target's own status where Apple reads one in it (200–206 done, 4xx and 5xx
 * again), else 502, as for a target that cannot be reached. 504 where it was too slow. Pure.
 */
export function statusForApple({ outcome, httpStatus }: Pick<DeliveryAttempt, 'outcome' | 'httpStatus'>): number {
  if (outcome === 'timed-out') return GATEWAY_TIMEOUT;
  return httpStatus !== null && appleReads(httpStatus) ? httpStatus : BAD_GATEWAY;
}

function appleReads(status: number): boolean {
  return (status >= 200 && status <= 206) || (status >= 400 && status <= 599);
}

/** When and where an attempt was made, and what follows by itself. */
interface RecordedAttempt extends Pick<DeliveryRecord, 'target' | 'attempt' | 'atMs' | 'final' | 'nextAtMs'> {
  /** Of `replay`. */
  readonly run?: string;
}

/**
 * What is recorded of an attempt. What is not proved has no UUID here: the genuine notification it claims to be would count as accepted,
 * and be kept from the target.
 */
export function buildDeliveryRecord(
  { id, uuid, verdict }: Pick<ForwardedNotification, 'id' | 'uuid' | 'verdict'>,
  { run, ...made }: RecordedAttempt,
  { httpStatus, ms, outcome, detail }: Pick<DeliveryAttempt, 'httpStatus' | 'ms' | 'outcome' | 'detail'>,
): DeliveryRecord {
  return {
    type: 'delivery',
    id,
    uuid: verdict === 'valid' ? uuid : null,
    ...made,
    httpStatus,
    ms,
    outcome,
    ...(detail === null ? {} : { detail }),
    ...(run === undefined ? {} : { run }),
  };
}
