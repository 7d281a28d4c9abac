import { type KeptChange, openClaims } from '../../connect-api/kept.js';
import { ToolError } from '../../errors.js';
import type { OpenSettings } from '../../settings/open.js';
import { type ConnectDeps, openConnect } from '../connect-api.js';
import type { Deps } from '../deps.js';
import { isHeld } from '../endpoint/held.js';
import { type KeptFile, openKept } from '../endpoint/kept-file.js';
import { type PutBack, putBack } from '../endpoint/put-back.js';
import { describeEarlier, describeEnded } from '../render/listen/claim.js';
import type { ClaimCode, ClaimNews } from './claim-news.js';

export type EarlierDeps = ConnectDeps & Pick<Deps, 'userId' | 'random' | 'isRunning'>;

/** A listener that starts does not wait longer for App Store Connect. */
const DEADLINE_MS = 10_000;

const CODES: Readonly<Record<PutBack['state'], ClaimCode>> = {
  restored: 'CLAIM_RESTORED',
  already: 'CLAIM_RESTORED',
  taken: 'CLAIM_TAKEN',
  failed: 'CLAIM_OPEN',
};

export function codeOf({ state }: PutBack): ClaimCode {
  return CODES[state];
}

interface Settling {
  readonly flags: { readonly yes: boolean; readonly json: boolean };
  readonly open: OpenSettings;
}

/**
 * Puts back what listeners of this project had claimed that were killed, and tells it; where that cannot be, tells how. Resolves with the
 * claims that are still open. What keeps it from that is told, and not thrown: to listen is what was asked for.
 */
export async function settleEarlierClaims(
  settling: Settling,
  news: ClaimNews,
  deps: EarlierDeps,
): Promise<readonly KeptChange[]> {
  try {
    const kept = openKept(settling.open, deps);
    const left: KeptChange[] = [];
    for (const claim of openClaims(kept.all())) {
      if (await isHeld(claim, kept, deps)) continue;
      const ended = await putBackEarlier(claim, kept, settling, deps);
      news.tell(codeOf(ended), `${describeEarlier(claim, deps.now())}. ${describeEnded(ended)}`);
      if (ended.state === 'failed') left.push(claim);
    }
    return left;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    news.tell('CLAIM_OPEN', `Whether an earlier listener has claimed a URL is not known: ${error.message}.`);
    return [];
  }
}

async function putBackEarlier(
  claim: KeptChange,
  kept: KeptFile,
  { flags, open }: Settling,
  deps: EarlierDeps,
): Promise<PutBack> {
  try {
    if (!kept.isOwn(claim)) throw notPutBack(`${kept.path} came with a copy or a clone of the folder`);
    const connect = await openConnect(open, flags, deps);
    const { baseUrl } = connect;
    if (baseUrl !== claim.address) throw notPutBack(`it was made at ${claim.address}, and now ${baseUrl} is set`);
    return await putBack(claim, connect, kept, DEADLINE_MS, deps);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { state: 'failed', error };
  }
}

function notPutBack(message: string): ToolError {
  return new ToolError('usage', 'ERR_CLAIM_OPEN', message);
}
