import type { Dispatcher } from 'undici';
import { ToolError } from '../../errors.js';
import { request } from '../../http/request.js';
import type { Post } from './forgery.js';
import type { PaceDeps } from './pace.js';
import type { Answer } from './report.js';

export interface SendDeps extends PaceDeps {
  readonly dispatcher: Dispatcher;
  /** `storewire-audit/1.2.3`. */
  readonly userAgent: string;
  /** Longest wait for one answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Of an answer's body, the start is read: enough to see in a report what the endpoint said. */
const ANSWER_BYTES = 4_096;
const SHOWN_CHARACTERS = 200;

/** Posts once; redirects are not followed. What the endpoint does is an answer. Throws `interrupted` where the signal aborts. */
export async function send(url: URL, { body, contentType }: Post, deps: SendDeps): Promise<Answer> {
  const { dispatcher, userAgent, timeoutMs, now, sleep, signal } = deps;
  const startedMs = now();
  const headers = { 'content-type': contentType, 'user-agent': userAgent, accept: '*/*' };
  try {
    const answer = await request({
      ...{ dispatcher, method: 'POST', url, headers, body, timeoutMs, sleep },
      ...{ maxBodyBytes: ANSWER_BYTES, longerBody: 'cut' },
      ...(signal && { signal }),
    });
    const text = Buffer.from(answer.body).toString('utf8').trim().slice(0, SHOWN_CHARACTERS);
    return { httpStatus: answer.status, ms: Math.round(now() - startedMs), failure: null, text };
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind !== 'remote') throw error;
    return { httpStatus: null, ms: Math.round(now() - startedMs), failure: error.message, text: '' };
  }
}
