import { planChange } from '../../connect-api/change.js';
import { ownerOfAddress } from '../../settings/base-address.js';
import type { Exit } from '../exit.js';
import { createNotes } from '../notes.js';
import { keepAndApply } from './apply.js';
import { carryOut } from './carry-out.js';
import type { EndpointDeps, EndpointSetFlags } from './flags.js';
import { openSession } from './session.js';
import { checkUrls, checkWish, readWish } from './wish.js';

/**
 * Sets URLs and versions at App Store Connect; what was there before is on disk first. Throws usage `ERR_USAGE_ENDPOINT_SET`,
 * `ERR_ENDPOINT_URL`, `ERR_ENDPOINT_CONFIRM`, what opening and asking throw, and `ERR_ENDPOINT_NOT_TAKEN` (remote).
 */
export async function runSet(flags: EndpointSetFlags, deps: EndpointDeps): Promise<Exit> {
  checkWish(flags);
  const { connect, kept, bundleId, findApp } = await openSession(flags, deps);
  const isEmulated = ownerOfAddress(connect.baseUrl) === 'loopback';
  const notes = createNotes(flags, deps);
  const { sandbox, production } = flags;
  for (const odd of checkUrls({ '--sandbox': sandbox, '--production': production }, isEmulated)) notes.say(odd);
  const app = await findApp();
  const plan = planChange(app.urls, readWish(flags, app.urls));
  const place = { address: connect.baseUrl, app: { id: app.id, bundleId }, kept };
  const apply = () => keepAndApply(connect.apiUntil(null), plan, { ...place, by: 'set', claimedBy: null }, deps);
  return carryOut({ app, plan, apply, canBeUndone: true }, flags, deps);
}
