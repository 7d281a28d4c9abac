import { parentPort } from 'node:worker_threads';
import type { FromJudge, ToJudge } from '../listener/judge/batch.js';
import { createJudgeWork } from '../listener/judge/work.js';

/** A thread that judges what `listen` receives: told its job once, then one batch after another. */
const port = parentPort;
let work: ReturnType<typeof createJudgeWork> | null = null;

const send = (message: FromJudge): void => port?.postMessage(message, [message.bytes.buffer as ArrayBuffer]);

port?.on('message', (message: ToJudge) => {
  if (message.type === 'job') work = createJudgeWork(message.job);
  else if (work === null) throw new Error('a batch came before the job');
  else send(work(message.batch));
});
