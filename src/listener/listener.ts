import { describeFilter } from '../forwarding/choose-targets.js';
import { createListenerContext, type ListenerContext } from './context.js';
import { createDeliveries, type Deliveries } from './deliveries.js';
import { createNotificationHandler } from './handle-notification.js';
import { type NotificationServer, startNotificationServer } from './http/server.js';
import type { Listener, ListenerOptions } from './options.js';

/** How long what is under way may take once the run stops: for answers, then for what is being handed on. */
const ANSWERS_MS = 3_000;

const DELIVERIES_MS = 3_000;

/**
 * Starts the endpoint: receives, verificationPool, records, answers and hands on, and takes up what earlier runs owe. Resolves when it is ready and
 * its public URL is known. Throws (usage) `ERR_LISTEN_PORT`, `ERR_LISTEN_TLS`, and what `publicUrl` throws; all is closed again then,
 * the journal and the verificationPool among it.
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const stopping = new AbortController();
  const run = createListenerContext(options, stopping.signal);
  const handover = createDeliveries(run);
  let receiver: NotificationServer | null = null;
  const close = async (): Promise<void> => {
    stopping.abort();
    await receiver?.stop(ANSWERS_MS);
    await handover.stop(DELIVERIES_MS);
    await options.verificationPool.stop();
    await options.journal.close();
  };
  try {
    receiver = await receive(run, handover);
    const { port, url } = receiver;
    const publicUrl = await options.publicUrl({ port, url });
    tellReady(run, url, publicUrl);
    handover.resume();
    return describeListener(run, handover, { port, url, publicUrl }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function receive(run: ListenerContext, handover: Deliveries): Promise<NotificationServer> {
  const { host, port, path, tls, proxies, appleOnly, now, sleep } = run.options;
  return startNotificationServer({
    ...{ host, port, path, tls, proxies, appleOnly, now, sleep },
    handle: createNotificationHandler(run, handover),
    onRefused: (refused) => run.options.onEvent({ event: 'refused', ...refused }),
  });
}

function tellReady({ options, emit }: ListenerContext, url: string, publicUrl: string | null): void {
  const { targets, journal } = options;
  const names = new Set(targets.map(({ name }) => name));
  emit({
    event: 'ready',
    url,
    publicUrl,
    targets: targets.map(({ name, shown, filter }) => ({ name, shown, only: describeFilter(filter) })),
    journal: journal.path,
    owed: journal.index.pending().filter(({ target }) => names.has(target)).length,
  });
}

function describeListener(
  { counts, emit }: ListenerContext,
  handover: Deliveries,
  address: Pick<Listener, 'port' | 'url' | 'publicUrl'>,
  close: () => Promise<void>,
): Listener {
  const current = (): ReturnType<Listener['counts']> => ({ ...counts, owed: handover.owed() });
  let stopped: Promise<void> | null = null;
  return {
    ...address,
    counts: current,
    idle: () => handover.idle(),
    stop: (reason) => {
      stopped ??= close().then(() => emit({ event: 'stopped', reason, counts: current() }));
      return stopped;
    },
  };
}
