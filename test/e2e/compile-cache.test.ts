import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BIN } from '../support/bin.js';

const OTHER_USER = 65_534;
const isRoot = process.getuid?.() === 0;

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-cache-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/**
 * The folders in which the bin has Node keep compiled code. A stub stands for Node's own function: the choice is the bin's, and Node 20
 * does not have the function.
 */
function cachesOf(env: NodeJS.ProcessEnv = { HOME: home }): readonly unknown[] {
  const preload = path.join(home, 'preload.cjs');
  const stub = "require('module').enableCompileCache = (...args) => console.error('CACHE ' + JSON.stringify(args));";
  writeFileSync(preload, stub);
  const { status, stderr } = spawnSync(process.execPath, ['--require', preload, BIN, 'version'], {
    encoding: 'utf8',
    env,
  });
  expect(status).toBe(0);
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('CACHE '))
    .map((line) => JSON.parse(line.slice(6)));
}

const modeOf = (folder: string): number => statSync(folder).mode & 0o777;

describe.skipIf(process.platform === 'win32')('the folder for compiled code', () => {
  it('is made for this user alone, in ~/.cache', () => {
    const folder = path.join(home, '.cache/storewire');
    expect(cachesOf()).toEqual([[folder]]);
    expect([modeOf(path.dirname(folder)), modeOf(folder)]).toEqual([0o700, 0o700]);
    expect(cachesOf()).toEqual([[folder]]);
  });

  it('is in XDG_CACHE_HOME where that is set', () => {
    const named = path.join(home, 'named');
    expect(cachesOf({ HOME: home, XDG_CACHE_HOME: named })).toEqual([[path.join(named, 'storewire')]]);
    expect(cachesOf({ HOME: home, XDG_CACHE_HOME: 'relative' })).toEqual([[path.join(home, '.cache/storewire')]]);
  });

  it('follows a link of the user to its target', () => {
    mkdirSync(path.join(home, 'disk'), 0o700);
    symlinkSync('disk', path.join(home, '.cache'));
    expect(cachesOf()).toEqual([[path.join(home, 'disk/storewire')]]);
  });

  it.each<[string, () => void]>([
    ['is accessible to others', () => makeCache(0o755)],
    [
      'is a link',
      () => symlinkSync(mkdtempSync(path.join(home, 'target-')), path.join(makeFolder('.cache'), 'storewire')),
    ],
    ['is a file', () => writeFileSync(path.join(makeFolder('.cache'), 'storewire'), '')],
    ['is in a folder that others may write to', () => chmodSync(path.dirname(makeCache(0o700)), 0o777)],
    ['is below a folder that others may write to', () => chmodSync(home, 0o770)],
  ])('is not used if it %s', (_defect, prepare) => {
    prepare();
    expect(cachesOf()).toEqual([]);
  });

  it.runIf(isRoot).each<[string, () => void]>([
    ['belongs to another user', () => chownSync(makeCache(0o700), OTHER_USER, OTHER_USER)],
    ['is in the folder of another user', () => chownSync(path.dirname(makeCache(0o700)), OTHER_USER, OTHER_USER)],
  ])('is not used if it %s', (_defect, prepare) => {
    prepare();
    expect(cachesOf()).toEqual([]);
  });

  it.runIf(isRoot)('is not made in the home folder of another user', () => {
    chownSync(home, OTHER_USER, OTHER_USER);
    expect(cachesOf()).toEqual([]);
    expect(existsSync(path.join(home, '.cache'))).toBe(false);
  });

  it('is nowhere without a home folder, and never the shared one', () => {
    expect(cachesOf({})).toEqual([]);
    expect(cachesOf({ HOME: 'relative' })).toEqual([]);
    expect(cachesOf({ HOME: path.join(home, 'missing') })).toEqual([]);
  });
});

function makeFolder(name: string): string {
  const folder = path.join(home, name);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

function makeCache(mode: number): string {
  const folder = path.join(makeFolder('.cache'), 'storewire');
  mkdirSync(folder);
  chmodSync(folder, mode);
  return folder;
}
