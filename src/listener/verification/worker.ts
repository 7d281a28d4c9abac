import { parseCertificate } from '../../trust/certificate.js';
import type { BodyToJudge } from './result.js';
import { type BodyFinding, createFinder } from './verify-body.js';
import { type BodyOutcome, type FromJudge, type JudgeJob, type ToJudge, unpackBatch } from './worker-pool.js';

type Find = (input: BodyToJudge) => BodyFinding;

/** What a thread does with what it is told: the answer to a batch, null to anything else. Throws for a batch before the job. */
export function createJudgeWork(): (message: ToJudge) => FromJudge | null {
  let find: Find | null = null;
  let arena: Uint8Array = new Uint8Array();
  return (message) => {
    if (message.type === 'job') find = createFinder(optionsOf(message.job));
    else if (message.type === 'arena') arena = new Uint8Array(message.arena);
    else if (find === null) throw new Error('a batch came before the job');
    else return unpackBatch(arena, message.batch).map(outcomeWith(find));
    return null;
  };
}

function optionsOf({ roots, expectations, wantsDocuments }: JudgeJob): Parameters<typeof createFinder>[0] {
  const trusted = roots.map(({ der, name }) => ({ certificate: parseCertificate(der), name }));
  return { roots: trusted, expectations, wantsDocuments };
}

/** A bug costs the body it was met with, and no other of its batch. */
function outcomeWith(find: Find): (input: BodyToJudge) => BodyOutcome {
  return (input) => {
    try {
      return { finding: find(input) };
    } catch (error) {
      return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
}
