import {
  Environment,
  SignedDataVerifier,
  VerificationException,
  VerificationStatus,
} from '@apple/app-store-server-library';
import type { AppEnvironment } from '../../../../src/simulator/payloads/app.js';

/** The app of all payloads of these tests. */
export const APP = { bundleId: 'com.example.coffee', appAppleId: 987654321 };

/** Apple's own verifier for {@link APP}, offline, under the root given. */
export function appleVerifier(root: Uint8Array, environment: AppEnvironment, online = false): SignedDataVerifier {
  const known = environment === 'Production' ? Environment.PRODUCTION : Environment.SANDBOX;
  return new SignedDataVerifier([Buffer.from(root)], online, known, APP.bundleId, APP.appAppleId);
}

/** `OK`, or the name of the status Apple's verifier throws. */
export async function appleStatus(verification: Promise<unknown>): Promise<string> {
  try {
    await verification;
    return 'OK';
  } catch (error) {
    if (!(error instanceof VerificationException)) throw error;
    return VerificationStatus[error.status];
  }
}
