import type { ReceiptEntry } from '../../../src/journal/record.js';
import { readEntries, readRecordedBody } from '../journal-scan.js';
import type { KillTarget } from './target.js';

/** What was posted and what was answered 200, by notificationUUID. */
export interface Ledger {
  readonly sent: Map<string, string>;
  readonly acked: Set<string>;
}

export function createLedger(): Ledger {
  return { sent: new Map(), acked: new Set() };
}

interface LedgerCheck {
  readonly problems: readonly string[];
  /** Distinct notifications in the journal. */
  readonly recorded: number;
  readonly tornLines: number;
}

/** Deliveries that a listener has in flight at once to one target: so many acceptances a kill may keep from being recorded. */
const IN_FLIGHT = 8;

/** Compares the journal and the target with the ledger: nothing lost, nothing invented, every byte as posted, all delivered. */
export async function checkLedger(
  folder: string,
  { sent, acked }: Ledger,
  { accepted }: Pick<KillTarget, 'accepted'>,
  kills: number,
): Promise<LedgerCheck> {
  const problems: string[] = [];
  const first = new Map<string, ReceiptEntry>();
  let tornLines = 0;
  const onDamagedLine = (): void => {
    tornLines += 1;
  };
  for await (const entry of readEntries(folder, { onDamagedLine })) {
    if (entry.type !== 'receipt') problems.push(`recorded as rejected: ${entry.rejected.reason}`);
    else if (!first.has(entry.receipt.facts.uuid!)) first.set(entry.receipt.facts.uuid!, entry);
  }
  for (const [uuid, { receipt, location }] of first) {
    const body = Buffer.from(await readRecordedBody(folder, location)).toString();
    if (body !== sent.get(uuid)) problems.push(`recorded, but never posted so: ${receipt.id} ${uuid}`);
    if (!accepted.has(uuid)) problems.push(`recorded, but not delivered: ${receipt.id} ${uuid}`);
  }
  for (const uuid of acked) if (!first.has(uuid)) problems.push(`answered 200, but lost: ${uuid}`);
  for (const uuid of accepted.keys()) if (!first.has(uuid)) problems.push(`delivered, but not recorded: ${uuid}`);
  const again = [...accepted.values()].reduce((sum, count) => sum + count - 1, 0);
  if (again > IN_FLIGHT * kills) problems.push(`delivered again ${again} times, with ${kills} kills`);
  return { problems, recorded: first.size, tornLines };
}
