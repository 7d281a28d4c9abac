import type { Check, Problem } from '../../notification/document.js';
import { REASONS, type ReasonCode } from '../../notification/reasons.js';
import { escapeText, showText } from './escape.js';
import { layRows, laySentence, type Row, type View } from './layout.js';

/** One thing that is wrong with one token. */
export interface Failure {
  readonly code: ReasonCode;
  readonly token: string;
  readonly check?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly detail?: string;
  readonly hint?: string;
}

const PARTS = ['token', 'check', 'expected', 'found', 'detail', 'hint'] as const;

/** What a failure means, then which token, which check, what was expected, what was found, and what to do. */
export function layFailure(failure: Failure, view: View): readonly string[] {
  const rows = PARTS.flatMap((label): readonly Row[] => {
    const value = failure[label];
    return value === undefined ? [] : [{ label, value: label === 'hint' ? escapeText(value) : showText(value) }];
  });
  return [...laySentence(REASONS[failure.code].meaning, view), '', ...layRows(rows, view)];
}

export function problemToFailure({ message, ...problem }: Problem): Failure {
  return { ...problem, found: message };
}

/** A failed check; one without a reason of its own goes by the verdict's. */
export function checkToFailure({ id, ok: _, reason, ...check }: Check, verdictReason: ReasonCode): Failure {
  return { ...check, check: id, code: reason ?? verdictReason };
}
