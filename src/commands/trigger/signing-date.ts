import type { X509Certificate } from 'node:crypto';
import { ToolError } from '../../errors.js';
import type { BuiltNotification } from '../../simulator/payloads/assemble.js';

const DATES = [
  ['notification', 'signedDate', 'signedDate'],
  ['transaction', 'signedDate', 'transaction.signedDate'],
  ['renewalInfo', 'signedDate', 'renewalInfo.signedDate'],
  ['appTransaction', 'receiptCreationDate', 'appTransaction.receiptCreationDate'],
] as const;

/**
 * Throws `ERR_TRIGGER_DATE` (usage) for a token that is dated when the certificates of the test authority are not valid: verifiers check
 * them as of that date, and every one would reject it. The hint sets every such date to `nowMs`.
 */
export function requireSignable(built: BuiltNotification, root: X509Certificate, nowMs: number): void {
  const [fromMs, toMs] = [Date.parse(root.validFrom), Date.parse(root.validTo)];
  const outside = DATES.flatMap(([token, field, path]) => {
    const value = built[token]?.[field];
    return typeof value === 'number' && (value < fromMs || value > toMs) ? [{ path, value }] : [];
  });
  const [first] = outside;
  if (first === undefined) return;
  const valid = `from ${dayOf(fromMs)} to ${dayOf(toMs)}`;
  throw new ToolError(
    'usage',
    'ERR_TRIGGER_DATE',
    `${first.path} is ${dayOf(first.value)}, and the test certificates are valid ${valid}: every verifier would reject it`,
    { hint: `Sign it now: ${outside.map(({ path }) => `--set ${path}=${isoSecond(nowMs)}`).join(' ')}` },
  );
}

function dayOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms}` : date.toISOString().slice(0, '2026-03-04'.length);
}

function isoSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, '2026-03-04T12:00:00'.length)}Z`;
}
