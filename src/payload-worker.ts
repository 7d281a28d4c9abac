import { parentPort } from 'node:worker_threads';
import { threadDeps } from './cli/system.js';
import type { FromWorker, ToWorker } from './pipeline/job.js';
import { createWork, type Work } from './pipeline/process-batch.js';
import { askRevocationOf } from './pipeline/revocation.js';
import { parseCertificate } from './trust/certificate.js';

/** A worker thread: told its job once, then one batch after another. It ends when the main thread stops it. */
const port = parentPort;

let work: Work | null = null;

let last: Promise<void> = Promise.resolve();

const send = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void => port?.postMessage(message, transfer);

async function take(message: ToWorker): Promise<void> {
  if (message.type === 'job') {
    const roots = message.roots.map(({ der, name }) => ({ certificate: parseCertificate(der), name }));
    work = createWork(message.job, roots, askRevocationOf(message.job, threadDeps()));
    return;
  }
  if (work === null) throw new Error('a batch came before the job');
  const result = await work.run(message.batch, { mayBeAlone: false, spare: message.spare });
  send({ type: 'result', result }, [result.output.buffer as ArrayBuffer]);
}

port?.on('message', (message: ToWorker) => {
  last = last
    .then(() => take(message))
    .catch((error: Error) => send({ type: 'failed', message: error.message, stack: error.stack ?? '' }));
});
