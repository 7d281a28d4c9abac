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
import { type Advice, adviseOnChange, adviseOnClaim, layAdvice } from './advice.js';

/** Text of `endpoint show`: the settings, then remarks about them. */
export function describeEndpoint(app: ConnectApp, claims: readonly UrlBackup[], view: View): string {
  const rows = URL_ENVIRONMENTS.map((environment) => settingRow(environment, settingOf(app.urls, environment)));
  return joinParts([
    [
      `${view.paint.bold('Notification URLs of')} ${showApp(app)}  ${view.paint.dim(`app Apple ID ${escapeText(app.id)}`)}`,
      ...layRows(rows, unwrapped(view)),
    ],
    layAdvice(adviseOnChange(app.urls), view),
    layAdvice(
      claims.map((claim) => adviseOnClaim(claim, view.nowMs)),
      view,
    ),
  ]);
}

/** `ask`: before confirmation; `done`: confirmed by reading it back; `unchanged`: no change needed. */
export type ChangeStage = 'dry-run' | 'ask' | 'done' | 'unchanged';

const TITLES: Readonly<Record<ChangeStage, string>> = {
  'dry-run': 'Change (dry run)',
  ask: 'Change',
  done: 'Changed and confirmed',
  unchanged: 'No change needed',
};

/** Text of a change: each new URL with the previous one; for `unchanged` the current settings. `app` has the current state. */
export function describeChange(app: ConnectApp, plan: UrlPlan, stage: ChangeStage, view: View): string {
  const changed = environmentsOf(plan.after);
  const rows =
    stage === 'unchanged'
      ? URL_ENVIRONMENTS.map((environment) => settingRow(environment, settingOf(app.urls, environment)))
      : changed.flatMap((environment) => [
          settingRow(environment, plan.after[environment]!),
          { label: '', value: '', remark: `previously ${showSetting(plan.before[environment]!)}` },
        ]);
  const title = `${view.paint.bold(`${TITLES[stage]}:`)} ${showApp(app)}`;
  return joinParts([[title, ...layRows(rows, unwrapped(view))], layAdvice(effectsOf(app, plan, stage), view)]);
}

/** Remarks about the settings after the change. */
function effectsOf(app: ConnectApp, { attributes }: UrlPlan, stage: ChangeStage): readonly Advice[] {
  return adviseOnChange(stage === 'done' || stage === 'unchanged' ? app.urls : { ...app.urls, ...attributes });
}

function settingRow(environment: UrlEnvironment, { url, version }: UrlSetting): Row {
  if (url === null) return { label: environment, value: 'not set', tone: 'quiet' };
  return { label: environment, value: showNotificationUrl(url), remark: showVersion(version) || null };
}

/** URLs are not wrapped, so that they can be copied. */
function unwrapped(view: View): View {
  return { ...view, columns: Number.POSITIVE_INFINITY };
}

/** Text for stderr after a change: next steps, and how to undo it. */
export function describeAfterwards(plan: UrlPlan, canBeUndone: boolean, view: View): string {
  const named = environmentsOf(plan.after).filter((environment) => plan.after[environment]?.url !== null);
  const rows = [
    ...named.map((environment) => ({
      label: `storewire test --environment ${environment} --wait`,
      value: 'request a notification',
    })),
    ...(canBeUndone ? [{ label: 'storewire endpoint restore', value: 'restore the previous URL' }] : []),
  ];
  const lines = [
    view.paint.dim('It may take Apple up to an hour to apply the change.'),
    ...layRows(rows, unwrapped(view)),
  ];
  return `\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** Settings of one environment in JSON. `receiver`: the effective URL. */
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
