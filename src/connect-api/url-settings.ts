import { isSameAddress } from '../address/same.js';
import { changedUrls, type NotificationUrls } from './app.js';

export const URL_ENVIRONMENTS = ['sandbox', 'production'] as const;

export type UrlEnvironment = (typeof URL_ENVIRONMENTS)[number];

/** Where notifications of one environment go; null where nothing is set. */
export interface UrlSetting {
  readonly url: string | null;
  /** `V1` or `V2`; kept as text, as Apple may add another. */
  readonly version: string | null;
}

/** Settings by environment; one that is left out is not spoken of. */
export type UrlSettings = Readonly<Partial<Record<UrlEnvironment, UrlSetting>>>;

const ATTRIBUTES = {
  sandbox: { url: 'subscriptionStatusUrlForSandbox', version: 'subscriptionStatusUrlVersionForSandbox' },
  production: { url: 'subscriptionStatusUrl', version: 'subscriptionStatusUrlVersion' },
} as const satisfies Readonly<Record<UrlEnvironment, Readonly<Record<keyof UrlSetting, keyof NotificationUrls>>>>;

export function settingOf(urls: NotificationUrls, environment: UrlEnvironment): UrlSetting {
  const names = ATTRIBUTES[environment];
  return { url: urls[names.url], version: urls[names.version] };
}

/** Which setting decides where notifications of an environment go. */
interface EffectiveUrl {
  readonly url: string;
  readonly version: string | null;
  /** The environment whose setting it is. */
  readonly of: UrlEnvironment;
}

/**
 * How App Store Connect reads the settings: sandbox notifications go to the production URL where that alone is set; production ones go
 * nowhere where only the sandbox has a URL, which is null. Source: App Store Connect Help, "Enter server URLs for App Store Server
 * Notifications".
 */
export function effectiveUrl(urls: NotificationUrls, environment: UrlEnvironment): EffectiveUrl | null {
  const places: readonly UrlEnvironment[] = environment === 'sandbox' ? ['sandbox', 'production'] : ['production'];
  for (const of of places) {
    const { url, version } = settingOf(urls, of);
    if (url !== null) return { url, version, of };
  }
  return null;
}

/** Whether two settings mean the same: a version without a URL says nothing. */
export function isSameSetting(one: UrlSetting, other: UrlSetting): boolean {
  if (one.url === null || other.url === null) return one.url === other.url;
  return isSameAddress(one.url, other.url) && one.version === other.version;
}

/** Whether the app shows each of these settings. */
export function hasUrlSettings(urls: NotificationUrls, settings: UrlSettings): boolean {
  return environmentsOf(settings).every((environment) =>
    isSameSetting(settingOf(urls, environment), settings[environment]!),
  );
}

/** The environments that settings speak of, sandbox first. */
export function environmentsOf(settings: UrlSettings): readonly UrlEnvironment[] {
  return URL_ENVIRONMENTS.filter((environment) => settings[environment] !== undefined);
}

/** A change: what is there, what is to be, of the environments that differ alone, and what a PATCH sends for it. */
export interface UrlPlan {
  readonly before: UrlSettings;
  readonly after: UrlSettings;
  /** Empty where all is so already. */
  readonly attributes: Partial<NotificationUrls>;
}

/**
 * What has to change so that the app shows `wanted`. A version of null is not sent: whether Apple takes one is not documented, and without
 * a URL it makes no difference. That null clears a URL is not confirmed either (apple.md section 7): the read-back tells.
 */
export function planChange(urls: NotificationUrls, wanted: UrlSettings): UrlPlan {
  const differing = environmentsOf(wanted).filter(
    (environment) => !isSameSetting(settingOf(urls, environment), wanted[environment]!),
  );
  const after = pick(differing, (environment) => wanted[environment]!);
  const attributes = differing.map((environment) => attributesOf(environment, after[environment]!));
  return {
    before: pick(differing, (environment) => settingOf(urls, environment)),
    after,
    attributes: changedUrls(urls, Object.assign({}, ...attributes) as Partial<NotificationUrls>),
  };
}

function attributesOf(environment: UrlEnvironment, { url, version }: UrlSetting): Partial<NotificationUrls> {
  const names = ATTRIBUTES[environment];
  return { [names.url]: url, ...(version === null ? {} : { [names.version]: version }) };
}

function pick(
  environments: readonly UrlEnvironment[],
  settingFor: (environment: UrlEnvironment) => UrlSetting,
): UrlSettings {
  return Object.fromEntries(environments.map((environment) => [environment, settingFor(environment)]));
}
