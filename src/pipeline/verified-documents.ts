import type { Deps } from '../cli/deps.js';
import {
  buildDocument,
  buildLegacyDocument,
  buildUnreadableDocument,
  toProblem,
} from '../notification/build-document.js';
import { failed } from '../notification/check.js';
import { viewHeader } from '../notification/header-view.js';
import { OUTER_PATH } from '../notification/open.js';
import { createVerificationContext } from '../notification/verification-context.js';
import { rejectLegacyBody, rejectToken, type VerifyOptions, verifyPayload } from '../notification/verify.js';
import type { TrustedRoot } from '../trust/roots.js';
import { type ClaimDocuments, describeOversize } from './claim-documents.js';
import { decodedDocuments } from './decoded-documents.js';
import { type Job, showsCertificates } from './job.js';
import { createRevocationLookup } from './revocation.js';

/** Documents with their verification. Chains and headers are parsed once for a thread. */
export function verifiedDocuments(
  job: Job,
  options: VerifyOptions,
  roots: readonly TrustedRoot[],
  deps: Pick<Deps, 'now' | 'sleep' | 'http'>,
): ClaimDocuments {
  const context = createVerificationContext(roots);
  const headerView = showsCertificates(job) ? viewHeader : null;
  const decoded = decodedDocuments(job, headerView);
  return {
    prepare: createRevocationLookup(job, context, deps),
    of(claim) {
      switch (claim.type) {
        case 'token': {
          const opened = context.open(claim.text);
          return buildDocument(claim, opened, verifyPayload(opened, options, context), { raw: job.raw, headerView });
        }
        case 'oversize': {
          const found = describeOversize(claim);
          const verification = rejectToken(OUTER_PATH, failed('MALFORMED_JWS', 'a token of at most 1 MiB', found));
          return buildUnreadableDocument(claim, toProblem(OUTER_PATH, 'MALFORMED_JWS', found), verification);
        }
        case 'v1':
          return buildLegacyDocument(claim, claim.body, rejectLegacyBody());
        case 'document':
        case 'decoded':
          // No token: nothing to verify.
          return decoded.of(claim);
      }
    },
  };
}
