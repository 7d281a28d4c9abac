import { describeFilter } from '../forwarding/choose-targets.js';
import { createListenerContext, type ListenerContext } from './context.js';
import { createDeliveries, type Deliveries } from './deliveries.js';
import { createNotificationHandler } from './handle-notification.js';
import { type NotificationServer, startNotificationServer } from './http/server.js';
import type { Listener, ListenerOptions } from './options.js';

/** Grace periods of a stop: for answers, then for deliveries. */
const ANSWERS_MS = 3_000;

const DELIVERIES_MS = 3_000;

/**
 * Starts the endpoint, which receives, verifies, records, answers and forwards, and resumes pending deliveries. Resolves when it is ready
 * and its public URL is known. Throws (usage) `ERR_LISTEN_PORT`, `ERR_LISTEN_TLS`, and the errors of `publicUrl`, after closing everything,
 * including the journal and the verification pool.
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const stopping = new AbortController();
  const context = createListenerContext(options, stopping.signal);
  const deliveries = createDeliveries(context);
  let server: NotificationServer | null = null;
  const close = async (): Promise<void> => {
    stopping.abort();
    await server?.stop(ANSWERS_MS);
    await deliveries.stop(DELIVERIES_MS);
    await options.verificationPool.stop();
    try {
      const loss = options.journal.loss();
      if (loss !== null) context.emit({ event: 'notice', code: loss.code, message: loss.message });
    } finally {
      await options.journal.close();
    }
  };
  try {
    server = await startServer(context, deliveries);
    const { port, url } = server;
    const publicUrl = await options.publicUrl({ port, url });
    emitReady(context, url, publicUrl);
    context.watchUsage();
    deliveries.resume();
    return createHandle(context, deliveries, { port, url, publicUrl }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function startServer(context: ListenerContext, deliveries: Deliveries): Promise<NotificationServer> {
  const { host, port, path, pathDisclosure, tls, proxies, appleOnly, now, sleep } = context.options;
  return startNotificationServer({
    ...{ host, port, path, pathDisclosure, tls, proxies, appleOnly, now, sleep },
    handle: createNotificationHandler(context, deliveries),
    onRefused: (refused) => context.options.onEvent({ event: 'refused', ...refused }),
  });
}

function emitReady({ options, emit }: ListenerContext, url: string, publicUrl: string | null): void {
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

function createHandle(
  { counts, emit }: ListenerContext,
  deliveries: Deliveries,
  address: Pick<Listener, 'port' | 'url' | 'publicUrl'>,
  close: () => Promise<void>,
): Listener {
  const current = (): ReturnType<Listener['counts']> => ({ ...counts, owed: deliveries.pending() });
  let stopped: Promise<void> | null = null;
  return {
    ...address,
    counts: current,
    idle: () => deliveries.idle(),
    stop: (reason) => {
      stopped ??= close().then(() => emit({ event: 'stopped', reason, counts: current() }));
      return stopped;
    },
  };
}
