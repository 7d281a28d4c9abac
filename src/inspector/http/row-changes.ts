import type { NotificationSource, SourceChanges } from '../sources/source.js';
import type { InspectorEvent } from '../wire.js';
import { toWireJson } from './replies.js';

/** Sends the text of an event to the open pages, if there are any: it is encoded only then. */
type Broadcast = (encode: () => string) => void;

/** Numbered changes of the rows, as server-sent events; the last ones are remembered for a page that comes back. */
export interface RowChanges {
  /** Number of the last change. */
  readonly last: number;
  /** Id of the last change. */
  readonly eventId: string;
  add(changes: SourceChanges): void;
  /** Makes the pages read the list again; what was before is forgotten. */
  reset(): void;
  /** Events since the one that a page has seen; empty for a page that has just read the list. */
  missed(lastEventId: string | null): string;
}

/** Changes that are remembered. */
const MAX_REMEMBERED = 2_000;

/** A page that has more to catch up with reads the list again. */
const MAX_ROWS_AT_ONCE = 200;

/** `run` tells the events of this run from those of another. */
export function createRowChanges(
  source: Pick<NotificationSource, 'rowOf' | 'total'>,
  run: string,
  broadcast: Broadcast,
): RowChanges {
  /** Ids of changed rows by the number of the change; a reset forgets all before it. */
  let remembered: { readonly change: number; readonly id: string }[] = [];
  let last = 0;
  let forgotten = 0;

  const encode = (event: InspectorEvent, change = last): string =>
    `id: ${run}-${change}\nevent: ${event.event}\ndata: ${toWireJson(event)}\n\n`;
  const encodeReset = (): string => encode({ event: 'reset', total: source.total });
  const encodeRow = (id: string, change: number): string => {
    const row = source.rowOf(id);
    return row === null ? '' : encode({ event: 'row', row }, change);
  };
  const reset = (): void => {
    last += 1;
    forgotten = last;
    remembered = [];
    broadcast(encodeReset);
  };
  return {
    get last() {
      return last;
    },
    get eventId() {
      return `${run}-${last}`;
    },
    reset,
    add({ ids, isReset }) {
      const changed = [...new Set(ids)];
      if (isReset || changed.length > MAX_ROWS_AT_ONCE) {
        reset();
        return;
      }
      for (const id of changed) {
        last += 1;
        remembered.push({ change: last, id });
        broadcast(() => encodeRow(id, last));
      }
      if (remembered.length > MAX_REMEMBERED) {
        remembered = remembered.slice(-MAX_REMEMBERED / 2);
        forgotten = remembered[0]!.change - 1;
      }
    },
    missed(lastEventId) {
      if (lastEventId === null) return '';
      const [, number] = lastEventId.startsWith(`${run}-`) ? (/-(\d{1,15})$/.exec(lastEventId) ?? []) : [];
      const seen = number === undefined ? -1 : Number(number);
      const changes = remembered.filter(({ change }) => change > seen);
      const lastOf = new Map(changes.map(({ id, change }) => [id, change]));
      if (seen < forgotten || seen > last || lastOf.size > MAX_ROWS_AT_ONCE) return encodeReset();
      return [...lastOf].map(([id, change]) => encodeRow(id, change)).join('');
    },
  };
}
