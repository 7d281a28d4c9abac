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

const LOCATION = { file: 0, offset: 0, bytes: 100 };

function indexOf(...records: readonly (ReceiptHead | DeliveryRecord)[]): WritableJournalIndex {
  const index = createJournalIndex();
  const pending = trackPending();
  for (const record of records) {
    if (record.type === 'receipt') pending.addReceipt(record, index.addReceipt(record, LOCATION));
    else {
      index.addDelivery(record);
      pending.addDelivery(record);
    }
  }
  index.setPending(pending.remaining(index));
  return index;
}

/** The second receipt of the UUID of the first. */
function repeat(n: number, of: number, overrides: Partial<ReceiptHead> = {}): ReceiptHead {
  return receipt(n, { repeatOf: idOf(of), facts: { ...receipt(n).facts, uuid: uuidOf(of) }, ...overrides });
}

const withoutUuid = (n: number): ReceiptHead => receipt(n, { facts: { ...receipt(n).facts, uuid: null } });

/** Bytes of all typed arrays in use. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  // Memory found by the first collection is released by the next.
  for (let times = 0; times < 3; times++) collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

describe('the same UUID with other content', () => {
  const [ONE, TWO] = ['1'.repeat(32), '2'.repeat(32)];
  const withContent = (n: number, content?: string, variant?: string): ReceiptHead => {
    const facts = { ...receipt(n).facts, uuid: uuidOf(1) };
    return receipt(n, {
      facts: { ...facts, ...(content === undefined ? {} : { content }), ...(variant === undefined ? {} : { variant }) },
    });
  };

  it.each<[string, string | undefined, string | undefined, boolean]>([
    ['the same content', ONE, ONE, false],
    ['another content', ONE, TWO, true],
    ['a first receipt of an earlier version', undefined, TWO, false],
    ['a content that is unknown', ONE, undefined, false],
  ])('is told for %s', (_case, first, second, expected) => {
    expect(indexOf(withContent(1, first)).hasOtherContent(uuidOf(1), second)).toBe(expected);
    const reserving = createJournalIndex();
    reserving.reserve(withContent(1, first));
    expect(reserving.hasOtherContent(uuidOf(1), second)).toBe(expected);
  });

  it('has a first receipt, acceptances and pending deliveries of its own', () => {
    const key = `${uuidOf(1)}#${TWO}`;
    const index = indexOf(withContent(1, ONE), withContent(2, TWO, TWO), delivery(2, { uuid: key }));
    expect([index.firstReceiptOf(uuidOf(1)), index.firstReceiptOf(key)]).toEqual([idOf(1), idOf(2)]);
    expect([index.isUuidAccepted(uuidOf(1), 'app'), index.isUuidAccepted(key, 'app')]).toEqual([false, true]);
    expect(index.pending()).toMatchObject([{ ref: 0, target: 'app' }]);
  });
});

describe('the first receipt', () => {
  it.each<[string, string | null, string | null]>([
    ['a known UUID', uuidOf(1), idOf(1)],
    ['a UUID received twice', uuidOf(2), idOf(2)],
    ['an unknown UUID', uuidOf(9), null],
    ['a known UUID in capitals, which is another text', uuidOf(1).toUpperCase(), null],
    ['no UUID', null, null],
    ['a known text that is no UUID', 'not a uuid', idOf(4)],
    ['an unknown text that is no UUID', 'not a uuid!', null],
    ['an empty text', '', null],
  ])('is found for %s', (_case, uuid, expected) => {
    const odd = receipt(4, { facts: { ...receipt(4).facts, uuid: 'not a uuid' } });
    expect(indexOf(receipt(1), receipt(2), repeat(3, 2), odd).firstReceiptOf(uuid)).toBe(expected);
  });

  it('counts a notification once', () => {
    expect(indexOf(receipt(1), receipt(2), repeat(3, 2), withoutUuid(4), withoutUuid(5)).size).toBe(4);
  });

  it('is known while it is being written, and forgotten when the write fails', () => {
    const index = createJournalIndex();
    index.reserve(receipt(1));
    index.reserve(repeat(2, 1));
    expect(index.firstReceiptOf(uuidOf(1))).toBe(idOf(1));
    index.cancel(repeat(2, 1));
    expect(index.firstReceiptOf(uuidOf(1))).toBe(idOf(1));
    index.cancel(receipt(1));
    expect(index.firstReceiptOf(uuidOf(1))).toBeNull();
    expect(index.size).toBe(0);
  });

  it('keeps the location of each receipt, also beyond 4 GiB', () => {
    const index = createJournalIndex();
    const location = { file: 3, offset: 6_000_000_000, bytes: 2_000_000 };
    const ref = index.addReceipt(receipt(0xfedcba98, { id: 'fedcba9876543210' }), location);
    expect(index.locationOf(ref)).toEqual({ id: 'fedcba9876543210', ...location });
  });
});

describe('acceptance', () => {
  const index = indexOf(
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
    ['by no target yet', 0, 'app', false],
    ['by another target', 0, 'other', true],
    ['in a repeat', 1, 'app', true],
    ['in this repeat', 2, 'app', true],
    ['without a UUID', 3, 'app', true],
    ['without a UUID, another one', 4, 'app', false],
    ['by an unknown target', 1, 'unknown', false],
    ['in an unknown slot', 99, 'app', false],
  ])('%s', (_case, ref, target, expected) => expect(index.isAccepted(ref, target)).toBe(expected));

  it.each([
    [uuidOf(1), 'app', false],
    [uuidOf(1), 'other', true],
    [uuidOf(2), 'app', true],
    [uuidOf(9), 'app', false],
    [null, 'app', false],
  ])('%s by %s: %s', (uuid, target, expected) => expect(index.isUuidAccepted(uuid, target)).toBe(expected));

  it('is kept for any number of targets', () => {
    const names = Array.from({ length: 40 }, (_, n) => `target${n}`);
    const many = indexOf(receipt(1), receipt(2), ...names.map((target) => delivery(1, { target })));
    expect(names.filter((name) => !many.isUuidAccepted(uuidOf(1), name))).toEqual([]);
    expect(names.filter((name) => many.isUuidAccepted(uuidOf(2), name))).toEqual([]);
  });
});

describe('pending deliveries', () => {
  const due = AT_MS + 60_000;
  const run = 'r1';
  it.each<[string, readonly (ReceiptHead | DeliveryRecord)[], readonly (readonly [number, string, number, number])[]]>([
    ['of no record', [], []],
    ['a delivery never tried', [receipt(1)], [[0, 'app', 0, AT_MS + 1]]],
    ['without targets', [receipt(1, { targets: [] })], []],
    ['not an accepted one', [receipt(1), delivery(1)], []],
    [
      'a failed attempt',
      [receipt(1), failure(1), failure(1, { attempt: 2, nextAtMs: due + 5 })],
      [[0, 'app', 2, due + 5]],
    ],
    ['not a final failure', [receipt(1), failure(1, { final: true, nextAtMs: null })], []],
    ['not one that was accepted after a failure', [receipt(1), failure(1), delivery(1, { attempt: 2 })], []],
    ['to one of two targets', [receipt(1, { targets: ['app', 'b'] }), delivery(1)], [[0, 'b', 0, AT_MS + 1]]],
    ['of the repeat that takes over', [receipt(1), failure(1), repeat(2, 1)], [[1, 'app', 0, AT_MS + 2]]],
    [
      'of the first receipt where the repeat is not for that target',
      [receipt(1), repeat(2, 1, { targets: [] })],
      [[0, 'app', 0, AT_MS + 1]],
    ],
    ['of neither once a repeat was accepted', [receipt(1), repeat(2, 1), delivery(2, { uuid: uuidOf(1) })], []],
    [
      'of the repeat though the first failed for good',
      [receipt(1), repeat(2, 1), failure(1, { final: true })],
      [[1, 'app', 0, AT_MS + 2]],
    ],
    [
      'despite a failed replay',
      [receipt(1), failure(1), failure(1, { run, final: true, attempt: 7 })],
      [[0, 'app', 1, due]],
    ],
    ['not one that replay delivered', [receipt(1), failure(1), delivery(1, { run })], []],
    ['without a UUID', [withoutUuid(1), withoutUuid(2), delivery(1, { uuid: null })], [[1, 'app', 0, AT_MS + 2]]],
  ])('are those %s', (_case, records, expected) => {
    const pending = expected.map(([ref, target, attempts, dueAtMs]) => ({ ref, target, attempts, dueAtMs }));
    expect(indexOf(...records).pending()).toEqual(pending);
  });
});

describe('the table of UUIDs', () => {
  const MANY = 300_000;
  /** A counter: the hardest case for the hash. */
  const numbered = (n: number): Key => [n, 0, 0, 0];

  it('distinguishes 300,000 keys and finds each again, in little memory', () => {
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

  it('splits a UUID without loss', () => {
    expect(keyOfUuid('00112233-4455-6677-8899-aabbccddeeff')).toEqual([0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff]);
  });

  it.each([
    ['a digit', '00112233-4455-6677-8899-aabbccddeefe'],
    ['a capital', '00112233-4455-6677-8899-aabbccddeefF'],
    ['a blank', ' 00112233-4455-6677-8899-aabbccddeeff'],
    ['braces', '{00112233-4455-6677-8899-aabbccddeeff}'],
  ])('distinguishes a UUID from one that differs by %s', (_case, other) => {
    expect(keyOfUuid(other)).not.toEqual(keyOfUuid('00112233-4455-6677-8899-aabbccddeeff'));
  });

  it('keeps ids and UUIDs apart', () => expect(keyOfId('x')).not.toEqual(keyOfUuid('x')));
});

describe('the memory of an index', () => {
  it('is at most 64 bytes for each notification, its receipt and its acceptances', () => {
    const many = 300_000;
    const before = heldBytes();
    const index = createJournalIndex();
    const head = receipt(1);
    for (let n = 0; n < many; n++) {
      const facts = { ...head.facts, uuid: uuidOf(n) };
      const ref = index.addReceipt({ ...head, id: idOf(n), facts }, { file: 1, offset: n * 20_000, bytes: 20_000 });
      if (n % 2 === 0) index.addDelivery(delivery(n));
      if (ref !== n) throw new Error(`slot ${ref} for ${n}`);
    }
    expect((heldBytes() - before) / many).toBeLessThan(64);
    expect(index.size).toBe(many);
    expect([0, 1, 123_456, many - 1].map((n) => index.firstReceiptOf(uuidOf(n)))).toEqual(
      [0, 1, 123_456, many - 1].map(idOf),
    );
    expect([0, 1, 2, 3].map((n) => index.isUuidAccepted(uuidOf(n), 'app'))).toEqual([true, false, true, false]);
  });
});
