import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';
import type { Step } from './step.js';

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
