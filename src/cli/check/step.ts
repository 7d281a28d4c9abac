import { type Looked, makeStep, skipped } from '../../endpoint/make-step.js';
import type { Step } from '../../endpoint/step.js';
import type { CheckedStep, StepError } from '../../endpoint/verdict.js';

/** A step that is about no URL in particular. */
export function step(id: Step['id'], title: string, looked: Looked): CheckedStep {
  return { ...makeStep(id, title, looked), url: null };
}

/** A step that has no answer, and why. */
export function unanswered(
  id: Step['id'],
  title: string,
  { kind, code, message, hint }: StepError & { readonly hint?: string | undefined },
): CheckedStep {
  const looked = { ...skipped(message), ...(hint === undefined ? {} : { hint }) };
  return { ...step(id, title, looked), error: { kind, code, message } };
}
