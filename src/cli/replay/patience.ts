import type { Attempt } from '../../listener/forward/target.js';

/** How long a target that cannot be reached is put up with. */
export interface Patience {
  note(target: string, attempt: Attempt): void;
  isGivenUp(target: string): boolean;
  givenUp(): readonly string[];
}

/** A target that cannot be reached so many times in a row is given up: each more would only wait for the same. */
const MOST_FAILURES = 3;

export function createPatience(): Patience {
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
