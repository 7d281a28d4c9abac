import { reachOf } from '../address/reach.js';
import { matchesEvents } from '../notification/event-filter.js';
import type { Facts } from '../notification/facts.js';
import type { Target, TargetFilter } from './target.js';

/** What filters look at. */
type FilteredFacts = Pick<Facts, 'type' | 'environment' | 'bundleId'>;

export interface TargetChoice {
  readonly send: readonly Target[];
  /** Those whose filter would let it pass, and why they do not get it. */
  readonly withheld: readonly { readonly target: string; readonly why: string }[];
}

const WITHHELD =
  'signed by the test authority, which stays on this machine and in private networks: --forward-synthetic sends it';

/**
 * Who gets a notification, in the order of the targets. `facts` is null where nothing could be read of it: only targets without filters
 * get that. What the test authority signed (`synthetic`) goes to this machine, private networks and programs only, unless told otherwise.
 */
export function chooseTargets(
  facts: FilteredFacts | null,
  { synthetic, forwardSynthetic }: { readonly synthetic: boolean; readonly forwardSynthetic: boolean },
  targets: readonly Target[],
): TargetChoice {
  const wanted = targets.filter(({ filter }) => passes(facts, filter));
  const mayGo = (target: Target): boolean => !synthetic || forwardSynthetic || isNear(target);
  return {
    send: wanted.filter(mayGo),
    withheld: wanted.filter((target) => !mayGo(target)).map(({ name }) => ({ target: name, why: WITHHELD })),
  };
}

function passes(facts: FilteredFacts | null, { events, environment, bundleId }: TargetFilter): boolean {
  if (facts === null) return events === null && environment === null && bundleId === null;
  if (events !== null && !matchesEvents(facts.type, events)) return false;
  if (environment !== null && facts.environment !== environment) return false;
  return bundleId === null || facts.bundleId === bundleId;
}

function isNear(target: Target): boolean {
  return target.type === 'exec' || reachOf(new URL(target.url).hostname) !== 'public';
}

/** A filter as the text of a target writes it; null where all passes. */
export function describeFilter({ events, environment, bundleId }: TargetFilter): string | null {
  const parts = [
    ...(events === null ? [] : [`events=${events.join(',')}`]),
    ...(environment === null ? [] : [`deliver=${environment.toLowerCase()}`]),
    ...(bundleId === null ? [] : [`bundle-id=${bundleId}`]),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}
