import { ToolError } from '../errors.js';
import { answerOf } from './forward/answer.js';
import type { Handover } from './handover.js';
import { parcelOf } from './parcel.js';
import type { Answer } from './receive/incoming.js';
import type { Run } from './run.js';
import type { Arrival } from './take-in.js';
import { tellVerdict } from './tell.js';

/**
 * What is no verified notification: recorded apart and refused, or, where the user says so, dropped or handed on. It is handed on once,
 * from memory: nothing says that anybody should wait for it.
 */
export async function turnAway(run: Run, handover: Handover, arrival: Arrival): Promise<Answer> {
  const { options, counts } = run;
  const { judged } = arrival;
  const refusal = judged.refusal!;
  counts.refused += 1;
  if (options.onInvalid === 'reject') {
    await keep(run, arrival, refusal.status);
    tellVerdict(run, arrival, { answered: refusal.status, ...NOWHERE });
    return { status: refusal.status, body: { error: { code: refusal.code, message: refusal.message } } };
  }
  const send = options.onInvalid === 'forward' ? handover.choose(judged).send : [];
  const first = options.answer === 'forwarded' ? send.find(({ type }) => type === 'http') : undefined;
  const parcel = parcelOf(arrival);
  const status = first === undefined ? 200 : answerOf(await handover.ask(null, parcel, first));
  await keep(run, arrival, status);
  tellVerdict(run, arrival, { answered: status, ...NOWHERE, targets: send.map(({ name }) => name) });
  for (const target of send) if (target !== first) void handover.ask(null, parcel, target).catch(ignoreStop);
  return { status, body: null };
}

/** The run ended first: what is not verified is owed to nobody. */
function ignoreStop(error: unknown): void {
  if (!(error instanceof ToolError) || error.kind !== 'interrupted') throw error;
}

const NOWHERE = { repeatOf: null, targets: [], withheld: [] } as const;

/** Nothing is owed to whoever sent this, so a disk that fails is told and changes no answer. */
async function keep({ options, emit }: Run, { id, incoming, judged }: Arrival, answered: number): Promise<void> {
  const { atMs, address, contentType } = incoming;
  const { facts, verdict } = judged;
  const { code: reason, message } = judged.refusal!;
  const about = { id, atMs, address, contentType, reason, message, answered, facts, verdict };
  try {
    await options.journal.reject(about, judged.bodyToKeep);
  } catch (error) {
    const message = `what was refused was not recorded: ${(error as Error).message}`;
    emit({ event: 'notice', code: 'JOURNAL', message });
  }
}
