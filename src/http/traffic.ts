import { channel } from 'node:diagnostics_channel';

/** A request as it is sent. Holds secrets: see `redact.ts` before any of it is shown. */
export interface TrafficRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array | string | null;
}

export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** One step of an exchange; steps of one exchange share its number. */
export type TrafficStep = { readonly number: number } & (
  | { readonly step: 'sent'; readonly request: TrafficRequest }
  | { readonly step: 'received'; readonly response: ReceivedResponse }
  | { readonly step: 'failed'; readonly reason: string }
);

/** Takes the end of an exchange. */
export interface ExchangeReport {
  received(response: ReceivedResponse): void;
  failed(reason: string): void;
}

const CHANNEL = channel('storewire:http');

let exchanges = 0;

/** Reports a request to the subscribers of {@link watchTraffic}; null, at no cost, where there are none. */
export function reportRequest(request: TrafficRequest): ExchangeReport | null {
  if (!CHANNEL.hasSubscribers) return null;
  exchanges += 1;
  const number = exchanges;
  const publish = (step: TrafficStep): void => CHANNEL.publish(step);
  publish({ number, step: 'sent', request });
  return {
    received: (response) => publish({ number, step: 'received', response }),
    failed: (reason) => publish({ number, step: 'failed', reason }),
  };
}

/** Calls `onStep` for each step of every HTTP exchange of this process, until the returned function is called. */
export function watchTraffic(onStep: (step: TrafficStep) => void): () => void {
  const listener = (message: unknown): void => onStep(message as TrafficStep);
  CHANNEL.subscribe(listener);
  return () => void CHANNEL.unsubscribe(listener);
}
