import type { NotMade } from './forgeries/genuine.js';
import type { ForgeryFacts, NamedIds } from './forgery.js';

/** What came back for one request. Texts may quote the endpoint: escape them before showing. */
export interface Answer {
  /** Null where no answer came. */
  readonly httpStatus: number | null;
  readonly ms: number;
  /** Why there was no answer, in words; null where there was one. */
  readonly failure: string | null;
  /** The start of the answer's body. */
  readonly text: string;
}

/** A request that was made, and what is known of it. */
export interface Sent extends Answer, NamedIds {
  readonly id: string;
  /** What the program of `--effect` said; null without one. */
  readonly tookEffect: boolean | null;
}

export interface Control extends Sent {
  readonly title: string;
  readonly kind: 'rubbish' | 'good';
}

/** One forgery and what became of it. `believed` is null where that cannot be told. */
export interface Attempt extends Sent, Omit<ForgeryFacts, 'id'> {
  readonly believed: boolean | null;
}

/** What was noticed and is no fault by itself. */
export interface Observation {
  readonly id: `observed.${string}`;
  readonly title: string;
  /** What was seen, in words of ours; null where it was not looked at. */
  readonly seen: string | null;
  /** What it means, or why it was not looked at. */
  readonly note: string;
}

export type AuditVerdict = 'safe' | 'unsafe' | 'inconclusive';

/** Why there is no verdict. */
export type Doubt =
  | 'answers-before-it-checks'
  | 'refuses-everything'
  | 'effect-of-rubbish'
  | 'effect-never-seen'
  | 'nothing-there'
  | 'unanswered'
  | 'deadline';

export interface AuditReport {
  /** Fit to be shown: without credentials and query. */
  readonly url: string;
  readonly verdict: AuditVerdict;
  /** Null with a verdict. */
  readonly doubt: Doubt | null;
  readonly controls: readonly Control[];
  readonly attempts: readonly Attempt[];
  readonly observations: readonly Observation[];
  /** Ids of forgeries that were not sent, since the time was up or nothing answered any more. */
  readonly notSent: readonly string[];
  readonly notMade: readonly NotMade[];
  /** Whether the endpoint took a notification that the test authority signed; null where none was sent. */
  readonly trustsAuthority: boolean | null;
}

/** Answered 2xx: Apple, and whoever forged it, would take that for a yes. */
export function isTaken({ httpStatus }: Pick<Answer, 'httpStatus'>): boolean {
  return httpStatus !== null && httpStatus >= 200 && httpStatus < 300;
}
