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
  it('makes one on first need, and finds the same one again', async () => {
    const made = await openAuthority(folder, context);
    const found = await openAuthority(folder, { ...context, nowMs: NOW_MS + 300 * DAY_MS });
    expect([made.isNew, found.isNew]).toEqual([true, false]);
    expect(found.authority.rootPem).toBe(made.authority.rootPem);
    expect(readFileSync(made.rootPath, 'utf8')).toBe(made.authority.rootPem);
    expect(found.authority.root.checkPrivateKey(made.authority.key)).toBe(true);
  });

  it('is good for a year, and for what is dated two years back', async () => {
    const { authority } = await openAuthority(folder, context);
    expect(Date.parse(authority.root.validTo)).toBe(NOW_MS + 365 * DAY_MS);
    expect(Date.parse(authority.root.validFrom)).toBeLessThanOrEqual(NOW_MS - 2 * 365 * DAY_MS);
    expect(authority.root.subject).toContain('storewire TEST');
  });

  onPosix('keeps it for its owner alone, and leaves nothing beside it', async () => {
    await openAuthority(folder, context);
    expect(readdirSync(state)).toEqual(['authority']);
    expect(modeOf(folder)).toBe(0o700);
    expect(readdirSync(folder).map((name) => [name, modeOf(join(folder, name))])).toEqual([
      ['root-key.pem', 0o600],
      ['root.pem', 0o600],
    ]);
  });

  it('made twice at the same moment is one', async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => openAuthority(folder, context)));
    expect(new Set(made.map(({ authority }) => authority.root.fingerprint256)).size).toBe(1);
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
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
    ['rubbish', { 'root.pem': 'x', 'root-key.pem': 'y' }],
  ])('is %s', async (_what, parts) => {
    keep(parts);
    await refusal('ERR_AUTHORITY_UNREADABLE');
  });

  it('has the key of another', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => createAuthority({ nowMs: NOW_MS })));
    keep({ 'root.pem': exportAuthority(one!).rootPem, 'root-key.pem': exportAuthority(other!).keyPem });
    await refusal('ERR_AUTHORITY_UNREADABLE');
  });

  onPosix('lies open to others, as one from a cloned repository does', async () => {
    const { rootPem, keyPem } = exportAuthority(await createAuthority({ nowMs: NOW_MS }));
    keep({ 'root.pem': rootPem, 'root-key.pem': keyPem }, 0o644);
    await refusal('ERR_AUTHORITY_EXPOSED');
    expect(readAuthority(folder, { ...context, userId: -1 })).not.toBeNull();
  });

  it('has nowhere to be kept', async () => {
    const nowhere = join(state, 'missing', 'authority');
    await expect(openAuthority(nowhere, context)).rejects.toMatchObject({ code: 'ERR_AUTHORITY_UNWRITABLE' });
    expect(existsSync(nowhere)).toBe(false);
  });
});

it('readAuthority makes none', () => {
  expect(readAuthority(folder, context)).toBeNull();
  expect(readdirSync(state)).toEqual([]);
});
