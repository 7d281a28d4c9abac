import type { InspectorEvent } from '../../wire.js';
import { EventStreamParser, reconnectDelayMs } from '../model/event-stream.js';
import { type ApiClient, ApiError } from './api.js';
import { later } from './browser.js';

export interface FeedListener {
  onEvent(event: InspectorEvent): void;
  /** `isGapless`: this is the first connection, and it begins where the rows that are shown end. */
  onOpen(isGapless: boolean): void;
  onLost(): void;
  onRefused(error: ApiError): void;
}

/** Follows the events of the server until it is stopped or refused, and connects again whenever a connection ends. */
export class EventFeed {
  readonly #api: ApiClient;
  readonly #listener: FeedListener;
  readonly #abort = new AbortController();
  #lastEventId: string | null = null;
  #failures = 0;
  #isGapless = false;
  #wake: () => void = () => {};

  constructor(api: ApiClient, listener: FeedListener) {
    this.#api = api;
    this.#listener = listener;
  }

  /** `lastEventId`: event as of which the rows were read; null where none could be read yet. */
  async run(lastEventId: string | null): Promise<void> {
    this.#lastEventId = lastEventId;
    this.#isGapless = lastEventId !== null;
    while (!this.#abort.signal.aborted) {
      const refusal = await this.#follow();
      if (this.#abort.signal.aborted) return;
      if (refusal !== null) {
        this.#listener.onRefused(refusal);
        return;
      }
      this.#isGapless = false;
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
      this.#listener.onOpen(this.#isGapless);
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
      for (const { id, data } of parser.push(decoder.decode(part.value, { stream: true }))) {
        if (id !== null) this.#lastEventId = id;
        this.#listener.onEvent(JSON.parse(data) as InspectorEvent);
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
