import type { Exit } from '../../cli/exit.js';
import { createReporter } from '../../cli/reporter.js';
import type { ConnectApp } from '../../connect-api/app.js';
import { latestBackup, type UrlBackup } from '../../connect-api/url-backup.js';
import {
  environmentsOf,
  hasUrlSettings,
  isSameSetting,
  planChange,
  settingOf,
} from '../../connect-api/url-settings.js';
import { ToolError } from '../../errors.js';
import { isClaimActive } from '../../session/url-backup-file.js';
import { applyChange, backUpAndApply, type ChangeResult } from '../../session/url-change.js';
import { showSetting } from '../../session/url-text.js';
import { formatMoment } from '../../terminal/format.js';
import { performChange } from './change.js';
import type { EndpointDeps, EndpointRestoreFlags } from './options.js';
import { type EndpointSession, openSession } from './session.js';

/**
 * Puts back what was there before the newest change that was made from here. Throws usage `ERR_ENDPOINT_NOTHING_KEPT`,
 * `ERR_ENDPOINT_IN_USE` (a listener that runs has the URL), `ERR_ENDPOINT_CHANGED_SINCE` (somebody else has changed it; `--yes` overrules both),
 * `ERR_ENDPOINT_CONFIRM`, what opening and asking throw, and `ERR_ENDPOINT_NOT_TAKEN` (remote).
 */
export async function runRestore(flags: EndpointRestoreFlags, deps: EndpointDeps): Promise<Exit> {
  const session = await openSession(flags, deps);
  const app = await session.findApp();
  const change = latestBackup(session.kept.all(), { address: session.connect.baseUrl, appId: app.id });
  if (change === null) throw nothingKept(app, session);
  const doubts = await doubtsAbout(change, app, session, deps);
  const [doubt] = doubts;
  if (doubt !== undefined && !flags.yes && !flags.dryRun) throw doubt;
  for (const { message } of doubts) createReporter(flags, deps).say(`${message}.`);
  const plan = planChange(app.urls, change.before);
  const isSo = environmentsOf(plan.after).length === 0;
  if (isSo && !flags.dryRun) session.kept.update(change.id, { undoneAtMs: deps.now(), claimedBy: null });
  const apply = (): Promise<ChangeResult> => undo(change, app, session, deps);
  return performChange({ app, plan, apply, canBeUndone: !isOurs(app, change) }, flags, deps);
}

/** Whether the app shows what this change set. */
function isOurs({ urls }: ConnectApp, { after }: UrlBackup): boolean {
  return hasUrlSettings(urls, after);
}

/** What somebody else had set in the meantime is kept in turn. */
async function undo(
  change: UrlBackup,
  app: ConnectApp,
  { connect, kept }: EndpointSession,
  deps: EndpointDeps,
): Promise<ChangeResult> {
  const api = connect.apiUntil(null);
  const plan = planChange(app.urls, change.before);
  const { address } = change;
  const applied = isOurs(app, change)
    ? await applyChange(api, app, plan, deps.sleep)
    : await backUpAndApply(api, plan, { address, app: change.app, by: 'restore', claimedBy: null, kept }, deps);
  if (applied.state === 'changed') kept.update(change.id, { undoneAtMs: deps.now(), claimedBy: null });
  return applied;
}

/** Reasons not to put it back without a word. */
async function doubtsAbout(
  change: UrlBackup,
  app: ConnectApp,
  { kept }: EndpointSession,
  deps: EndpointDeps,
): Promise<readonly ToolError[]> {
  const { claimedBy, before } = change;
  return [
    ...(kept.isOwn(change) ? [] : [notOwn(kept.path)]),
    ...((await isClaimActive(change, kept, deps)) ? [inUse(claimedBy)] : []),
    ...(isOurs(app, change) || hasUrlSettings(app.urls, before) ? [] : [changedSince(change, app)]),
  ];
}

function nothingKept(app: ConnectApp, { connect, kept }: EndpointSession): ToolError {
  const elsewhere = kept.all().find((change) => change.undoneAtMs === null);
  const message = `nothing was changed from this project that could be put back, of ${app.bundleId} at ${connect.baseUrl}`;
  const hint =
    elsewhere === undefined
      ? `What \`storewire endpoint set\` and \`listen --claim\` change is kept in ${kept.path}.`
      : `${kept.path} has a change of ${elsewhere.app.bundleId} at ${elsewhere.address}: --bundle-id and STOREWIRE_CONNECT_API_URL say which is meant.`;
  return new ToolError('usage', 'ERR_ENDPOINT_NOTHING_KEPT', message, { hint });
}

function notOwn(path: string): ToolError {
  const message = `${path} was not written in this folder: it came with a copy or a clone`;
  return new ToolError('usage', 'ERR_ENDPOINT_KEPT_FOREIGN', message, {
    hint: 'See what it would put back with --dry-run. If you know it, add --yes.',
  });
}

function inUse(pid: number | null): ToolError {
  const message = `a listener that runs has claimed the URL (process ${pid})`;
  return new ToolError('usage', 'ERR_ENDPOINT_IN_USE', message, {
    hint: 'Stop it, and it puts back what was there before. To put it back under it, add --yes.',
  });
}

function changedSince({ after, before, atMs }: UrlBackup, { urls }: ConnectApp): ToolError {
  const others = environmentsOf(after).filter((environment) => {
    const found = settingOf(urls, environment);
    return !isSameSetting(found, after[environment]!) && !isSameSetting(found, before[environment]!);
  });
  const found = others.map((environment) => `${environment} has ${showSetting(settingOf(urls, environment))}`);
  const message = `somebody else has changed it since ${formatMoment(atMs)}: ${found.join('; ')}, which is neither what was set then nor what was there before`;
  const old = others.map((environment) => `${environment} had ${showSetting(before[environment]!)}`);
  return new ToolError('usage', 'ERR_ENDPOINT_CHANGED_SINCE', message, {
    hint: `Before, ${old.join('; ')}. To put that back all the same, add --yes.`,
  });
}
