import { request } from '../http/request.js';
import { runExecTarget } from './exec.js';
import { buildHeaders } from './headers.js';
import { judgeAnswer, judgeFailure } from './outcome.js';
import type { DeliveryAttempt, ForwardedNotification, HttpTarget, SendDeps, Target } from './target.js';

/** More of an answer is not read. */
const MOST_ANSWER_BYTES = 64 * 1024;

/**
 * Hands one parcel to one target, once: the body byte for byte as a POST, redirects not followed, or the document to a program. Whatever
 * becomes of it is an {@link Attempt}. Throws ToolError (interrupted) when `signal` aborts.
 */
export function forwardOnce(
  target: Target,
  parcel: ForwardedNotification,
  attempt: number,
  deps: SendDeps,
): Promise<DeliveryAttempt> {
  return target.type === 'exec' ? runExecTarget(target, parcel, deps) : post(target, parcel, attempt, deps);
}

async function post(
  target: HttpTarget,
  parcel: ForwardedNotification,
  attempt: number,
  deps: SendDeps,
): Promise<DeliveryAttempt> {
  const { http, timeoutMs, runId, now, sleep, signal } = deps;
  const dispatcher = await http(target);
  const startedMs = now();
  try {
    const answer = await request({
      dispatcher,
      method: 'POST',
      url: new URL(target.url),
      headers: buildHeaders(target, parcel, attempt, runId),
      body: parcel.body,
      timeoutMs,
      maxBodyBytes: MOST_ANSWER_BYTES,
      longerBody: 'cut',
      sleep,
      ...(signal === undefined ? {} : { signal }),
    });
    return judgeAnswer(answer, target, { ms: now() - startedMs, nowMs: now() });
  } catch (error) {
    const attempted = judgeFailure(error, now() - startedMs);
    if (attempted === null) throw error;
    return attempted;
  }
}
