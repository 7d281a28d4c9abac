import { chooseTargets } from '../../listener/forward/choose.js';
import type { Target } from '../../listener/forward/target.js';
import type { Item } from './item.js';
import type { Order } from './order.js';
import type { Planned } from './outcome.js';

interface PlanOptions {
  readonly forwardSynthetic: boolean;
}

/** Where each item goes. */
export async function* planItems(
  { items, targets, isWanted }: Pick<Order, 'items' | 'targets' | 'isWanted'>,
  options: PlanOptions,
): AsyncGenerator<Planned> {
  for await (const item of items) {
    const wanted = targets.filter(({ name }) => isWanted(item, name));
    yield wanted.length > 0 ? planItem(item, wanted, options) : { item, send: [], withheld: [], isLeftOut: true };
  }
}

/** What nobody proved to be Apple's goes no further than what the test authority signed. */
function planItem(item: Item, wanted: readonly Target[], { forwardSynthetic }: PlanOptions): Planned {
  const { facts, verdict } = item;
  const isVerified = verdict.verdict === 'valid';
  const synthetic = item.synthetic || !isVerified;
  const { send, withheld } = chooseTargets(facts, { synthetic, forwardSynthetic }, wanted);
  const isForeign = !item.synthetic && !isVerified;
  return {
    item,
    send,
    isLeftOut: false,
    withheld: isForeign ? withheld.map(({ target }) => ({ target, why: NOT_VERIFIED })) : withheld,
  };
}

const NOT_VERIFIED = 'not verified, so it stays on this machine and in private networks: --forward-synthetic sends it';
