import type { Json, JsonObject } from '../../jws/json.js';
import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { openPayload, payloadFields } from '../../notification/open.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';

/** One attempt to deliver a notification. */
export interface Attempt {
  /** When it was made, in the time of the retry schedule (ms since the epoch). */
  readonly attemptDate: number;
  readonly sendAttemptResult: SendAttemptResult;
  readonly httpStatus: number | null;
  readonly ms: number;
  /** What happened, in words; may quote the peer. */
  readonly detail: string;
}

/** What a notification says of itself, as far as the API filters by it. */
export interface NotificationFacts {
  readonly notificationUUID: string;
  readonly notificationType: string | null;
  readonly subtype: string | null;
  readonly transactionId: string | null;
  readonly originalTransactionId: string | null;
  readonly appTransactionId: string | null;
}

/** A notification on its way, or at its end. Only the courier changes it. */
export interface NotificationRecord extends NotificationFacts {
  /** Its place in the log, from 0. */
  readonly sequence: number;
  readonly environment: AppEnvironment;
  readonly signedPayload: string;
  /** When it came to be (ms since the epoch), on the real clock. */
  readonly createdMs: number;
  /** The token of a TEST; null for any other. */
  readonly testToken: string | null;
  readonly attempts: readonly Attempt[];
  /** When the next attempt is due, in the time of the retry schedule; null where there is none, or the first is being made. */
  readonly nextAttemptDate: number | null;
}

/** Every notification of one run, in the order they came to be. In memory. */
export class NotificationLog {
  readonly #records: NotificationRecord[] = [];

  add(record: NotificationRecord): void {
    this.#records.push(record);
  }

  /** Those that were attempted at least once: what is still pending, Apple does not show. */
  attempted(environment: AppEnvironment): readonly NotificationRecord[] {
    return this.#records.filter((record) => record.environment === environment && record.attempts.length > 0);
  }

  findTest(environment: AppEnvironment, token: string): NotificationRecord | undefined {
    return this.#records.find((record) => record.environment === environment && record.testToken === token);
  }

  get size(): number {
    return this.#records.length;
  }

  get all(): readonly NotificationRecord[] {
    return this.#records;
  }
}

/** Reads a signed payload without verifying it; null where it is no notification with a UUID. */
export function readFacts(signedPayload: string): NotificationFacts | null {
  const opened = openPayload(signedPayload);
  const { notification, transaction = {}, appTransaction = {} } = payloadFields(opened);
  const notificationUUID = asText(notification?.notificationUUID);
  if (notification === undefined || notificationUUID === null) return null;
  const ids = idsOf(transaction);
  return {
    notificationUUID,
    notificationType: asText(notification.notificationType),
    subtype: asText(notification.subtype),
    ...ids,
    appTransactionId: ids.appTransactionId ?? asText(appTransaction.appTransactionId),
  };
}

function idsOf({ transactionId, originalTransactionId, appTransactionId }: JsonObject) {
  return {
    transactionId: asText(transactionId),
    originalTransactionId: asText(originalTransactionId),
    appTransactionId: asText(appTransactionId),
  };
}

function asText(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `TYPE` or `TYPE.SUBTYPE`, `unknown` where it does not say. */
export function typeName({ notificationType, subtype }: NotificationFacts): string {
  if (notificationType === null) return 'unknown';
  return subtype === null ? notificationType : `${notificationType}.${subtype}`;
}

export function wasAccepted({ attempts }: Pick<NotificationRecord, 'attempts'>): boolean {
  return attempts.some(({ sendAttemptResult }) => sendAttemptResult === 'SUCCESS');
}
