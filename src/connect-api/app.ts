import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';

/** The attributes of an app that say where its notifications go; null where nothing is set. `…ForSandbox` is what the name says. */
export interface NotificationUrls {
  readonly subscriptionStatusUrl: string | null;
  readonly subscriptionStatusUrlVersion: string | null;
  readonly subscriptionStatusUrlForSandbox: string | null;
  readonly subscriptionStatusUrlVersionForSandbox: string | null;
}

/** An app as App Store Connect shows it. `id` is the app Apple ID. */
export interface ConnectApp {
  readonly id: string;
  readonly bundleId: string;
  readonly name: string;
  readonly urls: NotificationUrls;
}

/** `V1` or `V2`; kept as text, as Apple may add another. */
const URL_ATTRIBUTES = [
  'subscriptionStatusUrl',
  'subscriptionStatusUrlVersion',
  'subscriptionStatusUrlForSandbox',
  'subscriptionStatusUrlVersionForSandbox',
] as const satisfies readonly (keyof NotificationUrls)[];

/** Apple leaves the four out of its answers unless they are named (seen in rorkai/App-Store-Connect-CLI, pull request 2716). */
export const APP_FIELDS = ['bundleId', 'name', ...URL_ATTRIBUTES].join(',');

/**
 * One app of an answer; null where it is not one. Whether Apple writes an attribute without a value as null or leaves it out is not
 * documented, so both are null here.
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

/** What of `wanted` differs from `current`: what a PATCH has to send, and nothing else. Empty where all is so already. */
export function changedUrls(current: NotificationUrls, wanted: Partial<NotificationUrls>): Partial<NotificationUrls> {
  const changed = URL_ATTRIBUTES.filter((name) => wanted[name] !== undefined && wanted[name] !== current[name]);
  return Object.fromEntries(changed.map((name) => [name, wanted[name]]));
}

function textAt(attributes: JsonObject, name: string): string | null {
  const value = attributes[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
