import type { AppExpectations } from '../../notification/app.js';
import type { BodyFinding } from './judge.js';
import type { BodyToJudge } from './judged.js';
import { LITERAL_MARGIN } from './literal.js';

/** What a thread is told once. Plain data. */
export interface JudgeJob {
  readonly roots: readonly { readonly der: Uint8Array; readonly name: string }[];
  readonly expectations: AppExpectations;
  readonly wantsDocuments: boolean;
}

/** Bodies side by side in one buffer that goes to the thread and comes back, each between the margins of its literal. */
export interface Batch {
  readonly bytes: Uint8Array;
  /** Bytes of each body. */
  readonly lengths: readonly number[];
  readonly atMs: readonly number[];
}

export type ToJudge =
  | { readonly type: 'job'; readonly job: JudgeJob }
  | { readonly type: 'batch'; readonly batch: Batch };

/** What became of one body: found, or a bug met on the way. `bodyJson` where it is not made in place. */
export type BodyOutcome = { readonly finding: BodyFinding } | { readonly bug: string };

/** The answer to a batch, its buffer first. Plain bodies that are verified have become their literals, margins included. */
export interface FromJudge {
  readonly bytes: Uint8Array;
  readonly outcomes: readonly BodyOutcome[];
}

const MARGINS = LITERAL_MARGIN.before + LITERAL_MARGIN.after;

/** Copies bodies into one buffer: those of a server are parts of buffers that others use. */
export function packBatch(inputs: readonly BodyToJudge[]): Batch {
  const size = inputs.reduce((sum, { body }) => sum + body.length + MARGINS, 0);
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const { body } of inputs) {
    bytes.set(body, at + LITERAL_MARGIN.before);
    at += body.length + MARGINS;
  }
  return { bytes, lengths: inputs.map(({ body }) => body.length), atMs: inputs.map(({ atMs }) => atMs) };
}

/** The places of the bodies in a batch, margins included. */
export function framesOf(bytes: Uint8Array, lengths: readonly number[]): readonly Uint8Array[] {
  let at = 0;
  return lengths.map((length) => {
    const frame = bytes.subarray(at, at + length + MARGINS);
    at += frame.length;
    return frame;
  });
}
