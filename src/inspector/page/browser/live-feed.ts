import type { InspectorEvent } from '../../wire.js';
import { EventStreamParser, reconnectDelayMs } from '../model/event-stream.js';
import { type ApiClient, ApiError } from './api.js';
import { later } from './browser.js';

export interface FeedListener {
  onEvent(event: InspectorEvent): void;
  /** `isResumed`: an earlier connection had ended. */
  onOpen(isResumed: boolean): void;
  onLost(): void;
  onRefused(error: ApiError): void;
}

/** Follows the events of the server until it is stopped or refused, and connects again whenever a connection ends. */
export class LiveFeed {
  readonly #api: ApiClient;
  readonly #listener: FeedListener;
  readonly #abort = new AbortController();
  #lastEventId: string | null = null;
  #failures = 0;
  #wasOpen = false;
  #wake: () => void = () => {};

  constructor(api: ApiClient, listener: FeedListener) {
    this.#api = api;
    this.#listener = listener;
  }

  async run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const refusal = await this.#follow();
      if (this.#abort.signal.aborted) return;
      if (refusal !== null) {
        this.#listener.onRefused(refusal);
        return;
      }
      this.#listener.onLost();
      await this.#pause(reconnectDelayMs(this.#failures++));
    }
  }

  /** Connects at once instead of after the wait. */
  hurry(): void {
    this.#wake();
  }

  stop(): void {
    this.#abort.abort();
    this.#wake();
  }

  /** One connection, to its end. The error of a refusal; null for any other end. */
  async #follow(): Promise<ApiError | null> {
    try {
      const stream = await this.#api.openEvents(this.#lastEventId, this.#abort.signal);
      this.#listener.onOpen(this.#wasOpen);
      this.#wasOpen = true;
      this.#failures = 0;
      await this.#read(stream);
      return null;
    } catch (error) {
      if (error instanceof ApiError && error.isRefused) return error;
      // Any other failure, in mid-stream too, is a lost connection: the state of the page says so.
      return null;
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const parser = new EventStreamParser();
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      for (const { id, name, data } of parser.push(decoder.decode(part.value, { stream: true }))) {
        if (id !== null) this.#lastEventId = id;
        if (name === 'row' || name === 'reset') this.#listener.onEvent(readEvent(name, data));
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = later(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** The data is the whole event, or its parts without `event`, which the name says too. */
function readEvent(name: InspectorEvent['event'], data: string): InspectorEvent {
  return { event: name, ...JSON.parse(data) };
}
