import { createVerificationContext } from '../../notification/verification-context.js';
import { verifyPayload } from '../../notification/verify.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import { parseCertificate } from '../../trust/certificate.js';
import { readStoreEvent, type StoreEvent } from './store-event.js';

interface AdmissionOptions {
  /** DER of the authority's root. */
  readonly root: Uint8Array;
  readonly bundleId: string;
  readonly now: () => number;
}

/** Reads the change of state that a signed notification brings to one environment; null if it brings none. */
export type Admission = (signedPayload: string, environment: AppEnvironment) => StoreEvent | null;

/**
 * The App Store's state comes from what the App Store could have sent: a notification of this app and environment, each of its tokens signed
 * under the test authority. So a forgery that is sent to an endpoint does not come back with a good signature. Chains are checked as of
 * now, because the notifications of a scenario may be older than the authority.
 */
export function createAdmission({ root, bundleId, now }: AdmissionOptions): Admission {
  const context = createVerificationContext([{ certificate: parseCertificate(root), name: 'test authority' }]);
  return (signedPayload, environment) => {
    const opened = context.open(signedPayload);
    const event = readStoreEvent(opened);
    if (event === null) return null;
    const nowMs = now();
    const rules = { kind: 'notification', bundleId, environment, nowMs, atMs: nowMs } as const;
    return verifyPayload(opened, rules, context).verification.verdict === 'valid' ? event : null;
  };
}
