import { dirname } from 'node:path';
import type { Reporter } from '../../cli/reporter.js';
import type { Inspector } from '../../inspector/http/server.js';
import { followJournal } from '../../inspector/sources/journal-source.js';
import type { NotificationSource } from '../../inspector/sources/source.js';
import { type InspectedListener, openInspector } from '../../session/inspector.js';
import type { InspectorReplayDeps } from '../../session/inspector-replay.js';
import { createContextsByRoot } from '../../session/journal.js';
import type { OpenSettings } from '../../settings/open.js';
import type { ListenFlags } from './flags.js';
import { createLastNotification, type LastNotification } from './last-notification.js';
import type { ListenPlan } from './plan.js';
import type { ListenResources } from './resources.js';

/** The local page beside a listener, and what the line keys do with the last notification. */
export interface ListenPage extends LastNotification {
  /** Starts the page's server unless it runs. Throws usage `ERR_INSPECT_PORT`. */
  start(): Promise<Inspector>;
  /** Null until the page is started. */
  readonly url: string | null;
  /** Called once the listener is ready. */
  announce(listener: InspectedListener): void;
  stop(): Promise<void>;
}

interface PageOptions {
  readonly flags: Pick<ListenFlags, 'inspect' | 'forwardTimeout' | 'forwardSynthetic'>;
  readonly plan: Pick<ListenPlan, 'targets'>;
  readonly resources: Pick<ListenResources, 'journal' | 'verification'>;
  readonly open: OpenSettings;
  readonly reporter: Pick<Reporter, 'say'>;
}

export function createListenPage(
  { flags, plan, resources, open, reporter }: PageOptions,
  deps: InspectorReplayDeps,
): ListenPage {
  const { forwardTimeout, forwardSynthetic, inspect } = flags;
  const { targets } = plan;
  const folder = dirname(resources.journal.path);
  let listener: InspectedListener | null = null;
  let starting: Promise<Inspector> | null = null;
  let started: Inspector | null = null;

  const openSource = (): NotificationSource =>
    followJournal({
      findFolder: () => folder,
      contextFor: () => createContextsByRoot(folder, resources.verification.roots),
      sleep: deps.sleep,
    });
  const replayOptions = { targets, forwardTimeout, forwardSynthetic, open };
  const start = async (): Promise<Inspector> => {
    started = await openInspector(
      {
        ...replayOptions,
        kind: 'listen',
        port: inspect === true ? undefined : inspect,
        source: openSource(),
        findListener: () => Promise.resolve(listener),
        onError: (error) => reporter.say(error instanceof Error ? error.message : String(error)),
        say: reporter.say,
      },
      deps,
    );
    return started;
  };
  return {
    start() {
      starting ??= start().catch((error: unknown) => {
        starting = null;
        throw error;
      });
      return starting;
    },
    get url() {
      return started?.url ?? null;
    },
    announce(ready) {
      listener = ready;
      started?.notifySetup();
    },
    ...createLastNotification({ ...replayOptions, openSource }, deps),
    async stop() {
      // The caller of start() has its error.
      await starting?.catch(() => undefined);
      await started?.stop();
    },
  };
}
