import { parentPort } from 'node:worker_threads';
import { createVerificationWorker } from './listener/verification/worker.js';
import type { ToVerificationWorker } from './listener/verification/worker-pool.js';

/** A thread that judges what `listen` receives: told its job once, then one batch after another. */
const port = parentPort;

const work = createVerificationWorker();

port?.on('message', (message: ToVerificationWorker) => {
  const answer = work(message);
  if (answer !== null) port.postMessage(answer);
});
