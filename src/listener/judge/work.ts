import { parseCertificate } from '../../trust/certificate.js';
import { type Batch, type BodyOutcome, type FromJudge, framesOf, type JudgeJob } from './batch.js';
import { createFinder } from './judge.js';
import { bodyIn, writePlainLiteral } from './literal.js';

/** Everything a thread does: judges the bodies of a batch and leaves literals where they stood. */
export function createJudgeWork({ roots, expectations, wantsDocuments }: JudgeJob): (batch: Batch) => FromJudge {
  const find = createFinder({
    roots: roots.map(({ der, name }) => ({ certificate: parseCertificate(der), name })),
    expectations,
    wantsDocuments,
  });
  const judge = (frame: Uint8Array, atMs: number): BodyOutcome => {
    try {
      const finding = find({ body: bodyIn(frame), atMs });
      if (finding.refusal === null && finding.text === null) writePlainLiteral(frame);
      return { finding };
    } catch (error) {
      return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  return ({ bytes, lengths, atMs }) => {
    const outcomes = framesOf(bytes, lengths).map((frame, index) => judge(frame, atMs[index]!));
    return { bytes, outcomes };
  };
}
