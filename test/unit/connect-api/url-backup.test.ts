import { describe, expect, it } from 'vitest';
import {
  addBackup,
  backupsToJson,
  latestBackup,
  openClaimBackups,
  parseBackups,
  type UrlBackup,
} from '../../../src/connect-api/url-backup.js';

const HERE = 'https://api.example.com';

const change = (id: string, news: Partial<UrlBackup> = {}): UrlBackup => ({
  id,
  atMs: 1_795_176_000_000,
  by: 'set',
  address: HERE,
  app: { id: '42', bundleId: 'com.example.app' },
  before: { sandbox: { url: null, version: null } },
  after: { sandbox: { url: 'https://a.example.com/', version: 'V2' } },
  undoneAtMs: null,
  claimedBy: null,
  folder: '7',
  ...news,
});

const parse = (text: string) => parseBackups(Buffer.from(text));

describe('kept changes', () => {
  it('survive being written and read', () => {
    const changes = [change('a', { undoneAtMs: 1 }), change('b', { by: 'claim', claimedBy: 12 })];
    expect(parse(backupsToJson(changes))).toEqual(changes);
    expect(parse(backupsToJson([]))).toEqual([]);
  });

  it('leave out what a later version may add', () => {
    expect(parse(JSON.stringify({ changes: [{ ...change('a'), more: 1 }], more: 2 }))).toEqual([change('a')]);
  });

  it.each<[string, unknown]>([
    ['no JSON', undefined],
    ['no object', []],
    ['no list', { changes: {} }],
    ['no change', { changes: [null] }],
    ...(['id', 'atMs', 'by', 'address', 'app', 'before', 'after', 'folder'] as const).map((name): [string, unknown] => [
      `no ${name}`,
      { changes: [{ ...change('a'), [name]: undefined }] },
    ]),
    ['another kind', { changes: [{ ...change('a'), by: 'theft' }] }],
    ['a URL that is no text', { changes: [{ ...change('a'), before: { sandbox: { url: 1, version: null } } }] }],
    [
      'other environments after than before',
      { changes: [{ ...change('a'), before: { production: change('a').after.sandbox } }] },
    ],
    ['no environment', { changes: [{ ...change('a'), before: {}, after: {} }] }],
  ])('are none where there is %s', (_what, content) => {
    expect(parse(content === undefined ? 'nonsense' : JSON.stringify(content))).toBeNull();
  });

  it.each<[string, readonly UrlBackup[], string | null]>([
    ['the newest', [change('a'), change('b')], 'b'],
    ['not what was undone', [change('a'), change('b', { undoneAtMs: 5 })], 'a'],
    ['not what was done elsewhere', [change('a'), change('b', { address: 'https://other.example.com' })], 'a'],
    ['not of another app', [change('a', { app: { id: '43', bundleId: 'com.example.app' } })], null],
    ['none', [], null],
  ])('stand: %s', (_what, changes, id) => {
    expect(latestBackup(changes, { address: HERE, appId: '42' })?.id ?? null).toBe(id);
  });

  it('are a hundred at most, but never without a claim that is open', () => {
    const old = change('claim', { by: 'claim', claimedBy: 1 });
    let changes: readonly UrlBackup[] = [change('first'), old];
    for (let n = 0; n < 150; n += 1) changes = addBackup(changes, change(`n${n}`));
    expect([changes.length, changes[0]?.id, changes.at(-1)?.id]).toEqual([101, 'claim', 'n149']);
    expect(openClaimBackups(changes)).toEqual([old]);
  });
});
