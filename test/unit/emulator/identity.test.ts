import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openIdentity } from '../../../src/emulator/identity.js';

const onPosix = it.skipIf(process.platform === 'win32');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'storewire-identity-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => openIdentity(join(folder, 'emulator'), 'ROOT', randomBytes);

describe('the keys of an emulator', () => {
  it('are named for their ids, as Apple names them', () => {
    const { server, connect, individual } = open();
    expect(server.privateKeyPath).toBe(join(folder, 'emulator', `SubscriptionKey_${server.keyId}.p8`));
    expect(connect.privateKeyPath).toBe(join(folder, 'emulator', `AuthKey_${connect.keyId}.p8`));
    expect(new Set([server.keyId, connect.keyId, individual.keyId]).size).toBe(3);
    for (const { keyId, issuerId } of [server, connect, individual]) {
      expect(keyId).toMatch(/^[A-Z0-9]{10}$/);
      expect(issuerId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
    expect(readFileSync(server.privateKeyPath, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('are the same the next time, the issuers and the control token too', () => {
    const [first, second] = [open(), open()];
    const facts = ({ server, connect, individual, controlToken }: typeof first) =>
      JSON.stringify([server, connect, individual, controlToken]);
    expect(facts(second)).toBe(facts(first));
    expect(readdirSync(join(folder, 'emulator')).length).toBe(4);
  });

  onPosix('are for their owner only', () => {
    const { server, connect, individual, rootPath } = open();
    const paths = [server, connect, individual].map((key) => key.privateKeyPath);
    expect([...paths, rootPath].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600]);
    expect(statSync(join(folder, 'emulator')).mode & 0o777).toBe(0o700);
  });

  it('are created again if a file is not a key', () => {
    const { server } = open();
    writeFileSync(server.privateKeyPath, 'cut short');
    const again = open().server;
    expect(again.keyId).toBe(server.keyId);
    expect(again.issuerId).not.toBe(server.issuerId);
  });

  onPosix('are not written through a link', () => {
    const { server, rootPath } = open();
    const precious = join(folder, 'precious');
    writeFileSync(precious, 'mine');
    for (const path of [server.privateKeyPath, rootPath]) {
      rmSync(path);
      symlinkSync(precious, path);
    }
    open();
    expect(readFileSync(precious, 'utf8')).toBe('mine');
    expect(lstatSync(server.privateKeyPath).isSymbolicLink()).toBe(false);
    expect(readFileSync(rootPath, 'utf8')).toBe('ROOT');
  });

  onPosix('are refused a folder that is a link', () => {
    symlinkSync(tmpdir(), join(folder, 'emulator'));
    expect(open).toThrow(expect.objectContaining({ code: 'ERR_EMULATOR_FOLDER' }));
  });

  it.skipIf(process.platform === 'win32' || process.geteuid?.() === 0)(
    'are refused a folder that cannot be written',
    () => {
      chmodSync(folder, 0o500);
      expect(open).toThrow(expect.objectContaining({ code: 'ERR_EMULATOR_FOLDER', kind: 'usage' }));
      chmodSync(folder, 0o700);
    },
  );
});
