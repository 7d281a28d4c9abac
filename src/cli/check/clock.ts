import type { Dispatcher } from 'undici';
import { request } from '../../http/request.js';

export interface ClockQuestion {
  /** Of one of Apple's APIs. */
  readonly baseUrl: string;
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * How far this machine's clock is ahead of the server's, in ms, negative where it is behind; exact to a second and the way there and
 * back. Null where the answer has no date. Sent without a token: a refusal has a date too. Throws as `request` does.
 */
export async function askClock(question: ClockQuestion): Promise<number | null> {
  const { baseUrl, dispatcher, timeoutMs, now, sleep, signal } = question;
  const before = now();
  const headers = { accept: 'application/json', 'user-agent': 'storewire' };
  const limits = { timeoutMs, maxBodyBytes: MOST_BYTES, longerBody: 'cut' as const };
  const answer = await request({
    dispatcher,
    method: 'GET',
    url: new URL(`${baseUrl}/`),
    headers,
    ...limits,
    sleep,
    signal,
  });
  const between = (before + now()) / 2;
  const theirs = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(theirs) ? null : Math.round(between - (theirs + HALF_A_SECOND));
}

const MOST_BYTES = 64 * 1024;
/** The date of an answer is cut to whole seconds. */
const HALF_A_SECOND = 500;
