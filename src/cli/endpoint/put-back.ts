import { planChange, settingOf, shows, type UrlSetting } from '../../connect-api/change.js';
import type { KeptChange } from '../../connect-api/kept.js';
import { ToolError } from '../../errors.js';
import type { Connect } from '../connect-api.js';
import type { Deps } from '../deps.js';
import { applyChange } from './apply.js';
import type { KeptFile } from './kept-file.js';

/** What became of the URL that a claim had taken. */
export type PutBack =
  /** `already`: somebody had put it back before. */
  | { readonly state: 'restored' | 'already'; readonly setting: UrlSetting }
  /** Somebody else has set another one since: left alone. */
  | { readonly state: 'taken'; readonly setting: UrlSetting }
  | { readonly state: 'failed'; readonly error: ToolError };

type PutBackDeps = Pick<Deps, 'now' | 'sleep'>;

/**
 * Ends a claim of the sandbox: puts the old URL back if App Store Connect still shows what the claim set, and reads it back. Not stopped by
 * an interruption, but by `deadlineMs` from now. Throws for bugs alone.
 */
export async function putBack(
  claim: KeptChange,
  connect: Connect,
  kept: KeptFile,
  deadlineMs: number,
  deps: PutBackDeps,
): Promise<PutBack> {
  const late = new AbortController();
  const done = new AbortController();
  void deps.sleep(deadlineMs, done.signal).then(() => done.signal.aborted || late.abort());
  try {
    return await endClaim(claim, connect.apiUntil(late.signal), kept, deps);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { state: 'failed', error: late.signal.aborted ? tooLate(deadlineMs) : error };
  } finally {
    done.abort();
  }
}

async function endClaim(
  claim: KeptChange,
  api: ReturnType<Connect['apiUntil']>,
  kept: KeptFile,
  { now, sleep }: PutBackDeps,
): Promise<PutBack> {
  const app = await api.readApp(claim.app.id);
  const end = (undoneAtMs: number | null): void => kept.update(claim.id, { undoneAtMs, claimedBy: null });
  const found = settingOf(app.urls, 'sandbox');
  if (shows(app.urls, claim.before)) {
    end(now());
    return { state: 'already', setting: found };
  }
  if (!shows(app.urls, claim.after)) {
    end(null);
    return { state: 'taken', setting: found };
  }
  const applied = await applyChange(api, app, planChange(app.urls, claim.before), sleep);
  if (applied.state !== 'changed') throw applied.error;
  end(now());
  return { state: 'restored', setting: settingOf(applied.app.urls, 'sandbox') };
}

const SECOND_MS = 1_000;

function tooLate(deadlineMs: number): ToolError {
  const message = `App Store Connect did not answer within ${deadlineMs / SECOND_MS} s`;
  return new ToolError('remote', 'ERR_HTTP_TIMEOUT', message);
}
