import { type ChainReport, createChainCache, inspectChain } from '../trust/chain.js';
import type { TrustedRoot } from '../trust/roots.js';
import { memoizeChecks } from './check.js';
import { cacheHeaders } from './header-cache.js';
import { type OpenedPayload, openPayload } from './open.js';
import type { ChainVerifier, RevocationFindings } from './verify.js';

/**
 * Caches shared by all payloads of a run: parsed headers by their text, chain reports by their header.
 * Bounded: a stream in which every header differs costs time, not memory.
 */
export interface VerificationContext extends ChainVerifier {
  open(text: string): OpenedPayload;
  /** Stores the OCSP results of a chain. */
  remember(report: ChainReport, revocation: RevocationFindings): void;
}

export function createVerificationContext(roots: readonly TrustedRoot[]): VerificationContext {
  const headerOf = cacheHeaders();
  const reports = new WeakMap<object, ChainReport>();
  const revocations = new WeakMap<ChainReport, RevocationFindings>();
  const certificates = createChainCache();
  const inspect = (x5c: unknown): ChainReport => {
    if (typeof x5c !== 'object' || x5c === null) return inspectChain(x5c, roots);
    const known = reports.get(x5c);
    if (known !== undefined) return known;
    const report = inspectChain(x5c, roots, certificates);
    const { count, readable, rootFound, links, ca, markers } = report;
    for (const finding of [count, readable, rootFound, links, ca, markers]) memoizeChecks(finding);
    reports.set(x5c, report);
    return report;
  };
  return {
    open: (text) => openPayload(text, headerOf),
    inspect,
    revocation: (report) => revocations.get(report) ?? null,
    remember: (report, revocation) => void revocations.set(report, revocation),
  };
}
