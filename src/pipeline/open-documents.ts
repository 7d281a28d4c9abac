import type { Deps } from '../cli/deps.js';
import type { TrustedRoot } from '../trust/roots.js';
import type { ClaimDocuments } from './claim-documents.js';
import { decodedDocuments } from './decoded-documents.js';
import { type Job, showsCertificates } from './job.js';

/** The documents of a job. What verification needs is loaded for `verify` only: the start of `decode` would pay for it. */
export async function openDocuments(
  job: Job,
  roots: readonly TrustedRoot[],
  deps: Pick<Deps, 'now' | 'sleep' | 'http'>,
): Promise<ClaimDocuments> {
  if (job.verify !== null) {
    const { verifiedDocuments } = await import('./verified-documents.js');
    return verifiedDocuments(job, job.verify, roots, deps);
  }
  return decodedDocuments(
    job,
    showsCertificates(job) ? (await import('../notification/header-view.js')).viewHeader : null,
  );
}
