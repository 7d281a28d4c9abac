import { documentToJsonLine } from '../../../document-view/json.js';
import type { ListenerEvent, ReadyEvent, VerifiedEvent } from '../../../listener/events.js';
import type { PayloadDocument } from '../../../notification/document.js';
import { toJsonLine } from '../../../terminal/json.js';

/** A line of `listen --json`. */
export type PrintedListenerEvent =
  | Exclude<ListenerEvent, VerifiedEvent | ReadyEvent>
  | PrintedReadyEvent
  | PrintedVerifiedEvent;

interface PrintedReadyEvent extends ReadyEvent {
  /** The local page with its token; only with `--inspect`. */
  readonly inspectUrl?: string;
}

interface PrintedVerifiedEvent
  extends Omit<VerifiedEvent, 'result' | 'document'>,
    Pick<VerifiedEvent['result'], 'refusal' | 'synthetic' | 'marks'> {
  /** Null without a token. */
  readonly document: PayloadDocument | null;
}

/** Serializes one event as a line of JSON, newline included. `inspectUrl`: that of the local page, or null. */
export function listenerEventToJson(event: ListenerEvent, inspectUrl: string | null = null): string {
  if (event.event === 'verified') return verifiedToJson(event);
  const { event: name, atMs, ...rest } = event;
  const page = name === 'ready' && inspectUrl !== null ? { inspectUrl } : {};
  return toJsonLine({ event: name, atMs, ...rest, ...page });
}

/** Replaces the result with its `document`; without a token there is none, so `refusal` always stands beside it. */
function verifiedToJson({ event: name, atMs, result, document, ...event }: VerifiedEvent): string {
  const { refusal, synthetic, marks } = result;
  const about: Omit<PrintedVerifiedEvent, 'document'> = { event: name, atMs, ...event, refusal, synthetic, marks };
  const line = toJsonLine(document === null ? { ...about, document } : about);
  return document === null
    ? line
    : `${line.slice(0, -'}\n'.length)},"document":${documentToJsonLine(document).trimEnd()}}\n`;
}

/** Notice that stands for events dropped because the output was too slow. */
export function droppedToJson(count: number, atMs: number): string {
  const message = `output too slow, ${count} events dropped; the journal has them`;
  return toJsonLine({ event: 'notice', atMs, code: 'OUTPUT_LEFT_OUT', message });
}
