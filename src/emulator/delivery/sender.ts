import { displayUrl } from '../../address/display.js';
import { stringifyJson } from '../../jws/json.js';
import type { DeliveryRequest, DeliveryResult } from '../../sender/deliver.js';
import { appleRetries } from '../../sender/retry-schedule.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import {
  checkEmulatedUrl,
  destinationOf,
  type EmulatedAppSettings,
  type NotificationDestination,
  ownDestination,
} from '../app-settings.js';
import type { EmulatorDeliveryEvent } from '../events.js';
import {
  type LoggedAttempt,
  type NotificationFacts,
  type NotificationLog,
  type NotificationRecord,
  typeName,
} from './notification-log.js';
import type { RetryClock } from './retry-clock.js';

interface NotificationSenderOptions {
  readonly deliver: (request: DeliveryRequest) => Promise<DeliveryResult>;
  readonly clock: RetryClock;
  readonly log: NotificationLog;
  readonly settings: () => EmulatedAppSettings;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Timeout of one attempt. */
  readonly deliveryTimeoutMs: number;
  readonly ca: readonly string[];
  readonly signal: AbortSignal;
  readonly onEvent: (event: EmulatorDeliveryEvent) => void;
  /** Called when the first notification is dropped. */
  readonly onDropped: () => void;
}

/** A notification to be sent. */
interface NotificationToDeliver {
  readonly facts: NotificationFacts;
  readonly environment: AppEnvironment;
  readonly signedPayload: string;
  readonly testToken: string | null;
}

/** Mutable record. `startedMs` is its creation time on the retry clock. */
type MutableRecord = { -readonly [Key in keyof NotificationRecord]: NotificationRecord[Key] } & {
  readonly startedMs: number;
};

/** Delivers notifications and, in production, retries on Apple's schedule. */
export class NotificationSender {
  readonly #options: NotificationSenderOptions;
  readonly #inFlight = new Set<Promise<void>>();
  /** Cancels the next attempt of a notification. */
  readonly #retries = new WeakMap<NotificationRecord, () => void>();
  readonly #dropped = new WeakSet<NotificationRecord>();
  #hasDropped = false;

  constructor(options: NotificationSenderOptions) {
    this.#options = options;
  }

  /** Current destination; null if no URL is set. A TEST has no fallback to the production URL. */
  destination(environment: AppEnvironment, isTest: boolean): NotificationDestination | null {
    return (isTest ? ownDestination : destinationOf)(this.#options.settings(), environment);
  }

  /** Starts the first attempt; `firstAttempt` resolves when it has finished. Retries follow in the background. */
  send({ facts, ...fields }: NotificationToDeliver): { record: NotificationRecord; firstAttempt: Promise<void> } {
    const { clock, log, now } = this.#options;
    const startedMs = clock.elapsedMs;
    const record: MutableRecord = {
      ...facts,
      ...fields,
      sequence: log.size,
      createdMs: now(),
      startedMs,
      attempts: [],
      nextAttemptDate: null,
    };
    this.#drop(log.add(record));
    return { record, firstAttempt: this.#track(this.#attempt(record, startedMs)) };
  }

  /** What is dropped from the log is not sent again, so that memory has a limit while an endpoint is down. */
  #drop(record: NotificationRecord | null): void {
    if (record === null) return;
    this.#dropped.add(record);
    this.#retries.get(record)?.();
    if (!this.#hasDropped) this.#options.onDropped();
    this.#hasDropped = true;
  }

  /** Resolves when no attempt is in flight. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  #track(work: Promise<void>): Promise<void> {
    this.#inFlight.add(work);
    return work.finally(() => this.#inFlight.delete(work));
  }

  /** `plannedMs` is the due time on the retry clock, so that late starts do not add up. */
  async #attempt(record: MutableRecord, plannedMs: number): Promise<void> {
    const { clock, log, signal } = this.#options;
    const destination = this.destination(record.environment, record.testToken !== null);
    record.nextAttemptDate = null;
    if (destination === null || signal.aborted) return;
    const attemptDate = record.createdMs + Math.round(plannedMs - record.startedMs);
    const result = await this.#deliver(record, destination.url).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (result === null) return;
    const attempt = toAttempt(result, attemptDate);
    record.attempts = [...record.attempts, attempt];
    log.countAttempt(attempt);
    const { afterMs } = appleRetries(result.result, result.httpStatus, record.environment, record.attempts.length);
    if (afterMs !== null && !this.#dropped.has(record)) {
      record.nextAttemptDate = attemptDate + afterMs;
      const dueMs = plannedMs + afterMs;
      this.#retries.set(
        record,
        clock.at(dueMs, () => this.#track(this.#attempt(record, dueMs))),
      );
    }
    this.#emit(record, destination.url);
  }

  #deliver({ signedPayload }: NotificationRecord, url: URL): Promise<DeliveryResult> {
    const { deliver, deliveryTimeoutMs, ca, sleep, now, signal } = this.#options;
    return deliver({
      url,
      body: stringifyJson({ signedPayload }),
      timeoutMs: deliveryTimeoutMs,
      ca,
      sleep,
      now,
      signal,
    });
  }

  #emit(record: NotificationRecord, url: URL): void {
    const last = record.attempts.at(-1)!;
    this.#options.onEvent({
      event: last.sendAttemptResult === 'SUCCESS' ? 'forwarded' : 'failed',
      atMs: this.#options.now(),
      id: record.notificationUUID,
      environment: record.environment,
      type: typeName(record),
      transactionId: record.transactionId,
      target: displayUrl(url, 'host'),
      attempt: record.attempts.length,
      ...last,
      nextAttemptDate: record.nextAttemptDate,
      final: record.nextAttemptDate === null,
      appleWouldRefuse: checkEmulatedUrl(url.href).appleWouldRefuse,
    });
  }
}

function toAttempt({ result, httpStatus, ms, detail }: DeliveryResult, attemptDate: number): LoggedAttempt {
  return { attemptDate, sendAttemptResult: result, httpStatus, ms, detail };
}
