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

type AuditVerdict = 'safe' | 'unsafe' | 'inconclusive';

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

/** What was sent and what came back, not judged yet. */
export interface Evidence {
  readonly controls: readonly Control[];
  readonly attempts: readonly Omit<Attempt, 'believed'>[];
  /** Why not all was sent; null where it was. */
  readonly brokenOff: 'unanswered' | 'deadline' | null;
}

interface Judged {
  readonly verdict: AuditVerdict;
  readonly doubt: Doubt | null;
  readonly attempts: readonly Attempt[];
  readonly trustsAuthority: boolean | null;
}

/**
 * The verdict on what was seen. A forgery is believed where it is answered 2xx although rubbish was refused, or where it took effect.
 * Where rubbish is answered 2xx too, a 2xx says nothing. Pure.
 */
export function judgeAudit({ controls, attempts, brokenOff }: Evidence): Judged {
  const rubbish = controls.filter(({ kind }) => kind === 'rubbish');
  const good = controls.filter(({ kind }) => kind === 'good');
  const judged = attempts.map((attempt) => ({ ...attempt, believed: isBelieved(attempt, rubbish) }));
  const trustsAuthority = good.length === 0 ? null : good.some(isTaken);
  const isUnsafe = judged.some(({ believed }) => believed === true);
  const doubt = isUnsafe ? null : doubtOf(rubbish, good, judged, brokenOff);
  const verdict = isUnsafe ? 'unsafe' : doubt === null ? 'safe' : 'inconclusive';
  return { verdict, doubt, attempts: judged, trustsAuthority };
}

function isBelieved(attempt: Sent, rubbish: readonly Control[]): boolean | null {
  if (rubbish.some(hadEffect)) return null;
  if (hadEffect(attempt)) return true;
  if (isTaken(attempt) && !rubbish.some(isTaken)) return true;
  if (attempt.tookEffect === false) return false;
  if (attempt.httpStatus === null || attempt.httpStatus === TOO_MANY || isTaken(attempt)) return null;
  return false;
}

const TOO_MANY = 429;

function doubtOf(
  rubbish: readonly Control[],
  good: readonly Control[],
  attempts: readonly Attempt[],
  brokenOff: Evidence['brokenOff'],
): Doubt | null {
  const all = [...rubbish, ...attempts];
  if (rubbish.some(hadEffect)) return 'effect-of-rubbish';
  if (rubbish.some((control) => isTaken(control) && control.tookEffect === null)) return 'answers-before-it-checks';
  if (brokenOff !== null) return brokenOff;
  if (good.length > 0 && !good.some(isTaken)) return all.every(isNobody) ? 'nothing-there' : 'refuses-everything';
  if (good.length === 0 && all.every(isNobody)) return 'nothing-there';
  if (rubbish.some(isTaken) && good.length > 0 && !good.some(hadEffect)) return 'effect-never-seen';
  return [...rubbish, ...attempts].some(isUnanswered) ? 'unanswered' : null;
}

/** Statuses that come from what stands in front of an endpoint, or from the wrong address, and not from a check that failed. */
const NOBODY: ReadonlySet<number> = new Set([404, 405, 410, 501, 502, 503, 504]);

function isNobody({ httpStatus }: Sent): boolean {
  return httpStatus !== null && (NOBODY.has(httpStatus) || (httpStatus >= 300 && httpStatus < 400));
}

function isUnanswered({ httpStatus, tookEffect }: Sent): boolean {
  return (httpStatus === null || httpStatus === TOO_MANY) && tookEffect === null;
}

function hadEffect({ tookEffect }: Sent): boolean {
  return tookEffect === true;
}
