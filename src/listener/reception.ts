import type { Handover } from './handover.js';
import type { Judged } from './judge/judged.js';
import type { Answer, Incoming } from './receive/incoming.js';
import { newId, type Run } from './run.js';
import { takeIn } from './take-in.js';
import { turnAway } from './turn-away.js';
import { createTurns } from './turns.js';

/** More listeners than this in a row are a loop, whether or not this one is among them. */
const MOST_HOPS = 5;

/** What becomes of each POST that has a body: judged, recorded, answered, handed on. */
export function createReception(run: Run, handover: Handover): (incoming: Incoming) => Promise<Answer | null> {
  const { options, counts, emit } = run;
  const inOrder = createTurns();
  return async (incoming) => {
    const loop = loopOf(incoming, run);
    if (loop !== null) return loop;
    const id = newId(options.random);
    counts.received += 1;
    emit({ event: 'received', id, bytes: incoming.body.length, address: incoming.address });
    const judged = await options.judges.judge(incoming);
    if (judged.refusal !== null) return turnAway(run, handover, { id, incoming, judged });
    return inOrder(uuidOf(judged), () => takeIn(run, handover, { id, incoming, judged }));
  };
}

function uuidOf({ facts }: Judged): string | null {
  return facts?.uuid ?? null;
}

function loopOf({ via, address }: Incoming, { runId, emit }: Run): Answer | null {
  if (!via.includes(runId) && via.length <= MOST_HOPS) return null;
  const message = via.includes(runId)
    ? 'this notification came back to the listener that had sent it on: a target leads here'
    : `this notification has passed ${via.length} listeners: their targets lead in a circle`;
  emit({ event: 'refused', status: 508, code: 'FORWARDING_LOOP', message, address });
  return { status: 508, body: { error: { code: 'FORWARDING_LOOP', message } } };
}
