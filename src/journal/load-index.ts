import type { RecordHead } from './encoding.js';
import type { JournalFile } from './files.js';
import type { JournalIndex, PendingDelivery, WritableJournalIndex } from './memory-index.js';
import type { DamagedLine, DeliveryRecord, ReceiptHead } from './record.js';
import { scanFile } from './scan.js';

/**
 * Fills the ledger from the journal's files: those `listen` wrote first, so that every receipt is known, then what `replay` did. Main
 * files are numbered in the order given. Rejected ones say nothing about what was accepted and are left out.
 */
export async function loadJournalIndex(
  files: readonly JournalFile[],
  ledger: WritableJournalIndex,
  companions: CommandJournals,
  onTear: (tear: DamagedLine) => void,
): Promise<void> {
  const owed = trackPending();
  const mains = files.filter(({ kind }) => kind === 'main');
  for (const [index, file] of mains.entries()) {
    for await (const { found } of scanFile(file, { onTear })) {
      for (const { record, offset, bytes } of found) enter(record, { file: index, offset, bytes }, ledger, owed);
    }
  }
  for await (const record of companions.readOn(files, onTear)) enter(record, NOWHERE, ledger, owed);
  ledger.setOwed(owed.rest(ledger));
}

/** The files of `replay`, each read as far as it goes, and on from there the next time. */
interface CommandJournals {
  readOn(files: readonly JournalFile[], onTear: (tear: DamagedLine) => void): AsyncGenerator<RecordHead>;
}

export function followCommandJournals(): CommandJournals {
  const readTo = new Map<number, number>();
  return {
    readOn: async function* (files, onTear) {
      for (const file of files) {
        const from = readTo.get(file.inode) ?? 0;
        if (file.kind !== 'replay' || file.bytes <= from) continue;
        for await (const { found, end } of scanFile(file, { from, onTear })) {
          readTo.set(file.inode, end);
          for (const { record, offset } of found) if (offset < end) yield record;
        }
      }
    },
  };
}

const NOWHERE = { file: 0, offset: 0, bytes: 0 };

function enter(
  record: RecordHead,
  place: { readonly file: number; readonly offset: number; readonly bytes: number },
  ledger: WritableJournalIndex,
  owed: PendingTracker,
): void {
  if (record.type === 'receipt') owed.receive(record, ledger.receive(record, place));
  if (record.type !== 'delivery') return;
  ledger.deliver(record);
  owed.deliver(record);
}

/** What is owed, as the records of a journal go by. */
interface PendingTracker {
  receive(head: ReceiptHead, ref: number): void;
  deliver(record: DeliveryRecord): void;
  /** What is left, oldest first. */
  rest(ledger: JournalIndex): readonly PendingDelivery[];
}

/**
 * A receipt owes to its targets until one is accepted or final. A later receipt of the same UUID takes over what it names, so that nothing
 * is owed twice. Attempts of `replay` are in addition to those owed: only their acceptance counts.
 */
export function trackPending(): PendingTracker {
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

interface OwedBy extends PendingDelivery {
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
