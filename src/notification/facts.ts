import type { Json, JsonObject } from '../jws/json.js';
import type { Kind } from './document.js';
import { appAppleIdOf, bundleIdOf, environmentOf, signedMoment } from './kind.js';
import type { EventSubject } from './meaning.js';
import { FIELD_OF_KIND } from './open.js';

/** Main facts of a document, shown first in every view; null if absent. Strings are as signed, and untrusted. */
export interface Facts {
  /** `DID_RENEW`, `SUBSCRIBED.INITIAL_BUY`; for other kinds the kind. */
  readonly type: string;
  readonly bundleId: string | null;
  readonly appAppleId: string | null;
  readonly environment: string | null;
  readonly productId: string | null;
  readonly signedAtMs: number | null;
}

/** The outermost payload of a document; null if it could not be decoded. */
export function outerPayload(document: EventSubject): JsonObject | null {
  return document[FIELD_OF_KIND[document.kind]] ?? null;
}

/** Extracts the facts of a document; never throws, whatever the payload contains. */
export function factsOf(document: EventSubject): Facts {
  const { kind } = document;
  const payload = outerPayload(document);
  if (payload === null) return { ...NO_FACTS, type: kind };
  return {
    type: typeOf(payload, kind),
    bundleId: kind === 'notificationV1' ? asText(payload.bid) : bundleIdOf(payload, kind),
    appAppleId: appAppleIdOf(payload, kind),
    environment: environmentOf(payload, kind),
    productId: productOf(document),
    signedAtMs: signedMoment(payload, kind)?.atMs ?? null,
  };
}

/** `TYPE.SUBTYPE` of a notification, the type of a version 1 body, else the kind. */
export function typeOf(payload: JsonObject, kind: Kind): string {
  if (kind === 'notificationV1') return asText(payload.notification_type) ?? kind;
  if (kind !== 'notification') return kind;
  const type = asText(payload.notificationType);
  const subtype = asText(payload.subtype);
  if (type === null) return kind;
  return subtype === null ? type : `${type}.${subtype}`;
}

const NO_FACTS: Facts = {
  type: 'unknown',
  bundleId: null,
  appAppleId: null,
  environment: null,
  productId: null,
  signedAtMs: null,
};

function productOf({ transaction, renewalInfo, realtimeRequest, notification }: EventSubject): string | null {
  const summary = notification?.summary as JsonObject | undefined;
  return asText((transaction ?? renewalInfo ?? realtimeRequest ?? summary)?.productId);
}

function asText(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
