import { isSameAddress } from '../address/same.js';
import { changedUrls, type NotificationUrls } from './app.js';

export const URL_ENVIRONMENTS = ['sandbox', 'production'] as const;

export type UrlEnvironment = (typeof URL_ENVIRONMENTS)[number];

/** URL and version of one environment; null if not set. */
export interface UrlSetting {
  readonly url: string | null;
  /** `V1` or `V2`; a string, as Apple may add another. */
  readonly version: string | null;
}

/** Settings by environment; an omitted environment is unspecified. */
export type UrlSettings = Readonly<Partial<Record<UrlEnvironment, UrlSetting>>>;

const ATTRIBUTES = {
  sandbox: { url: 'subscriptionStatusUrlForSandbox', version: 'subscriptionStatusUrlVersionForSandbox' },
  production: { url: 'subscriptionStatusUrl', version: 'subscriptionStatusUrlVersion' },
} as const satisfies Readonly<Record<UrlEnvironment, Readonly<Record<keyof UrlSetting, keyof NotificationUrls>>>>;

export function settingOf(urls: NotificationUrls, environment: UrlEnvironment): UrlSetting {
  const names = ATTRIBUTES[environment];
  return { url: urls[names.url], version: urls[names.version] };
}

/** The setting that applies to the notifications of an environment. */
interface EffectiveUrl {
  readonly url: string;
  readonly version: string | null;
  /** Environment of the setting. */
  readonly of: UrlEnvironment;
}

/**
 * The effective URL of an environment: the production URL also applies to the sandbox if no sandbox URL is set, but not the other way round;
 * null if no notifications are sent. Source: App Store Connect Help, "Enter server URLs for App Store Server
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

/** Compares two settings; a version without a URL is ignored. */
export function isSameSetting(one: UrlSetting, other: UrlSetting): boolean {
  if (one.url === null || other.url === null) return one.url === other.url;
  return isSameAddress(one.url, other.url) && one.version === other.version;
}

/** True if the app has all of these settings. */
export function hasUrlSettings(urls: NotificationUrls, settings: UrlSettings): boolean {
  return environmentsOf(settings).every((environment) =>
    isSameSetting(settingOf(urls, environment), settings[environment]!),
  );
}

/** Environments in the settings, sandbox first. */
export function environmentsOf(settings: UrlSettings): readonly UrlEnvironment[] {
  return URL_ENVIRONMENTS.filter((environment) => settings[environment] !== undefined);
}

/** A planned change: old and new settings of the environments that differ, and the attributes of the PATCH. */
export interface UrlPlan {
  readonly before: UrlSettings;
  readonly after: UrlSettings;
  /** Empty if no change is needed. */
  readonly attributes: Partial<NotificationUrls>;
}

/**
 * Plans the change that gives the app the settings in `wanted`. A null version is not sent: Apple does not document it, and it has no effect
 * without a URL. Clearing a URL with null is not confirmed either (apple.md section 7); the read-back shows it.
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
