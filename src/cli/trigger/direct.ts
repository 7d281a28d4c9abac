import type { AppEnvironment } from '../../simulator/payloads/app.js';
import { deliver } from '../../simulator/sender/deliver.js';
import { appleRetries } from '../../simulator/sender/schedule.js';
import type { Deps } from '../deps.js';
import type { Destination } from './destination.js';
import type { Made } from './made.js';
import type { Outcome } from './outcome.js';

/** Longest wait for one answer. Apple's own is not documented. */
export const DELIVERY_TIMEOUT_MS = 30_000;

export interface DirectRoute {
  readonly destination: Destination;
  readonly environment: AppEnvironment;
}

/** Posts one notification as the App Store does, once. Throws `interrupted` when the signal aborts. */
export async function sendDirectly(
  made: Made,
  { destination, environment }: DirectRoute,
  timeoutMs: number,
  { sleep, now, signal }: Pick<Deps, 'sleep' | 'now' | 'signal'>,
): Promise<Outcome> {
  const { url } = destination;
  const { result, httpStatus, ms, detail, responseBody } = await deliver({
    url,
    body: made.body,
    timeoutMs,
    sleep,
    now,
    signal,
  });
  return {
    made,
    target: showUrl(url),
    result,
    httpStatus,
    ms,
    detail,
    answer: startOf(responseBody),
    retry: appleRetries(result, httpStatus, environment, 1),
  };
}

/** An address as it may be shown: what stands behind the question mark is often a secret. */
export function showUrl({ origin, pathname, search }: URL): string {
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

const ANSWER_BYTES = 1_024;

function startOf(body: Uint8Array): string {
  return Buffer.from(body.subarray(0, ANSWER_BYTES)).toString().trim();
}
