import type { DeliveryRecord } from '../../journal/record.js';
import { stringifyJson } from '../../jws/json.js';
import type { Attempt, Parcel, Target } from '../../listener/forward/target.js';
import type { Deps } from '../deps.js';
import { nextAttempt, recordAttempt } from './delivery.js';
import type { Item, Loaded } from './item.js';
import type { Planned, Sent, Tally } from './outcome.js';

export interface Pace {
  /** Notifications a second, at most. */
  readonly rate: number;
  /** Deadline of the whole, in milliseconds since the epoch; Infinity for none. */
  readonly deadlineMs: number;
}

export interface Sending {
  readonly run: string;
  /** One attempt; null where the run was stopped before it was over. */
  send(target: Target, parcel: Parcel, attempt: number): Promise<Attempt | null>;
  /** Resolves once it is on disk. */
  note(record: DeliveryRecord): Promise<void>;
  onSent(sent: Sent): Promise<void>;
}

export type SendDeps = Pick<Deps, 'now' | 'sleep' | 'signal' | 'stdout'>;

/** A target that cannot be reached so many times in a row is given up: each more would only wait for the same. */
const MOST_FAILURES = 3;

/**
 * Sends one notification after the other, each to all its targets at once, and the next one when all have answered: an app sees them in
 * their order. Tries each once. Stops early when the signal aborts, at the deadline, when nobody reads the output any more, and when every
 * target was given up.
 */
export async function sendAll(
  planned: AsyncIterable<Planned>,
  { rate, deadlineMs }: Pace,
  sending: Sending,
  deps: SendDeps,
): Promise<Tally> {
  const { now, sleep, signal, stdout } = deps;
  const sums = createSums();
  const patience = createPatience();
  let nextMs = now();
  for await (const plan of planned) {
    if (stdout.closed.aborted) return sums.tally('output', patience.givenUp());
    if (nextMs > now() && plan.send.length > 0) await sleep(Math.min(nextMs, deadlineMs) - now(), signal);
    if (signal.aborted) return sums.tally('signal', patience.givenUp());
    if (now() >= deadlineMs) return sums.tally('deadline', patience.givenUp());
    if (plan.send.length > 0) nextMs = Math.max(nextMs, now()) + 1_000 / rate;
    const sent = await sendOne(plan, patience, sending, deps);
    if (sent === null) return sums.tally('signal', patience.givenUp());
    sums.add(sent);
    await sending.onSent(sent);
    if (plan.send.length > 0 && sent.notSent.length === plan.send.length) {
      return sums.tally('unreachable', patience.givenUp());
    }
  }
  // A source that ends because it was told to stop has not come to its end.
  return sums.tally(signal.aborted ? 'signal' : null, patience.givenUp());
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

interface Patience {
  note(target: string, attempt: Attempt): void;
  isGivenUp(target: string): boolean;
  givenUp(): readonly string[];
}

function createPatience(): Patience {
  const failures = new Map<string, number>();
  const isGivenUp = (target: string): boolean => (failures.get(target) ?? 0) >= MOST_FAILURES;
  return {
    note(target, { outcome }) {
      if (isGivenUp(target)) return;
      const isLost = outcome === 'unreachable' || outcome === 'timed-out';
      failures.set(target, isLost ? (failures.get(target) ?? 0) + 1 : 0);
    },
    isGivenUp,
    givenUp: () => [...failures.keys()].filter(isGivenUp),
  };
}

interface Sums {
  add(sent: Sent): void;
  tally(stoppedBy: Tally['stoppedBy'], givenUp: readonly string[]): Tally;
}

function createSums(): Sums {
  const outcomes = { accepted: 0, refused: 0, unreachable: 0, 'timed-out': 0 };
  let [notifications, unwanted, withheld, notSent] = [0, 0, 0, 0];
  return {
    add(sent) {
      notifications += 1;
      if (sent.send.length + sent.withheld.length === 0) unwanted += 1;
      withheld += sent.withheld.length;
      notSent += sent.notSent.length;
      for (const { outcome } of sent.deliveries) outcomes[outcome] += 1;
    },
    tally: (stoppedBy, givenUp) => ({ ...outcomes, notifications, unwanted, withheld, notSent, givenUp, stoppedBy }),
  };
}
