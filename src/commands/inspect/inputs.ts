import type { Deps } from '../../cli/deps.js';
import { parseClaims } from '../../input/claims/parse-claims.js';
import { type ReadDeps, readInput } from '../../input/read.js';
import type { UnitBatch } from '../../input/unit.js';
import { createInputSource, type InputSource } from '../../inspector/sources/input-source.js';
import { buildVerdictDocument } from '../../notification/internal-error.js';
import { createVerificationContext, type VerificationContext } from '../../notification/verification-context.js';
import type { VerifyOptions } from '../../notification/verify.js';
import type { ClaimDocuments } from '../../pipeline/claim-documents.js';
import { type Job, NOTHING_UNREADABLE } from '../../pipeline/job.js';
import { noPayload } from '../../pipeline/no-payload.js';
import { verifiedDocuments } from '../../pipeline/verified-documents.js';
import type { TrustedRoot } from '../../trust/roots.js';

type InputReaderDeps = ReadDeps & Pick<Deps, 'now' | 'sleep' | 'http'>;

/** The payloads of an input, of which the first are read. */
export interface OpenedInput {
  readonly source: InputSource;
  /**
   * Reads the rest; the page shows it as it is read. Throws the errors of {@link readInput}, and `ERR_INPUT_NO_PAYLOAD` where no part of
   * it claims to be a payload.
   */
  readRest(onRead: () => void): Promise<void>;
}

/** A pipe with nothing to read for so long is one whose payloads are yet to come, as of `tail -f`. */
const SILENT_MS = 1_000;

/**
 * Reads an input up to its first payload, or for as long as a pipe may be silent. Throws what {@link OpenedInput.readRest} throws.
 * `readRoots` is called once, for the first payload.
 */
export async function openInput(
  inputs: readonly string[],
  readRoots: () => readonly TrustedRoot[],
  expectations: Omit<VerifyOptions, 'nowMs'>,
  deps: InputReaderDeps,
): Promise<OpenedInput> {
  const options: VerifyOptions = { nowMs: deps.now(), ...expectations };
  const verifier = openVerifierOnUse(options, readRoots, deps);
  const source = createInputSource((jws, origin) => buildVerdictDocument(jws, origin, options, verifier().context));
  const add = (batch: UnitBatch): void => {
    for (const unit of batch.units) {
      for (const claim of parseClaims(batch, unit)) {
        const { context, documents } = verifier();
        if (claim.type === 'token')
          source.addToken(buildVerdictDocument(claim.text, claim, options, context), claim.text, claim);
        else source.addDocument(documents.of(claim));
      }
    }
  };
  const batches = readInput(inputs, deps, { isLive: true })[Symbol.asyncIterator]();
  const readFirst = async (): Promise<void> => {
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
      add(next.value);
      if (source.total > 0) return;
    }
    if (!deps.signal.aborted) throw noPayload(inputs, NOTHING_UNREADABLE, deps);
  };
  const first = readFirst();
  if (inputs.length === 0 || inputs.includes('-')) await isSilent(first, deps);
  else await first;
  return {
    source,
    async readRest(onRead) {
      await first;
      onRead();
      for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
        add(next.value);
        onRead();
        // Verifying a batch takes a few milliseconds: the page is answered in between.
        await deps.sleep(0);
      }
    },
  };
}

/** True where the promise takes longer than a pipe may be silent. Throws what it throws before that. */
async function isSilent(first: Promise<unknown>, { sleep }: Pick<Deps, 'sleep'>): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([first.then(() => false), sleep(SILENT_MS, over.signal).then(() => true)]);
  } finally {
    over.abort();
  }
}

interface Verifier {
  readonly context: VerificationContext;
  readonly documents: ClaimDocuments;
}

function openVerifierOnUse(
  options: VerifyOptions,
  readRoots: () => readonly TrustedRoot[],
  deps: InputReaderDeps,
): () => Verifier {
  let opened: Verifier | null = null;
  const open = (): Verifier => {
    const roots = readRoots();
    const documents = verifiedDocuments(jobOf(options), options, roots, deps);
    return { context: createVerificationContext(roots), documents };
  };
  return () => {
    opened ??= open();
    return opened;
  };
}

function jobOf(verify: VerifyOptions): Job {
  const view = { columns: 80, level: 0, nowMs: verify.nowMs } as const;
  return { verify, ocspTimeoutMs: null, raw: false, output: 'json', view };
}

/** Standard input that has begun, or is silent; null where it ended before its first byte, as /dev/null does. */
export async function beginStdin({
  stdin,
  signal,
  sleep,
}: Pick<Deps, 'stdin' | 'signal' | 'sleep'>): Promise<Deps['stdin'] | null> {
  const chunks = stdin.chunks(signal)[Symbol.asyncIterator]();
  const first = chunks.next();
  if (!(await isSilent(first, { sleep })) && (await first).done === true) return null;
  return {
    ...stdin,
    async *chunks() {
      for (let next = await first; next.done !== true; next = await chunks.next()) yield next.value;
    },
  };
}
