import type { RecordHead } from './line.js';
import type { DeliveryRecord } from './record.js';

/** What became of each notification, by its id. */
export interface DeliveryIndex {
  /** Takes note of deliveries and answers; other records say nothing of that. */
  add(record: RecordHead): void;
  /** In the order they were made, whichever file told of them. */
  of(id: string): readonly DeliveryRecord[];
  answerTo(id: string): number | null;
}

/** Of all notifications, or of the one with this id. */
export function indexDeliveries(only: string | null = null): DeliveryIndex {
  const deliveries = new Map<string, DeliveryRecord[]>();
  const answers = new Map<string, number>();
  return {
    add: (record) => {
      if (record.type === 'run' || (only !== null && record.id !== only)) return;
      if (record.type === 'answer') answers.set(record.id, record.answered);
      if (record.type !== 'delivery') return;
      const known = deliveries.get(record.id);
      if (known === undefined) deliveries.set(record.id, [record]);
      else known.push(record);
    },
    of: (id) => [...(deliveries.get(id) ?? [])].sort((a, b) => a.atMs - b.atMs),
    answerTo: (id) => answers.get(id) ?? null,
  };
}
