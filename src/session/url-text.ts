import { displayUrl } from '../address/display.js';
import { serviceOf } from '../address/services.js';
import { isValidUrl } from '../address/valid-url.js';
import type { ConnectApp } from '../connect-api/app.js';
import type { UrlSetting } from '../connect-api/url-settings.js';
import { escapeText, showText } from '../terminal/escape.js';

/**
 * A notification URL as people are shown it. Those that RevenueCat and Qonversion give out are keys: of them the host, and whose it is.
 * All others are shown whole, as they are there to be compared and copied.
 */
export function showNotificationUrl(text: string): string {
  if (!isValidUrl(text)) return showText(text);
  const url = new URL(text);
  const service = serviceOf(url);
  return service === null ? escapeText(text) : `${escapeText(displayUrl(url, 'host'))} (${service})`;
}

/** `Version 2`; empty where none is set. */
export function showVersion(version: string | null): string {
  return version === null ? '' : `Version ${escapeText(version.replace(/^V/, ''))}`;
}

/** A setting in a sentence: `https://example.com/apple, Version 2`, or `no URL`. */
export function showSetting({ url, version }: UrlSetting): string {
  if (url === null) return 'no URL';
  return [showNotificationUrl(url), showVersion(version)].filter((part) => part !== '').join(', ');
}

/** An app in a sentence or a title. */
export function showApp({ name, bundleId }: Pick<ConnectApp, 'name' | 'bundleId'>): string {
  return name === '' ? escapeText(bundleId) : `${showText(name)} (${escapeText(bundleId)})`;
}
