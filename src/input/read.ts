import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';
import { escapeText } from '../terminal/escape.js';
import { createBinaryDetector } from './binary-check.js';
import type { BinaryInput } from './binary-error.js';
import { parseClaims } from './claims/parse-claims.js';
import { emptyFolder, type FilePlace, findInputs, type Input, type InputDeps, readChunks } from './sources.js';
import { createInputSplitter, type InputSplitter, type SplitChunk } from './split/splitter.js';
import { NOTHING_PASSED, type SplitUnit } from './split/state.js';
import type { Unit, UnitBatch } from './unit.js';

export type ReadDeps = Pick<Deps, 'stdin' | 'stderr' | 'cwd' | 'signal' | 'suspend'>;

/** Work for a few milliseconds: smaller batches cost more to dispatch than to process, larger ones cost memory. */
const BATCH_BYTES = 256 * 1024;

/** A pipe returns this much where more is ready. Less means that its writer is slower than this reader: results are passed on at once. */
const FULL_PIPE_BYTES = 64 * 1024;

export interface ReadInputOptions {
  /** Standard input may go on for hours: its first payload is passed on when its line is complete, and counts as one of several. */
  readonly isLive?: boolean;
}

/**
 * The units of all inputs, in order: `-`, files, directories, literal payloads; without any, standard input, or a paste at a terminal.
 * Every input is located before any is read. Memory stays flat for inputs of any length: bytes are read on demand.
 *
 * Throws `ERR_INPUT_NOT_FOUND`, `ERR_INPUT_UNREADABLE`, `ERR_INPUT_EMPTY`, `ERR_INPUT_BINARY`, `ERR_INPUT_NO_PAYLOAD` (a directory
 * without any text) and the errors of {@link findInputs} and the paste prompt. Ends early when `signal` aborts.
 */
export async function* readInput(
  inputs: readonly string[],
  deps: ReadDeps,
  options: ReadInputOptions = {},
): AsyncGenerator<UnitBatch> {
  const found = findInputs(inputs, deps);
  let literals = 0;
  for (const input of found) {
    if (input.type === 'literal') {
      const batch = await literalBatch(input.text, 'argument', literals + 1);
      // Payloads are numbered across all arguments, and an argument may hold several.
      if (found.length > 1) literals += batch.units.flatMap((unit) => parseClaims(batch, unit)).length;
      yield batch;
    } else {
      yield* readOne(input, deps, options);
    }
    if (deps.signal.aborted) return;
  }
}

/** Bytes of all inputs together; null where the size of one is not known beforehand. Throws the errors of {@link findInputs}. */
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

async function* readOne(
  input: Exclude<Input, { type: 'literal' }>,
  deps: ReadDeps,
  { isLive = false }: ReadInputOptions,
): AsyncGenerator<UnitBatch> {
  switch (input.type) {
    case 'paste': {
      const { readPaste } = await import('./paste/paste.js');
      yield await literalBatch(await readPaste(deps), 'paste', 1);
      return;
    }
    case 'stdin':
      return yield* readWhole(deps.stdin.chunks(deps.signal), 'standard input', 'stdin', isLive, deps);
    case 'file':
      return yield* readWhole(readChunks(input, deps.signal), input.name, input.name, false, deps);
    case 'folder':
      return yield* readFolder(input.name, input.files, deps);
  }
}

/** An input that was named: `ERR_INPUT_EMPTY` where it has no content. */
async function* readWhole(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  origin: string,
  isLive: boolean,
  deps: ReadDeps,
): AsyncGenerator<UnitBatch> {
  const splitter = createInputSplitter(isLive);
  yield* splitAll(chunks, splitter, origin, async (bytes) => {
    throw (await describeBinary(name, bytes)).error;
  });
  if (splitter.isEmpty && !deps.signal.aborted) throw empty(name);
}

/** Files in a folder were not named by the user: those that are empty or binary are skipped. One that may hold tokens is named. */
async function* readFolder(name: string, files: readonly FilePlace[], deps: ReadDeps): AsyncGenerator<UnitBatch> {
  let isEmpty = true;
  for (const file of files) {
    const splitter = createInputSplitter();
    yield* splitAll(readChunks(file, deps.signal), splitter, file.name, async (bytes) => {
      const { mayHoldTokens } = await describeBinary(file.name, bytes);
      if (mayHoldTokens !== null) deps.stderr.write(`Skipped ${escapeText(file.name)}: it is ${mayHoldTokens}.\n`);
    });
    isEmpty &&= splitter.isEmpty;
    if (deps.signal.aborted) return;
  }
  if (isEmpty) throw emptyFolder(name);
}

/** Loaded on use: text needs none of it. */
async function describeBinary(name: string, bytes: Buffer): Promise<BinaryInput> {
  return (await import('./binary-error.js')).describeBinary(name, bytes);
}

async function* splitAll(
  chunks: AsyncIterable<Uint8Array>,
  splitter: InputSplitter,
  origin: string,
  onBinary: (bytes: Buffer) => Promise<void>,
): AsyncGenerator<UnitBatch> {
  const detector = createBinaryDetector();
  for await (const chunk of chunks) {
    const binary = detector.check(chunk);
    if (binary !== null) return onBinary(binary);
    splitter.push(chunk);
    const ready = splitter.take(chunk.length < FULL_PIPE_BYTES ? 1 : BATCH_BYTES);
    if (ready !== null) yield toBatch(ready, origin);
  }
  splitter.finish();
  const rest = splitter.take(0);
  if (rest !== null) yield toBatch(rest, origin);
}

function toBatch({ bytes, units, isOnly, passed }: SplitChunk, origin: string): UnitBatch {
  return { bytes, units: units.map((unit) => toUnit(unit, origin, isOnly)), passed };
}

/** Field by field: a spread takes longer than the split itself. */
function toUnit({ start, end, form, line, ordinal, oversizeBytes }: SplitUnit, origin: string, isOnly: boolean): Unit {
  const unit = { start, end, form, origin, line: isOnly ? null : line, ordinal, whole: isOnly };
  return oversizeBytes === undefined ? unit : { ...unit, oversizeBytes };
}

async function literalBatch(text: string, origin: 'argument' | 'paste', ordinal: number): Promise<UnitBatch> {
  const bytes = new Uint8Array(Buffer.byteLength(text));
  Buffer.from(bytes.buffer).write(text);
  const binary = createBinaryDetector().check(bytes);
  if (binary !== null) throw (await describeBinary(`the ${origin}`, binary)).error;
  const unit: Unit = { start: 0, end: bytes.length, form: 'literal', origin, line: null, ordinal, whole: true };
  return { bytes, units: [unit], passed: NOTHING_PASSED };
}

function empty(name: string): ToolError {
  return new ToolError('usage', 'ERR_INPUT_EMPTY', `${name} is empty`, {
    hint: 'Pass the value of signedPayload, the JSON body that contains it, or several of either.',
  });
}
