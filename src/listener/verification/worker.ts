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

type InspectBody = (input: BodyToVerify) => BodyVerdict;

/** Message handler of a worker thread: returns the results of a batch, null for any other message. Throws for a batch before the job. */
export function createVerificationWorker(): (message: ToVerificationWorker) => FromVerificationWorker | null {
  let inspect: InspectBody | null = null;
  let arena: Uint8Array = new Uint8Array();
  return (message) => {
    if (message.type === 'job') inspect = createBodyInspector(optionsOf(message.job));
    else if (message.type === 'arena') arena = new Uint8Array(message.arena);
    else if (inspect === null) throw new Error('a batch came before the job');
    else return unpackBatch(arena, message.batch).map(inspectSafely(inspect));
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

/** Confines a bug to the body that triggers it. */
function inspectSafely(inspect: InspectBody): (input: BodyToVerify) => BodyOutcome {
  return (input) => {
    try {
      return { finding: inspect(input) };
    } catch (error) {
      return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
}
