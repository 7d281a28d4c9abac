import { ToolError } from '../errors.js';
import { groupDigits } from '../terminal/format.js';
import type { ListenerCounts, ListenerEvent } from './events.js';
import type { ListenerOptions } from './options.js';

/** Event without its time; `Event` distributes over the union. */
type Untimed<Event> = Event extends ListenerEvent ? Omit<Event, 'atMs'> : never;

/** Context shared by the parts of one run. */
export interface ListenerContext {
  readonly options: ListenerOptions;
  /** Random id in lower-case hex. */
  readonly newId: () => string;
  /** Sent with every forwarded notification, to detect forwarding loops. */
  readonly runId: string;
  readonly counts: { -readonly [Name in Exclude<keyof ListenerCounts, 'owed'>]: number };
  readonly emit: (event: Untimed<ListenerEvent>) => void;
  /** Reads the deliveries that other commands have recorded, at most once a second. */
  readonly catchUp: () => Promise<void>;
  /** Tells once when the journal approaches its size limit, and again after it was below. */
  readonly watchUsage: () => void;
  /** Aborts when the run stops, which ends injected delays. */
  readonly stopping: AbortSignal;
}

export function createListenerContext(options: ListenerOptions, stopping: AbortSignal): ListenerContext {
  const emit: ListenerContext['emit'] = (event) => options.onEvent({ ...event, atMs: options.now() } as ListenerEvent);
  const newId = createIdSource(options.random);
  return {
    options,
    newId,
    runId: newId(),
    counts: { received: 0, verified: 0, repeats: 0, refused: 0, forwarded: 0, failed: 0 },
    emit,
    watchUsage: createUsageWatch(options.journal, emit),
    catchUp: throttled(() => catchUp(options, emit), options.now),
    stopping,
  };
}

/** A failure becomes a notice: delivering twice is better than not at all. */
async function catchUp({ journal }: ListenerOptions, emit: ListenerContext['emit']): Promise<void> {
  try {
    await journal.catchUp();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    emit({ event: 'notice', code: error.code, message: error.message });
  }
}

/** Share of the journal's size limit from which on it is told: time enough to prune, also at a high rate. */
const TOLD_SHARE = 0.8;

function createUsageWatch({ usage }: ListenerOptions['journal'], emit: ListenerContext['emit']): () => void {
  let isTold = false;
  return () => {
    const { bytes, limitBytes } = usage();
    const isNearlyFull = bytes >= TOLD_SHARE * limitBytes;
    if (isNearlyFull && !isTold)
      emit({ event: 'notice', code: 'JOURNAL_NEARLY_FULL', message: describeUsage(bytes, limitBytes) });
    isTold = isNearlyFull;
  };
}

function describeUsage(bytes: number, limitBytes: number): string {
  const [used, limit] = [bytes, limitBytes].map((size) => groupDigits(Math.round(size / 1_048_576)));
  return `the journal has ${used} of at most ${limit} MiB; once it is full, notifications are answered 503. To free space: storewire journal prune`;
}

const ID_BYTES = 8;

/** Ids drawn from the system at once: a draw costs the same for 8 bytes as for all of them, 26 µs on a busy machine. */
const IDS_A_DRAW = 512;

/** Source of random ids in lower-case hex. */
export function createIdSource(random: (bytes: number) => Uint8Array): () => string {
  let pool = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= pool.length) {
      pool = Buffer.from(random(ID_BYTES * IDS_A_DRAW));
      at = 0;
    }
    at += ID_BYTES;
    return pool.toString('hex', at - ID_BYTES, at);
  };
}

const CATCH_UP_MS = 1_000;

function throttled(task: () => Promise<void>, now: () => number): () => Promise<void> {
  let lastMs = Number.NEGATIVE_INFINITY;
  let last: Promise<void> = Promise.resolve();
  return () => {
    if (now() - lastMs < CATCH_UP_MS) return last;
    lastMs = now();
    last = task();
    return last;
  };
}
