import type { Exit } from '../../cli/exit.js';
import { createReporter } from '../../cli/reporter.js';
import type { NotificationUrls } from '../../connect-api/app.js';
import {
  planChange,
  settingOf,
  URL_ENVIRONMENTS,
  type UrlEnvironment,
  type UrlSetting,
  type UrlSettings,
} from '../../connect-api/url-settings.js';
import { ToolError } from '../../errors.js';
import { backUpAndApply, checkUrls, NO_URL } from '../../session/url-change.js';
import { ownerOfAddress } from '../../settings/base-address.js';
import { performChange } from './change.js';
import type { EndpointDeps, EndpointSetFlags } from './options.js';
import { openSession } from './session.js';

/**
 * Sets URLs and versions at App Store Connect, after saving the previous ones. Throws ToolError (usage) `ERR_USAGE_ENDPOINT_SET`,
 * `ERR_ENDPOINT_URL`, `ERR_ENDPOINT_CONFIRM`, what opening and requests throw, and `ERR_ENDPOINT_NOT_TAKEN` (remote).
 */
export async function runSet(flags: EndpointSetFlags, deps: EndpointDeps): Promise<Exit> {
  checkSetFlags(flags);
  const { connect, backups, bundleId, findApp } = await openSession(flags, deps);
  const isEmulated = ownerOfAddress(connect.baseUrl) === 'loopback';
  const notes = createReporter(flags, deps);
  const { sandbox, production } = flags;
  for (const warning of checkUrls({ '--sandbox': sandbox, '--production': production }, isEmulated)) notes.say(warning);
  const app = await findApp();
  const plan = planChange(app.urls, requestedSettings(flags, app.urls));
  const place = { address: connect.baseUrl, app: { id: app.id, bundleId }, backups };
  const apply = () => backUpAndApply(connect.apiUntil(null), plan, { ...place, by: 'set', claimedBy: null }, deps);
  return performChange({ app, plan, apply, canBeUndone: true }, flags, deps);
}

type UrlFlags = Pick<EndpointSetFlags, 'sandbox' | 'production' | 'version'>;

/** Throws `ERR_USAGE_ENDPOINT_SET` if there is nothing to set. */
function checkSetFlags(flags: UrlFlags): void {
  if (flags.sandbox !== undefined || flags.production !== undefined || flags.version !== undefined) return;
  throw new ToolError('usage', 'ERR_USAGE_ENDPOINT_SET', 'nothing to set', {
    hint: `Pass --sandbox URL, --production URL or both; ${NO_URL} clears a URL. --version alone changes the version of the current URLs.`,
  });
}

/**
 * Settings that the flags request. A new URL gets version 2 unless `--version` is given; `--version` alone applies to every URL that is set.
 * Throws `ERR_USAGE_ENDPOINT_SET` if there is no URL for the version.
 */
function requestedSettings({ sandbox, production, version }: UrlFlags, urls: NotificationUrls): UrlSettings {
  const given: Readonly<Record<UrlEnvironment, string | undefined>> = { sandbox, production };
  const named = URL_ENVIRONMENTS.filter((environment) => given[environment] !== undefined);
  if (named.length > 0) return collect(named, (environment) => settingFor(given[environment]!, version ?? 'V2'));
  const present = URL_ENVIRONMENTS.filter((environment) => settingOf(urls, environment).url !== null);
  if (present.length > 0) {
    return collect(present, (environment) => ({ ...settingOf(urls, environment), version: version ?? 'V2' }));
  }
  throw new ToolError('usage', 'ERR_USAGE_ENDPOINT_SET', '--version needs a URL, and none is set', {
    hint: 'Pass the URL as well: --sandbox URL or --production URL',
  });
}

function collect(
  environments: readonly UrlEnvironment[],
  settingOfEach: (environment: UrlEnvironment) => UrlSetting,
): UrlSettings {
  return Object.fromEntries(environments.map((environment) => [environment, settingOfEach(environment)]));
}

function settingFor(url: string, version: string): UrlSetting {
  return url === NO_URL ? { url: null, version: null } : { url, version };
}
