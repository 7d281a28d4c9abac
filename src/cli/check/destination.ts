import type { NotificationUrls } from '../../connect-api/app.js';
import { receiverOf } from '../../connect-api/change.js';
import { isSameAddress } from '../../connect-api/same-address.js';
import type { Environment } from '../../settings/setting.js';

/** Where Apple sends what happens in one environment, by what App Store Connect has; `url` null: nowhere. */
export interface Destination {
  readonly url: string | null;
  readonly version: string | null;
  /** The sandbox has no URL of its own, so that of production counts. */
  readonly isBorrowed: boolean;
}

export const ENVIRONMENTS: readonly Environment[] = ['sandbox', 'production'];

export function destinationOf(urls: NotificationUrls, environment: Environment): Destination {
  const receiver = receiverOf(urls, environment);
  if (receiver === null) return { url: null, version: null, isBorrowed: false };
  return { url: receiver.url, version: receiver.version, isBorrowed: receiver.of !== environment };
}

/** The URLs that Apple sends these environments to, each once. */
export function urlsInUse(urls: NotificationUrls, environments: readonly Environment[]): readonly string[] {
  const all = environments.flatMap((environment) => destinationOf(urls, environment).url ?? []);
  return all.filter((url, index) => all.findIndex((other) => isSameAddress(url, other)) === index);
}
