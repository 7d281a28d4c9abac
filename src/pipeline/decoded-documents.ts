import {
  buildDecodedDocument,
  buildDocument,
  buildLegacyDocument,
  buildUnreadableDocument,
  toProblem,
} from '../notification/build-document.js';
import { cacheHeaders } from '../notification/header-cache.js';
import type { HeaderView } from '../notification/header-view.js';
import { OUTER_PATH, openPayload } from '../notification/open.js';
import { type ClaimDocuments, describeOversize } from './claim-documents.js';
import type { Job } from './job.js';

/** Documents without a verification. */
export function decodedDocuments({ raw }: Pick<Job, 'raw'>, headerView: HeaderView | null): ClaimDocuments {
  const headerOf = cacheHeaders();
  return {
    prepare: null,
    of(claim) {
      switch (claim.type) {
        case 'token':
          return buildDocument(claim, openPayload(claim.text, headerOf), null, { raw, headerView });
        case 'oversize':
          return buildUnreadableDocument(claim, toProblem(OUTER_PATH, 'MALFORMED_JWS', describeOversize(claim)), null);
        case 'v1':
          return buildLegacyDocument(claim, claim.body, null);
        case 'document':
          return claim.document;
        case 'decoded':
          return buildDecodedDocument(claim, claim.kind, claim.payload);
      }
    },
  };
}
