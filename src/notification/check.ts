import type { Check } from './document.js';
import { type CheckId, REASONS, type ReasonCode } from './reasons.js';

export { notChecked } from '../trust/finding.js';

/** Result of one check of a token; `ok: null` means not checked, with the reason in `detail`. */
export interface CheckFinding {
  readonly ok: boolean | null;
  readonly reason?: ReasonCode;
  readonly expected?: string;
  readonly found?: string;
  readonly detail?: string;
  readonly hint?: string;
}

export function passed(found: string): CheckFinding {
  return { ok: true, found };
}

export function failed(reason: ReasonCode, expected: string, found: string): CheckFinding {
  return { ok: false, reason, expected, found };
}

/** Builds the check of a finding for one token; a failed check gets the hint of its reason. Memoised findings give the same object. */
export function checkOf(id: CheckId, token: string, finding: CheckFinding): Check {
  const memoized = memo.get(finding);
  if (memoized === undefined) return buildCheck(id, token, finding);
  const existing = memoized.find((candidate) => candidate.token === token && candidate.id === id);
  if (existing !== undefined) return existing;
  const check = buildCheck(id, token, finding);
  if (memoized.length < MAX_CHECKS) {
    memoized.push(check);
    memoizedChecks.add(check);
  }
  return check;
}

/** True if the check is memoised and will be the same object for later payloads, so that derived values are worth caching. */
export function isMemoized(check: Check): boolean {
  return memoizedChecks.has(check);
}

/**
 * Marks a finding that is the same object for many payloads, so that its checks are built once. In a stream this covers most checks and
 * saves allocating and serialising them.
 */
export function memoizeChecks<F extends CheckFinding>(finding: F): F {
  if (!memo.has(finding)) memo.set(finding, []);
  return finding;
}

const memo = new WeakMap<CheckFinding, Check[]>();

const memoizedChecks = new WeakSet<Check>();

/** The known token paths and a few more: paths come from payloads, so their number must be bounded. */
const MAX_CHECKS = 8;

function buildCheck(id: CheckId, token: string, finding: CheckFinding): Check {
  if (finding.ok !== false || finding.reason === undefined) return { id, token, ...finding };
  return { id, token, ...finding, hint: finding.hint ?? REASONS[finding.reason].hint };
}
