import { ToolError } from '../../errors.js';
import type { DeliveryRecord } from '../../journal/record.js';
import { stringifyJson } from '../../jws/json.js';
import type { Attempt, Parcel, Target } from '../../listener/forward/target.js';
import type { Deps } from '../deps.js';
import { nextAttempt, recordAttempt } from './delivery.js';
import type { Item, Loaded } from './item.js';
import type { Planned, Sent, Tally } from './outcome.js';
import { createPatience, type Patience } from './patience.js';
import { createSums, type Sums } from './sums.js';

export interface Pace {
  /** Notifications a second, at most. */
  readonly rate: number;
  /** Deadline of the whole, in milliseconds since the epoch; Infinity for none. */
  readonly deadlineMs: number;
}

export interface Sending {
  readonly run: string;
  /** All that anything may go to. */
  readonly targets: readonly Target[];
  /** One attempt; null where the run was stopped before it was over. */
  send(target: Target, parcel: Parcel, attempt: number): Promise<Attempt | null>;
  /** Resolves once it is on disk. */
  note(record: DeliveryRecord): Promise<void>;
  onSent(sent: Sent): Promise<void>;
}

export type SendDeps = Pick<Deps, 'now' | 'sleep' | 'signal' | 'stdout'>;

/**
 * Sends one notification after the other, each to all its targets at once, and the next one when all have answered: an app sees them in
 * their order. Tries each once. Stops early when the signal aborts, at the deadline, when nobody reads the output any more, when every
 * target was given up, and where no more can be read or recorded; the tally says which.
 */
export async function sendAll(
  planned: AsyncIterable<Planned>,
  pace: Pace,
  sending: Sending,
  deps: SendDeps,
): Promise<Tally> {
  const sums = createSums();
  const patience = createPatience();
  try {
    const stoppedBy = await sendEach(planned, pace, { sending, sums, patience }, deps);
    return sums.tally(stoppedBy, patience.givenUp(), null);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return sums.tally(error.kind === 'interrupted' ? 'signal' : 'error', patience.givenUp(), error);
  }
}

interface Progress {
  readonly sending: Sending;
  readonly sums: Sums;
  readonly patience: Patience;
}

async function sendEach(
  planned: AsyncIterable<Planned>,
  { rate, deadlineMs }: Pace,
  { sending, sums, patience }: Progress,
  deps: SendDeps,
): Promise<Tally['stoppedBy']> {
  const { now, sleep, signal, stdout } = deps;
  const early = (): Tally['stoppedBy'] => (now() >= deadlineMs ? 'deadline' : signal.aborted ? 'signal' : null);
  let nextMs = now();
  for await (const plan of planned) {
    if (plan.isLeftOut) {
      sums.leaveOut();
      continue;
    }
    if (stdout.closed.aborted) return 'output';
    if (plan.send.length > 0 && nextMs > now()) await sleep(Math.min(nextMs, deadlineMs) - now(), signal);
    if (early() !== null) return early();
    if (plan.send.length > 0) nextMs = Math.max(nextMs, now()) + 1_000 / rate;
    const sent = await sendOne(plan, patience, sending, deps);
    if (sent === null) return early() ?? 'signal';
    sums.add(sent);
    await sending.onSent(sent);
    if (sending.targets.every(({ name }) => patience.isGivenUp(name))) return 'unreachable';
  }
  // A source that ends because it was told to stop has not come to its end.
  return early();
}

/** Null where the run was stopped on the way; what was over by then is recorded all the same. */
async function sendOne(plan: Planned, patience: Patience, sending: Sending, { now }: SendDeps): Promise<Sent | null> {
  const loaded = await plan.item.load();
  const notSent = plan.send.filter(({ name }) => patience.isGivenUp(name)).map(({ name }) => name);
  const open = plan.send.filter(({ name }) => !notSent.includes(name));
  const attempts = await Promise.all(
    open.map(async (target) => {
      const { name } = target;
      const number = nextAttempt(plan.item, name);
      const attempt = await sending.send(target, parcelOf(plan.item, loaded), number);
      if (attempt === null) return null;
      patience.note(name, attempt);
      const record = recordAttempt(plan.item, { target: name, number, run: sending.run, atMs: now() }, attempt);
      await sending.note(record);
      return record;
    }),
  );
  const deliveries = attempts.filter((record) => record !== null);
  if (deliveries.length < attempts.length) return null;
  return { ...plan, deliveries, notSent, document: loaded.document };
}

function parcelOf({ id, facts, verdict, contentType }: Item, { body, document }: Loaded): Parcel {
  return {
    id,
    body,
    contentType,
    uuid: facts.uuid,
    type: facts.type,
    verdict: verdict.verdict,
    documentJson: () => `${stringifyJson(document())}\n`,
  };
}
