import { interrupted } from '../errors.js';
import type { CheckContext } from './context.js';
import { checkDns } from './dns.js';
import { checkHttp } from './http/check.js';
import type { Group, Step } from './step.js';
import { checkTls } from './tls/check.js';

/** The groups that need the endpoint itself. */
type OutsideGroup = Extract<Group, 'dns' | 'tls' | 'http'>;

export const OUTSIDE_GROUPS: readonly OutsideGroup[] = ['dns', 'tls', 'http'];

/**
 * Looks at the endpoint from outside, one group after the other, and tells each group as soon as it is done. What an earlier group found
 * wrong keeps a later one from being judged: its steps are then skipped and name the step to mend. `before` are the steps already made
 * (of the URL). The addresses are looked up even where `dns` is not asked for. Whatever the endpoint does is a step; throws ToolError
 * `interrupted` where `world.signal` aborts.
 */
export async function checkEndpoint(
  url: URL,
  groups: ReadonlySet<Group>,
  before: readonly Step[],
  given: CheckContext,
  tell: (steps: readonly Step[]) => void = () => {},
): Promise<readonly Step[]> {
  const world = inAHurry(given);
  const steps: Step[] = [];
  const add = (more: readonly Step[]): void => {
    if (world.signal?.aborted) throw interrupted('stopped before the check was done');
    steps.push(...more);
    tell(more);
  };
  const dns = await checkDns(url, world);
  if (groups.has('dns')) add(dns.steps);
  if (groups.has('tls')) add(await checkTls(url, dns.addresses, world, [...before, ...steps]));
  if (groups.has('http')) add(await checkHttp(url, world, [...before, ...steps]));
  return steps;
}

/** All that waits stops waiting when the run is interrupted. */
function inAHurry(world: CheckContext): CheckContext {
  const { signal, sleep } = world;
  if (signal === undefined) return world;
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { ...world, sleep: (ms, until) => Promise.race([sleep(ms, until), stopped]) };
}
