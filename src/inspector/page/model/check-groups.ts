import type { Check } from '../../../notification/document.js';
import { isUndetermined } from '../../../notification/reasons.js';

export type CheckOutcome = 'failed' | 'undetermined' | 'passed' | 'skipped';

/** Worst first: the order of the totals. */
const CHECK_OUTCOMES: readonly CheckOutcome[] = ['failed', 'undetermined', 'passed', 'skipped'];

/** An undetermined check, such as unknown revocation, is a failed one that says nothing against the payload. */
export function outcomeOfCheck({ ok, reason }: Check): CheckOutcome {
  if (ok === null) return 'skipped';
  if (isUndetermined(reason)) return 'undetermined';
  return ok ? 'passed' : 'failed';
}

export interface CheckGroup {
  readonly token: string;
  readonly checks: readonly Check[];
}

/** The checks of each token, in the order in which they were made. */
export function groupChecks(checks: readonly Check[]): readonly CheckGroup[] {
  const tokens = [...new Set(checks.map(({ token }) => token))];
  return tokens.map((token) => ({ token, checks: checks.filter((check) => check.token === token) }));
}

/** `1 failed, 34 passed, 13 skipped`. */
export function describeCheckTotals(checks: readonly Check[]): string {
  return CHECK_OUTCOMES.map((outcome) => [checks.filter((check) => outcomeOfCheck(check) === outcome).length, outcome])
    .filter(([count]) => count !== 0)
    .map((pair) => pair.join(' '))
    .join(', ');
}
