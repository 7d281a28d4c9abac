import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';
import { createBinaryDetector } from './binary-check.js';
import { parseClaims } from './claims/parse-claims.js';
import { emptyFolder, type FilePlace, findInputs, type Input, type InputDeps, readChunks } from './sources.js';
import { createInputSplitter, type InputSplitter, type SplitChunk } from './split/splitter.js';
import type { SplitUnit } from './split/state.js';
import type { Unit, UnitBatch } from './unit.js';

export type ReadDeps = Pick<Deps, 'stdin' | 'stderr' | 'cwd' | 'signal' | 'suspend'>;

/** A batch is a thread's work for a few milliseconds: less would be lost in handing it over, more in memory. */
const BATCH_BYTES = 256 * 1024;

/** A pipe gives this much where more is waiting. Less means that its writer is behind, and that somebody may be waiting for results. */
const FULL_PIPE_BYTES = 64 * 1024;

/**
 * The units of all inputs, in order: `-`, files, directories, payloads given literally; without any, standard input, or a paste at a
 * terminal. Nothing is read before every input was found. Memory stays flat however long an input is; bytes are read when asked for.
 *
 * Throws `ERR_INPUT_NOT_FOUND`, `ERR_INPUT_UNREADABLE`, `ERR_INPUT_EMPTY`, `ERR_INPUT_BINARY`, `ERR_INPUT_NO_PAYLOAD` (a directory
 * without any text) and what {@link findInputs} and the paste prompt throw. Ends early when `signal` aborts.
 */
export async function* readInput(inputs: readonly string[], deps: ReadDeps): AsyncGenerator<UnitBatch> {
  const found = findInputs(inputs, deps);
  let literals = 0;
  for (const input of found) {
    if (input.type === 'literal') {
      const batch = literalBatch(input.text, 'argument', literals + 1);
      // The payloads of all arguments are numbered through; what an argument holds is known once it is parsed.
      if (found.length > 1) literals += batch.units.flatMap((unit) => parseClaims(batch, unit)).length;
      yield batch;
    } else {
      yield* readOne(input, deps);
    }
    if (deps.signal.aborted) return;
  }
}

/** Bytes of all inputs together; null where one of them does not say beforehand. Throws as {@link findInputs}. */
export async function inputSize(inputs: readonly string[], deps: InputDeps): Promise<number | null> {
  let total = 0;
  for (const input of findInputs(inputs, deps)) {
    const size = sizeOf(input);
    if (size === null) return null;
    total += size;
  }
  return total;
}

function sizeOf(input: Input): number | null {
  switch (input.type) {
    case 'literal':
      return Buffer.byteLength(input.text);
    case 'file':
      return input.size;
    case 'folder':
      return input.files.reduce((sum, file) => sum + file.size, 0);
    default:
      return null;
  }
}

async function* readOne(input: Exclude<Input, { type: 'literal' }>, deps: ReadDeps): AsyncGenerator<UnitBatch> {
  switch (input.type) {
    case 'paste': {
      const { readPaste } = await import('./paste/paste.js');
      yield literalBatch(await readPaste(deps), 'paste', 1);
      return;
    }
    case 'stdin':
      return yield* readWhole(deps.stdin.chunks(deps.signal), 'standard input', 'stdin', deps);
    case 'file':
      return yield* readWhole(readChunks(input, deps.signal), input.name, input.name, deps);
    case 'folder':
      return yield* readFolder(input.name, input.files, deps);
  }
}

/** An input that was named: that it holds nothing, or nothing to read, is an error. */
async function* readWhole(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  origin: string,
  deps: ReadDeps,
): AsyncGenerator<UnitBatch> {
  const cutter = createInputSplitter();
  yield* cutAll(chunks, cutter, name, origin);
  if (cutter.isEmpty && !deps.signal.aborted) throw empty(name);
}

/** Files that hold nothing, or no text, are passed: nobody named them. */
async function* readFolder(name: string, files: readonly FilePlace[], deps: ReadDeps): AsyncGenerator<UnitBatch> {
  let isEmpty = true;
  for (const file of files) {
    const cutter = createInputSplitter();
    try {
      yield* cutAll(readChunks(file, deps.signal), cutter, file.name, file.name);
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'ERR_INPUT_BINARY') throw error;
      continue;
    }
    isEmpty &&= cutter.isEmpty;
    if (deps.signal.aborted) return;
  }
  if (isEmpty) throw emptyFolder(name);
}

async function* cutAll(
  chunks: AsyncIterable<Uint8Array>,
  cutter: InputSplitter,
  name: string,
  origin: string,
): AsyncGenerator<UnitBatch> {
  const sniffer = createBinaryDetector(name);
  for await (const chunk of chunks) {
    sniffer.check(chunk);
    cutter.push(chunk);
    const piece = cutter.take(chunk.length < FULL_PIPE_BYTES ? 1 : BATCH_BYTES);
    if (piece !== null) yield toBatch(piece, origin);
  }
  cutter.finish();
  const piece = cutter.take(0);
  if (piece !== null) yield toBatch(piece, origin);
}

function toBatch({ bytes, cuts, only }: SplitChunk, origin: string): UnitBatch {
  return { bytes, units: cuts.map((cut) => toUnit(cut, origin, only)) };
}

/** Field by field: spreading would take longer than finding the unit did. */
function toUnit({ start, end, form, line, ordinal, oversizeBytes }: SplitUnit, origin: string, only: boolean): Unit {
  const unit = { start, end, form, origin, line: only ? null : line, ordinal, whole: only };
  return oversizeBytes === undefined ? unit : { ...unit, oversizeBytes };
}

function literalBatch(text: string, origin: 'argument' | 'paste', ordinal: number): UnitBatch {
  const bytes = new Uint8Array(Buffer.byteLength(text));
  Buffer.from(bytes.buffer).write(text);
  createBinaryDetector(origin === 'paste' ? 'the paste' : 'the argument').check(bytes);
  return { bytes, units: [{ start: 0, end: bytes.length, form: 'literal', origin, line: null, ordinal, whole: true }] };
}

function empty(name: string): ToolError {
  return new ToolError('usage', 'ERR_INPUT_EMPTY', `${name} is empty`, {
    hint: 'Expected the value of signedPayload, the JSON body that holds it, or several of either.',
  });
}
