import { ToolError } from '../../errors.js';
import type { DeliveryEvent, ListenerEvent, VerifiedEvent } from '../../listener/event.js';
import { matchesEvents, parseEvents } from '../../listener/forward/events.js';
import type { ListenFlags } from './flags.js';

/** What a script waits for. */
export type Until =
  | { readonly kind: 'forever' }
  | { readonly kind: 'arrival'; readonly events: readonly string[]; readonly timeoutMs: number | null }
  | { readonly kind: 'count'; readonly count: number; readonly timeoutMs: number | null };

/** Reads `--expect`, `--exit-after` and `--timeout`. Throws (usage) `ERR_USAGE_LISTEN_END` and `ERR_USAGE_EVENTS`. */
export function planUntil({
  expect,
  exitAfter,
  timeout,
}: Pick<ListenFlags, 'expect' | 'exitAfter' | 'timeout'>): Until {
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

export interface Watch {
  take(event: ListenerEvent): Progress;
}

/** More notifications than this are never answered at once; beyond it the oldest is forgotten. */
const MOST_UNANSWERED = 10_000;

/**
 * Watches the events for what is waited for. Counts verified notifications of the types expected, repeats too, or everything that was
 * answered, verified or not. Only the attempts of what was counted are waited for, each target's first.
 */
export function createWatch(until: Until): Watch {
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

function counts({ judged }: VerifiedEvent, until: Until): boolean {
  if (until.kind === 'count') return true;
  return until.kind === 'arrival' && judged.refusal === null && matchesEvents(judged.facts?.type ?? '', until.events);
}
