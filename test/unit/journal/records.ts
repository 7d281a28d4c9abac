import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RecordHead } from '../../../src/journal/encoding.js';
import { type Journal, type JournalOptions, openJournal } from '../../../src/journal/journal.js';
import type { DamagedLine, DeliveryRecord, ReceiptHead } from '../../../src/journal/record.js';
import type { RejectedHead } from '../../../src/journal/rejected.js';
import { readJournal, type StoredRecord } from '../../support/journal-scan.js';

/** 2026-11-02T09:00:00Z. */
export const AT_MS = 1_793_610_000_000;

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'storewire-journal-'));
  // As `listen` leaves it: what a test writes into the folder was not brought by a clone.
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ folder: String(statSync(folder).ino), foreign: [] }), {
    mode: 0o600,
  });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function idOf(n: number): string {
  return n.toString(16).padStart(16, '0');
}

export function uuidOf(n: number): string {
  return `${n.toString(16).padStart(8, '0')}-9dcd-4b1c-8a02-6ae86cbd4e11`;
}

export function receipt(n: number, overrides: Partial<ReceiptHead> = {}): ReceiptHead {
  return {
    type: 'receipt',
    id: idOf(n),
    atMs: AT_MS + n,
    address: '17.58.1.2',
    contentType: 'application/json',
    bytes: bodyOf(n).length,
    facts: {
      type: 'DID_RENEW',
      bundleId: 'com.example.app',
      appAppleId: '1234567890',
      environment: 'Sandbox',
      productId: 'pro.monthly',
      signedAtMs: AT_MS,
      kind: 'notification',
      uuid: uuidOf(n),
    },
    verdict: {
      verdict: 'valid',
      reason: null,
      root: 'test authority',
      checkedAtMs: AT_MS,
      clock: 'signedDate',
      failed: [],
    },
    synthetic: true,
    repeatOf: null,
    answered: 200,
    targets: ['app'],
    marks: [],
    ...overrides,
  };
}

/** Awkward on purpose: what marks the end of a head stands in it, and letters of several bytes. */
export function bodyOf(n: number): Buffer {
  return Buffer.from(`{"signedPayload":"e30.${n}.sig",\t"note":"\\"body\\": ,\\"body\\":\\" é 😀"}\n`);
}

export function literalOf(body: Buffer): readonly Buffer[] {
  const literal = Buffer.from(JSON.stringify(body.toString('utf8')));
  return [literal.subarray(0, 3), literal.subarray(3, -3), literal.subarray(-3)];
}

export function delivery(n: number, overrides: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    type: 'delivery',
    id: idOf(n),
    uuid: uuidOf(n),
    atMs: AT_MS + n + 1000,
    target: 'app',
    attempt: 1,
    httpStatus: 200,
    ms: 12,
    outcome: 'accepted',
    final: true,
    nextAtMs: null,
    ...overrides,
  };
}

/** An attempt that failed, with another one due. */
export function failure(n: number, overrides: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const base = { httpStatus: 500, outcome: 'refused', final: false, nextAtMs: AT_MS + 60_000 } as const;
  return delivery(n, { ...base, ...overrides });
}

export function rejected(n: number, overrides: Partial<RejectedHead> = {}): RejectedHead {
  return {
    id: idOf(n),
    atMs: AT_MS + n,
    address: '203.0.113.9',
    contentType: 'application/json',
    reason: 'NOT_JSON',
    message: 'the body is not JSON',
    answered: 400,
    facts: null,
    verdict: null,
    ...overrides,
  };
}

export function open(folder: string, overrides: Partial<JournalOptions> = {}): Promise<Journal> {
  return openJournal(folder, { now: () => AT_MS, pid: process.pid, isRunning: () => true, ...overrides });
}

/** Writes a receipt and its body. */
export function put(journal: Journal, n: number, overrides: Partial<ReceiptHead> = {}): Promise<number> {
  return journal.append(receipt(n, overrides), literalOf(bodyOf(n)));
}

export async function readAll(
  folder: string,
): Promise<{ stored: StoredRecord[]; records: RecordHead[]; damagedLines: DamagedLine[] }> {
  const stored: StoredRecord[] = [];
  const damagedLines: DamagedLine[] = [];
  for await (const one of readJournal(folder, { onDamagedLine: (line) => damagedLines.push(line) })) stored.push(one);
  return { stored, records: stored.map(({ record }) => record), damagedLines };
}

export async function idsIn(folder: string): Promise<readonly string[]> {
  return (await readAll(folder)).records.flatMap((record) => (record.type === 'run' ? [] : [record.id]));
}

export function linesIn(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
