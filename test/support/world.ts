import { sleep } from '../../src/clock.js';
import type { CheckContext, Query } from '../../src/endpoint-check/context.js';
import { systemResolver } from '../../src/endpoint-check/context.js';
import { seededRandom } from '../../src/simulator/random.js';
import { lookUp } from '../../src/subprocess/look-up.js';

/** The system resolver, asked as the command line asks it. */
export const systemLookUp: Query = (name, signal) => lookUp(name, { node: process.execPath, env: process.env, signal });

/** The real world as `check` uses it, but for randomness. */
export function realWorld(ca: readonly string[], overrides: Partial<CheckContext> = {}): CheckContext {
  const timeoutMs = overrides.timeoutMs ?? 5_000;
  return {
    resolver: systemResolver(timeoutMs, systemLookUp),
    ca,
    timeoutMs,
    now: () => Date.now(),
    sleep,
    random: seededRandom('endpoint'),
    ...overrides,
  };
}
