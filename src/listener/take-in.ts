import type { ReceiptHead } from '../journal/record.js';
import { answerOf } from './forward/answer.js';
import type { Target } from './forward/target.js';
import type { Handover } from './handover.js';
import type { Judged } from './judge/judged.js';
import { parcelOf } from './parcel.js';
import type { Answer, Incoming } from './receive/incoming.js';
import type { Run } from './run.js';
import { cannotKeep, tellVerdict } from './tell.js';

/** One body, and what is known of it. */
export interface Arrival {
  readonly id: string;
  readonly incoming: Incoming;
  readonly judged: Judged;
}

/** Where a notification goes, and how the answer comes about. */
interface Plan {
  readonly repeatOf: string | null;
  readonly send: readonly Target[];
  readonly withheld: readonly { readonly target: string; readonly why: string }[];
  /** The target whose status is Apple's answer; null where the answer is ours. */
  readonly asked: Target | null;
  readonly status: number;
  readonly delayMs: number;
  readonly hang: boolean;
}

/**
 * A verified notification: on disk first, answered then. With `--answer forwarded` the first target is asked in between. A failing disk
 * is answered 503, so that Apple sends it again. Null where no answer is to be given.
 */
export async function takeIn(run: Run, handover: Handover, arrival: Arrival): Promise<Answer | null> {
  const { options, counts } = run;
  const plan = planOf(run, handover, arrival);
  const isOurs = plan.asked === null && !plan.hang;
  const head = headOf(arrival, plan, isOurs ? plan.status : null);
  let ref: number;
  try {
    ref = await options.journal.append(head, arrival.judged.bodyJson!);
  } catch (error) {
    return cannotKeep(run, error);
  }
  counts.verified += 1;
  if (plan.repeatOf !== null) counts.repeats += 1;
  const status = plan.asked === null ? plan.status : await ask(run, handover, arrival, ref, plan.asked);
  const targets = plan.send.map(({ name }) => name);
  tellVerdict(run, arrival, { ...plan, targets, answered: plan.hang ? null : status });
  for (const target of plan.send) if (target !== plan.asked) handover.enqueue(ref, target);
  if (plan.delayMs > 0) await options.sleep(plan.delayMs, run.stopping);
  if (plan.hang) {
    await aborted(run.stopping);
    return null;
  }
  return { status, body: null };
}

function planOf({ options }: Run, handover: Handover, { judged }: Arrival): Plan {
  const { ledger } = options.journal;
  const uuid = judged.facts?.uuid ?? null;
  const repeatOf = uuid === null ? null : ledger.firstOf(uuid);
  const fault = options.practice.next();
  const isFaulty = fault.hang || fault.status !== null;
  const { send, withheld } = isFaulty ? { send: [], withheld: [] } : handover.choose(judged);
  const open = send.filter(({ name }) => uuid === null || !ledger.accepted(uuid, name));
  const first = options.answer === 'forwarded' ? options.targets.find(({ type }) => type === 'http') : undefined;
  return {
    repeatOf,
    send: open,
    withheld,
    asked: open.find((target) => target === first) ?? null,
    status: fault.status ?? 200,
    delayMs: fault.delayMs,
    hang: fault.hang,
  };
}

function headOf({ id, incoming, judged }: Arrival, { repeatOf, send }: Plan, answered: number | null): ReceiptHead {
  return {
    type: 'receipt',
    id,
    atMs: incoming.atMs,
    address: incoming.address,
    contentType: incoming.contentType,
    bytes: judged.body.length,
    facts: judged.facts!,
    verdict: judged.verdict!,
    synthetic: judged.synthetic,
    repeatOf,
    answered,
    targets: send.map(({ name }) => name),
    ...(incoming.via.length === 0 ? {} : { via: incoming.via }),
    marks: judged.marks,
  };
}

/** Asks the target whose answer Apple is to get, and records that answer before it is given. */
async function ask(run: Run, handover: Handover, arrival: Arrival, ref: number, target: Target): Promise<number> {
  const attempt = await handover.ask(ref, parcelOf(arrival), target);
  const answered = answerOf(attempt);
  const { journal, now } = run.options;
  await journal.note({ type: 'answer', id: arrival.id, atMs: now(), answered }).catch((error: unknown) => {
    run.emit({ event: 'notice', code: 'JOURNAL', message: `the answer was not recorded: ${(error as Error).message}` });
  });
  return answered;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
