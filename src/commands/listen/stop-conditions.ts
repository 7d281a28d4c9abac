import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { ToolError } from '../../errors.js';
import type { DeliveryEvent, ListenerEvent, VerifiedEvent } from '../../listener/events.js';
import { matchesEvents, parseEvents } from '../../notification/event-filter.js';
import type { ListenFlags } from './flags.js';

/** Condition that ends a run without an interrupt. */
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
    throw unclear('--expect and --exit-after cannot be combined', 'Leave out one of them.');
  }
  if (expect !== undefined) return { kind: 'arrival', events: parseEvents(expect), timeoutMs };
  if (exitAfter !== undefined) return { kind: 'count', count: exitAfter, timeoutMs };
  if (timeoutMs === null) return { kind: 'forever' };
  throw unclear('--timeout needs something to wait for', 'Add --expect TYPE or --exit-after N.');
}

function unclear(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_LISTEN_END', message, { hint });
}

/** `met`: the condition holds; `settled`: every target of the counted notifications was tried, too. */
export type StopProgress = 'waiting' | 'met' | 'settled';

interface StopWatcher {
  observe(event: ListenerEvent): StopProgress;
}

/** Limit of notifications awaiting their answer; beyond it the oldest is dropped. */
const MAX_UNANSWERED = 10_000;

/**
 * Evaluates a stop condition event by event. `arrival` counts verified notifications of the expected types, repeats included; `count`
 * counts everything answered, verified or not. It settles after the first attempt at each target of the counted notifications.
 */
export function createStopWatcher(condition: StopCondition): StopWatcher {
  const unanswered = new Map<string, Set<string>>();
  const untriedById = new Map<string, Set<string>>();
  let remaining = condition.kind === 'count' ? condition.count : 1;
  const count = ({ id, targets }: VerifiedEvent): void => {
    const tried = unanswered.get(id);
    const untried = targets.filter((target) => !tried?.has(target));
    if (untried.length > 0) untriedById.set(id, new Set(untried));
    remaining -= 1;
  };
  const settle = ({ id, target }: DeliveryEvent): void => {
    unanswered.get(id)?.add(target);
    const untried = untriedById.get(id);
    untried?.delete(target);
    if (untried?.size === 0) untriedById.delete(id);
  };
  return {
    observe(event) {
      if (condition.kind === 'forever') return 'waiting';
      if (event.event === 'received') remember(unanswered, event.id);
      else if (event.event === 'forwarded' || event.event === 'failed') settle(event);
      else if (event.event === 'verified') {
        if (remaining > 0 && matches(event, condition)) count(event);
        unanswered.delete(event.id);
      }
      return remaining > 0 ? 'waiting' : untriedById.size > 0 ? 'met' : 'settled';
    },
  };
}

/** Needed with `--answer forwarded`, whose first attempt precedes the answer. */
function remember(unanswered: Map<string, Set<string>>, id: string): void {
  unanswered.set(id, new Set());
  if (unanswered.size <= MAX_UNANSWERED) return;
  for (const oldest of unanswered.keys()) {
    unanswered.delete(oldest);
    return;
  }
}

function matches({ result }: VerifiedEvent, condition: StopCondition): boolean {
  if (condition.kind === 'count') return true;
  if (condition.kind === 'forever' || result.refusal !== null) return false;
  return matchesEvents(result.facts?.type ?? '', condition.events);
}

/** Reason and exit code of a finished run. */
interface StopReason {
  readonly reason: string;
  readonly exit: Exit;
}

/** Decides when a run ends. */
export interface StopController {
  observe(event: ListenerEvent): void;
  readonly stopped: Promise<StopReason>;
  /** Cancels timers and listeners. */
  dispose(): void;
}

type StopDeps = Pick<Deps, 'signal' | 'sleep'> & { readonly stdout: Pick<Deps['stdout'], 'closed'> };

/**
 * Ends a run when its condition has settled, at its deadline, on an interrupt, or when its output is closed. An interrupt exits 0 once
 * the run was ready, unless its condition was still unmet. `settleMs`: time for targets after the condition is met.
 */
export function createStopController(
  condition: StopCondition,
  settleMs: number,
  { signal, sleep, stdout }: StopDeps,
): StopController {
  const watcher = createStopWatcher(condition);
  const over = new AbortController();
  let isReady = false;
  let isSettling = false;
  let finish: (stop: StopReason) => void = () => undefined;
  const stopped = new Promise<StopReason>((resolve) => {
    finish = (stop) => {
      over.abort();
      resolve(stop);
    };
  });
  const isMet = (): boolean => isSettling || condition.kind === 'forever';
  const after = (ms: number, stop: StopReason): void =>
    void sleep(ms, over.signal).then(() => over.signal.aborted || finish(stop));

  onAbort(signal, over.signal, () =>
    finish({ reason: String(signal.reason), exit: isReady && isMet() ? EXIT.ok : EXIT.interrupted }),
  );
  onAbort(stdout.closed, over.signal, () =>
    finish({ reason: String(stdout.closed.reason), exit: isMet() ? EXIT.ok : EXIT.pending }),
  );
  if (condition.kind !== 'forever' && condition.timeoutMs !== null)
    after(condition.timeoutMs, { reason: 'timeout', exit: EXIT.pending });
  return {
    stopped,
    dispose: () => over.abort(),
    observe(event) {
      if (event.event === 'ready') isReady = true;
      const progress = watcher.observe(event);
      const done = { reason: condition.kind === 'count' ? 'exit-after' : 'expected', exit: EXIT.ok };
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
