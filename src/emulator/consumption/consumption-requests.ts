import type { Json, JsonObject } from '../../jws/json.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { RetryClock } from '../delivery/retry-clock.js';
import type { StoreEvent } from '../store/store-event.js';

/** One CONSUMPTION_REQUEST, with Apple's repeats of it. Times are on the retry clock, in milliseconds since the epoch. */
export interface ConsumptionRequestView {
  readonly environment: AppEnvironment;
  readonly transactionId: string;
  readonly originalTransactionId: string;
  /** Apple's `consumptionRequestReason`. */
  readonly reason: string | null;
  /** `open`: an answer is expected. `decided`: REFUND or REFUND_DECLINED was sent. `expired`: no answer in time. */
  readonly state: 'open' | 'answered' | 'decided' | 'expired';
  /** Oldest first, each with a notificationUUID of its own. */
  readonly requests: readonly { readonly notificationUUID: string; readonly requestDate: number }[];
  /** End of the time to answer: 12 hours after the last request. */
  readonly answerUntil: number;
  /** Time of the next request; null if none follows. */
  readonly nextRequestDate: number | null;
}

/** A valid answer: a call of Send Consumption Information. */
export interface ConsumptionAnswer {
  readonly environment: AppEnvironment;
  readonly transactionId: string;
  /** Version of the call. */
  readonly version: 1 | 2;
  /** Time on the real clock, in milliseconds since the epoch. */
  readonly atMs: number;
  /** The body as received. */
  readonly body: JsonObject;
  /** State of the request that it answers, before it; null if none was sent. Apple accepts each alike. */
  readonly requestState: ConsumptionRequestView['state'] | null;
}

interface ConsumptionOptions {
  readonly clock: RetryClock;
  readonly now: () => number;
  /** Sends the request again with a new notificationUUID, which it returns; `delivered` resolves after the first attempt. */
  readonly resend: (
    event: StoreEvent,
    environment: AppEnvironment,
  ) => { readonly notificationUUID: string; readonly delivered: Promise<void> };
  /** Number of requests to keep, and of answers. */
  readonly limit: number;
}

const HOUR_MS = 3_600_000;

/** Source: docs, Send Consumption Information: "Respond within 12 hours". */
const ANSWER_MS = 12 * HOUR_MS;

/** Reported, not documented: up to three requests, about 8 hours apart (developer forums, thread 756151). */
const REPEAT_MS = 8 * HOUR_MS;

const MOST_REQUESTS = 3;

/** A request on the retry clock. */
interface OpenedRequest {
  readonly environment: AppEnvironment;
  readonly event: StoreEvent;
  /** Time of the first request on the real clock, and on the retry clock. */
  readonly createdMs: number;
  readonly startedMs: number;
  readonly asked: { readonly notificationUUID: string; readonly elapsedMs: number }[];
  outcome: 'answered' | 'decided' | null;
  nextMs: number | null;
  cancel: () => void;
}

/** Asks for consumption information until it is answered, as the App Store does. In memory, and bounded. */
export class ConsumptionRequests {
  readonly #options: ConsumptionOptions;
  /** By environment and transaction, oldest first. */
  readonly #requests = new Map<string, OpenedRequest>();
  readonly #answers: ConsumptionAnswer[] = [];

  constructor(options: ConsumptionOptions) {
    this.#options = options;
  }

  /** Follows a notification that is sent: a CONSUMPTION_REQUEST starts the clock, the decision on the refund stops it. */
  follow(event: StoreEvent, environment: AppEnvironment): void {
    if (event.name === 'CONSUMPTION_REQUEST') this.#open(event, environment);
    if (event.name !== 'REFUND' && event.name !== 'REFUND_DECLINED') return;
    const request = this.#requests.get(keyOf(environment, event.transaction.transactionId));
    if (request !== undefined) close(request, 'decided');
  }

  /** Records a valid answer; no further request follows. */
  answer(given: Omit<ConsumptionAnswer, 'atMs' | 'requestState'>): void {
    const { now, limit } = this.#options;
    const request = this.#requests.get(keyOf(given.environment, given.transactionId));
    this.#answers.push({ ...given, atMs: now(), requestState: request === undefined ? null : this.#stateOf(request) });
    if (this.#answers.length > limit) this.#answers.shift();
    if (request !== undefined) close(request, 'answered');
  }

  /** The latest requests, oldest first. */
  requests(count: number): readonly ConsumptionRequestView[] {
    return [...this.#requests.values()].slice(-count).map((request) => this.#view(request));
  }

  /** The latest answers, oldest first. */
  answers(count: number): readonly ConsumptionAnswer[] {
    return this.#answers.slice(-count);
  }

  #open(event: StoreEvent, environment: AppEnvironment): void {
    const key = keyOf(environment, event.transaction.transactionId);
    const before = this.#requests.get(key);
    if (before?.asked.some(({ notificationUUID }) => notificationUUID === event.notificationUUID)) return;
    before?.cancel();
    const { clock, now, limit } = this.#options;
    const { elapsedMs } = clock;
    const request: OpenedRequest = {
      ...{ environment, event, createdMs: now(), startedMs: elapsedMs, outcome: null, nextMs: null },
      asked: [{ notificationUUID: event.notificationUUID, elapsedMs }],
      cancel: () => undefined,
    };
    this.#requests.delete(key);
    this.#requests.set(key, request);
    this.#planRepeat(request);
    if (this.#requests.size <= limit) return;
    const [oldestKey, oldest] = [...this.#requests.entries()][0]!;
    oldest.cancel();
    this.#requests.delete(oldestKey);
  }

  #planRepeat(request: OpenedRequest): void {
    if (request.asked.length >= MOST_REQUESTS) return;
    const dueMs = request.asked.at(-1)!.elapsedMs + REPEAT_MS;
    request.nextMs = dueMs;
    request.cancel = this.#options.clock.at(dueMs, () => this.#repeat(request, dueMs));
  }

  async #repeat(request: OpenedRequest, dueMs: number): Promise<void> {
    const { notificationUUID, delivered } = this.#options.resend(request.event, request.environment);
    request.asked.push({ notificationUUID, elapsedMs: dueMs });
    request.nextMs = null;
    this.#planRepeat(request);
    await delivered;
  }

  #stateOf({ outcome, asked }: OpenedRequest): ConsumptionRequestView['state'] {
    if (outcome !== null) return outcome;
    return this.#options.clock.elapsedMs < asked.at(-1)!.elapsedMs + ANSWER_MS ? 'open' : 'expired';
  }

  #view(request: OpenedRequest): ConsumptionRequestView {
    const { environment, event, asked, createdMs, startedMs, nextMs } = request;
    const dateOf = (elapsedMs: number): number => createdMs + Math.round(elapsedMs - startedMs);
    return {
      environment,
      transactionId: event.transaction.transactionId,
      originalTransactionId: event.transaction.originalTransactionId,
      reason: reasonOf(event),
      state: this.#stateOf(request),
      requests: asked.map(({ notificationUUID, elapsedMs }) => ({ notificationUUID, requestDate: dateOf(elapsedMs) })),
      answerUntil: dateOf(asked.at(-1)!.elapsedMs + ANSWER_MS),
      nextRequestDate: nextMs === null ? null : dateOf(nextMs),
    };
  }
}

function close(request: OpenedRequest, outcome: 'answered' | 'decided'): void {
  request.cancel();
  request.nextMs = null;
  request.outcome ??= outcome;
}

function keyOf(environment: AppEnvironment, transactionId: string): string {
  return `${environment} ${transactionId}`;
}

function reasonOf({ notification }: StoreEvent): string | null {
  const reason: Json | undefined = (notification.data as JsonObject | undefined)?.consumptionRequestReason;
  return typeof reason === 'string' ? reason : null;
}
