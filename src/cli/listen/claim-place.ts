import type { ConnectApp } from '../../connect-api/app.js';
import { ownerOfAddress } from '../../settings/base-address.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve.js';
import { requireBundleId } from '../api-settings.js';
import { type Connect, openConnect } from '../connect-api.js';
import type { Deps } from '../deps.js';
import { type KeptFile, openKept } from '../endpoint/kept-file.js';
import { findApp } from '../endpoint/session.js';
import { checkUrls } from '../endpoint/wish.js';
import type { EarlierDeps } from './earlier-claims.js';
import type { ListenFlags } from './flags.js';
import type { ListenPlan } from './plan.js';

export type ClaimFlags = Pick<ListenFlags, 'claim' | 'dryRun' | 'yes' | 'json'>;

export type ClaimDeps = EarlierDeps & Pick<Deps, 'stdin' | 'stdout' | 'prompts' | 'processId'>;

/** The app at App Store Connect, and where changes of it are kept. */
export interface ClaimPlace {
  readonly connect: Connect;
  /** The API is one on this machine, which sends to plain http here. */
  readonly isEmulated: boolean;
  readonly kept: KeptFile;
  readonly app: ConnectApp;
  readonly bundleId: string;
}

/** Throws usage `ERR_SETTINGS_*`, `ERR_ENDPOINT_URL` before anything is sent, and what opening and asking App Store Connect throw. */
export async function openClaimPlace(
  flags: ClaimFlags,
  { publicUrl }: Pick<ListenPlan, 'publicUrl'>,
  open: OpenSettings,
  deps: ClaimDeps,
): Promise<ClaimPlace> {
  const bundleId = requireBundleId(resolveApp(open));
  const connect = await openConnect(open, flags, deps);
  const isEmulated = ownerOfAddress(connect.baseUrl) === 'loopback';
  if (publicUrl !== null) checkUrls({ '--public-url': publicUrl.href }, isEmulated);
  return { connect, isEmulated, bundleId, kept: openKept(open, deps), app: await findApp(connect, bundleId) };
}
