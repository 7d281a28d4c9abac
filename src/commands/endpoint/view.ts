import type { ConnectApp, NotificationUrls } from '../../connect-api/app.js';
import type { UrlBackup } from '../../connect-api/url-backup.js';
import {
  effectiveUrl,
  environmentsOf,
  settingOf,
  URL_ENVIRONMENTS,
  type UrlEnvironment,
  type UrlPlan,
  type UrlSetting,
} from '../../connect-api/url-settings.js';
import { showApp, showNotificationUrl, showSetting, showVersion } from '../../session/url-text.js';
import { escapeText } from '../../terminal/escape.js';
import { toJsonLine } from '../../terminal/json.js';
import { joinParts, layRows, type Row, type View } from '../../terminal/layout.js';
import { type Advice, adviseOn, adviseOnClaim, layAdvice } from './advice.js';

/** What `endpoint show` shows: the settings, how App Store Connect reads them, what is wrong with them. */
export function describeEndpoint(app: ConnectApp, claims: readonly UrlBackup[], view: View): string {
  const rows = URL_ENVIRONMENTS.map((environment) => settingRow(environment, settingOf(app.urls, environment)));
  return joinParts([
    [
      `${view.paint.bold('Notification URLs of')} ${showApp(app)}  ${view.paint.dim(`app Apple ID ${escapeText(app.id)}`)}`,
      ...layRows(rows, uncut(view)),
    ],
    layAdvice(adviseOn(app.urls), view),
    layAdvice(
      claims.map((claim) => adviseOnClaim(claim, view.nowMs)),
      view,
    ),
  ]);
}

/** `dry-run`: what would be changed; `ask`: what is about to be; `done`: what was; `so`: nothing had to be. */
export type ChangeStage = 'dry-run' | 'ask' | 'done' | 'so';

const TITLES: Readonly<Record<ChangeStage, string>> = {
  'dry-run': 'Would be changed',
  ask: 'To be changed',
  done: 'Changed, and read back',
  so: 'Already so',
};

/** A change, each URL with what it takes the place of; for `so`, the settings as they are. `app` is as it is shown now. */
export function describeChange(app: ConnectApp, plan: UrlPlan, stage: ChangeStage, view: View): string {
  const changed = environmentsOf(plan.after);
  const rows =
    stage === 'so'
      ? URL_ENVIRONMENTS.map((environment) => settingRow(environment, settingOf(app.urls, environment)))
      : changed.flatMap((environment) => [
          settingRow(environment, plan.after[environment]!),
          { label: '', value: '', remark: `before: ${showSetting(plan.before[environment]!)}` },
        ]);
  const title = `${view.paint.bold(`${TITLES[stage]}:`)} ${showApp(app)}`;
  return joinParts([[title, ...layRows(rows, uncut(view))], layAdvice(effectsOf(app, plan, stage), view)]);
}

/** What of the settings as they will be, or are, deserves a word. */
function effectsOf(app: ConnectApp, { attributes }: UrlPlan, stage: ChangeStage): readonly Advice[] {
  return adviseOn(stage === 'done' || stage === 'so' ? app.urls : { ...app.urls, ...attributes });
}

function settingRow(environment: UrlEnvironment, { url, version }: UrlSetting): Row {
  if (url === null) return { label: environment, value: 'not set', tone: 'quiet' };
  return { label: environment, value: showNotificationUrl(url), remark: showVersion(version) || null };
}

/** What is copied is never wrapped. */
function uncut(view: View): View {
  return { ...view, columns: Number.POSITIVE_INFINITY };
}

/** For stderr, once something was changed: how to undo it, and what comes next. */
export function describeAfterwards(plan: UrlPlan, canBeUndone: boolean, view: View): string {
  const named = environmentsOf(plan.after).filter((environment) => plan.after[environment]?.url !== null);
  const rows = [
    ...named.map((environment) => ({
      label: `storewire test --environment ${environment} --wait`,
      value: 'asks for a notification there',
    })),
    ...(canBeUndone ? [{ label: 'storewire endpoint restore', value: 'puts back what was there before' }] : []),
  ];
  const lines = [view.paint.dim('Apple may need up to an hour to follow.'), ...layRows(rows, uncut(view))];
  return `\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** The settings of one environment for programs, whole. `receiver`: where its notifications go. */
function settingToJson(urls: NotificationUrls, environment: UrlEnvironment): object {
  return { ...settingOf(urls, environment), receiver: effectiveUrl(urls, environment) };
}

function appToJson({ id, bundleId, name, urls }: ConnectApp): object {
  return {
    app: { appAppleId: id, bundleId, name },
    sandbox: settingToJson(urls, 'sandbox'),
    production: settingToJson(urls, 'production'),
  };
}

/** `{app: {appAppleId, bundleId, name}, sandbox: {url, version, receiver: {url, version, of}}, production, claims}`. */
export function endpointToJson(app: ConnectApp, claims: readonly UrlBackup[]): string {
  const open = claims.map(({ atMs, before, after }) => ({ atMs, before, after }));
  return toJsonLine({ ...appToJson(app), claims: open });
}

/** The same, with `changed`, `dryRun`, and `before` and `after` of the environments that differ. */
export function changeToJson(app: ConnectApp, { before, after }: UrlPlan, stage: ChangeStage): string {
  return toJsonLine({ ...appToJson(app), changed: stage === 'done', dryRun: stage === 'dry-run', before, after });
}
