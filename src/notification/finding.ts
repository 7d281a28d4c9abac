import type { ReasonCode } from './reasons.js';

export { notLookedAt } from '../trust/finding.js';

/** The answer to one question about a token; `ok: null` means not looked at, `detail` says why. */
export interface Finding {
  readonly ok: boolean | null;
  readonly reason?: ReasonCode;
  readonly expected?: string;
  readonly found?: string;
  readonly detail?: string;
  readonly hint?: string;
}

export function passed(found: string): Finding {
  return { ok: true, found };
}

export function failed(reason: ReasonCode, expected: string, found: string): Finding {
  return { ok: false, reason, expected, found };
}
