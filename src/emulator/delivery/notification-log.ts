import type { Json, JsonObject } from '../../jws/json.js';
import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { openPayload, payloadFields } from '../../notification/open.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';

/** One attempt to deliver a notification. */
export interface LoggedAttempt {
  /** Time of the attempt on the retry clock, in milliseconds since the epoch. */
  readonly attemptDate: number;
  readonly sendAttemptResult: SendAttemptResult;
  readonly httpStatus: number | null;
  readonly ms: number;
  /** Description of the result. May quote the endpoint. */
  readonly detail: string;
}

/** Fields of a notification that history filters by. */
export interface NotificationFacts {
  readonly notificationUUID: string;
  readonly notificationType: string | null;
  readonly subtype: string | null;
  readonly transactionId: string | null;
  readonly originalTransactionId: string | null;
  readonly appTransactionId: string | null;
}

/** A notification with its delivery state. Only the sender changes it. */
export interface NotificationRecord extends NotificationFacts {
  /** Index in the log, from 0. */
  readonly sequence: number;
  readonly environment: AppEnvironment;
  readonly signedPayload: string;
  /** Creation time on the real clock, in milliseconds since the epoch. */
  readonly createdMs: number;
  /** Token of a TEST; null for other notifications. */
  readonly testToken: string | null;
  readonly attempts: readonly LoggedAttempt[];
  /** Time of the next attempt on the retry clock; null if there is none or the first one is in flight. */
  readonly nextAttemptDate: number | null;
}

/** The latest notifications of one emulator in order of creation, in memory, and counts of all. */
export class NotificationLog {
  readonly #limit: number;
  readonly #records: NotificationRecord[] = [];
  readonly #tests = new Map<string, NotificationRecord>();
  #size = 0;
  #attempts = 0;
  #delivered = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a notification with the next sequence. Returns the oldest one if it was dropped for it. */
  add(record: NotificationRecord): NotificationRecord | null {
    this.#size += 1;
    this.#records.push(record);
    if (record.testToken !== null) this.#tests.set(record.testToken, record);
    const dropped = this.#records.length > this.#limit ? this.#records.shift() : undefined;
    if (dropped === undefined) return null;
    if (dropped.testToken !== null) this.#tests.delete(dropped.testToken);
    return dropped;
  }

  /** Counts an attempt. Nothing is sent again after a success. */
  countAttempt({ sendAttemptResult }: LoggedAttempt): void {
    this.#attempts += 1;
    if (sendAttemptResult === 'SUCCESS') this.#delivered += 1;
  }

  /** Notifications with at least one attempt after this sequence (-1: all), oldest first. Apple's history omits pending ones. */
  *attempted(environment: AppEnvironment, after: number): Generator<NotificationRecord> {
    const first = this.#size - this.#records.length;
    for (let at = Math.max(0, after + 1 - first); at < this.#records.length; at += 1) {
      const record = this.#records[at]!;
      if (record.environment === environment && record.attempts.length > 0) yield record;
    }
  }

  findTest(environment: AppEnvironment, token: string): NotificationRecord | undefined {
    const found = this.#tests.get(token);
    return found?.environment === environment ? found : undefined;
  }

  /** The last `count` notifications, oldest first. */
  latest(count: number): readonly NotificationRecord[] {
    return this.#records.slice(-count);
  }

  /** Number of all notifications, dropped ones included; the sequence of the next. */
  get size(): number {
    return this.#size;
  }

  get counts(): { readonly notifications: number; readonly attempts: number; readonly delivered: number } {
    return { notifications: this.#size, attempts: this.#attempts, delivered: this.#delivered };
  }
}

/** Reads a signed payload without verifying it; null unless it is a notification with a notificationUUID. */
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

/** `TYPE`, `TYPE.SUBTYPE`, or `unknown` if the payload has no type. */
export function typeName({ notificationType, subtype }: NotificationFacts): string {
  if (notificationType === null) return 'unknown';
  return subtype === null ? notificationType : `${notificationType}.${subtype}`;
}

export function wasAccepted({ attempts }: Pick<NotificationRecord, 'attempts'>): boolean {
  return attempts.some(({ sendAttemptResult }) => sendAttemptResult === 'SUCCESS');
}
