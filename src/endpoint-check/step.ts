import type { ErrorKind } from '../errors.js';
import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';

/** The groups of `check`, in order. */
export const GROUPS = ['settings', 'url', 'dns', 'tls', 'http', 'app-store-connect', 'test'] as const;

export type Group = (typeof GROUPS)[number];

/** One check and its result. Texts may quote the endpoint (at most 200 characters): escape them before printing. */
export interface Step {
  /** Group and name: `tls.chain`. */
  readonly id: `${Group}.${string}`;
  readonly group: Group;
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  /** Subject in a few words. */
  readonly title: string;
  /** Observed value; for a skipped step the reason. */
  readonly seen: string | null;
  readonly expected: string | null;
  /** The `sendAttemptResult` that Apple would report; null if delivery would still succeed or the result is not known. */
  readonly sendAttemptResult: string | null;
  /** Fix; null if none is needed. */
  readonly hint: string | null;
}

export type CheckVerdict = 'pass' | 'warn' | 'fail' | 'undetermined';

/** Result of one check, without id and title; omitted fields become null. */
export interface StepOutcome {
  readonly status: Step['status'];
  readonly seen?: string;
  readonly expected?: string;
  readonly sendAttemptResult?: SendAttemptResult | null;
  readonly hint?: string;
}

/** Builds a step; its group is the prefix of the id. Long texts are cut, as they quote the endpoint. */
export function makeStep(id: Step['id'], title: string, outcome: StepOutcome): Step {
  const { status, seen, expected, sendAttemptResult = null, hint } = outcome;
  return {
    id,
    group: id.slice(0, id.indexOf('.')) as Step['group'],
    status,
    title,
    seen: seen === undefined ? null : bounded(seen, LONGEST_TEXT),
    expected: expected ?? null,
    sendAttemptResult,
    hint: hint ?? null,
  };
}

/** A skipped step; `reason` is printed. */
export function skipped(reason: string): StepOutcome {
  return { status: 'skip', seen: reason };
}

/** Reason of a step that is skipped because of another. */
export function blockedBy(step: Pick<Step, 'id'>): string {
  return `depends on ${step.id}`;
}

/** The first failed step: what follows depends on it. */
export function findBlocker(steps: readonly Step[]): Step | undefined {
  return steps.find(({ status }) => status === 'fail');
}

/** Length limit of a whole text. */
const LONGEST_TEXT = 600;

/** Length limit of text quoted from the endpoint. */
const LONGEST_QUOTE = 200;

/** Text from the endpoint on one line, cut to 200 characters. */
export function quoted(text: string): string {
  return bounded(text.replace(/\s+/g, ' ').trim(), LONGEST_QUOTE);
}

function bounded(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Group flags of a run; an empty `only` means all groups. */
interface GroupOptions {
  readonly only: readonly Group[];
  readonly skip: readonly Group[];
  readonly isStrict: boolean;
}

export interface CheckPlan {
  /** In the order of {@link GROUPS}. */
  readonly groups: ReadonlySet<Group>;
  /** Groups that must not be skipped: those named by `--only`, and `test` under `--strict`. */
  readonly required: ReadonlySet<Group>;
}

/** Selects the groups of a run; `skip` wins over `only`. */
export function planGroups({ only, skip, isStrict }: GroupOptions): CheckPlan {
  const groups = GROUPS.filter((group) => (only.length === 0 || only.includes(group)) && !skip.includes(group));
  const required = groups.filter((group) => only.includes(group) || (isStrict && group === 'test'));
  return { groups: new Set(groups), required: new Set(required) };
}

/** Groups that need a URL. */
const OUTSIDE: readonly Group[] = ['url', 'dns', 'tls', 'http'];

export function needsUrl({ groups }: CheckPlan): boolean {
  return OUTSIDE.some((group) => groups.has(group));
}

/** Says if App Store Connect is queried: for its own group, for `test`, and for the URLs of a run without one. */
export function asksConnect({ groups }: CheckPlan, hasUrl: boolean): boolean {
  return (
    groups.has('app-store-connect') || groups.has('test') || (!hasUrl && OUTSIDE.some((group) => groups.has(group)))
  );
}

/** Reason that a step has no result: credentials missing or refused, a failure of Apple, or a timeout. */
export interface StepError {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
}

/** A step in a report. One with an `error` has status `skip` and makes the verdict undetermined. */
export interface CheckedStep extends Step {
  /** URL checked; null if the step is not about a URL. */
  readonly url: string | null;
  readonly error?: StepError;
  /** Duration, if measured. */
  readonly ms?: number;
}

type Judged = Pick<CheckedStep, 'status' | 'error'>;

/** Verdict over all steps: fail, then undetermined, then warn, then pass. Undetermined as well if nothing was checked. */
export function verdictOf(steps: readonly Judged[]): CheckVerdict {
  const has = (status: Step['status']): boolean => steps.some((step) => step.status === status);
  if (has('fail')) return 'fail';
  if (steps.some(({ error }) => error !== undefined)) return 'undetermined';
  if (has('warn')) return 'warn';
  return has('pass') ? 'pass' : 'undetermined';
}

/**
 * Adds an error to required steps that were skipped: every step of `test`, and the first step of a group that was skipped as a whole.
 * Returns the steps unchanged if any step failed or has an error, since that already explains the skips.
 */
export function markSkipped(steps: readonly CheckedStep[], { required }: CheckPlan): readonly CheckedStep[] {
  if (steps.some(({ status, error }) => status === 'fail' || error !== undefined)) return steps;
  const isIdle = (group: Step['group']): boolean =>
    steps.every((step) => step.group !== group || step.status === 'skip');
  return steps.map((step, index) => {
    const { group, status, seen } = step;
    if (status !== 'skip' || !required.has(group) || !(group === 'test' || isIdle(group))) return step;
    if (group !== 'test' && steps.findIndex((other) => other.group === group) < index) return step;
    const message = `${group} was requested but not checked: ${seen ?? 'skipped'}`;
    return { ...step, error: { kind: 'pending', code: 'ERR_CHECK_SKIPPED', message } };
  });
}
