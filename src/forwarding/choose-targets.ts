import { reachOf } from '../address/reach.js';
import { matchesEvents } from '../notification/event-filter.js';
import type { Facts } from '../notification/facts.js';
import type { Target, TargetFilter } from './target.js';

/** Fields that the filters compare. */
type FilteredFacts = Pick<Facts, 'type' | 'environment' | 'bundleId'>;

export interface TargetChoice {
  readonly send: readonly Target[];
  /** Targets whose filter matches but that must not get the notification, with the reason. */
  readonly withheld: readonly { readonly target: string; readonly why: string }[];
}

const WITHHELD = 'test notifications stay on this machine and in private networks; to send it, add --forward-synthetic';

/**
 * Selects the targets of a notification, in their order. `facts` is null for an unreadable one, which only targets without filters get.
 * A notification of the test authority (`synthetic`) goes to this machine, private networks and programs only, unless `forwardSynthetic`.
 */
export function chooseTargets(
  facts: FilteredFacts | null,
  { synthetic, forwardSynthetic }: { readonly synthetic: boolean; readonly forwardSynthetic: boolean },
  targets: readonly Target[],
): TargetChoice {
  const matching = targets.filter(({ filter }) => matches(facts, filter));
  const isAllowed = (target: Target): boolean => !synthetic || forwardSynthetic || isPrivate(target);
  return {
    send: matching.filter(isAllowed),
    withheld: matching.filter((target) => !isAllowed(target)).map(({ name }) => ({ target: name, why: WITHHELD })),
  };
}

function matches(facts: FilteredFacts | null, { events, environment, bundleId }: TargetFilter): boolean {
  if (facts === null) return events === null && environment === null && bundleId === null;
  if (events !== null && !matchesEvents(facts.type, events)) return false;
  if (environment !== null && facts.environment !== environment) return false;
  return bundleId === null || facts.bundleId === bundleId;
}

function isPrivate(target: Target): boolean {
  return target.type === 'exec' || reachOf(new URL(target.url).hostname) !== 'public';
}

/** A filter in the notation of `--forward-to`; null for one that matches everything. */
export function describeFilter({ events, environment, bundleId }: TargetFilter): string | null {
  const parts = [
    ...(events === null ? [] : [`events=${events.join(',')}`]),
    ...(environment === null ? [] : [`deliver=${environment.toLowerCase()}`]),
    ...(bundleId === null ? [] : [`bundle-id=${bundleId}`]),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}
