import type { World } from '../world.js';
import { ask } from './ask.js';

/** Longest chain of aliases followed: resolvers give up at about as many. */
const MOST_ALIASES = 8;

/**
 * Where the aliases of a name without an address end: the last name they lead to, or null where the name is no alias. A chain that comes
 * back to itself ends where it does.
 */
export async function findDeadAlias(
  name: string,
  world: Pick<World, 'resolver' | 'sleep' | 'timeoutMs'>,
): Promise<string | null> {
  const seen = [name];
  for (let turn = 0; turn < MOST_ALIASES; turn += 1) {
    const answer = await ask('resolveCname', seen.at(-1)!, world);
    const [target] = answer.kind === 'found' ? answer.values : [];
    if (target === undefined) break;
    const isCircle = seen.includes(target);
    seen.push(target);
    if (isCircle) break;
  }
  return seen.length > 1 ? seen.at(-1)! : null;
}
