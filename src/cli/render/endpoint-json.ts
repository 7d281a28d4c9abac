import type { ConnectApp, NotificationUrls } from '../../connect-api/app.js';
import { receiverOf, settingOf, type UrlEnvironment, type UrlPlan } from '../../connect-api/change.js';
import type { KeptChange } from '../../connect-api/kept.js';
import type { ChangeStage } from './endpoint.js';
import { toJsonLine } from './json.js';

/** The settings of one environment for programs, whole. `receiver`: where its notifications go. */
function settingToJson(urls: NotificationUrls, environment: UrlEnvironment): object {
  return { ...settingOf(urls, environment), receiver: receiverOf(urls, environment) };
}

function appToJson({ id, bundleId, name, urls }: ConnectApp): object {
  return {
    app: { appAppleId: id, bundleId, name },
    sandbox: settingToJson(urls, 'sandbox'),
    production: settingToJson(urls, 'production'),
  };
}

/** `{app: {appAppleId, bundleId, name}, sandbox: {url, version, receiver: {url, version, of}}, production, claims}`. */
export function endpointToJson(app: ConnectApp, claims: readonly KeptChange[]): string {
  const open = claims.map(({ atMs, before, after }) => ({ atMs, before, after }));
  return toJsonLine({ ...appToJson(app), claims: open });
}

/** The same, with `changed`, `dryRun`, and `before` and `after` of the environments that differ. */
export function changeToJson(app: ConnectApp, { before, after }: UrlPlan, stage: ChangeStage): string {
  return toJsonLine({ ...appToJson(app), changed: stage === 'done', dryRun: stage === 'dry-run', before, after });
}
