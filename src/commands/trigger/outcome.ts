import { EXIT, type Exit, worstOf } from '../../cli/exit.js';
import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import type { Delivery } from '../../notification/document.js';
import type { Retry } from '../../sender/retry-schedule.js';
import type { PreparedNotification } from './build.js';

/** What became of one notification at its first attempt. */
export interface Outcome {
  readonly made: PreparedNotification;
  /** Where it went, fit to be shown. */
  readonly target: string;
  readonly result: SendAttemptResult;
  readonly httpStatus: number | null;
  readonly ms: number;
  /** What happened, in words; may quote the peer. */
  readonly detail: string;
  /** The start of the answer's body as text, the peer's; empty where there was none. */
  readonly answer: string;
  /** Whether Apple would send it again, and when. */
  readonly retry: Retry;
}

export type OutcomeWord = Delivery['outcome'];

/** How many notifications ended how, and how many were not sent. */
export interface Tally extends Readonly<Record<OutcomeWord, number>> {
  readonly notSent: number;
  /** Why some were not sent; null where all were. */
  readonly stoppedBy: 'unreachable' | 'deadline' | 'signal' | null;
}

/** The results that come with an answer; the others mean that the endpoint could not be asked. */
const ANSWERED: ReadonlySet<SendAttemptResult> = new Set([
  'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
  'CIRCULAR_REDIRECT',
  'UNSUPPORTED_CHARSET',
]);

/** In the words of our documents. An answer that broke off or is no HTTP counts as unreachable: nothing was said. */
export function outcomeWord({ result }: Pick<Outcome, 'result'>): OutcomeWord {
  if (result === 'SUCCESS') return 'accepted';
  if (result === 'TIMED_OUT') return 'timed-out';
  return ANSWERED.has(result) ? 'refused' : 'unreachable';
}

const EXIT_OF: Readonly<Record<OutcomeWord, Exit>> = {
  accepted: EXIT.ok,
  refused: EXIT.no,
  unreachable: EXIT.remote,
  'timed-out': EXIT.remote,
};

/** Refused is 1, unreachable 4, and 5 where the deadline left some unsent. */
export function exitOf(tally: Tally): Exit {
  const words = (Object.keys(EXIT_OF) as OutcomeWord[]).filter((word) => tally[word] > 0);
  return worstOf([...words.map((word) => EXIT_OF[word]), ...(tally.stoppedBy === 'deadline' ? [EXIT.pending] : [])]);
}
