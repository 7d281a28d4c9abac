import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { ToolError } from '../../errors.js';
import type { DeliveryEvent, ListenerEvent, VerifiedEvent } from '../../listener/events.js';
import { matchesEvents, parseEvents } from '../../notification/event-filter.js';
import type { ListenFlags } from './flags.js';

/** What a script waits for. */
export type StopCondition =
  | { readonly kind: 'forever' }
  | { readonly kind: 'arrival'; readonly events: readonly string[]; readonly timeoutMs: number | null }
  | { readonly kind: 'count'; readonly count: number; readonly timeoutMs: number | null };

/** Reads `--expect`, `--exit-after` and `--timeout`. Throws (usage) `ERR_USAGE_LISTEN_END` and `ERR_USAGE_EVENTS`. */
export function planStopCondition({
  expect,
  exitAfter,
  timeout,
}: Pick<ListenFlags, 'expect' | 'exitAfter' | 'timeout'>): StopCondition {
  const timeoutMs = timeout ?? null;
  if (expect !== undefined && exitAfter !== undefined) {
    throw unclear('--expect and --exit-after do not go together', 'Leave out one of them.');
  }
  if (expect !== undefined) return { kind: 'arrival', events: parseEvents(expect), timeoutMs };
  if (exitAfter !== undefined) return { kind: 'count', count: exitAfter, timeoutMs };
  if (timeoutMs === null) return { kind: 'forever' };
  throw unclear('--timeout needs something to wait for', 'Add --expect TYPE or --exit-after N.');
}

function unclear(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_LISTEN_END', message, { hint });
}

/** `met`: what was waited for is there; `settled`: and every target has been tried with it. */
export type Progress = 'waiting' | 'met' | 'settled';

interface StopWatcher {
  take(event: ListenerEvent): Progress;
}

/** More notifications than this are never answered at once; beyond it the oldest is forgotten. */
const MOST_UNANSWERED = 10_000;

/**
 * Watches the events for what is waited for. Counts verified notifications of the types expected, repeats too, or everything that was
 * answered, verified or not. Only the attempts of what was counted are waited for, each target's first.
 */
export function createStopWatcher(until: StopCondition): StopWatcher {
  const unanswered = new Map<string, Set<string>>();
  const open = new Map<string, Set<string>>();
  let left = until.kind === 'count' ? until.count : 1;
  const count = ({ id, targets }: VerifiedEvent): void => {
    const tried = unanswered.get(id);
    const untried = targets.filter((target) => !tried?.has(target));
    if (untried.length > 0) open.set(id, new Set(untried));
    left -= 1;
  };
  const settle = ({ id, target }: DeliveryEvent): void => {
    unanswered.get(id)?.add(target);
    const untried = open.get(id);
    untried?.delete(target);
    if (untried?.size === 0) open.delete(id);
  };
  return {
    take(event) {
      if (until.kind === 'forever') return 'waiting';
      if (event.event === 'received') remember(unanswered, event.id);
      else if (event.event === 'forwarded' || event.event === 'failed') settle(event);
      else if (event.event === 'verified') {
        if (left > 0 && counts(event, until)) count(event);
        unanswered.delete(event.id);
      }
      return left > 0 ? 'waiting' : open.size > 0 ? 'met' : 'settled';
    },
  };
}

/** With `--answer forwarded` the first attempt is over before the answer. */
function remember(unanswered: Map<string, Set<string>>, id: string): void {
  unanswered.set(id, new Set());
  if (unanswered.size <= MOST_UNANSWERED) return;
  for (const oldest of unanswered.keys()) {
    unanswered.delete(oldest);
    return;
  }
}

function counts({ judged }: VerifiedEvent, until: StopCondition): boolean {
  if (until.kind === 'count') return true;
  return until.kind === 'arrival' && judged.refusal === null && matchesEvents(judged.facts?.type ?? '', until.events);
}

/** Why a run ends, and with which code. */
interface StopReason {
  readonly reason: string;
  readonly exit: Exit;
}

/** Knows when a run is over. */
export interface StopController {
  take(event: ListenerEvent): void;
  readonly reached: Promise<StopReason>;
  /** Lets go of the clock. */
  forget(): void;
}

type EndDeps = Pick<Deps, 'signal' | 'sleep'> & { readonly stdout: Pick<Deps['stdout'], 'closed'> };

/**
 * A run ends when what a script waits for is there and its targets were tried, at its deadline, when it is interrupted, and when nobody
 * reads its output any more. Interrupted is its usual end once it was ready, unless something was still waited for. `settleMs`: how long
 * targets may take after that.
 */
export function createStopController(
  until: StopCondition,
  settleMs: number,
  { signal, sleep, stdout }: EndDeps,
): StopController {
  const watch = createStopWatcher(until);
  const over = new AbortController();
  let isReady = false;
  let isSettling = false;
  let finish: (ending: StopReason) => void = () => undefined;
  const reached = new Promise<StopReason>((resolve) => {
    finish = (ending) => {
      over.abort();
      resolve(ending);
    };
  });
  const isAnswered = (): boolean => isSettling || until.kind === 'forever';
  const after = (ms: number, ending: StopReason): void =>
    void sleep(ms, over.signal).then(() => over.signal.aborted || finish(ending));

  onAbort(signal, over.signal, () =>
    finish({ reason: String(signal.reason), exit: isReady && isAnswered() ? EXIT.ok : EXIT.interrupted }),
  );
  onAbort(stdout.closed, over.signal, () =>
    finish({ reason: String(stdout.closed.reason), exit: isAnswered() ? EXIT.ok : EXIT.pending }),
  );
  if (until.kind !== 'forever' && until.timeoutMs !== null)
    after(until.timeoutMs, { reason: 'timeout', exit: EXIT.pending });
  return {
    reached,
    forget: () => over.abort(),
    take(event) {
      if (event.event === 'ready') isReady = true;
      const progress = watch.take(event);
      const done = { reason: until.kind === 'count' ? 'exit-after' : 'expected', exit: EXIT.ok };
      if (progress === 'settled') finish(done);
      else if (progress === 'met' && !isSettling) after(settleMs, done);
      isSettling ||= progress !== 'waiting';
    },
  };
}

function onAbort(signal: AbortSignal, over: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true, signal: over });
}
