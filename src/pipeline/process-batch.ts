import type { Hints } from '../document-view/line.js';
import { ToolError } from '../errors.js';
import type { Claim } from '../input/claim.js';
import { parseClaims } from '../input/claims/parse-claims.js';
import type { Unit, UnitBatch } from '../input/unit.js';
import { parseHeader } from '../jws/compact.js';
import type { PayloadDocument } from '../notification/document.js';
import type { FilterResult } from '../notification/payload-filter.js';
import { addToTotals, emptyTotals } from '../notification/totals.js';
import type { ClaimDocuments } from './claim-documents.js';
import {
  addBugs,
  addUnreadable,
  type BatchResult,
  type FailedClaim,
  type Job,
  MOST_INSPECTED,
  NO_BUGS,
  NOTHING_UNREADABLE,
  type Unreadable,
} from './job.js';
import { createOutputBuffer } from './output-buffer.js';
import { openRenderer } from './renderer.js';

export interface Work {
  run(batch: UnitBatch, options: RunBatch): Promise<BatchResult>;
}

interface RunBatch {
  /** The batch is the whole input, so that a single payload in it gets the long view. */
  readonly mayBeAlone: boolean;
  /** An output buffer to reuse. */
  readonly spare: ArrayBuffer | null;
}

/** Processes batches, in a worker thread or the main thread. */
export function createWork(job: Job, documents: ClaimDocuments): Work {
  const filtering = job.filter === undefined ? null : openFilter(job.filter);
  return {
    async run(batch, { mayBeAlone, spare }) {
      const resultOf = await filtering;
      const counts = emptyTotals();
      counts.skipped += batch.passed.units;
      const output = createOutputBuffer(spare);
      let unreadable = NOTHING_UNREADABLE;
      let hints: Hints = {};
      let bugs = NO_BUGS;
      let [others, unsure] = [0, 0];
      // Parsed beforehand only where the number of payloads decides the view: in a stream this would fill memory.
      const parsed = mayBeAlone ? batch.units.map((unit) => claimsIn(batch, unit)) : null;
      const isAlone = parsed?.flat().filter((claim) => resultOf?.(claim) !== 'other').length === 1;
      const { render, collectHints } = await openRenderer(job, isAlone);
      // It may bring a verdict, which nothing confirms.
      const unverified = ({ verification: _, ...claimed }: PayloadDocument): string =>
        job.output === 'purchase' ? render(claimed) : '';
      for (const [index, unit] of batch.units.entries()) {
        const claims = parsed?.[index] ?? claimsIn(batch, unit);
        if (claims.length === 0) {
          counts.skipped += 1;
          if (deservesInspection(batch, unit, unreadable)) {
            const { inspectSkipped } = await import('./recognise.js');
            unreadable = addUnreadable(unreadable, await inspectSkipped(batch, unit, unreadable, job.view.nowMs));
          }
        }
        for (const claim of claims) {
          const foreignAlg = sessionAlgorithm(batch, unit, claim);
          if (foreignAlg !== null) {
            unreadable = addUnreadable(unreadable, { ...NOTHING_UNREADABLE, foreign: 1, foreignAlg });
            continue;
          }
          const match = resultOf?.(claim) ?? 'match';
          if (match === 'unreadable') unsure += 1;
          if (match === 'other') {
            others += 1;
            continue;
          }
          try {
            if (claim.type === 'failed') throw claim.error;
            if (documents.prepare !== null && claim.type === 'token') await documents.prepare(claim);
            const document = await explainOdd(claim, documents.of(claim), job.view.nowMs);
            // A document without a JWS has no verdict, and printing it would look like one.
            const hasVerdict = claim.type !== 'document' && claim.type !== 'decoded';
            const text = hasVerdict || job.verify === null ? render(document) : unverified(document);
            hints = collectHints(hints, document);
            unreadable = addUnreadable(unreadable, unreadableOf(claim, document, job));
            addToTotals(counts, document);
            output.append(text);
          } catch (error) {
            // A bug on one payload says nothing about the next ones.
            if (error instanceof ToolError) throw error;
            const { failedPayload } = await import('./failed-payload.js');
            const failed = failedPayload(claim, error, job);
            bugs = addBugs(bugs, failed.bugs);
            addToTotals(counts, failed.document);
            output.append(render(failed.document));
          }
        }
      }
      return { output: output.take(), counts, hints, unreadable, bugs, filtered: { others, unreadable: unsure } };
    },
  };
}

/** Loaded on use: most runs have no filter. */
async function openFilter(filter: NonNullable<Job['filter']>): Promise<(claim: Claim | FailedClaim) => FilterResult> {
  return (await import('./claim-filter.js')).createClaimFilter(filter);
}

/** Headers of session tokens are short; one with a chain has 4 KB. */
const LONGEST_SESSION_HEADER = 512;

/**
 * `alg` of a token in free text that is signed with a shared secret and has no chain: a user's session, which logs are full of. Null for
 * everything that may claim to be a payload: what was given as a payload, or stands beside `signedPayload`.
 */
function sessionAlgorithm({ bytes }: UnitBatch, unit: Unit, claim: Claim | FailedClaim): string | null {
  if (claim.type !== 'token' || unit.form !== 'text' || unit.whole) return null;
  if (claim.text.indexOf('.') > LONGEST_SESSION_HEADER) return null;
  const header = parseHeader(claim.text);
  if (typeof header === 'string' || header.x5c !== undefined) return null;
  const { alg } = header;
  if (typeof alg !== 'string' || !/^HS(?:256|384|512)$/.test(alg)) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + unit.start, unit.end - unit.start);
  return text.includes('signedPayload') ? null : alg;
}

/** The claims of a unit; one that failed where the reader has a bug. */
function claimsIn(batch: UnitBatch, unit: Unit): readonly (Claim | FailedClaim)[] {
  try {
    return parseClaims(batch, unit);
  } catch (error) {
    const source = unit.line === null ? unit.origin : `${unit.origin}:${unit.line}`;
    return [{ type: 'failed', source, repaired: [], error }];
  }
}

/** Says what an odd input is instead. Loaded on use: a run of good payloads needs none of it. */
async function explainOdd(claim: Claim, document: PayloadDocument, nowMs: number): Promise<PayloadDocument> {
  if (claim.type !== 'decoded' && !(claim.type === 'token' && isOddOutside(document))) return document;
  const { recognise } = await import('./recognise.js');
  return recognise(claim, document, nowMs);
}

/** True if the outer token is malformed, or none that the App Store signs. */
function isOddOutside({ problems = [], tokens, verification, kind }: PayloadDocument): boolean {
  const [outer] = tokens;
  const isDamaged = verification?.reason === 'MALFORMED_JWS' || problems[0]?.code === 'MALFORMED_JWS';
  const hasChain = !isDamaged && outer !== undefined && outer.header.x5c !== undefined;
  return !hasChain && (problems.length > 0 || verification?.verdict === 'invalid' || kind === 'unknown');
}

/** True for a skipped unit that is among the first, or has signs of a token. */
function deservesInspection(
  { bytes }: UnitBatch,
  { start, end }: Unit,
  { inspected, recognised }: Unreadable,
): boolean {
  if (recognised === null && inspected < MOST_INSPECTED) return true;
  const part = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  return part.includes('eyJ') || part.includes('signedPayload');
}

/** decode: a payload that could not be opened. verify: a document without a JWS. */
function unreadableOf(claim: Claim, document: PayloadDocument, job: Job): Unreadable {
  if (claim.type === 'decoded' && job.verify !== null) {
    const message = 'the payload is already decoded, so nothing of it can be verified';
    return {
      ...NOTHING_UNREADABLE,
      withoutJws: 1,
      first: { source: claim.source, message, hint: 'Pass the value of signedPayload, as the App Store posted it.' },
    };
  }
  if (claim.type === 'document' && job.verify !== null) {
    const hint = 'Verify the original payload, or write documents that include the JWS: storewire decode --raw --json';
    return {
      ...NOTHING_UNREADABLE,
      malformed: 0,
      withoutJws: 1,
      first: { source: claim.source, message: 'cannot be verified: the document has no JWS', hint },
    };
  }
  const problem = document.problems?.[0];
  if (job.verify !== null || problem === undefined) return NOTHING_UNREADABLE;
  return {
    ...NOTHING_UNREADABLE,
    malformed: 1,
    withoutJws: 0,
    first: { source: claim.source, message: `${problem.code}: ${problem.message}`, hint: problem.hint ?? '' },
  };
}
