import { isLoopback } from '../address/reach.js';
import { ToolError } from '../errors.js';
import type { AppEnvironment } from '../simulator/payloads/app.js';

export type UrlVersion = 'V1' | 'V2';

/** The notification settings of the app, under the names of the App Store Connect API. Source: apple.md section 7. */
export interface AppSettings {
  readonly subscriptionStatusUrl: string | null;
  readonly subscriptionStatusUrlVersion: UrlVersion | null;
  readonly subscriptionStatusUrlForSandbox: string | null;
  readonly subscriptionStatusUrlVersionForSandbox: UrlVersion | null;
}

/** Where notifications of an environment go. */
export interface Destination {
  readonly url: URL;
  readonly version: UrlVersion;
}

/**
 * The URL of an environment itself; null where none is set. What a TEST asks for: whether it would fall back as ordinary
 * notifications do is not documented, the error 4040007 speaks of the environment.
 */
export function ownDestination(settings: AppSettings, environment: AppEnvironment): Destination | null {
  const sandbox = environment === 'Sandbox';
  const url = sandbox ? settings.subscriptionStatusUrlForSandbox : settings.subscriptionStatusUrl;
  const version = sandbox ? settings.subscriptionStatusUrlVersionForSandbox : settings.subscriptionStatusUrlVersion;
  return url === null ? null : { url: new URL(url), version: version ?? 'V2' };
}

/** Where an ordinary notification goes: a sandbox one to the production URL where that alone is set. Source: App Store Connect Help. */
export function destinationOf(settings: AppSettings, environment: AppEnvironment): Destination | null {
  return ownDestination(settings, environment) ?? ownDestination(settings, 'Production');
}

/** What is wrong with a notification URL, or what Apple would refuse about one that is let pass here. */
interface UrlFinding {
  readonly defect: string | null;
  readonly appleWouldRefuse: string | null;
}

const REFUSED_BY_APPLE = 'plain http, and Apple takes https only';

/**
 * Apple's rules for a notification URL (https; a port that is written is 443 or at least 1024), but for plain http on this
 * machine, which is let pass and told. Source: apple.md section 1.
 */
export function checkNotificationUrl(text: string): UrlFinding {
  if (!URL.canParse(text)) return refused('it is not a URL');
  const { protocol, hostname, port, username, password } = new URL(text);
  if (username !== '' || password !== '') return refused('it holds a user or a password');
  if (protocol === 'http:' && isLoopback(hostname)) return { defect: null, appleWouldRefuse: REFUSED_BY_APPLE };
  if (protocol === 'http:') return refused('plain http is let pass on this machine only (localhost, 127.0.0.1)');
  if (protocol !== 'https:') return refused('it does not start with https://');
  return port !== '' && Number(port) < 1024 ? refused(`port ${port} is neither 443 nor 1024 or more`) : ACCEPTED;
}

const ACCEPTED: UrlFinding = { defect: null, appleWouldRefuse: null };

function refused(defect: string): UrlFinding {
  return { defect, appleWouldRefuse: null };
}

/** The URLs an emulator starts with, always version 2. Throws `ERR_EMULATOR_URL` (usage). */
export function initialSettings(urls: { sandboxUrl?: string; productionUrl?: string }): AppSettings {
  const production = acceptUrl(urls.productionUrl, 'production');
  const sandbox = acceptUrl(urls.sandboxUrl, 'sandbox');
  return {
    subscriptionStatusUrl: production,
    subscriptionStatusUrlVersion: production === null ? null : 'V2',
    subscriptionStatusUrlForSandbox: sandbox,
    subscriptionStatusUrlVersionForSandbox: sandbox === null ? null : 'V2',
  };
}

function acceptUrl(text: string | undefined, environment: string): string | null {
  if (text === undefined) return null;
  const { defect } = checkNotificationUrl(text);
  if (defect === null) return text;
  throw new ToolError('usage', 'ERR_EMULATOR_URL', `the ${environment} URL cannot be used: ${defect}`, {
    hint: `Write it as https://example.com/apple or http://localhost:3000/apple (--${environment}-url).`,
  });
}
