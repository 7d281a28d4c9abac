import type { Deps } from '../../cli/deps.js';
import { createReporter } from '../../cli/reporter.js';
import { openClaimBackups, type UrlBackup } from '../../connect-api/url-backup.js';
import { ToolError } from '../../errors.js';
import type { ListenerEvent } from '../../listener/events.js';
import { type ConnectDeps, openConnect } from '../../session/connect.js';
import { isClaimActive, openUrlBackups, type UrlBackupFile } from '../../session/url-backup-file.js';
import { type RestoreResult, restoreClaimedUrl } from '../../session/url-change.js';
import type { OpenSettings } from '../../settings/open.js';
import { describeEarlier, describeEnded } from './view/claim.js';

export type EarlierDeps = ConnectDeps & Pick<Deps, 'userId' | 'random' | 'isRunning'>;

/** A listener that starts does not wait longer for App Store Connect. */
const DEADLINE_MS = 10_000;

const CODES: Readonly<Record<RestoreResult['state'], ClaimCode>> = {
  restored: 'CLAIM_RESTORED',
  already: 'CLAIM_RESTORED',
  taken: 'CLAIM_TAKEN',
  failed: 'CLAIM_OPEN',
};

export function codeOf({ state }: RestoreResult): ClaimCode {
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
  news: ClaimReporter,
  deps: EarlierDeps,
): Promise<readonly UrlBackup[]> {
  try {
    const kept = openUrlBackups(settling.open, deps);
    const left: UrlBackup[] = [];
    for (const claim of openClaimBackups(kept.all())) {
      if (await isClaimActive(claim, kept, deps)) continue;
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
  claim: UrlBackup,
  kept: UrlBackupFile,
  { flags, open }: Settling,
  deps: EarlierDeps,
): Promise<RestoreResult> {
  try {
    if (!kept.isOwn(claim)) throw notPutBack(`${kept.path} came with a copy or a clone of the folder`);
    const connect = await openConnect(open, flags, deps);
    const { baseUrl } = connect;
    if (baseUrl !== claim.address) throw notPutBack(`it was made at ${claim.address}, and now ${baseUrl} is set`);
    return await restoreClaimedUrl(claim, connect, kept, DEADLINE_MS, deps);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { state: 'failed', error };
  }
}

function notPutBack(message: string): ToolError {
  return new ToolError('usage', 'ERR_CLAIM_OPEN', message);
}

/** Codes of the notices about a claim. */
type ClaimCode = 'CLAIM_SET' | 'CLAIM_ENDING' | 'CLAIM_RESTORED' | 'CLAIM_TAKEN' | 'CLAIM_OPEN';

/** What is told of a claim: to people beside the run, to programs as events of it. */
export interface ClaimReporter {
  tell(code: ClaimCode, message: string): void;
  /** From now on there is somewhere for events to go; those from before go there first. */
  attach(onEvent: (event: ListenerEvent) => void): void;
}

/** What stays wrong until somebody does something: told among the notifications, where it is seen. */
const TROUBLE: ReadonlySet<ClaimCode> = new Set(['CLAIM_TAKEN', 'CLAIM_OPEN']);

export function createClaimReporter(
  flags: { readonly json: boolean },
  deps: Pick<Deps, 'stdout' | 'stderr' | 'now'>,
): ClaimReporter {
  const notes = createReporter(flags, deps);
  const early: ListenerEvent[] = [];
  let send: ((event: ListenerEvent) => void) | null = null;
  return {
    tell(code, message) {
      const event = { event: 'notice', atMs: deps.now(), code, message } as const;
      if (send !== null && (flags.json || TROUBLE.has(code))) send(event);
      else if (flags.json) early.push(event);
      else notes.say(message);
    },
    attach(onEvent) {
      send = onEvent;
      for (const event of early.splice(0)) onEvent(event);
    },
  };
}
