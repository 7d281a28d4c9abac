import type { ServerResponse } from 'node:http';
import type { NotificationSource } from '../sources/source.js';
import type { InspectorSetup } from '../wire.js';
import { createOpenPages } from './open-pages.js';
import { SAFE_HEADERS } from './replies.js';
import { createRowChanges } from './row-changes.js';

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

export function createLiveFeed(options: LiveFeedOptions): LiveFeed {
  const { source, sleep, random, onError } = options;
  const pages = createOpenPages();
  const changes = createRowChanges(source, Buffer.from(random(6)).toString('hex'), pages.broadcast);
  const stopped = new AbortController();
  let refreshing: Promise<void> | null = null;
  let isFollowing = false;
  let shownSetup: string | null = null;

  const refresh = (): Promise<void> => {
    refreshing ??= source
      .refresh()
      .then(changes.add)
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
    if (isChanged) changes.reset();
    return setup;
  };
  const follow = async (): Promise<void> => {
    if (isFollowing) return;
    isFollowing = true;
    let silentMs = 0;
    for (let looks = 0; pages.count > 0 && !stopped.signal.aborted; looks++) {
      const before = changes.last;
      await refresh().catch(onError);
      if (looks % SETUP_EVERY === 0) await readSetup().catch(onError);
      silentMs = changes.last === before ? silentMs + POLL_MS : 0;
      if (silentMs >= HEARTBEAT_MS) {
        pages.broadcast(() => ': still here\n\n');
        silentMs = 0;
      }
      await sleep(POLL_MS, stopped.signal).catch(() => undefined);
    }
    isFollowing = false;
  };
  return {
    get eventId() {
      return changes.eventId;
    },
    refresh,
    readSetup,
    async attach(response, lastEventId) {
      await refresh().catch(onError);
      // Gone while the source was read: 'close' has been, and the place would never be free again.
      if (response.destroyed || stopped.signal.aborted) return true;
      const headers = { ...SAFE_HEADERS, 'content-type': 'text/event-stream' };
      if (!pages.add(response, headers, `: open\n\n${changes.missed(lastEventId)}`)) return false;
      void follow();
      return true;
    },
    stop() {
      stopped.abort();
      pages.close();
    },
  };
}
