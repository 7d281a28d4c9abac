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
import type { REPORT_KINDS } from '../../reports/report-files.js';
import type { Environment } from '../../settings/setting.js';

export interface CheckOptions {
  readonly environment?: Environment | 'both';
  readonly only: readonly Group[];
  readonly skip: readonly Group[];
  readonly strict: boolean;
  /** Deadline of the command, in ms. */
  readonly timeout: number;
  readonly report: readonly (typeof REPORT_KINDS)[number][];
  readonly reportFile: readonly string[];
  readonly profile?: string;
  readonly bundleId?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Result of a run. URLs are in the `report` form of {@link displayUrl}. */
export interface CheckReport {
  /** URL checked, the first if several; null if none. */
  readonly url: string | null;
  readonly verdict: CheckVerdict;
  readonly steps: readonly CheckedStep[];
  readonly times: CheckTimes;
}

/** Durations of a run, in ms. */
export interface CheckTimes {
  readonly startedAtMs: number;
  readonly elapsedMs: number;
  /** Duration of each group, by the index of its first step. */
  readonly groupMs: ReadonlyMap<number, number>;
}

/** Access to one of Apple's APIs. */
export type Availability<T> =
  | { readonly state: 'open'; readonly value: T }
  /** Not configured and not required. */
  | { readonly state: 'absent'; readonly why: string }
  /** Configured, but incomplete, unreadable or of the wrong kind. */
  | { readonly state: 'refused'; readonly error: ToolError };

/** A step that is not about a URL. */
export function step(id: Step['id'], title: string, outcome: StepOutcome): CheckedStep {
  return { ...makeStep(id, title, outcome), url: null };
}

/** A step without a result, and its error. */
export function unanswered(
  id: Step['id'],
  title: string,
  { kind, code, message, hint }: StepError & { readonly hint?: string | undefined },
): CheckedStep {
  const outcome = { ...skipped(message), ...(hint === undefined ? {} : { hint }) };
  return { ...step(id, title, outcome), error: { kind, code, message } };
}
