import type { DeliveryRecord, ReceiptHead } from '../../journal/record.js';

/** How a notification stands with its targets, over all its receipts and whoever sent it. Names in alphabetical order. */
export interface Standing {
  /** Targets it was to go to when it came in. */
  readonly meant: readonly string[];
  readonly accepted: readonly string[];
}

export interface Standings {
  addReceipt(receipt: Pick<ReceiptHead, 'id' | 'targets' | 'facts'>): void;
  addDelivery(delivery: Pick<DeliveryRecord, 'id' | 'uuid' | 'target' | 'outcome'>): void;
  /** Of a receipt, or of what came from elsewhere and may be in the journal as well. */
  of(notification: Pick<ReceiptHead, 'id' | 'facts'>): Standing;
  /** How many notifications each target has still to accept; only those with any. */
  openByTarget(): ReadonlyMap<string, number>;
}

const NOTHING: Standing = { meant: [], accepted: [] };

/** Apple's notificationUUID names a notification however often it comes; one without goes by the id of its receipt. */
const keyOf = (uuid: string | null, id: string): string => (uuid === null ? `id:${id}` : `uuid:${uuid}`);

/**
 * Gathers standings from the records of a journal, in any order. A journal of 300,000 notifications has a handful of different
 * standings, so each of them exists once.
 */
export function createStandings(): Standings {
  const standings = new Map<string, Standing>();
  const shared = new Map<string, Standing>();
  const change = (key: string, field: keyof Standing, names: readonly string[]): void => {
    const before = standings.get(key) ?? NOTHING;
    if (names.every((name) => before[field].includes(name))) return;
    const after = { ...before, [field]: [...new Set([...before[field], ...names])].sort() };
    const text = JSON.stringify(after);
    const known = shared.get(text) ?? after;
    shared.set(text, known);
    standings.set(key, known);
  };
  return {
    addReceipt: ({ id, targets, facts }) => change(keyOf(facts.uuid, id), 'meant', targets),
    addDelivery({ id, uuid, target, outcome }) {
      if (outcome === 'accepted') change(keyOf(uuid, id), 'accepted', [target]);
    },
    of: ({ id, facts }) => standings.get(keyOf(facts.uuid, id)) ?? NOTHING,
    openByTarget() {
      const counts = new Map<string, number>();
      for (const standing of standings.values()) {
        for (const name of openTargets(standing)) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      return counts;
    },
  };
}

/** Targets that were to have it and have not accepted it. */
export function openTargets({ meant, accepted }: Standing): readonly string[] {
  return meant.filter((name) => !accepted.includes(name));
}
