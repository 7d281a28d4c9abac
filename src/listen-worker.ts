import { parentPort } from 'node:worker_threads';
import { createJudgeWork } from './listener/verification/worker.js';
import type { ToJudge } from './listener/verification/worker-pool.js';

/** A thread that judges what `listen` receives: told its job once, then one batch after another. */
const port = parentPort;

const work = createJudgeWork();

port?.on('message', (message: ToJudge) => {
  const answer = work(message);
  if (answer !== null) port.postMessage(answer);
});
