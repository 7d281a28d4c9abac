import { onTestFinished } from 'vitest';
import { sleep } from '../../../../src/clock.js';
import type { RefusedEvent } from '../../../../src/listener/events.js';
import type { ListenerResponse, ReceivedRequest } from '../../../../src/listener/http/responses.js';
import {
  type NotificationServer,
  type NotificationServerOptions,
  startNotificationServer,
} from '../../../../src/listener/http/server.js';

export interface Started {
  readonly receiver: NotificationServer;
  readonly port: number;
  /** Requests passed to `handle`, in order. */
  readonly taken: ReceivedRequest[];
  readonly refused: Omit<RefusedEvent, 'event'>[];
}

export const NOW_MS = 1_793_610_000_000;

/** A receiver on a free port of this machine, stopped when the test is over. `handle` answers 200 without a body unless given. */
export async function start(
  options: Partial<NotificationServerOptions> = {},
  answer: (incoming: ReceivedRequest) => Promise<ListenerResponse> = async () => ({ status: 200, body: null }),
): Promise<Started> {
  const taken: ReceivedRequest[] = [];
  const refused: Omit<RefusedEvent, 'event'>[] = [];
  const receiver = await startNotificationServer({
    host: '127.0.0.1',
    port: 0,
    path: '/hook',
    pathDisclosure: 'always',
    tls: null,
    proxies: { trusted: [], cloudflared: false },
    appleOnly: false,
    now: () => NOW_MS,
    sleep,
    handle: (incoming) => {
      taken.push(incoming);
      return answer(incoming);
    },
    onRefused: (event) => void refused.push(event),
    ...options,
  });
  onTestFinished(() => receiver.stop(0));
  return { receiver, port: receiver.port, taken, refused };
}

export const textOf = ({ body }: ReceivedRequest): string => Buffer.from(body).toString();

/** An answer that the test resolves. */
export function held(): {
  answer: (incoming: ReceivedRequest) => Promise<ListenerResponse>;
  release: (answer?: ListenerResponse) => void;
} {
  const waiting: ((answer: ListenerResponse) => void)[] = [];
  return {
    answer: () => new Promise((resolve) => void waiting.push(resolve)),
    release: (answer = { status: 200, body: null }) => waiting.shift()?.(answer),
  };
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
