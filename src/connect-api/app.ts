import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';

/** Notification attributes of an app; null if not set. Those without `ForSandbox` are for production. */
export interface NotificationUrls {
  readonly subscriptionStatusUrl: string | null;
  readonly subscriptionStatusUrlVersion: string | null;
  readonly subscriptionStatusUrlForSandbox: string | null;
  readonly subscriptionStatusUrlVersionForSandbox: string | null;
}

/** An app in App Store Connect. `id` is the app Apple ID. */
export interface ConnectApp {
  readonly id: string;
  readonly bundleId: string;
  readonly name: string;
  readonly urls: NotificationUrls;
}

const URL_ATTRIBUTES = [
  'subscriptionStatusUrl',
  'subscriptionStatusUrlVersion',
  'subscriptionStatusUrlForSandbox',
  'subscriptionStatusUrlVersionForSandbox',
] as const satisfies readonly (keyof NotificationUrls)[];

/** Apple omits the URL attributes unless `fields[apps]` names them (seen in rorkai/App-Store-Connect-CLI, pull request 2716). */
export const APP_FIELDS = ['bundleId', 'name', ...URL_ATTRIBUTES].join(',');

/**
 * Reads one app of a response; null if it is not an app. An attribute that is missing or null becomes null: Apple does not document which
 * of the two it sends.
 */
export function parseApp(value: Json | undefined): ConnectApp | null {
  if (!isJsonObject(value) || value.type !== 'apps' || typeof value.id !== 'string') return null;
  const attributes = isJsonObject(value.attributes) ? value.attributes : {};
  const text = (name: string): string | null => textAt(attributes, name);
  return {
    id: value.id,
    bundleId: text('bundleId') ?? '',
    name: text('name') ?? '',
    urls: {
      subscriptionStatusUrl: text('subscriptionStatusUrl'),
      subscriptionStatusUrlVersion: text('subscriptionStatusUrlVersion'),
      subscriptionStatusUrlForSandbox: text('subscriptionStatusUrlForSandbox'),
      subscriptionStatusUrlVersionForSandbox: text('subscriptionStatusUrlVersionForSandbox'),
    },
  };
}

/** Attributes of `wanted` that differ from `current`, for a PATCH; empty if none do. */
export function changedUrls(current: NotificationUrls, wanted: Partial<NotificationUrls>): Partial<NotificationUrls> {
  const changed = URL_ATTRIBUTES.filter((name) => wanted[name] !== undefined && wanted[name] !== current[name]);
  return Object.fromEntries(changed.map((name) => [name, wanted[name]]));
}

function textAt(attributes: JsonObject, name: string): string | null {
  const value = attributes[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
