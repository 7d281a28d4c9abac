/** One event of a stream of server-sent events. `id`: null where the event has none. */
export interface StreamEvent {
  readonly id: string | null;
  readonly data: string;
}

/** Cuts a `text/event-stream` into events; their names are left out, as the data says them too. Pieces may end anywhere; comments keep a connection open and are dropped. */
export class EventStreamParser {
  #rest = '';

  push(text: string): readonly StreamEvent[] {
    const blocks = (this.#rest + text).replaceAll('\r\n', '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => parseBlock(block));
  }
}

function parseBlock(block: string): readonly StreamEvent[] {
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(\w+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'id') id = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? [] : [{ id, data: data.join('\n') }];
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

/** Wait before the reconnection that follows `failures` failed ones. */
export function reconnectDelayMs(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
}
