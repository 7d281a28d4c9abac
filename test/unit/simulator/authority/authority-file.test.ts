import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority, exportAuthority } from '../../../../src/simulator/authority/authority.js';
import { openAuthority, readAuthority } from '../../../../src/simulator/authority/authority-file.js';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;
const userId = process.geteuid?.() ?? -1;
const onPosix = it.skipIf(userId === -1);
const context = { nowMs: NOW_MS, userId };

let state: string;
let folder: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'storewire-authority-'));
  folder = join(state, 'authority');
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('openAuthority', () => {
  it('creates one on first use, then returns the same', async () => {
    const created = await openAuthority(folder, context);
    const found = await openAuthority(folder, { ...context, nowMs: NOW_MS + 300 * DAY_MS });
    expect([created.isNew, found.isNew]).toEqual([true, false]);
    expect(found.authority.rootPem).toBe(created.authority.rootPem);
    expect(readFileSync(created.rootPath, 'utf8')).toBe(created.authority.rootPem);
    expect(found.authority.root.checkPrivateKey(created.authority.key)).toBe(true);
  });

  it('is valid for one year, and for dates up to two years back', async () => {
    const { authority } = await openAuthority(folder, context);
    expect(Date.parse(authority.root.validTo)).toBe(NOW_MS + 365 * DAY_MS);
    expect(Date.parse(authority.root.validFrom)).toBeLessThanOrEqual(NOW_MS - 2 * 365 * DAY_MS);
    expect(authority.root.subject).toContain('storewire TEST');
  });

  onPosix('restricts access to the owner and leaves no temporary files', async () => {
    await openAuthority(folder, context);
    expect(readdirSync(state)).toEqual(['authority']);
    expect(modeOf(folder)).toBe(0o700);
    expect(readdirSync(folder).map((name) => [name, modeOf(join(folder, name))])).toEqual([
      ['root-key.pem', 0o600],
      ['root.pem', 0o600],
    ]);
  });

  it('is the same one for processes that create it at the same time', async () => {
    const created = await Promise.all(Array.from({ length: 4 }, () => openAuthority(folder, context)));
    expect(new Set(created.map(({ authority }) => authority.root.fingerprint256)).size).toBe(1);
    expect(created.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(readdirSync(state)).toEqual(['authority']);
  });
});

describe('an authority that cannot be used', () => {
  const keep = (parts: Record<string, string>, mode = 0o600): void => {
    mkdirSync(folder);
    for (const [name, text] of Object.entries(parts)) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), mode);
    }
  };
  const refusal = async (code: string): Promise<void> => {
    await expect(openAuthority(folder, context)).rejects.toMatchObject({
      kind: 'usage',
      code,
      message: expect.stringContaining(folder),
      hint: expect.any(String),
    });
  };

  it('has expired', async () => {
    const { rootPem, keyPem } = exportAuthority(
      await createAuthority({ nowMs: NOW_MS - 10 * DAY_MS, validForMs: 10 * DAY_MS }),
    );
    keep({ 'root.pem': rootPem, 'root-key.pem': keyPem });
    await refusal('ERR_AUTHORITY_EXPIRED');
    expect(readAuthority(folder, { ...context, nowMs: NOW_MS - 1 })).not.toBeNull();
  });

  it.each([
    ['an empty folder', {}],
    ['no key', { 'root.pem': 'x' }],
    ['garbage', { 'root.pem': 'x', 'root-key.pem': 'y' }],
  ])('is %s', async (_what, parts) => {
    keep(parts);
    await refusal('ERR_AUTHORITY_UNREADABLE');
  });

  it('has the key of another authority', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => createAuthority({ nowMs: NOW_MS })));
    keep({ 'root.pem': exportAuthority(one!).rootPem, 'root-key.pem': exportAuthority(other!).keyPem });
    await refusal('ERR_AUTHORITY_UNREADABLE');
  });

  onPosix('is readable by others, as after cloning a repository', async () => {
    const { rootPem, keyPem } = exportAuthority(await createAuthority({ nowMs: NOW_MS }));
    keep({ 'root.pem': rootPem, 'root-key.pem': keyPem }, 0o644);
    await refusal('ERR_AUTHORITY_EXPOSED');
    expect(readAuthority(folder, { ...context, userId: -1 })).not.toBeNull();
  });

  it('has no parent folder', async () => {
    const nowhere = join(state, 'missing', 'authority');
    await expect(openAuthority(nowhere, context)).rejects.toMatchObject({ code: 'ERR_AUTHORITY_UNWRITABLE' });
    expect(existsSync(nowhere)).toBe(false);
  });
});

it('readAuthority creates none', () => {
  expect(readAuthority(folder, context)).toBeNull();
  expect(readdirSync(state)).toEqual([]);
});
