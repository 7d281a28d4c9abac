import type { ServerResponse } from 'node:http';
import type { NotificationSource, SourceChanges } from '../sources/source.js';
import type { InspectorEvent, InspectorSetup } from '../wire.js';
import { SAFE_HEADERS, toWireJson } from './replies.js';

export interface LiveFeedOptions {
  readonly source: Pick<NotificationSource, 'refresh' | 'rowOf' | 'total'>;
  /** What this run can do now: a listener may start or stop beside it. */
  setup(): Promise<InspectorSetup>;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
  /** Called with an error of the source, which is read again later. */
  readonly onError: (error: unknown) => void;
}

/** Server-sent events of the rows: follows the source while a page is open. */
export interface LiveFeed {
  /** Id of the last change. */
  readonly eventId: string;
  /** Reads what was added to the source, and sends it to the open pages. */
  refresh(): Promise<void>;
  /** The setup of now. One that has changed makes the open pages read list and setup again. */
  readSetup(): Promise<InspectorSetup>;
  /** Takes over a response, from the event after `lastEventId` on. False where too many pages are open. */
  attach(response: ServerResponse, lastEventId: string | null): Promise<boolean>;
  stop(): void;
}

/** Between two looks at the source while a page is open. */
const POLL_MS = 250;

/** Between two looks at the setup, in looks at the source. */
const SETUP_EVERY = 4;

/** Proxies and browsers give up on a silent connection later. */
const HEARTBEAT_MS = 15_000;

const MAX_PAGES = 32;

/** Changes that are remembered for a page that comes back. */
const MAX_REMEMBERED = 2_000;

/** A page that has more to catch up with reads the list again. */
const MAX_ROWS_AT_ONCE = 200;

/** Bytes that wait for a slow page; beyond them its connection is closed, and it comes back with its last event id. */
const MAX_WAITING_BYTES = 1_048_576;

export function createLiveFeed(options: LiveFeedOptions): LiveFeed {
  const { source, sleep, random, onError } = options;
  const run = Buffer.from(random(6)).toString('hex');
  const pages = new Set<ServerResponse>();
  const stopped = new AbortController();
  /** Ids of changed rows by the number of the change; a reset forgets all before it. */
  let remembered: { readonly change: number; readonly id: string }[] = [];
  let last = 0;
  let forgotten = 0;
  let refreshing: Promise<void> | null = null;
  let isFollowing = false;
  let shownSetup: string | null = null;

  const eventId = (): string => `${run}-${last}`;
  const write = (page: ServerResponse, text: string): void => {
    page.write(text);
    if (page.writableLength > MAX_WAITING_BYTES) page.destroy();
  };
  const encode = (event: InspectorEvent, change = last): string =>
    `id: ${run}-${change}\nevent: ${event.event}\ndata: ${toWireJson(event)}\n\n`;
  const encodeReset = (): string => encode({ event: 'reset', total: source.total });
  const encodeRow = (id: string, change: number): string => {
    const row = source.rowOf(id);
    return row === null ? '' : encode({ event: 'row', row }, change);
  };
  const broadcast = (text: string): void => {
    for (const page of pages) write(page, text);
  };
  const reset = (): void => {
    last += 1;
    forgotten = last;
    remembered = [];
    broadcast(encodeReset());
  };
  const publish = ({ ids, isReset }: SourceChanges): void => {
    const changed = [...new Set(ids)];
    if (isReset || changed.length > MAX_ROWS_AT_ONCE) {
      reset();
      return;
    }
    for (const id of changed) {
      last += 1;
      remembered.push({ change: last, id });
      if (pages.size > 0) broadcast(encodeRow(id, last));
    }
    if (remembered.length > MAX_REMEMBERED) {
      remembered = remembered.slice(-MAX_REMEMBERED / 2);
      forgotten = remembered[0]!.change - 1;
    }
  };
  const refresh = (): Promise<void> => {
    refreshing ??= source
      .refresh()
      .then(publish)
      .finally(() => {
        refreshing = null;
      });
    return refreshing;
  };
  const readSetup = async (): Promise<InspectorSetup> => {
    const setup = await options.setup();
    const text = JSON.stringify(setup);
    const isChanged = shownSetup !== null && shownSetup !== text;
    shownSetup = text;
    if (isChanged) reset();
    return setup;
  };
  const follow = async (): Promise<void> => {
    if (isFollowing) return;
    isFollowing = true;
    let silentMs = 0;
    for (let looks = 0; pages.size > 0 && !stopped.signal.aborted; looks++) {
      const before = last;
      await refresh().catch(onError);
      if (looks % SETUP_EVERY === 0) await readSetup().catch(onError);
      silentMs = last === before ? silentMs + POLL_MS : 0;
      if (silentMs >= HEARTBEAT_MS) {
        broadcast(': still here\n\n');
        silentMs = 0;
      }
      await sleep(POLL_MS, stopped.signal).catch(() => undefined);
    }
    isFollowing = false;
  };
  /** Events since the one that a page has seen. */
  const missed = (lastEventId: string | null): string => {
    if (lastEventId === null) return '';
    const [, number] = lastEventId.startsWith(`${run}-`) ? (/-(\d{1,15})$/.exec(lastEventId) ?? []) : [];
    const seen = number === undefined ? -1 : Number(number);
    const changes = remembered.filter(({ change }) => change > seen);
    const lastOf = new Map(changes.map(({ id, change }) => [id, change]));
    if (seen < forgotten || seen > last || lastOf.size > MAX_ROWS_AT_ONCE) return encodeReset();
    return [...lastOf].map(([id, change]) => encodeRow(id, change)).join('');
  };

  return {
    get eventId() {
      return eventId();
    },
    refresh,
    readSetup,
    async attach(response, lastEventId) {
      await refresh().catch(onError);
      // Gone while the source was read: 'close' has been, and the place would never be free again.
      if (response.destroyed || stopped.signal.aborted) return true;
      if (pages.size >= MAX_PAGES) return false;
      response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'text/event-stream' });
      write(response, `: open\n\n${missed(lastEventId)}`);
      pages.add(response);
      response.on('close', () => pages.delete(response));
      void follow();
      return true;
    },
    stop() {
      stopped.abort();
      for (const page of pages) page.end();
      pages.clear();
    },
  };
}
