import type { Dispatcher } from 'undici';
import { request } from '../../http/request.js';
import { buildHeaders } from './headers.js';
import { judgeAnswer, judgeFailure } from './outcome.js';
import { runProgram } from './program.js';
import type { Attempt, HttpTarget, Parcel, Target } from './target.js';

export interface SendDeps {
  /** The undici dispatcher for a target: one that checks no certificate where it is `insecure`. */
  readonly http: (target: HttpTarget) => Promise<Dispatcher>;
  /** Of one attempt, from connecting to the last byte, or of one run of a program. */
  readonly timeoutMs: number;
  /** Goes with it as `storewire-via`. */
  readonly runId: string;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Environment of programs: what is a credential in it is taken out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** One line that a program printed, on either stream; not escaped. */
  readonly onOutput?: (target: string, line: string) => void;
  readonly signal?: AbortSignal;
}

/** More of an answer is not read. */
const MOST_ANSWER_BYTES = 64 * 1024;

/**
 * Hands one parcel to one target, once: the body byte for byte as a POST, redirects not followed, or the document to a program. Whatever
 * becomes of it is an {@link Attempt}. Throws ToolError (interrupted) when `signal` aborts.
 */
export function sendParcel(target: Target, parcel: Parcel, attempt: number, deps: SendDeps): Promise<Attempt> {
  return target.type === 'exec' ? runProgram(target, parcel, deps) : post(target, parcel, attempt, deps);
}

async function post(target: HttpTarget, parcel: Parcel, attempt: number, deps: SendDeps): Promise<Attempt> {
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
