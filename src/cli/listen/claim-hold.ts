import { planChange } from '../../connect-api/change.js';
import type { KeptChange } from '../../connect-api/kept.js';
import { ToolError } from '../../errors.js';
import type { Target } from '../../listener/forward/target.js';
import { applyChange } from '../endpoint/apply.js';
import { putBack } from '../endpoint/put-back.js';
import { checkUrls } from '../endpoint/wish.js';
import { EXIT, type Exit } from '../exit.js';
import { interrupted } from '../interrupted.js';
import { describeEnded } from '../render/listen/claim.js';
import { checkOld } from './claim-consent.js';
import type { ClaimNews } from './claim-news.js';
import type { ClaimDeps, ClaimFlags, ClaimPlace } from './claim-place.js';
import { codeOf } from './earlier-claims.js';
import type { ListenPlan } from './plan.js';

/** The sandbox URL for as long as a listener runs. */
export interface Claim {
  /** Where notifications are handed on to, the old URL among it where that was wanted. */
  readonly targets: readonly Target[];
  /** Sets the URL, once it is known and before anybody is told that all is ready. Throws where it may not or cannot be. */
  take(url: string): Promise<void>;
  /** Puts the old one back; does it once, and never throws for what App Store Connect does. Exit 4 where it could not. */
  release(): Promise<Exit>;
}

/** For a listener that claims nothing. */
export function claimNothing({ targets }: Pick<ListenPlan, 'targets'>): Claim {
  return { targets, take: () => Promise.resolve(), release: () => Promise.resolve(EXIT.ok) };
}

/** Whoever has pressed Ctrl-C does not wait longer. */
const RELEASE_MS = 20_000;

/** {@link Claim} of an app whose owner has agreed. */
export function holdClaim(
  { connect, isEmulated, kept, app, bundleId }: ClaimPlace,
  targets: readonly Target[],
  flags: ClaimFlags,
  news: ClaimNews,
  deps: ClaimDeps,
): Claim {
  let taking: Promise<void> = Promise.resolve();
  let own: KeptChange | null = null;
  let released: Promise<Exit> | null = null;
  const take = async (url: string): Promise<void> => {
    for (const odd of checkUrls({ '--claim': url }, isEmulated)) news.tell('CLAIM_SET', odd);
    const current = await connect.api.readApp(app.id);
    checkOld(current, flags);
    if (deps.signal.aborted) throw interrupted();
    const plan = planChange(current.urls, { sandbox: { url, version: 'V2' } });
    if (plan.after.sandbox === undefined) {
      news.tell(
        'CLAIM_SET',
        'App Store Connect has this URL already: nothing was changed, and nothing will be put back.',
      );
      return;
    }
    const { before, after } = plan;
    const about = { address: connect.baseUrl, app: { id: app.id, bundleId }, before, after } as const;
    own = kept.keep({ ...about, by: 'claim', claimedBy: deps.processId, atMs: deps.now() });
    const applied = await applyChange(connect.apiUntil(null), current, plan, deps.sleep);
    if (applied.state === 'unchanged') {
      kept.forget(own.id);
      own = null;
    }
    if (applied.state !== 'changed') throw applied.error;
    news.tell('CLAIM_SET', 'App Store Connect sends the sandbox here now: set, and read back.');
  };
  const release = async (): Promise<Exit> => {
    await taking.catch(() => undefined);
    if (own === null) return EXIT.ok;
    news.tell('CLAIM_ENDING', ENDING);
    const ended = await putBack(own, connect, kept, RELEASE_MS, deps);
    news.tell(codeOf(ended), describeEnded(ended));
    return ended.state === 'failed' ? EXIT.remote : EXIT.ok;
  };
  return {
    targets,
    take(url) {
      taking = released === null ? take(url) : Promise.reject(tunnelEnded());
      return taking;
    },
    release() {
      released ??= release();
      return released;
    },
  };
}

function tunnelEnded(): ToolError {
  return new ToolError('remote', 'ERR_CLAIM_TUNNEL', 'the tunnel ended before its URL could be claimed');
}

const ENDING =
  'Putting the sandbox URL back … Ctrl-C now leaves it; the next `storewire listen`, or `storewire endpoint restore`, puts it back then.';
