import type { ErrorKind } from '../errors.js';
import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';

/** What `check` looks at, in the order it does. */
export const GROUPS = ['settings', 'url', 'dns', 'tls', 'http', 'app-store-connect', 'test'] as const;

export type Group = (typeof GROUPS)[number];

/** One thing that was looked at. Texts may quote the endpoint, at most 200 characters of it: escape them before showing. */
export interface Step {
  /** `tls.chain`: the group and what of it. */
  readonly id: `${Group}.${string}`;
  readonly group: Group;
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  /** What it is about, in a few words. */
  readonly title: string;
  /** What was seen, or for a skipped step why it was skipped; null where there is nothing to tell. */
  readonly seen: string | null;
  readonly expected: string | null;
  /** What Apple would report of an endpoint like this; null where it would not keep Apple from delivering. */
  readonly sendAttemptResult: string | null;
  /** What to do; null where nothing is to be done. */
  readonly hint: string | null;
}

export type CheckVerdict = 'pass' | 'warn' | 'fail' | 'undetermined';

/** What became of one thing that was looked at; what is left out is null. */
export interface Looked {
  readonly status: Step['status'];
  readonly seen?: string;
  readonly expected?: string;
  readonly sendAttemptResult?: SendAttemptResult | null;
  readonly hint?: string;
}

/** A step of the group that its id names, with texts bounded: what they quote is the endpoint's. */
export function makeStep(id: Step['id'], title: string, looked: Looked): Step {
  const { status, seen, expected, sendAttemptResult = null, hint } = looked;
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

/** A skipped step. `why` is what the reader sees. */
export function skipped(why: string): Looked {
  return { status: 'skip', seen: why };
}

/** The words of a step that cannot be judged because of another. */
export function blockedBy(step: Pick<Step, 'id'>): string {
  return `cannot be told before ${step.id} is right`;
}

/** The first step that keeps what comes after it from being judged. */
export function findBlocker(steps: readonly Step[]): Step | undefined {
  return steps.find(({ status }) => status === 'fail');
}

/** Longest text of ours, quotes included. */
const LONGEST_TEXT = 600;

/** Longest piece of the endpoint's own text. */
const LONGEST_QUOTE = 200;

/** Text of the endpoint as it goes into a step. */
export function quoted(text: string): string {
  return bounded(text.replace(/\s+/g, ' ').trim(), LONGEST_QUOTE);
}

function bounded(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Which groups a run was asked for. `only` empty: all. */
interface GroupOptions {
  readonly only: readonly Group[];
  readonly skip: readonly Group[];
  readonly isStrict: boolean;
}

export interface CheckPlan {
  /** In the order of {@link GROUPS}. */
  readonly groups: ReadonlySet<Group>;
  /** Those of them that may not be skipped: named by `only`, and TEST where it counts strictly. */
  readonly required: ReadonlySet<Group>;
}

/** What is looked at. A group that is both named and left out is left out. */
export function planGroups({ only, skip, isStrict }: GroupOptions): CheckPlan {
  const groups = GROUPS.filter((group) => (only.length === 0 || only.includes(group)) && !skip.includes(group));
  const required = groups.filter((group) => only.includes(group) || (isStrict && group === 'test'));
  return { groups: new Set(groups), required: new Set(required) };
}

/** Looked at from outside, so that there must be a URL. */
const OUTSIDE: readonly Group[] = ['url', 'dns', 'tls', 'http'];

export function needsUrl({ groups }: CheckPlan): boolean {
  return OUTSIDE.some((group) => groups.has(group));
}

/** TEST and the comparison with the URL that is set ask App Store Connect; so does a run that was given no URL. */
export function asksConnect({ groups }: CheckPlan, hasUrl: boolean): boolean {
  return (
    groups.has('app-store-connect') || groups.has('test') || (!hasUrl && OUTSIDE.some((group) => groups.has(group)))
  );
}

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
