import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatStamp, listFiles, parseFileName } from '../../../src/journal/files.js';
import { AT_MS, temporaryFolder } from './records.js';

describe('names', () => {
  it.each([
    ['journal.ndjson', 'main', null],
    ['rejected.ndjson', 'rejected', null],
    ['journal-20261102T090000000Z.ndjson', 'main', AT_MS],
    ['rejected-20261102T090000001Z.ndjson', 'rejected', AT_MS + 1],
    ['replay-20261102T090000000Z-0a1b2c3d.ndjson', 'replay', AT_MS],
  ])('%s', (name, kind, stampMs) => expect(parseFileName(name)).toEqual({ name, kind, stampMs }));

  it.each([
    'journal',
    'journal.ndjson.pruned',
    'journal-1.ndjson',
    'replay.ndjson',
    '.ndjson',
    'listen.lock',
    'toString-20261102T090000000Z.ndjson',
  ])('%s is no journal file', (name) => expect(parseFileName(name)).toBeNull());

  it.each([0, AT_MS, AT_MS + 999])('a stamp is parsed back to its time: %i', (atMs) => {
    expect(parseFileName(`journal-${formatStamp(atMs)}.ndjson`)?.stampMs).toBe(atMs);
  });
});

describe('listFiles', () => {
  it('lists the oldest first, the one being written last of its kind, and plain files only', async () => {
    const folder = temporaryFolder();
    const names = [
      'journal-20260101T000000000Z.ndjson',
      'journal-20261102T090000000Z.ndjson',
      'journal.ndjson',
      'replay-20260101T000000000Z-ff.ndjson',
      'replay-20260101T000000001Z-00.ndjson',
      'rejected-20251102T090000000Z.ndjson',
      'rejected.ndjson',
    ];
    for (const name of names.toReversed()) writeFileSync(join(folder, name), name);
    mkdirSync(join(folder, 'journal-20270101T000000000Z.ndjson'));
    symlinkSync(join(folder, 'journal.ndjson'), join(folder, 'journal-20280101T000000000Z.ndjson'));
    const files = await listFiles(folder);
    expect(files.map(({ name }) => name)).toEqual(names);
    expect(files.map(({ bytes }) => bytes)).toEqual(names.map(({ length }) => length));
    expect(new Set(files.map(({ inode }) => inode)).size).toBe(names.length);
  });

  it('lists nothing of a missing folder', async () => {
    expect(await listFiles(join(temporaryFolder(), 'missing'))).toEqual([]);
  });
});
