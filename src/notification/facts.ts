import type { Json, JsonObject } from '../jws/json.js';
import type { Kind } from './document.js';
import { appAppleIdOf, bundleIdOf, environmentOf, signedMoment } from './kind.js';
import type { EventSubject } from './meaning.js';
import { FIELD_OF_KIND } from './open.js';

/** What every view of a document says first. Null where the payload does not say. Strings are as signed: untrusted. */
export interface Facts {
  /** `DID_RENEW`, `SUBSCRIBED.INITIAL_BUY`; for other kinds the kind. */
  readonly type: string;
  readonly bundleId: string | null;
  readonly appAppleId: string | null;
  readonly environment: string | null;
  readonly productId: string | null;
  readonly signedAtMs: number | null;
}

/** The outermost payload of a document; null where it could not be opened. */
export function outerPayload(document: EventSubject): JsonObject | null {
  return document[FIELD_OF_KIND[document.kind]] ?? null;
}

/** Reads the facts of a document; never throws, whatever the payload holds. */
export function factsOf(document: EventSubject): Facts {
  const { kind } = document;
  const payload = outerPayload(document);
  if (payload === null) return { ...NOTHING_KNOWN, type: kind };
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

const NOTHING_KNOWN: Facts = {
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
