import { sleep } from '../../src/clock.js';
import type { CheckContext } from '../../src/endpoint-check/context.js';
import { systemResolver } from '../../src/endpoint-check/context.js';
import { seededRandom } from '../../src/simulator/random.js';

/** The real world as `check` uses it, but for randomness. */
export function realWorld(ca: readonly string[], overrides: Partial<CheckContext> = {}): CheckContext {
  const timeoutMs = overrides.timeoutMs ?? 5_000;
  return {
    resolver: systemResolver(timeoutMs),
    ca,
    timeoutMs,
    now: () => Date.now(),
    sleep,
    random: seededRandom('endpoint'),
    ...overrides,
  };
}
