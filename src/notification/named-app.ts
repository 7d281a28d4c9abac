import { isJsonObject, type JsonObject } from '../jws/json.js';
import type { Kind } from './document.js';

/** The bundle id a payload names, or null. Renewal info and realtime requests have no such field (apple.md 2.4). */
export function bundleIdOf(payload: JsonObject, kind: Kind): string | null {
  switch (kind) {
    case 'notification':
      return textIn(containerOf(payload), 'bundleId');
    case 'transaction':
    case 'appTransaction':
      return textIn(payload, 'bundleId');
    case 'notificationV1':
      return textIn(payload, 'bid');
    case 'unknown':
      return textIn(payload, 'bundleId') ?? textIn(containerOf(payload), 'bundleId');
    default:
      return null;
  }
}

/** The app Apple ID a payload names as decimal digits, so that numbers and bigints compare alike, or null. */
export function appAppleIdOf(payload: JsonObject, kind: Kind): string | null {
  switch (kind) {
    case 'notification':
      return digitsIn(containerOf(payload), 'appAppleId');
    case 'appTransaction':
    case 'realtimeRequest':
      return digitsIn(payload, 'appAppleId');
    case 'unknown':
      return digitsIn(payload, 'appAppleId') ?? digitsIn(containerOf(payload), 'appAppleId');
    default:
      return null;
  }
}

/** The environment a payload names in Apple's spelling (`Production`, `Sandbox`, `Xcode`, …), or null. */
export function environmentOf(payload: JsonObject, kind: Kind): string | null {
  switch (kind) {
    case 'notification':
      return environmentIn(payload, containerOf(payload));
    case 'appTransaction':
      return textIn(payload, 'receiptType');
    case 'notificationV1':
      return payload.environment === 'PROD' ? 'Production' : textIn(payload, 'environment');
    case 'unknown':
      return textIn(payload, 'environment') ?? environmentIn(payload, containerOf(payload));
    default:
      return textIn(payload, 'environment');
  }
}

/**
 * The object of a notification that names the app: the first of Apple's four that is there, and no other after it, as in
 * Apple's libraries; else the first top-level object that names one, so that newer containers are judged too.
 */
function containerOf(payload: JsonObject): JsonObject | null {
  for (const name of CONTAINERS) {
    const container = payload[name];
    if (isJsonObject(container)) return container;
  }
  for (const name in payload) {
    const container = payload[name];
    if (isJsonObject(container) && namesApp(container)) return container;
  }
  return null;
}

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData'] as const;

function namesApp(container: JsonObject): boolean {
  return container.bundleId !== undefined || container.appAppleId !== undefined || container.environment !== undefined;
}

/** An external purchase token has no environment: the prefix of its id tells it. */
function environmentIn(payload: JsonObject, container: JsonObject | null): string | null {
  if (container === null || container !== payload.externalPurchaseToken) return textIn(container, 'environment');
  const id = textIn(container, 'externalPurchaseId');
  if (id === null) return null;
  return id.startsWith('SANDBOX') ? 'Sandbox' : 'Production';
}

function textIn(container: JsonObject | null, name: string): string | null {
  const value = container?.[name];
  return typeof value === 'string' ? value : null;
}

function digitsIn(container: JsonObject | null, name: string): string | null {
  const value = container?.[name];
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}
