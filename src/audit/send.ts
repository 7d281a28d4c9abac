import type { Dispatcher } from 'undici';
import { ToolError } from '../errors.js';
import { request } from '../http/request.js';
import { identifyIntermediary } from '../intermediary/identify.js';
import type { ResponseEvidence } from '../intermediary/mark.js';
import type { Post } from './forgery.js';
import type { AuditResponse } from './report.js';

export interface AuditSendDeps extends PaceDeps {
  readonly dispatcher: Dispatcher;
  /** `storewire-audit/1.2.3`. */
  readonly userAgent: string;
  /** Limit of one request, in milliseconds. */
  readonly timeoutMs: number;
}

/** Bytes read of a response body, for the report. */
const ANSWER_BYTES = 4_096;

const SHOWN_CHARACTERS = 200;

/** Sends one POST without following redirects; a network error is part of the result. Throws `interrupted` if the signal aborts. */
export async function sendPost(url: URL, { body, contentType }: Post, deps: AuditSendDeps): Promise<AuditResponse> {
  const { evidence, ...result } = await requestEvidence(url, { method: 'POST', body, contentType }, deps);
  const found = evidence === null ? null : identifyIntermediary(evidence);
  return {
    ...result,
    httpStatus: evidence?.status ?? null,
    text: (evidence?.body ?? '').trim().slice(0, SHOWN_CHARACTERS),
    intermediary: found?.isCertain ? found : null,
  };
}

interface Exchange {
  /** Null without a response; `failure` says why. */
  readonly evidence: ResponseEvidence | null;
  readonly ms: number;
  readonly failure: string | null;
}

export async function requestEvidence(
  url: URL,
  { method, body, contentType }: Pick<Post, 'body' | 'contentType'> & { readonly method: 'GET' | 'POST' },
  deps: AuditSendDeps,
): Promise<Exchange> {
  const { dispatcher, userAgent, timeoutMs, now, sleep, signal } = deps;
  const startedMs = now();
  const headers = { ...(method === 'POST' && { 'content-type': contentType }), 'user-agent': userAgent, accept: '*/*' };
  try {
    const answer = await request({
      ...{ dispatcher, method, url, headers, timeoutMs, sleep },
      ...{ maxBodyBytes: ANSWER_BYTES, longerBody: 'truncate' },
      ...(method === 'POST' && { body }),
      ...(signal && { signal }),
    });
    const text = Buffer.from(answer.body).toString('utf8');
    const evidence = { status: answer.status, headers: answer.headers, body: text, visited: [url.href] };
    return { evidence, ms: Math.round(now() - startedMs), failure: null };
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind !== 'remote') throw error;
    return { evidence: null, ms: Math.round(now() - startedMs), failure: error.message };
  }
}

/** Rate limit of an audit, in requests a second. */
const MOST_PER_SECOND = 20;

const APART_MS = 1_000 / MOST_PER_SECOND;

interface PaceDeps {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Rate limiter: each call resolves at least 50 ms after the previous one did, so at most 20 in any second. Counted from the actual time,
 * not from the scheduled one, as a late timer would otherwise let the next calls follow too closely.
 */
export function createPace({ now, sleep, signal }: PaceDeps): () => Promise<void> {
  let nextMs = 0;
  let before: Promise<void> = Promise.resolve();
  const take = async (): Promise<void> => {
    const leftMs = nextMs - now();
    // A timer may fire a millisecond early.
    if (leftMs > 0) await sleep(leftMs + 1, signal);
    nextMs = now() + APART_MS;
  };
  return () => {
    before = before.then(take);
    return before;
  };
}
