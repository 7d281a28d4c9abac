import { ToolError } from '../../errors.js';
import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { type Ending, exchange } from './exchange.js';
import { judgeAnswer } from './judge-answer.js';
import { judgeDeadline, judgeFailure } from './judge-failure.js';
import type { Answer, Judgement } from './outcome.js';
import { planRedirect } from './redirect.js';

export interface DeliveryRequest {
  /** http or https. Credentials in it are not sent. */
  readonly url: URL;
  /** Sent as it stands: a text as UTF-8. */
  readonly body: string | Uint8Array;
  /** Deadline of the whole attempt, from the name to the last byte, redirects included. */
  readonly timeoutMs: number;
  /** PEM roots trusted beside the public ones. One array for many deliveries is read once. */
  readonly ca?: readonly string[];
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** `storewire` where left out: Apple's own is not documented [U]. */
  readonly userAgent?: string;
}

export interface DeliveryResult {
  readonly result: SendAttemptResult;
  /** Status of the last answer, also of one that broke off; null where none was read. It does not decide: `result` does. */
  readonly httpStatus: number | null;
  /** From the start to the end of the attempt. */
  readonly ms: number;
  /** What happened, in words. May quote the peer: escape it on display. */
  readonly detail: string;
  /** The first 64 KiB of the last answer's body. */
  readonly responseBody: Uint8Array;
  /** Headers of the last complete answer, names in lower case; empty where there was none. */
  readonly headers: Answer['headers'];
  /** Where it was sent: the address given, then each that a redirect led to. */
  readonly visited: readonly string[];
}

/**
 * Sends one notification the way Apple does, once: POST, application/json, TLS 1.2 or newer, redirects followed a little, 200 to 206 is
 * success. Whatever the endpoint does is a result. Connects directly, never through a proxy.
 * Throws ToolError `interrupted` with `ERR_INTERRUPTED` when `signal` aborts, and `usage` with `ERR_SENDER_URL` where the URL is not
 * http or https. Whether such a URL would be allowed at Apple is not looked at.
 */
export async function deliver(request: DeliveryRequest): Promise<DeliveryResult> {
  checkProtocol(request.url);
  const startedAtMs = request.now();
  const stop = new AbortController();
  const finished = new AbortController();
  const interrupt = (): void => stop.abort();
  request.signal?.addEventListener('abort', interrupt, { once: true });
  if (request.signal?.aborted) interrupt();
  void request.sleep(request.timeoutMs, finished.signal).then(interrupt, ignore);
  try {
    const attempt = await send(request, stop.signal);
    if (request.signal?.aborted) throw new ToolError('interrupted', 'ERR_INTERRUPTED', 'stopped before an answer came');
    return { ...attempt, ms: Math.round(request.now() - startedAtMs) };
  } finally {
    request.signal?.removeEventListener('abort', interrupt);
    finished.abort();
  }
}

/** A sleep that rejects was stopped, by us or by whoever gave it. */
function ignore(): void {}

type Attempt = Omit<DeliveryResult, 'ms'>;

async function send(request: DeliveryRequest, signal: AbortSignal): Promise<Attempt> {
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
  const { userAgent = 'storewire', ca } = request;
  const visited: URL[] = [withoutHash(request.url)];
  for (;;) {
    const ending = await exchange({ url: visited.at(-1)!, body, userAgent, ca, signal });
    const plan = ending.kind === 'answer' ? planRedirect(ending.answer, visited) : null;
    if (plan?.next === 'stop') return attemptOf(ending, plan.judgement, visited);
    if (plan?.next !== 'follow') {
      const { result, detail } = judge(ending, request.timeoutMs);
      return attemptOf(ending, { result, detail: detail + describeRedirects(visited.length - 1) }, visited);
    }
    visited.push(plan.url);
  }
}

function judge(ending: Ending, timeoutMs: number): Judgement {
  if (ending.kind === 'answer') return judgeAnswer(ending.answer);
  return ending.kind === 'stopped' ? judgeDeadline(ending.stage, timeoutMs) : judgeFailure(ending.failure);
}

function attemptOf(ending: Ending, judgement: Judgement, visited: readonly URL[]): Attempt {
  const { body, headers } = ending.kind === 'answer' ? ending.answer : { body: ending.body, headers: {} };
  const addresses = visited.map(({ href }) => href);
  return { ...judgement, httpStatus: statusOf(ending), responseBody: body, headers, visited: addresses };
}

function statusOf(ending: Ending): number | null {
  if (ending.kind === 'answer') return ending.answer.status;
  return ending.kind === 'stopped' ? ending.httpStatus : ending.failure.httpStatus;
}

function describeRedirects(count: number): string {
  if (count === 0) return '';
  return ` (after ${count === 1 ? 'a redirect' : `${count} redirects`}, which Apple may not follow)`;
}

function withoutHash(url: URL): URL {
  const copy = new URL(url);
  copy.hash = '';
  return copy;
}

function checkProtocol({ protocol, host }: URL): void {
  if (protocol === 'https:' || protocol === 'http:') return;
  throw new ToolError('usage', 'ERR_SENDER_URL', `A notification cannot be sent to ${protocol}//${host}`, {
    hint: 'Give an address that begins with https://, or http:// on this machine.',
  });
}
