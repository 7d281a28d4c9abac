import { parentPort } from 'node:worker_threads';
import { threadDeps } from './cli/system.js';
import type { FromWorker, ToWorker } from './pipeline/job.js';
import { openDocuments } from './pipeline/open-documents.js';
import { createWork, type Work } from './pipeline/process-batch.js';
import { parseCertificate } from './trust/certificate.js';

/** A worker thread: gets its job once, then batches. The main thread ends it. */
const port = parentPort;

let work: Work | null = null;

let last: Promise<void> = Promise.resolve();

const send = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void => port?.postMessage(message, transfer);

async function handle(message: ToWorker): Promise<void> {
  if (message.type === 'job') {
    const roots = message.roots.map(({ der, ...rest }) => ({ certificate: parseCertificate(der), ...rest }));
    work = createWork(message.job, await openDocuments(message.job, roots, threadDeps()));
    return;
  }
  if (work === null) throw new Error('a batch arrived before the job');
  const result = await work.run(message.batch, { mayBeAlone: false, spare: message.spare });
  send({ type: 'result', result }, [result.output.buffer as ArrayBuffer]);
}

port?.on('message', (message: ToWorker) => {
  last = last
    .then(() => handle(message))
    .catch((error: Error) => send({ type: 'failed', message: error.message, stack: error.stack ?? '' }));
});
