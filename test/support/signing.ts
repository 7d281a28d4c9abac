import { type Authority, createAuthority } from '../../src/simulator/authority/authority.js';
import { seededRandom } from '../../src/simulator/random.js';
import { parseCertificate } from '../../src/trust/certificate.js';
import type { TrustedRoot } from '../../src/trust/roots.js';

/** The moment everything in a test is signed at: 2026-11-02T09:00:00Z. */
export const SIGNED_AT_MS = 1_793_610_000_000;

export const TEST_APP = { bundleId: 'com.example.app', appAppleId: 1_234_567_890 } as const;

/** A fresh authority and the root a verifier is given to believe it. */
export async function testAuthority(): Promise<{ authority: Authority; root: TrustedRoot }> {
  const authority = await createAuthority({ nowMs: SIGNED_AT_MS });
  return { authority, root: { certificate: parseCertificate(authority.root.raw), name: 'test authority' } };
}

/** Options of a builder: one app, one moment, the same random numbers each time. */
export function buildOptions(
  seed: number,
): typeof TEST_APP & { nowMs: number; random: ReturnType<typeof seededRandom> } {
  return { ...TEST_APP, nowMs: SIGNED_AT_MS, random: seededRandom(String(seed)) };
}
