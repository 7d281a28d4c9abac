import { parentPort } from 'node:worker_threads';
import { createVerificationWorker } from './listener/verification/worker.js';
import type { ToVerificationWorker } from './listener/verification/worker-pool.js';

/** Entry of a worker thread that verifies the bodies of `listen`: one job message, then batches. */
const port = parentPort;

const handle = createVerificationWorker();

port?.on('message', (message: ToVerificationWorker) => {
  const results = handle(message);
  if (results !== null) port.postMessage(results);
});
