/** A POST with a body, taken whole, that is to be judged. */
export interface Incoming {
  readonly body: Uint8Array;
  readonly atMs: number;
  /** The `Content-Type` as received; null without one. */
  readonly contentType: string | null;
  /** The client's address as far as proxies are trusted; null where it cannot be known. */
  readonly address: string | null;
  /** Ids of the listeners it has passed, from `storewire-via`. */
  readonly via: readonly string[];
}

/** What is answered. `body` becomes one JSON object; null answers without one. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | null;
}
