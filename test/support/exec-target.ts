import type { ExecTarget } from '../../src/listener/forward/target.js';

/** A program as a target, without filters. */
export function execTarget(command: string, name = 'exec'): ExecTarget {
  const filter = { events: null, environment: null, bundleId: null };
  return { type: 'exec', name, command, shown: 'a program', filter };
}
