import type { Target } from '../../forwarding/target.js';
import type { NotificationSource, OpenedNotification } from '../../inspector/sources/source.js';
import type { ReplayReply } from '../../inspector/wire.js';
import {
  createInspectorReplay,
  type InspectorReplayDeps,
  type InspectorReplayOptions,
} from '../../session/inspector-replay.js';

/** The notification received last, as the line keys use it; null where there is none yet. */
export interface LastNotification {
  openLast(): Promise<OpenedNotification | null>;
  /** Sends it to every target once more. */
  replayLast(): Promise<readonly ReplayReply[] | null>;
}

interface LastNotificationOptions extends Omit<InspectorReplayOptions, 'source'> {
  readonly targets: readonly Target[];
  /** A source for each use: that of the page is read by the page's server alone. */
  openSource(): NotificationSource;
}

export function createLastNotification(
  { openSource, ...replayOptions }: LastNotificationOptions,
  deps: InspectorReplayDeps,
): LastNotification {
  const withLast = async <T>(use: (id: string, source: NotificationSource) => Promise<T>): Promise<T | null> => {
    const source = openSource();
    try {
      await source.refresh();
      const { rows } = await source.list('', { offset: 0, limit: 1 });
      return rows[0] === undefined ? null : await use(rows[0].id, source);
    } finally {
      await source.close();
    }
  };
  return {
    openLast: () => withLast((id, source) => Promise.resolve(source.open(id))),
    replayLast: () =>
      withLast(async (id, source) => {
        const replay = createInspectorReplay({ ...replayOptions, source }, deps);
        const replies: ReplayReply[] = [];
        for (const { name } of replayOptions.targets) replies.push(await replay(id, name));
        return replies;
      }),
  };
}
