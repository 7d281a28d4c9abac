import { documentToJsonLine } from '../../../document-view/json.js';
import type { ListenerEvent, VerifiedEvent } from '../../../listener/events.js';
import { toJsonLine } from '../../../terminal/json.js';

/** One event as one line of JSON and its newline. */
export function listenerEventToJson(event: ListenerEvent): string {
  if (event.event === 'verified') return verifiedToJson(event);
  const { event: name, atMs, ...rest } = event;
  return toJsonLine({ event: name, atMs, ...rest });
}

/** `document` in the place of `judged`; what was no token at all has none, so that why it was refused stands beside it. */
function verifiedToJson({ event: name, atMs, judged, document, ...event }: VerifiedEvent): string {
  const { refusal, synthetic, marks } = judged;
  const about = { event: name, atMs, ...event, refusal, synthetic, marks };
  const line = toJsonLine(document === null ? { ...about, document } : about);
  return document === null
    ? line
    : `${line.slice(0, -'}\n'.length)},"document":${documentToJsonLine(document).trimEnd()}}\n`;
}

/** In the place of events that nobody read in time. */
export function leftOutToJson(count: number, atMs: number): string {
  const message = `${count} events were left out: the output was not read; the journal has what they told`;
  return toJsonLine({ event: 'notice', atMs, code: 'OUTPUT_LEFT_OUT', message });
}
