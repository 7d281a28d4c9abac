import type { Deps } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';
import { buildDeliveryRecord } from '../../forwarding/outcome.js';
import type { DeliveryAttempt, ForwardedNotification, Target } from '../../forwarding/target.js';
import type { DeliveryRecord } from '../../journal/record.js';
import { stringifyJson } from '../../jws/json.js';
import type { Item, Loaded, Planned, Sent, Tally } from './item.js';

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
  send(target: Target, parcel: ForwardedNotification, attempt: number): Promise<DeliveryAttempt | null>;
  /** Resolves once it is on disk. */
  note(record: DeliveryRecord): Promise<void>;
  onSent(sent: Sent): Promise<void>;
}

type SendDeps = Pick<Deps, 'now' | 'sleep' | 'signal' | 'stdout'>;

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
  const tallies = createTallyBuilder();
  const failureLimit = createFailureLimit();
  try {
    const stoppedBy = await sendEach(planned, pace, { sending, tallies, failureLimit }, deps);
    return tallies.tally(stoppedBy, failureLimit.givenUp(), null);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return tallies.tally(error.kind === 'interrupted' ? 'signal' : 'error', failureLimit.givenUp(), error);
  }
}

interface Progress {
  readonly sending: Sending;
  readonly tallies: TallyBuilder;
  readonly failureLimit: FailureLimit;
}

async function sendEach(
  planned: AsyncIterable<Planned>,
  { rate, deadlineMs }: Pace,
  { sending, tallies, failureLimit }: Progress,
  deps: SendDeps,
): Promise<Tally['stoppedBy']> {
  const { now, sleep, signal, stdout } = deps;
  const early = (): Tally['stoppedBy'] => (now() >= deadlineMs ? 'deadline' : signal.aborted ? 'signal' : null);
  let nextMs = now();
  for await (const plan of planned) {
    if (plan.isAlreadyDelivered) {
      tallies.addAlreadyDelivered();
      continue;
    }
    if (stdout.closed.aborted) return 'output';
    if (plan.send.length > 0 && nextMs > now()) await sleep(Math.min(nextMs, deadlineMs) - now(), signal);
    if (early() !== null) return early();
    if (plan.send.length > 0) nextMs = Math.max(nextMs, now()) + 1_000 / rate;
    const sent = await sendOne(plan, failureLimit, sending, deps);
    if (sent === null) return early() ?? 'signal';
    tallies.add(sent);
    await sending.onSent(sent);
    if (sending.targets.every(({ name }) => failureLimit.isGivenUp(name))) return 'unreachable';
  }
  // A source that ends because it was told to stop has not come to its end.
  return early();
}

/** Null where the run was stopped on the way; what was over by then is recorded all the same. */
async function sendOne(
  plan: Planned,
  failureLimit: FailureLimit,
  sending: Sending,
  { now }: SendDeps,
): Promise<Sent | null> {
  const loaded = await plan.item.load();
  const notSent = plan.send.filter(({ name }) => failureLimit.isGivenUp(name)).map(({ name }) => name);
  const open = plan.send.filter(({ name }) => !notSent.includes(name));
  const attempts = await Promise.all(
    open.map(async (target) => {
      const { name } = target;
      const number = nextAttempt(plan.item, name);
      const attempt = await sending.send(target, notificationOf(plan.item, loaded), number);
      if (attempt === null) return null;
      failureLimit.note(name, attempt);
      const record = recordAttempt(plan.item, { target: name, number, run: sending.run, atMs: now() }, attempt);
      await sending.note(record);
      return record;
    }),
  );
  const deliveries = attempts.filter((record) => record !== null);
  if (deliveries.length < attempts.length) return null;
  return { ...plan, deliveries, notSent, document: loaded.document };
}

function notificationOf({ id, facts, verdict, contentType }: Item, { body, document }: Loaded): ForwardedNotification {
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

/** The number of the next attempt at a target: attempts are counted from 1, whoever makes them. */
function nextAttempt({ deliveries }: Pick<Item, 'deliveries'>, target: string): number {
  return Math.max(0, ...deliveries.filter((one) => one.target === target).map(({ attempt }) => attempt)) + 1;
}

interface AttemptMade {
  readonly target: string;
  /** From {@link nextAttempt}. */
  readonly number: number;
  readonly run: string;
  /** When it was over, in milliseconds. */
  readonly atMs: number;
}

/** What is recorded of an attempt. A replay tries once; what `listen` tries by itself goes on as it was. */
export function recordAttempt(
  { id, facts, verdict }: Item,
  { number, ...made }: AttemptMade,
  attempt: DeliveryAttempt,
): DeliveryRecord {
  const sent = { id, uuid: facts.uuid, verdict: verdict.verdict };
  return buildDeliveryRecord(sent, { ...made, attempt: number, final: true, nextAtMs: null }, attempt);
}

/** How long a target that cannot be reached is put up with. */
interface FailureLimit {
  note(target: string, attempt: DeliveryAttempt): void;
  isGivenUp(target: string): boolean;
  givenUp(): readonly string[];
}

/** A target that cannot be reached so many times in a row is given up: each more would only wait for the same. */
const MOST_FAILURES = 3;

function createFailureLimit(): FailureLimit {
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

/** Counts what a run does. */
interface TallyBuilder {
  add(sent: Sent): void;
  addAlreadyDelivered(): void;
  tally(stoppedBy: Tally['stoppedBy'], givenUp: readonly string[], error: ToolError | null): Tally;
}

function createTallyBuilder(): TallyBuilder {
  const outcomes = { accepted: 0, refused: 0, unreachable: 0, 'timed-out': 0 };
  let [notifications, unmatched, alreadyDelivered, withheld, notSent] = [0, 0, 0, 0, 0];
  return {
    add(sent) {
      notifications += 1;
      if (sent.send.length + sent.withheld.length === 0) unmatched += 1;
      withheld += sent.withheld.length;
      notSent += sent.notSent.length;
      for (const { outcome } of sent.deliveries) outcomes[outcome] += 1;
    },
    addAlreadyDelivered() {
      alreadyDelivered += 1;
    },
    tally: (stoppedBy, givenUp, error) => ({
      ...outcomes,
      ...{ notifications, unmatched, alreadyDelivered, withheld, notSent, givenUp, stoppedBy, error },
    }),
  };
}
