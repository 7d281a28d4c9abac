import {
  type CheckedStep,
  type CheckVerdict,
  type Group,
  makeStep,
  type Step,
  type StepError,
  type StepOutcome,
  skipped,
} from '../../endpoint-check/step.js';
import type { ToolError } from '../../errors.js';
import type { ReportKind } from '../../reports/report-files.js';
import type { Environment } from '../../settings/setting.js';

export interface CheckOptions {
  readonly environment?: Environment | 'both';
  readonly only: readonly Group[];
  readonly skip: readonly Group[];
  readonly strict: boolean;
  /** Deadline of the command, in ms. */
  readonly timeout: number;
  readonly report: readonly ReportKind[];
  readonly reportFile: readonly string[];
  readonly profile?: string;
  readonly bundleId?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** What a run found, as every view shows it. URLs are shown ones: see {@link displayUrl}. */
export interface CheckReport {
  /** The URL that was looked at, the first of several; null where none was. */
  readonly url: string | null;
  readonly verdict: CheckVerdict;
  readonly steps: readonly CheckedStep[];
}

/** What of Apple a run may ask. */
export type Availability<T> =
  | { readonly state: 'open'; readonly value: T }
  /** Nothing is set that could be used, and nobody insists on it. */
  | { readonly state: 'absent'; readonly why: string }
  /** What is set is incomplete, unreadable or of the wrong kind. */
  | { readonly state: 'refused'; readonly error: ToolError };

/** A step that is about no URL in particular. */
export function step(id: Step['id'], title: string, outcome: StepOutcome): CheckedStep {
  return { ...makeStep(id, title, outcome), url: null };
}

/** A step that has no answer, and why. */
export function unanswered(
  id: Step['id'],
  title: string,
  { kind, code, message, hint }: StepError & { readonly hint?: string | undefined },
): CheckedStep {
  const outcome = { ...skipped(message), ...(hint === undefined ? {} : { hint }) };
  return { ...step(id, title, outcome), error: { kind, code, message } };
}
