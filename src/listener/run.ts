import type { ListenerCounts, ListenerEvent } from './event.js';
import type { ListenerOptions } from './options.js';

/** An event before the clock is read; `Event` distributes over the union. */
export type Untimed<Event> = Event extends ListenerEvent ? Omit<Event, 'atMs'> : never;

/** What the parts of one run share. */
export interface Run {
  readonly options: ListenerOptions;
  /** Goes with everything that is handed on, so that a notification that comes back is noticed. */
  readonly runId: string;
  readonly counts: { -readonly [Name in Exclude<keyof ListenerCounts, 'owed'>]: number };
  readonly emit: (event: Untimed<ListenerEvent>) => void;
  /** Aborts when the run stops: practised delays end. */
  readonly stopping: AbortSignal;
}

const RUN_ID_BYTES = 8;

export function createRun(options: ListenerOptions, stopping: AbortSignal): Run {
  return {
    options,
    runId: newId(options.random, RUN_ID_BYTES),
    counts: { received: 0, verified: 0, repeats: 0, refused: 0, forwarded: 0, failed: 0 },
    emit: (event) => options.onEvent({ ...event, atMs: options.now() } as ListenerEvent),
    stopping,
  };
}

/** Random, as lower-case hex. */
export function newId(random: (bytes: number) => Uint8Array, bytes = 8): string {
  return Buffer.from(random(bytes)).toString('hex');
}
