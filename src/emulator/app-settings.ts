import { completeLocalUrl } from '../address/local-url.js';
import { isLoopback } from '../address/reach.js';
import { isValidUrl } from '../address/valid-url.js';
import { ToolError } from '../errors.js';
import type { AppEnvironment } from '../simulator/payloads/app.js';

/** Version of the notifications that a URL gets. The emulator sends version 2. */
export type UrlVersion = 'V1' | 'V2';

/** Notification settings of the app, with the names of the App Store Connect API. Source: docs, "Modify an App". */
export interface EmulatedAppSettings {
  readonly subscriptionStatusUrl: string | null;
  readonly subscriptionStatusUrlVersion: UrlVersion | null;
  readonly subscriptionStatusUrlForSandbox: string | null;
  readonly subscriptionStatusUrlVersionForSandbox: UrlVersion | null;
}

/** Notification URL of an environment. */
export interface NotificationDestination {
  readonly url: URL;
  readonly version: UrlVersion;
}

/**
 * Notification URL of the environment itself, without fallback; null if none is set. A TEST uses it: Apple does not
 * document a fallback for TEST, and error 4040007 refers to the environment.
 */
export function ownDestination(
  settings: EmulatedAppSettings,
  environment: AppEnvironment,
): NotificationDestination | null {
  const sandbox = environment === 'Sandbox';
  const url = sandbox ? settings.subscriptionStatusUrlForSandbox : settings.subscriptionStatusUrl;
  const version = sandbox ? settings.subscriptionStatusUrlVersionForSandbox : settings.subscriptionStatusUrlVersion;
  return url === null ? null : { url: new URL(url), version: version ?? 'V2' };
}

/** Notification URL with Apple's fallback: sandbox uses the production URL if that alone is set. Source: App Store Connect Help. */
export function destinationOf(
  settings: EmulatedAppSettings,
  environment: AppEnvironment,
): NotificationDestination | null {
  return ownDestination(settings, environment) ?? ownDestination(settings, 'Production');
}

/** `defect` rejects the URL. `appleWouldRefuse` describes a URL that only the emulator accepts. */
interface UrlFinding {
  readonly defect: string | null;
  readonly appleWouldRefuse: string | null;
}

const REFUSED_BY_APPLE = 'plain http; Apple requires https';

/**
 * Checks a notification URL by Apple's rules: https, and an explicit port must be 443 or at least 1024. The emulator
 * also accepts plain http on loopback, and reports it. Source: App Store Connect Help,
 * "Enter server URLs for App Store Server Notifications".
 */
export function checkEmulatedUrl(text: string): UrlFinding {
  if (!isValidUrl(text)) return refused('not a valid URL');
  const { protocol, hostname, port, username, password } = new URL(text);
  if (username !== '' || password !== '') return refused('it contains a user name or password');
  if (protocol === 'http:' && isLoopback(hostname)) return { defect: null, appleWouldRefuse: REFUSED_BY_APPLE };
  if (protocol === 'http:') return refused('plain http is accepted for localhost only');
  if (protocol !== 'https:') return refused('it must start with https://');
  return port !== '' && Number(port) < 1024
    ? refused(`port ${port} is not allowed (443, or 1024 and above)`)
    : ACCEPTED;
}

const ACCEPTED: UrlFinding = { defect: null, appleWouldRefuse: null };

function refused(defect: string): UrlFinding {
  return { defect, appleWouldRefuse: null };
}

/** Initial settings of an emulator; URLs are version 2. Throws `ERR_EMULATOR_URL` (usage). */
export function initialSettings(urls: { sandboxUrl?: string; productionUrl?: string }): EmulatedAppSettings {
  const production = acceptUrl(urls.productionUrl, 'production');
  const sandbox = acceptUrl(urls.sandboxUrl, 'sandbox');
  return {
    subscriptionStatusUrl: production,
    subscriptionStatusUrlVersion: production === null ? null : 'V2',
    subscriptionStatusUrlForSandbox: sandbox,
    subscriptionStatusUrlVersionForSandbox: sandbox === null ? null : 'V2',
  };
}

function acceptUrl(given: string | undefined, environment: string): string | null {
  if (given === undefined) return null;
  const text = completeLocalUrl(given);
  const { defect } = checkEmulatedUrl(text);
  if (defect === null) return text;
  throw new ToolError('usage', 'ERR_EMULATOR_URL', `invalid ${environment} notification URL: ${defect}`, {
    hint: `For example: --${environment}-url http://localhost:3000/apple`,
  });
}
