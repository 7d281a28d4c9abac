import { type Attempt, type AuditVerdict, type Control, type Doubt, isTaken, type Sent } from './report.js';

/** What was sent and what came back, not judged yet. */
export interface Evidence {
  readonly controls: readonly Control[];
  readonly attempts: readonly Omit<Attempt, 'believed'>[];
  /** Why not all was sent; null where it was. */
  readonly brokenOff: 'unanswered' | 'deadline' | null;
}

export interface Judged {
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
