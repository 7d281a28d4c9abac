import type { Intermediary } from '../intermediary/mark.js';
import { type Diagnosis, diagnose } from './diagnosis.js';
import type { NotMade } from './forgeries/genuine.js';
import type { ForgeryFacts, NamedIds } from './forgery.js';
import { SIZE_GUARD, type Survey } from './survey.js';

/** Response to one request. Texts may quote the endpoint: escape them before printing. */
export interface AuditResponse {
  /** Null without a response. */
  readonly httpStatus: number | null;
  readonly ms: number;
  /** Reason for a missing response; null otherwise. */
  readonly failure: string | null;
  /** Start of the response body. */
  readonly text: string;
  /** Intermediary that answered instead of the handler, if the response identifies it with certainty. */
  readonly intermediary: Intermediary | null;
}

/** A request and its result. */
export interface SentRequest extends AuditResponse, NamedIds {
  readonly id: string;
  /** Result of the `--effect` command; null without one. */
  readonly tookEffect: boolean | null;
}

export interface Control extends SentRequest {
  readonly title: string;
  readonly kind: 'invalid' | 'valid';
}

/** One forgery and its result. `believed`: the endpoint accepted it; null if inconclusive. */
export interface ForgeryAttempt extends SentRequest, Omit<ForgeryFacts, 'id'> {
  readonly believed: boolean | null;
}

/** Behaviour worth knowing that is not a finding. */
export interface Observation {
  readonly id: `observed.${string}`;
  readonly title: string;
  /** Observed behaviour; null if not tested. */
  readonly seen: string | null;
  /** Meaning, or the reason that it was not tested. */
  readonly note: string;
}

export interface Interruption {
  readonly after: number;
  readonly of: number;
}

type AuditVerdict = 'safe' | 'unsafe' | 'inconclusive';

/** Reason of an inconclusive verdict. */
export type Doubt =
  | 'answers-before-it-checks'
  | 'refuses-everything'
  | 'effect-of-rubbish'
  | 'effect-never-seen'
  | 'nothing-there'
  | 'guarded'
  | 'same-refusal'
  | 'not-read'
  | 'unanswered'
  | 'deadline'
  | 'interrupted';

export interface AuditReport {
  /** Display form, without credentials and query. */
  readonly url: string;
  readonly verdict: AuditVerdict;
  /** Null unless the verdict is inconclusive. */
  readonly doubt: Doubt | null;
  /**
   * Intermediary that refused the requests instead of the handler, if `doubt` is `guarded`; one that may have, if it is `same-refusal`;
   * null otherwise.
   */
  readonly guard: Intermediary | null;
  /** Status of every forgery, if an empty POST gets the same response: it may come from a guard, and nothing else shows one. Else null. */
  readonly sameRefusal: number | null;
  /** The missing check that explains most findings; null without a finding. */
  readonly diagnosis: Diagnosis | null;
  /** Requests sent before the user interrupted the audit, and the number planned; null if it was not interrupted. */
  readonly interrupted: Interruption | null;
  readonly controls: readonly Control[];
  readonly attempts: readonly ForgeryAttempt[];
  readonly observations: readonly Observation[];
  /** Ids of forgeries without a result, as the audit timed out or was interrupted, or the endpoint stopped responding. */
  readonly notSent: readonly string[];
  readonly notMade: readonly NotMade[];
  readonly startedAtMs: number;
  readonly elapsedMs: number;
  /** The endpoint accepted a notification signed by the test authority; null if none was sent. */
  readonly trustsAuthority: boolean | null;
}

/** True for 2xx, which Apple and an attacker count as accepted. */
export function isSuccess({ httpStatus }: Pick<AuditResponse, 'httpStatus'>): boolean {
  return httpStatus !== null && httpStatus >= 200 && httpStatus < 300;
}

/** Requests and responses, not evaluated yet. */
export interface Evidence {
  readonly controls: readonly Control[];
  readonly attempts: readonly Omit<ForgeryAttempt, 'believed'>[];
  /** Reason that sending stopped early; null if complete. */
  readonly stopReason: 'unanswered' | 'deadline' | 'interrupted' | null;
  readonly survey: Survey;
}

interface Judged {
  readonly verdict: AuditVerdict;
  readonly doubt: Doubt | null;
  readonly guard: Intermediary | null;
  readonly sameRefusal: number | null;
  readonly diagnosis: Diagnosis | null;
  readonly attempts: readonly ForgeryAttempt[];
  readonly trustsAuthority: boolean | null;
}

/**
 * Evaluates an audit. A forgery was accepted if it was answered 2xx while garbage input was rejected, or if it took effect. If garbage
 * input is answered 2xx as well, a 2xx proves nothing. Pure.
 */
export function judgeAudit({ controls, attempts, stopReason, survey }: Evidence): Judged {
  const garbage = controls.filter(({ kind }) => kind === 'invalid');
  const valid = controls.filter(({ kind }) => kind === 'valid');
  // Anything that gets through proves that the refusals are the handler's: a valid notification, or a forgery.
  const isLetIn =
    valid.some(isSuccess) ||
    [...controls, ...attempts].some(hadEffect) ||
    (!garbage.some(isSuccess) && attempts.some((attempt) => attempt.intermediary === null && isSuccess(attempt)));
  const isUnread = (attempt: SentRequest): boolean => !isLetIn && isRefusedUnread(attempt, survey);
  const judged = attempts.map((attempt) => ({
    ...attempt,
    believed: wasAccepted(attempt, garbage, isUnread(attempt)),
  }));
  const trustsAuthority = valid.length === 0 ? null : valid.some(isSuccess);
  const isUnsafe = judged.some(({ believed }) => believed === true);
  const guard = isUnsafe || isLetIn ? null : guardOf(attempts, survey);
  const refusal = isLetIn ? null : suspectOf(attempts, survey);
  const suspect = refusal?.intermediary ?? null;
  const isNotRead = !isLetIn && attempts.some(({ httpStatus }) => NOT_READ.has(httpStatus ?? 0));
  const doubt = isUnsafe ? null : doubtOf({ garbage, valid, attempts: judged, stopReason, guard, suspect, isNotRead });
  const verdict = isUnsafe ? 'unsafe' : doubt === null ? 'safe' : 'inconclusive';
  const diagnosis = diagnose(judged, trustsAuthority);
  const named = doubt === 'guarded' ? guard : doubt === 'same-refusal' ? suspect : null;
  const sameRefusal = verdict === 'safe' ? (refusal?.status ?? null) : null;
  return { verdict, doubt, guard: named, sameRefusal, diagnosis, attempts: judged, trustsAuthority };
}

function guardOf(attempts: readonly SentRequest[], survey: Survey): Intermediary | null {
  const named = survey.guard ?? attempts.find(({ intermediary }) => intermediary)?.intermediary;
  if (named) return named;
  return attempts.some((attempt) => isRefusedForSize(attempt, survey)) ? SIZE_GUARD : null;
}

/** The suspect counts only while nothing else is seen: an answer of another status shows that the token was looked at. */
function suspectOf(attempts: readonly SentRequest[], { suspect }: Survey): Survey['suspect'] {
  return suspect === null || attempts.some(({ httpStatus }) => httpStatus !== suspect.status) ? null : suspect;
}

/** Statuses given to a body that is not read, whatever it says. */
const NOT_READ: ReadonlySet<number> = new Set([406, 411, 413, 415, 417, 431]);

function isRefusedUnread(attempt: SentRequest, survey: Survey): boolean {
  return survey.guard !== null || NOT_READ.has(attempt.httpStatus ?? 0) || isRefusedForSize(attempt, survey);
}

/** A handler may tell malformed tokens from forged ones, so only what large garbage gets and small garbage does not is a limit. */
function isRefusedForSize({ httpStatus }: SentRequest, { sizeLimit }: Survey): boolean {
  return sizeLimit !== null && httpStatus === sizeLimit.status;
}

function wasAccepted(attempt: SentRequest, garbage: readonly Control[], isUnread: boolean): boolean | null {
  if (garbage.some(hadEffect)) return null;
  if (hadEffect(attempt)) return true;
  // Answered before the handler: nothing is known of the handler.
  if (attempt.intermediary !== null) return null;
  if (isSuccess(attempt) && !garbage.some(isSuccess)) return true;
  if (attempt.tookEffect === false) return false;
  if (isUnread) return null;
  if (attempt.httpStatus === null || attempt.httpStatus === TOO_MANY || isSuccess(attempt)) return null;
  return false;
}

const TOO_MANY = 429;

interface Doubtful extends Pick<Evidence, 'stopReason'> {
  readonly garbage: readonly Control[];
  readonly valid: readonly Control[];
  readonly attempts: readonly ForgeryAttempt[];
  readonly guard: Intermediary | null;
  readonly suspect: Intermediary | null;
  readonly isNotRead: boolean;
}

function doubtOf({ garbage, valid, attempts, stopReason, guard, suspect, isNotRead }: Doubtful): Doubt | null {
  const all = [...garbage, ...attempts];
  if (garbage.some(hadEffect)) return 'effect-of-rubbish';
  const isAnswered = garbage.some((control) => isSuccess(control) && control.tookEffect === null);
  // A page or a firewall's 200 is no answer of the handler either.
  if (isAnswered && guard === null) return 'answers-before-it-checks';
  if (guard !== null) return 'guarded';
  if (stopReason !== null) return stopReason;
  if (valid.length > 0 && !valid.some(isSuccess))
    return all.every(isNoEndpoint) ? 'nothing-there' : 'refuses-everything';
  if (valid.length === 0 && all.every(isNoEndpoint)) return 'nothing-there';
  if (garbage.some(isSuccess) && valid.length > 0 && !valid.some(hadEffect)) return 'effect-never-seen';
  if (all.some(isUnanswered)) return 'unanswered';
  if (isNotRead) return 'not-read';
  return suspect === null ? null : 'same-refusal';
}

/** Statuses of a wrong URL or of a proxy, not of a failed verification. */
const NO_ENDPOINT: ReadonlySet<number> = new Set([404, 405, 410, 501, 502, 503, 504]);

function isNoEndpoint({ httpStatus }: SentRequest): boolean {
  return httpStatus !== null && (NO_ENDPOINT.has(httpStatus) || (httpStatus >= 300 && httpStatus < 400));
}

function isUnanswered({ httpStatus, tookEffect }: SentRequest): boolean {
  return (httpStatus === null || httpStatus === TOO_MANY) && tookEffect === null;
}

function hadEffect({ tookEffect }: SentRequest): boolean {
  return tookEffect === true;
}
