import type { Ledger, Owed } from './ledger.js';
import type { DeliveryRecord, ReceiptHead } from './record.js';

/** What is owed, as the records of a journal go by. */
export interface OwedTracker {
  receive(head: ReceiptHead, ref: number): void;
  deliver(record: DeliveryRecord): void;
  /** What is left, oldest first. */
  rest(ledger: Ledger): readonly Owed[];
}

/**
 * A receipt owes to its targets until one is accepted or final. A later receipt of the same UUID takes over what it names, so that nothing
 * is owed twice. Attempts of `replay` are in addition to those owed: only their acceptance counts.
 */
export function trackOwed(): OwedTracker {
  const byNotification = new Map<string, OwedBy[]>();
  const keep = (key: string, owed: OwedBy[]): void => {
    if (owed.length > 0) byNotification.set(key, owed);
    else byNotification.delete(key);
  };
  return {
    receive: ({ id, atMs, facts, targets }, ref) => {
      const key = facts.uuid ?? id;
      const before = byNotification.get(key) ?? NOTHING;
      if (targets.length === 0 && before.length === 0) return;
      const own = targets.map((target) => ({ id, ref, target, attempts: 0, dueAtMs: atMs }));
      keep(key, [...before.filter(({ target }) => !targets.includes(target)), ...own]);
    },
    deliver: (record) => {
      const key = record.uuid ?? record.id;
      const owed = byNotification.get(key);
      if (owed !== undefined)
        keep(
          key,
          owed.flatMap((one) => after(record, one)),
        );
    },
    rest: (ledger) =>
      [...byNotification.values()]
        .flat()
        .filter(({ ref, target }) => !ledger.isAccepted(ref, target))
        .map(({ id: _id, ...owed }) => owed),
  };
}

interface OwedBy extends Owed {
  /** Of the receipt that owes it. */
  readonly id: string;
}

const NOTHING: readonly OwedBy[] = [];

/** What is left of something owed once an attempt was made. */
function after({ id, target, outcome, run, final, attempt, atMs, nextAtMs }: DeliveryRecord, one: OwedBy): OwedBy[] {
  if (one.target !== target) return [one];
  if (outcome === 'accepted') return [];
  if (one.id !== id || run !== undefined) return [one];
  return final ? [] : [{ ...one, attempts: Math.max(one.attempts, attempt), dueAtMs: nextAtMs ?? atMs }];
}
