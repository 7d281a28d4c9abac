import type { AppExpectations } from '../../notification/app.js';
import type { BodyFinding } from './judge.js';
import type { BodyToJudge } from './judged.js';

/** What a thread is told once. Plain data. */
export interface JudgeJob {
  readonly roots: readonly { readonly der: Uint8Array; readonly name: string }[];
  readonly expectations: AppExpectations;
  readonly wantsDocuments: boolean;
}

/** A batch of bodies, which stand side by side at the start of the arena. */
export interface Batch {
  /** Bytes of each body. */
  readonly lengths: readonly number[];
  readonly atMs: readonly number[];
}

/** `arena` is memory that both sides see: written before a batch is told, read until it is answered, the same for batch after batch. */
export type ToJudge =
  | { readonly type: 'job'; readonly job: JudgeJob }
  | { readonly type: 'arena'; readonly arena: SharedArrayBuffer }
  | { readonly type: 'batch'; readonly batch: Batch };

/** What became of one body: found, or a bug met on the way. */
export type BodyOutcome = { readonly finding: BodyFinding } | { readonly bug: string };

/** The answer to a batch, body by body. */
export type FromJudge = readonly BodyOutcome[];

/** Copies bodies into the arena, which must have room for them. */
export function packBatch(arena: Uint8Array, inputs: readonly BodyToJudge[]): Batch {
  let at = 0;
  for (const { body } of inputs) {
    arena.set(body, at);
    at += body.length;
  }
  return { lengths: inputs.map(({ body }) => body.length), atMs: inputs.map(({ atMs }) => atMs) };
}

/** The bodies of a batch; views of the arena. */
export function unpackBatch(arena: Uint8Array, { lengths, atMs }: Batch): readonly BodyToJudge[] {
  let end = 0;
  return lengths.map((length, index) => {
    end += length;
    return { body: arena.subarray(end - length, end), atMs: atMs[index]! };
  });
}
