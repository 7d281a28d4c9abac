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
  | ({ readonly step: 'probe' } & ProbeRequest)
  | { readonly step: 'probed'; readonly result: string; readonly bytes: Uint8Array }
);

/** A connection below HTTP: a TLS handshake, or bytes sent to a port. */
export interface ProbeRequest {
  readonly protocol: 'tls' | 'tcp';
  readonly address: string;
  readonly port: number;
  /** Purpose, or the bytes sent, in words. */
  readonly purpose: string;
}

/** Takes the end of a probe. `bytes`: the first ones of the response. */
interface ProbeReport {
  probed(result: string, bytes?: Uint8Array): void;
  failed(reason: string): void;
}

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
  const number = ++exchanges;
  publish({ number, step: 'sent', request });
  return {
    received: (response) => publish({ number, step: 'received', response }),
    failed: (reason) => publish({ number, step: 'failed', reason }),
  };
}

/** The same for a probe. */
export function reportProbe(probe: ProbeRequest): ProbeReport | null {
  if (!CHANNEL.hasSubscribers) return null;
  const number = ++exchanges;
  publish({ number, step: 'probe', ...probe });
  return {
    probed: (result, bytes = new Uint8Array(0)) => publish({ number, step: 'probed', result, bytes }),
    failed: (reason) => publish({ number, step: 'failed', reason }),
  };
}

function publish(step: TrafficStep): void {
  CHANNEL.publish(step);
}

/** Calls `onStep` for each step of every HTTP exchange of this process, until the returned function is called. */
export function watchTraffic(onStep: (step: TrafficStep) => void): () => void {
  const listener = (message: unknown): void => onStep(message as TrafficStep);
  CHANNEL.subscribe(listener);
  return () => void CHANNEL.unsubscribe(listener);
}
