import type { Check } from './document.js';
import { type CheckId, REASONS, type ReasonCode } from './reasons.js';

export { notChecked } from '../trust/finding.js';

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

/** The check that a finding makes of one token; a failed one says what to do. */
export function checkOf(id: CheckId, token: string, finding: Finding): Check {
  const known = shared.get(finding);
  if (known === undefined) return makeCheck(id, token, finding);
  const found = known.find((check) => check.token === token && check.id === id);
  if (found !== undefined) return found;
  const made = makeCheck(id, token, finding);
  if (known.length < MAX_PLACES) {
    known.push(made);
    lasting.add(made);
  }
  return made;
}

/** True of a check that will come again as the same object: what is derived from it is worth keeping. */
export function isMemoized(check: Check): boolean {
  return lasting.has(check);
}

/**
 * Marks a finding that comes out the same for payload after payload: the checks made of it are made once. In a stream that is most of
 * them, and each is an object less to make, and to write as JSON.
 */
export function memoizeChecks<F extends Finding>(finding: F): F {
  if (!shared.has(finding)) shared.set(finding, []);
  return finding;
}

const shared = new WeakMap<Finding, Check[]>();

const lasting = new WeakSet<Check>();

/** Known slots and a few more: names of places come from payloads and must not fill memory. */
const MAX_PLACES = 8;

function makeCheck(id: CheckId, token: string, finding: Finding): Check {
  if (finding.ok !== false || finding.reason === undefined) return { id, token, ...finding };
  return { id, token, ...finding, hint: finding.hint ?? REASONS[finding.reason].hint };
}
