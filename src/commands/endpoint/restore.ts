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
 * Restores the settings from before the latest change made in this project. Throws ToolError (usage) `ERR_ENDPOINT_NOTHING_KEPT`,
 * `ERR_ENDPOINT_IN_USE` (a running listener has claimed the URL), `ERR_ENDPOINT_CHANGED_SINCE` (changed elsewhere in the meantime; `--yes`
 * overrides both), `ERR_ENDPOINT_CONFIRM`, what opening and requests throw, and `ERR_ENDPOINT_NOT_TAKEN` (remote).
 */
export async function runRestore(flags: EndpointRestoreFlags, deps: EndpointDeps): Promise<Exit> {
  const session = await openSession(flags, deps);
  const app = await session.findApp();
  const change = latestBackup(session.backups.all(), { address: session.connect.baseUrl, appId: app.id });
  if (change === null) throw noBackup(app, session);
  const doubts = await doubtsAbout(change, app, session, deps);
  const [doubt] = doubts;
  if (doubt !== undefined && !flags.yes && !flags.dryRun) throw doubt;
  for (const { message } of doubts) createReporter(flags, deps).say(`${message}.`);
  const plan = planChange(app.urls, change.before);
  const isUnchanged = environmentsOf(plan.after).length === 0;
  if (isUnchanged && !flags.dryRun) session.backups.update(change.id, { undoneAtMs: deps.now(), claimedBy: null });
  const apply = (): Promise<ChangeResult> => undo(change, app, session, deps);
  return performChange({ app, plan, apply, canBeUndone: !isCurrent(app, change) }, flags, deps);
}

/** True if the app still has the settings of this change. */
function isCurrent({ urls }: ConnectApp, { after }: UrlBackup): boolean {
  return hasUrlSettings(urls, after);
}

/** Applies the old settings; those that someone else set in the meantime are backed up first. */
async function undo(
  change: UrlBackup,
  app: ConnectApp,
  { connect, backups }: EndpointSession,
  deps: EndpointDeps,
): Promise<ChangeResult> {
  const api = connect.apiUntil(null);
  const plan = planChange(app.urls, change.before);
  const { address } = change;
  const applied = isCurrent(app, change)
    ? await applyChange(api, app, plan, deps.sleep)
    : await backUpAndApply(api, plan, { address, app: change.app, by: 'restore', claimedBy: null, backups }, deps);
  if (applied.state === 'changed') backups.update(change.id, { undoneAtMs: deps.now(), claimedBy: null });
  return applied;
}

/** Reasons to require --yes. */
async function doubtsAbout(
  change: UrlBackup,
  app: ConnectApp,
  { backups }: EndpointSession,
  deps: EndpointDeps,
): Promise<readonly ToolError[]> {
  const { claimedBy, before } = change;
  return [
    ...(backups.isOwn(change) ? [] : [notOwn(backups.path)]),
    ...((await isClaimActive(change, backups, deps)) ? [inUse(claimedBy)] : []),
    ...(isCurrent(app, change) || hasUrlSettings(app.urls, before) ? [] : [changedSince(change, app)]),
  ];
}

function noBackup(app: ConnectApp, { connect, backups }: EndpointSession): ToolError {
  const elsewhere = backups.all().find((change) => change.undoneAtMs === null);
  const message = `no change of ${app.bundleId} at ${connect.baseUrl} to restore in this project`;
  const hint =
    elsewhere === undefined
      ? `Changes by \`storewire endpoint set\` and \`listen --claim\` are saved in ${backups.path}.`
      : `${backups.path} has a change of ${elsewhere.app.bundleId} at ${elsewhere.address}: select it with --bundle-id and STOREWIRE_CONNECT_API_URL.`;
  return new ToolError('usage', 'ERR_ENDPOINT_NOTHING_KEPT', message, { hint });
}

function notOwn(path: string): ToolError {
  const message = `${path} was created in another folder, by a copy or a clone`;
  return new ToolError('usage', 'ERR_ENDPOINT_KEPT_FOREIGN', message, {
    hint: 'Preview it with --dry-run. If it is correct, add --yes.',
  });
}

function inUse(pid: number | null): ToolError {
  const message = `a running listener has claimed the URL (process ${pid})`;
  return new ToolError('usage', 'ERR_ENDPOINT_IN_USE', message, {
    hint: 'Stop the listener, which restores the previous URL. To restore it anyway, add --yes.',
  });
}

function changedSince({ after, before, atMs }: UrlBackup, { urls }: ConnectApp): ToolError {
  const others = environmentsOf(after).filter((environment) => {
    const found = settingOf(urls, environment);
    return !isSameSetting(found, after[environment]!) && !isSameSetting(found, before[environment]!);
  });
  const found = others.map((environment) => `${environment} has ${showSetting(settingOf(urls, environment))}`);
  const message = `the URL was changed elsewhere since ${formatMoment(atMs)}: ${found.join('; ')}`;
  const old = others.map((environment) => `${environment} had ${showSetting(before[environment]!)}`);
  return new ToolError('usage', 'ERR_ENDPOINT_CHANGED_SINCE', message, {
    hint: `Before the change made here, ${old.join('; ')}. To restore that anyway, add --yes.`,
  });
}
