import { parseCertificate } from '../../trust/certificate.js';
import type { BodyToVerify } from './result.js';
import { type BodyVerdict, createBodyInspector } from './verify-body.js';
import {
  type BodyOutcome,
  type FromVerificationWorker,
  type ToVerificationWorker,
  unpackBatch,
  type VerificationJob,
} from './worker-pool.js';

type Find = (input: BodyToVerify) => BodyVerdict;

/** What a thread does with what it is told: the answer to a batch, null to anything else. Throws for a batch before the job. */
export function createVerificationWorker(): (message: ToVerificationWorker) => FromVerificationWorker | null {
  let find: Find | null = null;
  let arena: Uint8Array = new Uint8Array();
  return (message) => {
    if (message.type === 'job') find = createBodyInspector(optionsOf(message.job));
    else if (message.type === 'arena') arena = new Uint8Array(message.arena);
    else if (find === null) throw new Error('a batch came before the job');
    else return unpackBatch(arena, message.batch).map(outcomeWith(find));
    return null;
  };
}

function optionsOf({
  roots,
  expectations,
  wantsDocuments,
}: VerificationJob): Parameters<typeof createBodyInspector>[0] {
  const trusted = roots.map(({ der, name }) => ({ certificate: parseCertificate(der), name }));
  return { roots: trusted, expectations, wantsDocuments };
}

/** A bug costs the body it was met with, and no other of its batch. */
function outcomeWith(find: Find): (input: BodyToVerify) => BodyOutcome {
  return (input) => {
    try {
      return { finding: find(input) };
    } catch (error) {
      return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
}
