import type { ErrorKind } from '../errors.js';
import type { CheckPlan } from './plan.js';
import type { CheckVerdict, Step } from './step.js';

/** Why a step has no answer: credentials were missing or refused, Apple failed, or no outcome came in time. */
export interface StepError {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
}

/** A step as a report has it. One with an `error` is skipped, and no verdict is possible without it. */
export interface CheckedStep extends Step {
  /** The URL it is about; null where it is about none in particular. */
  readonly url: string | null;
  readonly error?: StepError;
  /** How long it took, where that was measured. */
  readonly ms?: number;
}

type Judged = Pick<CheckedStep, 'status' | 'error'>;

/** Any failure is one; what could not be told comes before warnings. Where nothing at all was looked at, nothing is known. */
export function verdictOf(steps: readonly Judged[]): CheckVerdict {
  const has = (status: Step['status']): boolean => steps.some((step) => step.status === status);
  if (has('fail')) return 'fail';
  if (steps.some(({ error }) => error !== undefined)) return 'undetermined';
  if (has('warn')) return 'warn';
  return has('pass') ? 'pass' : 'undetermined';
}

/**
 * Marks what was skipped although it may not be: each step of TEST, and the first of a group of which nothing was looked at. What was
 * skipped because of a failure elsewhere stands as it is: the failure says enough.
 */
export function markSkipped(steps: readonly CheckedStep[], { required }: CheckPlan): readonly CheckedStep[] {
  if (steps.some(({ status, error }) => status === 'fail' || error !== undefined)) return steps;
  const isIdle = (group: Step['group']): boolean =>
    steps.every((step) => step.group !== group || step.status === 'skip');
  return steps.map((step, index) => {
    const { group, status, seen } = step;
    if (status !== 'skip' || !required.has(group) || !(group === 'test' || isIdle(group))) return step;
    if (group !== 'test' && steps.findIndex((other) => other.group === group) < index) return step;
    const message = `${group} was asked for and could not be looked at: ${seen ?? 'it was skipped'}`;
    return { ...step, error: { kind: 'pending', code: 'ERR_CHECK_SKIPPED', message } };
  });
}
