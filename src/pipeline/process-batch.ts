import { Chalk } from 'chalk';
import { describeDocument } from '../document-view/document.js';
import { documentToJsonLine } from '../document-view/json.js';
import type { Hints } from '../document-view/line.js';
import { describeVerification } from '../document-view/verification.js';
import { ToolError } from '../errors.js';
import { type Claim, MAX_TOKEN_BYTES, type TokenClaim } from '../input/claim.js';
import { parseClaims } from '../input/claims/parse-claims.js';
import type { Unit, UnitBatch } from '../input/unit.js';
import {
  buildDecodedDocument,
  buildDocument,
  buildLegacyDocument,
  buildUnreadableDocument,
  toProblem,
} from '../notification/build-document.js';
import { type CheckFinding, failed } from '../notification/check.js';
import type { PayloadDocument } from '../notification/document.js';
import { OUTER_PATH } from '../notification/open.js';
import { addToTotals, emptyTotals } from '../notification/totals.js';
import { createVerificationContext, type VerificationContext } from '../notification/verification-context.js';
import { rejectLegacyBody, rejectToken, verifyPayload } from '../notification/verify.js';
import type { TrustedRoot } from '../trust/roots.js';
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

/** Requests the revocation status of a payload's chains before its verification; set with `--online`. */
export type RevocationLookup = (context: VerificationContext, claim: TokenClaim) => Promise<void>;

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
export function createWork(job: Job, roots: readonly TrustedRoot[], lookUpRevocation: RevocationLookup | null): Work {
  const context = createVerificationContext(roots);
  return {
    async run(batch, { mayBeAlone, spare }) {
      const counts = emptyTotals();
      const output = createOutput(spare);
      let unreadable = NOTHING_UNREADABLE;
      let hints: Hints = {};
      let bugs = NO_BUGS;
      // Parsed beforehand only where the number of payloads decides the view: in a stream this would fill memory.
      const parsed = mayBeAlone ? batch.units.map((unit) => claimsIn(batch, unit)) : null;
      const isAlone = parsed?.flat().length === 1;
      const { render, collectHints } = await openRenderer(job, isAlone);
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
          try {
            if (claim.type === 'failed') throw claim.error;
            if (lookUpRevocation !== null && claim.type === 'token') await lookUpRevocation(context, claim);
            const document = await explainOdd(claim, documentOf(claim, job, context), job.view.nowMs);
            // A document without a JWS has no verdict, and printing it would look like one.
            const hasVerdict = claim.type !== 'document' && claim.type !== 'decoded';
            const text = hasVerdict || job.verify === null ? render(document) : '';
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
      return { output: output.take(), counts, hints, unreadable, bugs };
    },
  };
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

function documentOf(claim: Claim, job: Job, context: VerificationContext): PayloadDocument {
  switch (claim.type) {
    case 'token':
      return tokenDocument(claim, job, context);
    case 'oversize': {
      const found = `${claim.bytes.toLocaleString('en-US')} bytes, the limit is ${MAX_TOKEN_BYTES.toLocaleString('en-US')}`;
      return unreadableDocument(claim, failed('MALFORMED_JWS', 'a token of at most 1 MiB', found), job);
    }
    case 'v1':
      return buildLegacyDocument(claim, claim.body, job.verify === null ? null : rejectLegacyBody());
    case 'document':
      return claim.document;
    case 'decoded':
      return buildDecodedDocument(claim, claim.kind, claim.payload);
  }
}

function tokenDocument(claim: TokenClaim, job: Job, context: VerificationContext): PayloadDocument {
  const opened = context.open(claim.text);
  const verdict = job.verify === null ? null : verifyPayload(opened, job.verify, context);
  return buildDocument(claim, opened, verdict, {
    raw: job.raw,
    certificates: job.output === 'json' || job.output === 'full',
  });
}

function unreadableDocument(claim: Claim, finding: CheckFinding, job: Job): PayloadDocument {
  const problem = toProblem(OUTER_PATH, 'MALFORMED_JWS', finding.found ?? '');
  return buildUnreadableDocument(claim, problem, job.verify === null ? null : rejectToken(OUTER_PATH, finding));
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

/** Text as UTF-8 bytes in a buffer that can be transferred to another thread and reused afterwards. */
interface Output {
  append(text: string): void;
  take(): Uint8Array;
}

const FIRST_BYTES = 512 * 1024;

/** UTF-8 needs at most three bytes for each UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * Encodes line by line into one buffer: several times as fast as joining a megabyte of strings and encoding the result. `spare`: a buffer
 * to reuse.
 */
function createOutput(spare: ArrayBuffer | null): Output {
  let buffer = Buffer.from(spare ?? new ArrayBuffer(0));
  let length = 0;
  return {
    append(text) {
      if (text.length === 0) return;
      const needed = length + text.length * MOST_BYTES_PER_UNIT;
      if (needed > buffer.length) buffer = grow(buffer, length, needed);
      length += buffer.write(text, length, 'utf8');
    },
    take: () => new Uint8Array(buffer.buffer, 0, length),
  };
}

function grow(buffer: Buffer<ArrayBuffer>, length: number, needed: number): Buffer<ArrayBuffer> {
  const bigger = Buffer.from(new ArrayBuffer(Math.max(needed, buffer.length * 2, FIRST_BYTES)));
  buffer.copy(bigger, 0, 0, length);
  return bigger;
}

/** A document to the text of its job; `alone`: the one payload of the run, which gets the long view. */
interface Renderer {
  render(document: PayloadDocument): string;
  /** Adds the hints that the text leaves out. */
  collectHints(hints: Hints, document: PayloadDocument): Hints;
}

/** `isAlone`: the run has one payload, which gets the long view. */
async function openRenderer({ output, verify, view: jobView }: Job, isAlone: boolean): Promise<Renderer> {
  const collectHints = (hints: Hints): Hints => hints;
  if (output === 'none') return { render: () => '', collectHints };
  if (output === 'json') return { render: documentToJsonLine, collectHints };
  const { columns, level, nowMs } = jobView;
  const view = { paint: new Chalk({ level }), columns, nowMs };
  if (output === 'lines' && !isAlone) {
    // Loaded on use: most runs have one payload, and start-up pays for every module.
    const { addHints, describeLine } = await import('../document-view/line.js');
    return { render: (document) => describeLine(document, view), collectHints: addHints };
  }
  const long = { ...view, verbose: output === 'full', showSource: !isAlone };
  const render = (document: PayloadDocument): string =>
    verify === null
      ? describeDocument(document, { ...long, verified: false })
      : describeVerification(document, { ...long, namesFlags: true });
  return { render, collectHints };
}
