import type { NotificationUrls } from '../../connect-api/app.js';
import {
  settingOf,
  URL_ENVIRONMENTS,
  type UrlEnvironment,
  type UrlSetting,
  type UrlSettings,
} from '../../connect-api/change.js';
import { checkNotificationUrl, type NotificationUrlFinding } from '../../connect-api/notification-url.js';
import { ToolError } from '../../errors.js';
import { reachOf } from '../../http/reach.js';
import type { EndpointSetFlags } from './flags.js';

/** Given for a URL that is to be cleared. */
export const NO_URL = 'none';

type WishFlags = Pick<EndpointSetFlags, 'sandbox' | 'production' | 'version'>;

/** Throws `ERR_USAGE_ENDPOINT_SET` where nothing is to be set. */
export function checkWish(flags: WishFlags): void {
  if (flags.sandbox !== undefined || flags.production !== undefined || flags.version !== undefined) return;
  throw new ToolError('usage', 'ERR_USAGE_ENDPOINT_SET', 'there is nothing to set', {
    hint: `Give --sandbox URL, --production URL or both; ${NO_URL} clears one. --version alone changes the version of what is set.`,
  });
}

/**
 * What flags ask for, of an app with these settings. A URL comes with version 2 unless `--version` says otherwise; `--version` alone is
 * for every URL that is set. Throws `ERR_USAGE_ENDPOINT_SET` where a version has no URL to be for.
 */
export function readWish({ sandbox, production, version }: WishFlags, urls: NotificationUrls): UrlSettings {
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

/**
 * What is odd about the URLs of a wish, in words. `isEmulated`: the API asked is one on this machine, which sends to plain http there, so
 * that what Apple would refuse is told instead. Throws `ERR_ENDPOINT_URL` (usage) for what App Store Connect would refuse or could not reach.
 */
export function checkUrls(urls: Readonly<Record<string, string | undefined>>, isEmulated: boolean): readonly string[] {
  return Object.entries(urls).flatMap(([flag, url]) => {
    if (url === undefined || url === NO_URL) return [];
    const findings = checkNotificationUrl(url);
    const refused = findings.filter((finding) => finding.level === 'fail' && !(isEmulated && isFineHere(finding, url)));
    if (refused.length > 0) throw urlError(flag, refused);
    return findings.map(({ message }) => `${flag}: ${message}.`);
  });
}

function isFineHere({ rule }: NotificationUrlFinding, url: string): boolean {
  return (rule === 'https' || rule === 'host') && reachOf(new URL(url).hostname) === 'loopback';
}

function urlError(flag: string, refused: readonly NotificationUrlFinding[]): ToolError {
  const message = `App Store Connect would not take the URL of ${flag}: ${refused.map((finding) => finding.message).join('; ')}`;
  return new ToolError('usage', 'ERR_ENDPOINT_URL', message);
}
