import { skipped } from '../../endpoint/make-step.js';
import type { CheckedStep, StepError } from '../../endpoint/verdict.js';
import type { ErrorKind } from '../../errors.js';
import { findSendAttempt } from '../../notification/catalogue/send-attempts.js';
import type { SendAttempt } from '../../notification/document.js';
import { PENDING, SUCCESS } from '../../server-api/outcome.js';
import type { Environment } from '../../settings/setting.js';
import { countOf } from '../number.js';
import { step, unanswered } from './step.js';

/** What became of one TEST, as far as it is told here. */
export interface TestFound {
  readonly environment: Environment;
  readonly testNotificationToken: string | null;
  readonly outcome: string | null;
  readonly sendAttempts: readonly SendAttempt[];
  readonly error?: {
    readonly kind: ErrorKind | 'no';
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
  };
  readonly ms: number;
}

export interface TestSetting {
  /** The URL that the TEST went to, shown; null where App Store Connect could not be asked. */
  readonly url: string | null;
  /** There was one that this could have been compared with. */
  readonly isAnyUrlGiven: boolean;
  /** What to type to ask again later. */
  readonly ask: (token: string, environment: Environment) => string;
}

/** The step `test.sandbox` or `test.production`. */
export function testStep(found: TestFound, setting: TestSetting): CheckedStep {
  return { ...judge(found, setting), url: setting.url, ms: found.ms };
}

function judge(found: TestFound, setting: TestSetting): CheckedStep {
  const { environment, outcome, error, sendAttempts, testNotificationToken: token } = found;
  const { ask } = setting;
  const [id, title] = [`test.${environment}`, `TEST of ${environment}`] as const;
  if (error !== undefined && error.kind !== 'no') return unanswered(id, title, { ...error, kind: error.kind });
  if (outcome === PENDING || outcome === null) return unanswered(id, title, pending(token, environment, ask));
  if (outcome === SUCCESS) {
    return step(id, title, { status: 'pass', seen: `SUCCESS${attemptsOf(sendAttempts)}${placeOf(setting)}` });
  }
  if (error !== undefined) {
    const hint = `Set one: storewire endpoint set --${environment} URL --version V2`;
    return step(id, title, { status: 'fail', seen: error.message, expected: 'a URL', hint });
  }
  const entry = findSendAttempt(outcome);
  const meaning = entry?.meaning ?? 'Apple has added this result since this version was made.';
  return {
    ...step(id, title, {
      status: 'fail',
      seen: `${outcome}${attemptsOf(sendAttempts)}${placeOf(setting)}. ${meaning}`,
      expected: SUCCESS,
      ...(entry === undefined ? {} : { hint: entry.hint }),
    }),
    sendAttemptResult: outcome,
  };
}

function attemptsOf(attempts: readonly SendAttempt[]): string {
  return attempts.length > 1 ? `, ${countOf(attempts.length, 'attempt')}` : '';
}

/** Where App Store Connect was not asked, or did not answer, nobody knows which URL that is. */
function placeOf({ url, isAnyUrlGiven }: TestSetting): string {
  if (url !== null) return '';
  const place = ', at the URL set in App Store Connect';
  return isAnyUrlGiven ? `${place} (it could not be compared with this one)` : place;
}

function pending(
  token: string | null,
  environment: Environment,
  ask: TestSetting['ask'],
): StepError & { hint: string } {
  const message = 'Apple has no outcome of the TEST yet';
  const hint = token === null ? 'Run the check again.' : `Ask again: ${ask(token, environment)}`;
  return { kind: 'pending', code: 'ERR_CHECK_PENDING', message, hint };
}

/** A TEST that would tell nothing of the URL, and why. Where it may not be skipped that is a no. */
export function testLeftOut(environment: Environment, why: string, isRequired: boolean): CheckedStep {
  const [id, title] = [`test.${environment}`, `TEST of ${environment}`] as const;
  if (!isRequired) return step(id, title, skipped(why));
  return step(id, title, {
    status: 'fail',
    seen: why,
    expected: 'a TEST of the URL that is checked',
    hint: 'Set the URL in App Store Connect (storewire endpoint set), or check the one that is set there.',
  });
}
