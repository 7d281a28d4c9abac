import type { PracticeOptions } from '../../../listener/practice.js';

/** What goes wrong on purpose, in words; null where nothing does. */
export function describePractice({ respond, failFirst, delayMs, hang }: PracticeOptions): string | null {
  const isFaulty = respond !== undefined || failFirst !== undefined || hang === true;
  const whom = failFirst === undefined ? 'every one' : failFirst === 1 ? 'the first one' : `the first ${failFirst}`;
  const parts = [
    ...(isFaulty ? [hang === true ? `gives ${whom} no answer` : `answers ${whom} with ${respond ?? 503}`] : []),
    ...(delayMs === undefined ? [] : [`waits ${delayMs / 1_000} s before each answer`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}
