import { parentPort } from 'node:worker_threads';
import type { ToJudge } from '../listener/judge/batch.js';
import { createJudgeWork } from '../listener/judge/work.js';

/** A thread that judges what `listen` receives: told its job once, then one batch after another. */
const port = parentPort;
const work = createJudgeWork();

port?.on('message', (message: ToJudge) => {
  const answer = work(message);
  if (answer !== null) port.postMessage(answer);
});
