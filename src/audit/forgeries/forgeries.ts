import type { AuditForgery } from '../forgery.js';
import { CHAIN_FORGERIES } from './chain.js';
import { CONTENT_FORGERIES } from './content.js';
import { ALGORITHM_FORGERIES, SIGNATURE_FORGERIES } from './signature.js';

/** Built-in forgeries, in the order sent. */
export const AUDIT_FORGERIES: readonly AuditForgery[] = [
  ...CHAIN_FORGERIES,
  ...ALGORITHM_FORGERIES,
  ...SIGNATURE_FORGERIES,
  ...CONTENT_FORGERIES,
];
