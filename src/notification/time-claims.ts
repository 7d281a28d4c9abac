import type { Json, JsonObject } from '../jws/json.js';
import { type Finding, failed } from './finding.js';

/**
 * The time claims of a JWT (RFC 7519 sections 4.1.4 and 4.1.5), which are seconds. Apple's payloads carry neither, but the JWT
 * library under Apple's node library 3.1.0 refuses a payload whose claims do not hold now, so we refuse it too.
 * Null where there is nothing to find fault with.
 */
export function checkTimeClaims({ exp, nbf }: JsonObject, nowMs: number): Finding | null {
  const nowSeconds = Math.floor(nowMs / 1000);
  if (exp !== undefined && !(isNumber(exp) && exp > nowSeconds)) return refused('exp: a time to come', exp);
  if (nbf !== undefined && !(isNumber(nbf) && nbf <= nowSeconds)) return refused('nbf: a time gone by', nbf);
  return null;
}

function isNumber(value: Json): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function refused(expected: string, found: Json): Finding {
  return failed('MALFORMED_PAYLOAD', `${expected}, in seconds`, isNumber(found) ? `${found}` : 'no number');
}
