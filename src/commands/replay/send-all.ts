import type { Deps } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';
import { buildDeliveryRecord } from '../../forwarding/outcome.js';
import type { DeliveryAttempt, ForwardedNotification, Target } from '../../forwarding/target.js';
import type { DeliveryRecord } from '../../journal/record.js';
import { stringifyJson } from '../../jws/json.js';
import type { Item, Loaded, Planned, ReplayTally, SentItem } from './item.js';

export interface ReplayPace {
  /** Notifications a second, at most. */
  readonly rate: number;
  /** Deadline of the run, in milliseconds since the epoch; Infinity for none. */
  readonly deadlineMs: number;
}

export interface Sending {
  readonly run: string;
  /** All targets of the run. */
  readonly targets: readonly Target[];
  /** Makes one attempt; null where the run was stopped before its end. */
  send(target: Target, notification: ForwardedNotification, attempt: number): Promise<DeliveryAttempt | null>;
  /** Records a delivery; resolves once it is on disk. */
  note(record: DeliveryRecord): Promise<void>;
  onSent(sent: SentItem): Promise<void>;
}

/** Reason of a signal that `--timeout` aborted. */
export const DEADLINE = 'timeout';

type SendDeps = Pick<Deps, 'now' | 'sleep' | 'signal' | 'stdout'>;

/**
 * Sends the notifications in order, each to all its targets at once, and the next one when all have answered, so that an app receives them
 * in order. Makes one attempt each. Stops early when the signal aborts, at the deadline, when stdout is closed, when every target was given
 * up, and when reading or recording fails; `Tally.stoppedBy` has the reason.
 */
export async function sendItems(
  planned: AsyncIterable<Planned>,
  pace: ReplayPace,
  sending: Sending,
  deps: SendDeps,
): Promise<ReplayTally> {
  const counts = createTallyBuilder();
  const failureLimit = createFailureLimit();
  try {
    const stoppedBy = await sendEach(planned, pace, { sending, counts, failureLimit }, deps);
    return counts.tally(stoppedBy, failureLimit.givenUp(), null);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    if (error.kind !== 'interrupted') return counts.tally('error', failureLimit.givenUp(), error);
    return isDeadline(pace, deps)
      ? counts.tally('deadline', failureLimit.givenUp(), null)
      : counts.tally('signal', failureLimit.givenUp(), error);
  }
}

/** The deadline aborts the signal as well, with its own reason, and a timer may be a millisecond early. */
function isDeadline({ deadlineMs }: ReplayPace, { now, signal }: Pick<SendDeps, 'now' | 'signal'>): boolean {
  return now() >= deadlineMs || signal.reason === DEADLINE;
}

interface Progress {
  readonly sending: Sending;
  readonly counts: TallyBuilder;
  readonly failureLimit: FailureLimit;
}

async function sendEach(
  planned: AsyncIterable<Planned>,
  pace: ReplayPace,
  { sending, counts, failureLimit }: Progress,
  deps: SendDeps,
): Promise<ReplayTally['stoppedBy']> {
  const { now, sleep, signal, stdout } = deps;
  const { rate, deadlineMs } = pace;
  const early = (): ReplayTally['stoppedBy'] =>
    isDeadline(pace, deps) ? 'deadline' : signal.aborted ? 'signal' : null;
  let nextMs = now();
  for await (const plan of planned) {
    if (plan.isAlreadyDelivered) {
      counts.addAlreadyDelivered();
      continue;
    }
    if (stdout.closed.aborted) return 'output';
    if (plan.send.length > 0 && nextMs > now()) await sleep(Math.min(nextMs, deadlineMs) - now(), signal);
    if (early() !== null) return early();
    if (plan.send.length > 0) nextMs = Math.max(nextMs, now()) + 1_000 / rate;
    const sent = await sendOne(plan, failureLimit, sending, deps);
    if (sent === null) return early() ?? 'signal';
    counts.add(sent);
    await sending.onSent(sent);
    if (sending.targets.every(({ name }) => failureLimit.isGivenUp(name))) return 'unreachable';
  }
  // A source also ends when the run is stopped.
  return early();
}

/** Sends one notification; null where the run was stopped. Attempts that had ended are recorded either way. */
async function sendOne(
  plan: Planned,
  failureLimit: FailureLimit,
  sending: Sending,
  { now }: SendDeps,
): Promise<SentItem | null> {
  const loaded = await plan.item.load();
  const notSent = plan.send.filter(({ name }) => failureLimit.isGivenUp(name)).map(({ name }) => name);
  const targets = plan.send.filter(({ name }) => !notSent.includes(name));
  const attempts = await Promise.all(
    targets.map(async (target) => {
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
    ...(facts.variant === undefined ? {} : { variant: facts.variant }),
    type: facts.type,
    verdict: verdict.verdict,
    documentJson: () => `${stringifyJson(document())}\n`,
  };
}

/** Number of the next attempt for a target, counted from 1 over `listen` and `replay`. */
function nextAttempt({ deliveries }: Pick<Item, 'deliveries'>, target: string): number {
  return Math.max(0, ...deliveries.filter((delivery) => delivery.target === target).map(({ attempt }) => attempt)) + 1;
}

interface AttemptContext {
  readonly target: string;
  /** From {@link nextAttempt}. */
  readonly number: number;
  readonly run: string;
  /** End of the attempt (ms). */
  readonly atMs: number;
}

/** Builds the record of an attempt. It is final, since `replay` does not retry; the retries of `listen` are not affected. */
export function recordAttempt(
  { id, facts, verdict }: Item,
  { number, ...context }: AttemptContext,
  attempt: DeliveryAttempt,
): DeliveryRecord {
  const { uuid, variant } = facts;
  const notification = { id, uuid, ...(variant === undefined ? {} : { variant }), verdict: verdict.verdict };
  return buildDeliveryRecord(notification, { ...context, attempt: number, final: true, nextAtMs: null }, attempt);
}

/** Gives up a target after attempts in a row without an answer. */
interface FailureLimit {
  note(target: string, attempt: DeliveryAttempt): void;
  isGivenUp(target: string): boolean;
  givenUp(): readonly string[];
}

/** Attempts in a row without an answer after which a target is given up; more would only wait for the same result. */
const MAX_FAILURES = 3;

function createFailureLimit(): FailureLimit {
  const failures = new Map<string, number>();
  const isGivenUp = (target: string): boolean => (failures.get(target) ?? 0) >= MAX_FAILURES;
  return {
    note(target, { outcome }) {
      if (isGivenUp(target)) return;
      const hasNoAnswer = outcome === 'unreachable' || outcome === 'timed-out';
      failures.set(target, hasNoAnswer ? (failures.get(target) ?? 0) + 1 : 0);
    },
    isGivenUp,
    givenUp: () => [...failures.keys()].filter(isGivenUp),
  };
}

/** Counts the results of a run. */
interface TallyBuilder {
  add(sent: SentItem): void;
  addAlreadyDelivered(): void;
  tally(stoppedBy: ReplayTally['stoppedBy'], givenUp: readonly string[], error: ToolError | null): ReplayTally;
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
