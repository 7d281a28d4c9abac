import { type HeaderParser, parseHeader } from '../jws/compact.js';
import type { JsonObject } from '../jws/json.js';
import { type ChainReport, createChainCache, inspectChain } from '../trust/chain.js';
import type { TrustedRoot } from '../trust/roots.js';
import { memoizeChecks } from './check.js';
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

/** Apple uses one leaf for about two years, so a genuine stream contains only a few distinct headers. */
const MAX_HEADERS = 32;

interface KnownHeader {
  /** The header segment and its dot. */
  readonly start: string;
  readonly parsed: JsonObject | string;
}

/**
 * Header cache, compared by text and most recently used first: comparing 5 KB is ten times faster than hashing it.
 */
function cacheHeaders(): HeaderParser {
  const known: KnownHeader[] = [];
  return (token) => {
    const at = known.findIndex(({ start }) => token.slice(0, start.length) === start);
    const found = known[at] ?? { start: token.slice(0, token.indexOf('.') + 1), parsed: parseHeader(token) };
    if (at === 0) return found.parsed;
    if (at > 0) known.splice(at, 1);
    known.unshift(found);
    if (known.length > MAX_HEADERS) known.pop();
    return found.parsed;
  };
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
