import type { Tear } from './entry.js';
import type { JournalFile } from './files.js';
import type { OpenLedger } from './ledger.js';
import type { RecordHead } from './line.js';
import { type OwedTracker, trackOwed } from './owed.js';
import { scanFile } from './scan.js';

/**
 * Fills the ledger from the journal's files: those `listen` wrote first, so that every receipt is known, then what `replay` did. Main
 * files are numbered in the order given. Rejected ones say nothing about what was accepted and are left out.
 */
export async function loadLedger(
  files: readonly JournalFile[],
  ledger: OpenLedger,
  companions: Companions,
  onTear: (tear: Tear) => void,
): Promise<void> {
  const owed = trackOwed();
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
export interface Companions {
  readOn(files: readonly JournalFile[], onTear: (tear: Tear) => void): AsyncGenerator<RecordHead>;
}

export function followCompanions(): Companions {
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
  ledger: OpenLedger,
  owed: OwedTracker,
): void {
  if (record.type === 'receipt') owed.receive(record, ledger.receive(record, place));
  if (record.type !== 'delivery') return;
  ledger.deliver(record);
  owed.deliver(record);
}
