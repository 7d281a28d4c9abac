import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureStateFolder, findStateFolder } from '../../../src/settings/state-folder.js';

const userId = process.geteuid?.() ?? -1;
const onPosix = it.skipIf(userId === -1);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'storewire-state-'));
  mkdirSync(join(root, 'app/src'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('findStateFolder', () => {
  it('finds the nearest one upwards', () => {
    mkdirSync(join(root, '.storewire'));
    mkdirSync(join(root, 'app/.storewire'));
    const found = findStateFolder(join(root, 'app/src'), null, userId);
    expect(found).toEqual({ path: join(root, 'app/.storewire'), exists: true, defect: null });
  });

  it('gives the path beside the project file, else in the working directory, and creates nothing', () => {
    const cwd = join(root, 'app/src');
    const beside = findStateFolder(cwd, join(root, 'app'), userId);
    expect(beside).toEqual({ path: join(root, 'app/.storewire'), exists: false, defect: null });
    expect(findStateFolder(cwd, null, userId).path).toBe(join(cwd, '.storewire'));
    expect(lstatSync(beside.path, { throwIfNoEntry: false })).toBeUndefined();
  });

  onPosix('checks the owner', () => {
    mkdirSync(join(root, '.storewire'));
    expect(findStateFolder(root, null, userId + 1).defect).toBe('other owner');
    expect(findStateFolder(root, null, -1).defect).toBeNull();
  });
});

describe('ensureStateFolder', () => {
  const ensure = (owner = userId): string => ensureStateFolder(findStateFolder(root, null, owner), owner);

  it('makes the folder, which ignores everything in it', () => {
    expect(ensure()).toBe(join(root, '.storewire'));
    expect(readFileSync(join(root, '.storewire/.gitignore'), 'utf8')).toBe('*\n');
  });

  onPosix('makes it for its owner only', () => {
    const path = ensure();
    expect([modeOf(path), modeOf(join(path, '.gitignore'))]).toEqual([0o700, 0o600]);
  });

  onPosix('takes the access of others from one that is there', () => {
    mkdirSync(join(root, '.storewire'));
    chmodSync(join(root, '.storewire'), 0o755);
    expect(modeOf(ensure())).toBe(0o700);
  });

  it('keeps existing content', () => {
    const path = ensure();
    writeFileSync(join(path, '.gitignore'), 'mine');
    writeFileSync(join(path, 'journal.ndjson'), 'kept');
    ensure();
    expect(readFileSync(join(path, '.gitignore'), 'utf8')).toBe('mine');
    expect(readFileSync(join(path, 'journal.ndjson'), 'utf8')).toBe('kept');
  });

  onPosix('refuses one of another user', () => {
    mkdirSync(join(root, '.storewire'));
    expect(() => ensure(userId + 1)).toThrow(expect.objectContaining({ kind: 'usage', code: 'ERR_STATE_OWNER' }));
  });

  onPosix('rejects a link, and writes nothing to its target', () => {
    mkdirSync(join(root, 'target'));
    symlinkSync(join(root, 'target'), join(root, '.storewire'));
    expect(() => ensure()).toThrow(expect.objectContaining({ code: 'ERR_STATE_LINK' }));
    expect(lstatSync(join(root, 'target/.gitignore'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('refuses a file', () => {
    writeFileSync(join(root, '.storewire'), '');
    expect(() => ensure()).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_FOLDER' }));
  });

  onPosix('rejects an entry that another process created in between', () => {
    const found = findStateFolder(root, null, userId);
    symlinkSync(tmpdir(), found.path);
    expect(() => ensureStateFolder(found, userId)).toThrow(expect.objectContaining({ code: 'ERR_STATE_LINK' }));
  });

  it('says where it cannot be made', () => {
    const folder = { path: join(root, 'gone/.storewire'), exists: false, defect: null };
    expect(() => ensureStateFolder(folder, userId)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'ERR_STATE_UNWRITABLE',
        message: expect.stringContaining('ENOENT'),
      }),
    );
  });
});
