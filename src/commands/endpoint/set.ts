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
 * Sets URLs and versions at App Store Connect; what was there before is on disk first. Throws usage `ERR_USAGE_ENDPOINT_SET`,
 * `ERR_ENDPOINT_URL`, `ERR_ENDPOINT_CONFIRM`, what opening and asking throw, and `ERR_ENDPOINT_NOT_TAKEN` (remote).
 */
export async function runSet(flags: EndpointSetFlags, deps: EndpointDeps): Promise<Exit> {
  checkSetFlags(flags);
  const { connect, kept, bundleId, findApp } = await openSession(flags, deps);
  const isEmulated = ownerOfAddress(connect.baseUrl) === 'loopback';
  const notes = createReporter(flags, deps);
  const { sandbox, production } = flags;
  for (const odd of checkUrls({ '--sandbox': sandbox, '--production': production }, isEmulated)) notes.say(odd);
  const app = await findApp();
  const plan = planChange(app.urls, requestedSettings(flags, app.urls));
  const place = { address: connect.baseUrl, app: { id: app.id, bundleId }, kept };
  const apply = () => backUpAndApply(connect.apiUntil(null), plan, { ...place, by: 'set', claimedBy: null }, deps);
  return performChange({ app, plan, apply, canBeUndone: true }, flags, deps);
}

type WishFlags = Pick<EndpointSetFlags, 'sandbox' | 'production' | 'version'>;

/** Throws `ERR_USAGE_ENDPOINT_SET` where nothing is to be set. */
function checkSetFlags(flags: WishFlags): void {
  if (flags.sandbox !== undefined || flags.production !== undefined || flags.version !== undefined) return;
  throw new ToolError('usage', 'ERR_USAGE_ENDPOINT_SET', 'there is nothing to set', {
    hint: `Give --sandbox URL, --production URL or both; ${NO_URL} clears one. --version alone changes the version of what is set.`,
  });
}

/**
 * What flags ask for, of an app with these settings. A URL comes with version 2 unless `--version` says otherwise; `--version` alone is
 * for every URL that is set. Throws `ERR_USAGE_ENDPOINT_SET` where a version has no URL to be for.
 */
function requestedSettings({ sandbox, production, version }: WishFlags, urls: NotificationUrls): UrlSettings {
  const given: Readonly<Record<UrlEnvironment, string | undefined>> = { sandbox, production };
  const named = URL_ENVIRONMENTS.filter((environment) => given[environment] !== undefined);
  if (named.length > 0) return collect(named, (environment) => settingFor(given[environment]!, version ?? 'V2'));
  const present = URL_ENVIRONMENTS.filter((environment) => settingOf(urls, environment).url !== null);
  if (present.length > 0) {
    return collect(present, (environment) => ({ ...settingOf(urls, environment), version: version ?? 'V2' }));
  }
  throw new ToolError('usage', 'ERR_USAGE_ENDPOINT_SET', 'no URL is set, so --version has none to be for', {
    hint: 'Give the URL, too: --sandbox URL or --production URL.',
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
