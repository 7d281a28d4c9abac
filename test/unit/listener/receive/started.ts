import { onTestFinished } from 'vitest';
import { sleep } from '../../../../src/clock.js';
import type { RefusedEvent } from '../../../../src/listener/events.js';
import type { Answer, Incoming } from '../../../../src/listener/http/responses.js';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../../../src/listener/http/server.js';

export interface Started {
  readonly receiver: Receiver;
  readonly port: number;
  /** What `handle` was given, in order. */
  readonly taken: Incoming[];
  readonly refused: Omit<RefusedEvent, 'event'>[];
}

export const NOW_MS = 1_793_610_000_000;

/** A receiver on a free port of this machine, stopped when the test is over. `handle` answers 200 without a body unless given. */
export async function start(
  options: Partial<ReceiverOptions> = {},
  answer: (incoming: Incoming) => Promise<Answer> = async () => ({ status: 200, body: null }),
): Promise<Started> {
  const taken: Incoming[] = [];
  const refused: Omit<RefusedEvent, 'event'>[] = [];
  const receiver = await startReceiver({
    host: '127.0.0.1',
    port: 0,
    path: '/hook',
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

export const textOf = ({ body }: Incoming): string => Buffer.from(body).toString();

/** An answer that is given when the test says so. */
export function held(): { answer: (incoming: Incoming) => Promise<Answer>; release: (answer?: Answer) => void } {
  const waiting: ((answer: Answer) => void)[] = [];
  return {
    answer: () => new Promise((resolve) => void waiting.push(resolve)),
    release: (answer = { status: 200, body: null }) => waiting.shift()?.(answer),
  };
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
