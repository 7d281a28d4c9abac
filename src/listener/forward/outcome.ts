import { ToolError } from '../../errors.js';
import type { HttpResponse } from '../../http/request.js';
import { parseRetryAfter } from '../../http/retry-after.js';
import { explainService } from './services.js';
import type { Attempt, HttpTarget } from './target.js';

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
): Attempt {
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
export function judgeFailure(error: unknown, ms: number): Attempt | null {
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
