import type { Claim } from '../input/claim.js';
import type { PayloadDocument } from '../notification/document.js';
import { asError, buildFailedDocument } from '../notification/internal-error.js';
import type { Bugs, FailedClaim, Job } from './job.js';

/** A payload on which this tool failed: its document, and the bug to report. Loaded on use. */
export function failedPayload(
  claim: Claim | FailedClaim,
  error: unknown,
  job: Job,
): { readonly document: PayloadDocument; readonly bugs: Bugs } {
  const { name, message, stack } = asError(error);
  return {
    document: buildFailedDocument(claim, error, job.verify !== null),
    bugs: { count: 1, first: { source: claim.source, stack: stack ?? `${name}: ${message}` } },
  };
}
