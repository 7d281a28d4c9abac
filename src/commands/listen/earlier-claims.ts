import type { Deps } from '../../cli/deps.js';
import { createReporter } from '../../cli/reporter.js';
import { openClaimBackups, type UrlBackup } from '../../connect-api/url-backup.js';
import { ToolError } from '../../errors.js';
import type { ListenerEvent } from '../../listener/events.js';
import { type ConnectDeps, openConnect } from '../../session/connect.js';
import { isClaimActive, openUrlBackups, type UrlBackupFile } from '../../session/url-backup-file.js';
import { type RestoreResult, restoreClaimedUrl } from '../../session/url-change.js';
import type { OpenSettings } from '../../settings/open.js';
import { describeEarlier, describeRestored } from './view/claim.js';

export type EarlierDeps = ConnectDeps & Pick<Deps, 'userId' | 'random' | 'isRunning'>;

/** Deadline of App Store Connect calls at startup. */
const DEADLINE_MS = 10_000;

const NOTICE_CODES: Readonly<Record<RestoreResult['state'], ClaimCode>> = {
  restored: 'CLAIM_RESTORED',
  already: 'CLAIM_RESTORED',
  taken: 'CLAIM_TAKEN',
  failed: 'CLAIM_OPEN',
};

export function noticeCodeOf({ state }: RestoreResult): ClaimCode {
  return NOTICE_CODES[state];
}

interface RestoreContext {
  readonly flags: { readonly yes: boolean; readonly json: boolean };
  readonly open: OpenSettings;
}

/**
 * Restores URLs claimed by killed listeners of this project, and reports each outcome. Resolves with the claims that are still open.
 * Failures are reported instead of thrown, so that they do not keep the listener from starting.
 */
export async function restoreEarlierClaims(
  context: RestoreContext,
  reporter: ClaimReporter,
  deps: EarlierDeps,
): Promise<readonly UrlBackup[]> {
  try {
    const backups = openUrlBackups(context.open, deps);
    const unrestored: UrlBackup[] = [];
    for (const claim of openClaimBackups(backups.all())) {
      if (await isClaimActive(claim, backups, deps)) continue;
      const outcome = await restoreEarlier(claim, backups, context, deps);
      reporter.notify(noticeCodeOf(outcome), `${describeEarlier(claim, deps.now())}. ${describeRestored(outcome)}`);
      if (outcome.state === 'failed') unrestored.push(claim);
    }
    return unrestored;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    reporter.notify('CLAIM_OPEN', `Could not check for claims of earlier listeners: ${error.message}.`);
    return [];
  }
}

async function restoreEarlier(
  claim: UrlBackup,
  backups: UrlBackupFile,
  { flags, open }: RestoreContext,
  deps: EarlierDeps,
): Promise<RestoreResult> {
  try {
    if (!backups.isOwn(claim)) throw notRestored(`${backups.path} came with a copy or clone of this folder`);
    const connect = await openConnect(open, flags, deps);
    const { baseUrl } = connect;
    if (baseUrl !== claim.address)
      throw notRestored(`it was made at ${claim.address}, but the base address is now ${baseUrl}`);
    return await restoreClaimedUrl(claim, connect, backups, DEADLINE_MS, deps);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { state: 'failed', error };
  }
}

function notRestored(message: string): ToolError {
  return new ToolError('usage', 'ERR_CLAIM_OPEN', message);
}

/** Codes of the notices about a claim. */
type ClaimCode = 'CLAIM_SET' | 'CLAIM_ENDING' | 'CLAIM_RESTORED' | 'CLAIM_TAKEN' | 'CLAIM_OPEN';

/** Reports on a claim: as text beside the output, with `--json` as events. */
export interface ClaimReporter {
  notify(code: ClaimCode, message: string): void;
  /** Sets the event sink; events reported before are sent to it first. */
  attach(onEvent: (event: ListenerEvent) => void): void;
}

/** Outcomes that need action by the user; shown among the notifications. */
const ACTION_NEEDED: ReadonlySet<ClaimCode> = new Set(['CLAIM_TAKEN', 'CLAIM_OPEN']);

export function createClaimReporter(
  flags: { readonly json: boolean },
  deps: Pick<Deps, 'stdout' | 'stderr' | 'now'>,
): ClaimReporter {
  const reporter = createReporter(flags, deps);
  const pending: ListenerEvent[] = [];
  let sink: ((event: ListenerEvent) => void) | null = null;
  return {
    notify(code, message) {
      const event = { event: 'notice', atMs: deps.now(), code, message } as const;
      if (sink !== null && (flags.json || ACTION_NEEDED.has(code))) sink(event);
      else if (flags.json) pending.push(event);
      else reporter.say(message);
    },
    attach(onEvent) {
      sink = onEvent;
      for (const event of pending.splice(0)) onEvent(event);
    },
  };
}
