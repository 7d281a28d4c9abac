import { EXIT, type Exit, worstOf } from '../../cli/exit.js';
import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import type { Delivery } from '../../notification/document.js';
import type { Retry } from '../../sender/retry-schedule.js';
import type { PreparedNotification } from './build.js';

/** Result of the first delivery attempt of one notification. */
export interface Outcome {
  readonly notification: PreparedNotification;
  /** Displayable target. */
  readonly target: string;
  readonly result: SendAttemptResult;
  readonly httpStatus: number | null;
  readonly ms: number;
  /** Description of the result. May quote the endpoint. */
  readonly detail: string;
  /** Start of the response body as text, untrusted; empty if there is none. */
  readonly answer: string;
  /** Apple's retry after this result. */
  readonly retry: Retry;
}

export type OutcomeWord = Delivery['outcome'];

/** Numbers of notifications by outcome. */
export interface TriggerTally extends Readonly<Record<OutcomeWord, number>> {
  readonly notSent: number;
  /** Cause of an early stop; null if all were sent. */
  readonly stoppedBy: 'unreachable' | 'deadline' | 'signal' | null;
}

/** Results with a response; with the others the endpoint was unreachable. */
const ANSWERED: ReadonlySet<SendAttemptResult> = new Set([
  'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
  'CIRCULAR_REDIRECT',
  'UNSUPPORTED_CHARSET',
]);

/** Outcome as in documents. An incomplete or malformed response counts as unreachable. */
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

/** Exit code: refused 1, unreachable 4, stopped by the deadline 5. */
export function exitOfTrigger(tally: TriggerTally): Exit {
  const words = (Object.keys(EXIT_OF) as OutcomeWord[]).filter((word) => tally[word] > 0);
  return worstOf([...words.map((word) => EXIT_OF[word]), ...(tally.stoppedBy === 'deadline' ? [EXIT.pending] : [])]);
}
