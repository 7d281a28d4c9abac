import type { CheckContext, Query } from '../../src/endpoint-check/context.js';
import { systemResolver } from '../../src/endpoint-check/context.js';
import { seededRandom } from '../../src/simulator/random.js';
import { lookUp } from '../../src/subprocess/look-up.js';
import { steadySleep } from './steady-time.js';

/** The system resolver, asked as the command line asks it. */
export const systemLookUp: Query = (name, signal) => lookUp(name, { node: process.execPath, env: process.env, signal });

/** The real world as `check` uses it, but for randomness, and for time: none passes by the clock, so that no answer is slow. */
export function realWorld(ca: readonly string[], overrides: Partial<CheckContext> = {}): CheckContext {
  const timeoutMs = overrides.timeoutMs ?? 60_000;
  const nowMs = Date.now();
  return {
    resolver: systemResolver(timeoutMs, systemLookUp),
    ca,
    timeoutMs,
    now: () => nowMs,
    sleep: steadySleep,
    random: seededRandom('endpoint'),
    ...overrides,
  };
}
