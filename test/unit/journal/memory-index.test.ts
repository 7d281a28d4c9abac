import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { trackPending } from '../../../src/journal/load-index.js';
import {
  createJournalIndex,
  createUuidTable,
  type Key,
  keyOfId,
  keyOfUuid,
  type WritableJournalIndex,
} from '../../../src/journal/memory-index.js';
import type { DeliveryRecord, ReceiptHead } from '../../../src/journal/record.js';
import { AT_MS, delivery, failure, idOf, receipt, uuidOf } from './records.js';

const PLACE = { file: 0, offset: 0, bytes: 100 };

function ledgerOf(...records: readonly (ReceiptHead | DeliveryRecord)[]): WritableJournalIndex {
  const ledger = createJournalIndex();
  const owed = trackPending();
  for (const record of records) {
    if (record.type === 'receipt') owed.receive(record, ledger.receive(record, PLACE));
    else {
      ledger.deliver(record);
      owed.deliver(record);
    }
  }
  ledger.setOwed(owed.rest(ledger));
  return ledger;
}

/** The second receipt of the UUID of the first. */
function repeat(n: number, of: number, overrides: Partial<ReceiptHead> = {}): ReceiptHead {
  return receipt(n, { repeatOf: idOf(of), facts: { ...receipt(n).facts, uuid: uuidOf(of) }, ...overrides });
}

const withoutUuid = (n: number): ReceiptHead => receipt(n, { facts: { ...receipt(n).facts, uuid: null } });

/** Bytes of all typed arrays that are still in use. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  // What the first one finds is given back by the next.
  for (let times = 0; times < 3; times++) collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

describe('what came before', () => {
  it.each<[string, string | null, string | null]>([
    ['a UUID that came', uuidOf(1), idOf(1)],
    ['one that came twice', uuidOf(2), idOf(2)],
    ['one that did not', uuidOf(9), null],
    ['the same in capitals, which is another text', uuidOf(1).toUpperCase(), null],
    ['none', null, null],
    ['a text that is no UUID and came', 'not a uuid', idOf(4)],
    ['a text that is no UUID and did not', 'not a uuid!', null],
    ['an empty one', '', null],
  ])('knows %s', (_case, uuid, expected) => {
    const odd = receipt(4, { facts: { ...receipt(4).facts, uuid: 'not a uuid' } });
    expect(ledgerOf(receipt(1), receipt(2), repeat(3, 2), odd).firstOf(uuid)).toBe(expected);
  });

  it('counts a notification once', () => {
    expect(ledgerOf(receipt(1), receipt(2), repeat(3, 2), withoutUuid(4), withoutUuid(5)).size).toBe(4);
  });

  it('knows one that is being written, until it cannot be', () => {
    const ledger = createJournalIndex();
    ledger.expect(receipt(1));
    ledger.expect(repeat(2, 1));
    expect(ledger.firstOf(uuidOf(1))).toBe(idOf(1));
    ledger.forget(repeat(2, 1));
    expect(ledger.firstOf(uuidOf(1))).toBe(idOf(1));
    ledger.forget(receipt(1));
    expect(ledger.firstOf(uuidOf(1))).toBeNull();
    expect(ledger.size).toBe(0);
  });

  it('keeps the place of each receipt, also far into a file', () => {
    const ledger = createJournalIndex();
    const place = { file: 3, offset: 6_000_000_000, bytes: 2_000_000 };
    const ref = ledger.receive(receipt(0xfedcba98, { id: 'fedcba9876543210' }), place);
    expect(ledger.placeOf(ref)).toEqual({ id: 'fedcba9876543210', ...place });
  });
});

describe('what was accepted', () => {
  const ledger = ledgerOf(
    receipt(1),
    receipt(2),
    repeat(3, 2),
    withoutUuid(4),
    withoutUuid(5),
    delivery(3, { uuid: uuidOf(2) }),
    delivery(4, { uuid: null }),
    failure(1),
    delivery(1, { target: 'other' }),
  );

  it.each([
    ['by nobody yet', 0, 'app', false],
    ['by another target', 0, 'other', true],
    ['in a repeat', 1, 'app', true],
    ['in this repeat', 2, 'app', true],
    ['without a UUID', 3, 'app', true],
    ['without a UUID, another one', 4, 'app', false],
    ['by a target nobody heard of', 1, 'nobody', false],
    ['in a slot that is not there', 99, 'app', false],
  ])('%s', (_case, ref, target, expected) => expect(ledger.isAccepted(ref, target)).toBe(expected));

  it.each([
    [uuidOf(1), 'app', false],
    [uuidOf(1), 'other', true],
    [uuidOf(2), 'app', true],
    [uuidOf(9), 'app', false],
    [null, 'app', false],
  ])('%s by %s: %s', (uuid, target, expected) => expect(ledger.accepted(uuid, target)).toBe(expected));

  it('is kept for any number of targets', () => {
    const names = Array.from({ length: 40 }, (_, n) => `target${n}`);
    const many = ledgerOf(receipt(1), receipt(2), ...names.map((target) => delivery(1, { target })));
    expect(names.filter((name) => !many.accepted(uuidOf(1), name))).toEqual([]);
    expect(names.filter((name) => many.accepted(uuidOf(2), name))).toEqual([]);
  });
});

describe('what is owed', () => {
  const due = AT_MS + 60_000;
  const run = 'r1';
  it.each<[string, readonly (ReceiptHead | DeliveryRecord)[], readonly (readonly [number, string, number, number])[]]>([
    ['nothing', [], []],
    ['what was never tried', [receipt(1)], [[0, 'app', 0, AT_MS + 1]]],
    ['to nobody', [receipt(1, { targets: [] })], []],
    ['not what was accepted', [receipt(1), delivery(1)], []],
    ['what failed', [receipt(1), failure(1), failure(1, { attempt: 2, nextAtMs: due + 5 })], [[0, 'app', 2, due + 5]]],
    ['not what was given up', [receipt(1), failure(1, { final: true, nextAtMs: null })], []],
    ['what failed and was accepted', [receipt(1), failure(1), delivery(1, { attempt: 2 })], []],
    ['to one of two', [receipt(1, { targets: ['app', 'b'] }), delivery(1)], [[0, 'b', 0, AT_MS + 1]]],
    [
      'not by a receipt that another takes over from',
      [receipt(1), failure(1), repeat(2, 1)],
      [[1, 'app', 0, AT_MS + 2]],
    ],
    [
      'by the first where the repeat is not for that target',
      [receipt(1), repeat(2, 1, { targets: [] })],
      [[0, 'app', 0, AT_MS + 1]],
    ],
    ['by neither once a repeat was accepted', [receipt(1), repeat(2, 1), delivery(2, { uuid: uuidOf(1) })], []],
    [
      'by the repeat though the first was given up',
      [receipt(1), repeat(2, 1), failure(1, { final: true })],
      [[1, 'app', 0, AT_MS + 2]],
    ],
    [
      'in spite of a failed replay',
      [receipt(1), failure(1), failure(1, { run, final: true, attempt: 7 })],
      [[0, 'app', 1, due]],
    ],
    ['not what replay delivered', [receipt(1), failure(1), delivery(1, { run })], []],
    ['without a UUID', [withoutUuid(1), withoutUuid(2), delivery(1, { uuid: null })], [[1, 'app', 0, AT_MS + 2]]],
  ])('is %s', (_case, records, expected) => {
    const owed = expected.map(([ref, target, attempts, dueAtMs]) => ({ ref, target, attempts, dueAtMs }));
    expect(ledgerOf(...records).owed()).toEqual(owed);
  });
});

describe('the table of UUIDs', () => {
  const MANY = 300_000;
  /** Made of a counter: the hardest for what spreads them. */
  const numbered = (n: number): Key => [n, 0, 0, 0];

  it('tells 300,000 apart and finds each again, in little memory', () => {
    const before = heldBytes();
    const table = createUuidTable();
    for (let n = 0; n < MANY; n++) if (table.add(numbered(n)) !== n) throw new Error(`${n} was taken for another`);
    const wrong = Array.from({ length: MANY }, (_, n) => n).filter((n) => table.find(numbered(n)) !== n);
    expect(wrong).toEqual([]);
    expect(table.find(numbered(MANY))).toBe(-1);
    expect(table.add(numbered(5))).toBe(5);
    expect(table.size).toBe(MANY);
    expect((heldBytes() - before) / MANY).toBeLessThan(16 + 8 + 2);
  });

  it('takes a UUID apart without loss', () => {
    expect(keyOfUuid('00112233-4455-6677-8899-aabbccddeeff')).toEqual([0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff]);
  });

  it.each([
    ['a digit', '00112233-4455-6677-8899-aabbccddeefe'],
    ['a capital', '00112233-4455-6677-8899-aabbccddeefF'],
    ['a blank', ' 00112233-4455-6677-8899-aabbccddeeff'],
    ['braces', '{00112233-4455-6677-8899-aabbccddeeff}'],
  ])('tells a UUID from one that differs by %s', (_case, other) => {
    expect(keyOfUuid(other)).not.toEqual(keyOfUuid('00112233-4455-6677-8899-aabbccddeeff'));
  });

  it('keeps ids and UUIDs apart', () => expect(keyOfId('x')).not.toEqual(keyOfUuid('x')));
});

describe('the memory of a ledger', () => {
  it('is at most 64 bytes for each notification with its receipt and who accepted it', () => {
    const many = 300_000;
    const before = heldBytes();
    const ledger = createJournalIndex();
    const head = receipt(1);
    for (let n = 0; n < many; n++) {
      const facts = { ...head.facts, uuid: uuidOf(n) };
      const ref = ledger.receive({ ...head, id: idOf(n), facts }, { file: 1, offset: n * 20_000, bytes: 20_000 });
      if (n % 2 === 0) ledger.deliver(delivery(n));
      if (ref !== n) throw new Error(`slot ${ref} for ${n}`);
    }
    expect((heldBytes() - before) / many).toBeLessThan(64);
    expect(ledger.size).toBe(many);
    expect([0, 1, 123_456, many - 1].map((n) => ledger.firstOf(uuidOf(n)))).toEqual(
      [0, 1, 123_456, many - 1].map(idOf),
    );
    expect([0, 1, 2, 3].map((n) => ledger.accepted(uuidOf(n), 'app'))).toEqual([true, false, true, false]);
  });
});
