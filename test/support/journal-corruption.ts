import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openJournal } from '../../src/journal/journal.js';
import { openJournalReader } from '../../src/journal/reader.js';
import type { DeliveryRecord, JournalEntry, ReceiptHead } from '../../src/journal/record.js';

const NOW_MS = 1_793_610_000_000;
const OPTIONS = { now: () => NOW_MS, pid: process.pid, isRunning: () => true };

/** A journal of several files, of which one is damaged at a time. */
export interface DamagedJournal {
  readonly folder: string;
  /** Names of its files, full ones and the one that is written. */
  readonly files: readonly string[];
  bytesOf(file: string): Buffer;
  /** Defects of every reader and of the next `listen` while the file has this content; then it is as before. */
  check(file: string, content: Buffer, index: IndexState): Promise<readonly string[]>;
  remove(): void;
}

/** `kept`: the index is as it was, and the time of the file too, as damage on a disk leaves them. */
export type IndexState = 'kept' | 'removed';

const idOf = (n: number): string => (0xabc000 + n).toString(16).padStart(16, '0');
const uuidOf = (n: number): string => `${(0x10000000 + n).toString(16)}-9dcd-4b1c-8a02-6ae86cbd4e11`;

function receiptOf(n: number): ReceiptHead {
  const facts = {
    ...{ type: 'DID_RENEW', bundleId: 'com.example.app', appAppleId: '1', environment: 'Sandbox', productId: 'pro' },
    ...{ signedAtMs: NOW_MS, kind: 'notification', uuid: uuidOf(n), content: `${n}`.padStart(32, '0') },
  } as const;
  return {
    ...{ type: 'receipt', id: idOf(n), atMs: NOW_MS + n, address: '17.58.1.2', contentType: 'application/json' },
    ...{ bytes: 40, facts, synthetic: true, repeatOf: null, answered: 200, targets: ['app'], marks: [] },
    verdict: {
      verdict: 'valid',
      reason: null,
      root: 'test authority',
      checkedAtMs: NOW_MS,
      clock: 'signedDate',
      failed: [],
    },
  } as ReceiptHead;
}

function deliveryOf(n: number): DeliveryRecord {
  return {
    ...{ type: 'delivery', id: idOf(n), uuid: uuidOf(n), atMs: NOW_MS + n, target: 'app', attempt: 1, httpStatus: 200 },
    ...{ ms: 1, outcome: 'accepted', final: true, nextAtMs: null },
  } as DeliveryRecord;
}

const RECORDS = 6;

/** Writes receipts, each with an accepted delivery but for every third, over several files. */
export async function makeDamagedJournal(): Promise<DamagedJournal> {
  const folder = mkdtempSync(join(tmpdir(), 'storewire-damaged-'));
  const journal = await openJournal(folder, { ...OPTIONS, limits: { mainBytes: 2_000 } });
  for (let n = 0; n < RECORDS; n++) {
    await journal.append(receiptOf(n), [Buffer.from(JSON.stringify(`{"signedPayload":"e30.${n}.c2ln"}`))]);
    if (n % 3 !== 0) await journal.note(deliveryOf(n));
  }
  await journal.close();
  await (await openJournalReader(folder)).close();
  const whole = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  const times = new Map([...whole.keys()].map((name) => [name, statSync(join(folder, name)).mtime]));
  const files = [...whole.keys()].filter((name) => /^journal.*\.ndjson$/.test(name)).sort();
  const restore = (): void => {
    for (const name of readdirSync(folder)) if (!whole.has(name)) rmSync(join(folder, name));
    for (const [name, bytes] of whole) {
      if (!existsSync(join(folder, name)) || !readFileSync(join(folder, name)).equals(bytes))
        writeFileSync(join(folder, name), bytes, { mode: 0o600 });
      utimesSync(join(folder, name), times.get(name)!, times.get(name)!);
    }
  };
  return {
    folder,
    files,
    bytesOf: (file) => whole.get(file)!,
    async check(file, content, index) {
      writeFileSync(join(folder, file), content);
      if (index === 'kept') utimesSync(join(folder, file), times.get(file)!, times.get(file)!);
      else for (const name of readdirSync(folder)) if (name.endsWith('.index')) rmSync(join(folder, name));
      const intact = intactIds(whole.get(file)!, content);
      const expected = Array.from({ length: RECORDS }, (_, n) => n).filter((n) => isIntact(n, whole, file, intact));
      const defects = [...(await checkReader(folder, expected)), ...(await checkListen(folder, expected))];
      restore();
      return defects;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Lines that are still there, byte for byte. */
function intactIds(before: Buffer, after: Buffer): ReadonlySet<string> {
  const present = new Set(after.toString('latin1').split('\n').slice(0, -1));
  return new Set(
    before
      .toString('latin1')
      .split('\n')
      .filter((line) => line !== '' && present.has(line)),
  );
}

function isIntact(n: number, whole: ReadonlyMap<string, Buffer>, file: string, intact: ReadonlySet<string>): boolean {
  for (const [name, bytes] of whole) {
    if (!name.endsWith('.ndjson')) continue;
    const line = bytes
      .toString('latin1')
      .split('\n')
      .find((each) => each.includes(`"receipt","id":"${idOf(n)}"`));
    if (line !== undefined) return name !== file || intact.has(line);
  }
  throw new Error(`${n} is in no file`);
}

async function checkReader(folder: string, expected: readonly number[]): Promise<readonly string[]> {
  const defects: string[] = [];
  const reader = await openJournalReader(folder);
  try {
    const oldest: JournalEntry[] = [];
    for await (const entry of reader.entries()) oldest.push(entry);
    const newest: JournalEntry[] = [];
    for await (const entry of reader.entries({ from: 'newest' })) newest.push(entry);
    for (const [name, entries] of [
      ['oldest first', oldest],
      ['newest first', newest],
    ] as const) {
      const ids = entries.map((entry) => (entry.type === 'receipt' ? entry.receipt.id : entry.rejected.id));
      const lost = expected.map(idOf).filter((id) => !ids.includes(id));
      if (lost.length > 0) defects.push(`${name}: lost ${lost}`);
      if (new Set(ids).size < ids.length) defects.push(`${name}: twice ${ids}`);
    }
    for (const entry of oldest) defects.push(...describeInvented(entry));
    for (const n of expected) {
      const found = await reader.find(idOf(n)).catch(() => null);
      if (found === null) defects.push(`find: lost ${idOf(n)}`);
    }
    for (const { status } of reader.pending()) {
      if (status.intended.join() !== 'app' || status.accepted.length > 0)
        defects.push(`pending: ${JSON.stringify(status)}`);
    }
  } finally {
    await reader.close();
  }
  return defects;
}

/** What was not recorded so. */
function describeInvented(entry: JournalEntry): readonly string[] {
  if (entry.type !== 'receipt') return [`invented ${JSON.stringify(entry)}`];
  const n = Number.parseInt(entry.receipt.id, 16) - 0xabc000;
  const isSame = n >= 0 && n < RECORDS && isDeepStrictEqual({ ...entry.receipt }, { ...receiptOf(n) });
  const isDelivered = entry.deliveries.every(
    (delivery) => n % 3 !== 0 && isDeepStrictEqual({ ...delivery }, deliveryOf(n)),
  );
  return isSame && isDelivered ? [] : [`changed ${JSON.stringify(entry)}`];
}

/** The next `listen` starts, knows what is intact, takes no other for accepted, and what it records is read again. */
async function checkListen(folder: string, expected: readonly number[]): Promise<readonly string[]> {
  const defects: string[] = [];
  const journal = await openJournal(folder, OPTIONS);
  try {
    for (const n of expected)
      if (journal.index.firstReceiptOf(uuidOf(n)) !== idOf(n)) defects.push(`listen: lost ${idOf(n)}`);
    for (let n = 0; n < RECORDS; n += 3) {
      if (journal.index.isUuidAccepted(uuidOf(n), 'app')) defects.push(`listen: invented the acceptance of ${idOf(n)}`);
    }
    const ref = await journal.append(receiptOf(RECORDS), [Buffer.from('"{}"')]);
    if ((await journal.readReceipt(ref)).id !== idOf(RECORDS)) defects.push('listen: the next record is lost');
  } finally {
    await journal.close();
  }
  const reader = await openJournalReader(folder);
  const next = await reader.find(idOf(RECORDS)).catch(() => null);
  if (next === null) defects.push('the record after the damage is lost');
  await reader.close();
  return defects;
}
