import { interrupted } from '../errors.js';
import type { CheckContext } from './context.js';
import { checkDns } from './dns.js';
import { checkHttp } from './http/check.js';
import type { Group, Step } from './step.js';
import { checkTls } from './tls/check.js';

/** Groups that connect to the endpoint. */
type OutsideGroup = Extract<Group, 'dns' | 'tls' | 'http'>;

export const OUTSIDE_GROUPS: readonly OutsideGroup[] = ['dns', 'tls', 'http'];

/**
 * Checks the endpoint from outside, group by group; `onSteps` receives each group as soon as it is complete. A failure in one group skips
 * the steps that depend on it; they name the failed step. `previous` holds the steps of the `url` group. Addresses are resolved even if
 * `dns` was not requested. Faults of the endpoint are steps; throws ToolError `interrupted` if `context.signal` aborts.
 */
export async function checkEndpoint(
  url: URL,
  groups: ReadonlySet<Group>,
  previous: readonly Step[],
  given: CheckContext,
  onSteps: (steps: readonly Step[]) => void = () => {},
): Promise<readonly Step[]> {
  const context = interruptible(given);
  const steps: Step[] = [];
  const add = (more: readonly Step[]): void => {
    if (context.signal?.aborted) throw interrupted('interrupted before the check was complete');
    steps.push(...more);
    onSteps(more);
  };
  const dns = await checkDns(url, context);
  if (groups.has('dns')) add(dns.steps);
  if (groups.has('tls')) add(await checkTls(url, dns.addresses, context, [...previous, ...steps]));
  if (groups.has('http')) add(await checkHttp(url, context, [...previous, ...steps], dns.addresses));
  return steps;
}

/** Ends every wait when the run is interrupted. */
function interruptible(context: CheckContext): CheckContext {
  const { signal, sleep } = context;
  if (signal === undefined) return context;
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { ...context, sleep: (ms, until) => Promise.race([sleep(ms, until), stopped]) };
}
