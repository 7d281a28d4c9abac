import { request } from '../http/request.js';
import { runExecTarget } from './exec.js';
import { findInResponse } from './finding.js';
import { buildHeaders } from './headers.js';
import { classifyError, classifyResponse } from './outcome.js';
import type { DeliveryAttempt, ForwardedNotification, HttpTarget, SendDeps, Target } from './target.js';

/** Response bodies are read up to this size. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/**
 * Delivers one notification to one target, once: a POST of the unchanged body without following redirects, or a run of a program with the
 * document. Every result is a {@link DeliveryAttempt}. Throws ToolError (interrupted) when `signal` aborts.
 */
export function forwardOnce(
  target: Target,
  notification: ForwardedNotification,
  attempt: number,
  deps: SendDeps,
): Promise<DeliveryAttempt> {
  return target.type === 'exec' ? runExecTarget(target, notification, deps) : post(target, notification, attempt, deps);
}

async function post(
  target: HttpTarget,
  notification: ForwardedNotification,
  attempt: number,
  deps: SendDeps,
): Promise<DeliveryAttempt> {
  const { http, timeoutMs, runId, now, sleep, signal } = deps;
  const dispatcher = await http(target);
  const startedMs = now();
  try {
    const response = await request({
      dispatcher,
      method: 'POST',
      url: new URL(target.url),
      headers: buildHeaders(target, notification, attempt, runId),
      body: notification.body,
      timeoutMs,
      maxBodyBytes: MAX_RESPONSE_BYTES,
      longerBody: 'truncate',
      sleep,
      ...(signal === undefined ? {} : { signal }),
    });
    const result = classifyResponse(response, target, { ms: now() - startedMs, nowMs: now() });
    const finding = await findInResponse(response, target);
    return finding === null ? result : { ...result, finding };
  } catch (error) {
    const failedAttempt = classifyError(error, now() - startedMs);
    if (failedAttempt === null) throw error;
    return failedAttempt;
  }
}
