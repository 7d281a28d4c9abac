import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { now, sleep } from '../../../src/clock.js';
import { changedUrls } from '../../../src/connect-api/app.js';
import { type ConnectApiOptions, createConnectApi } from '../../../src/connect-api/client.js';
import { startTestEmulator, type TestEmulator } from '../../support/emulator.js';

/** Both sides were written from Apple's documents, apart from each other. */
describe('the Connect API client and the emulator', () => {
  let run: TestEmulator;
  const dispatcher = new Agent({ keepAliveTimeout: 1 });
  const keyAt = (path: string): KeyObject => createPrivateKey(readFileSync(path));

  beforeAll(async () => {
    run = await startTestEmulator({
      bundleId: 'com.example.app',
      appAppleId: 42,
      sandboxUrl: 'http://127.0.0.1:9/old',
    });
  });
  afterAll(() => run.close());

  function connect(options: Partial<ConnectApiOptions> = {}) {
    const { connectApi, connect: team } = run.emulator;
    const key = { issuerId: team.issuerId, keyId: team.keyId, privateKey: keyAt(team.privateKeyPath) };
    return createConnectApi({ baseUrl: connectApi, ...key, dispatcher, now, sleep, ...options });
  }

  it('agree on an app, found and read', async () => {
    const found = await connect().findApp('com.example.app');
    expect(found).toMatchObject({ id: '42', bundleId: 'com.example.app', urls: run.emulator.settings() });
    expect(await connect().readApp('42')).toEqual(found);
    expect(await connect().findApp('com.example')).toBeNull();
  });

  it('agree on a change, its end, and that nothing else was touched', async () => {
    const api = connect();
    const { urls: before } = await api.readApp('42');
    const wanted = { subscriptionStatusUrl: 'https://hooks.example.com/apple', subscriptionStatusUrlVersion: 'V2' };
    await api.updateApp('42', changedUrls(before, wanted));
    const { urls: after } = await api.readApp('42');
    expect(after).toEqual({ ...before, ...wanted });
    expect(run.emulator.settings()).toEqual(after);
    await api.updateApp('42', changedUrls(after, before));
    expect((await api.readApp('42')).urls).toEqual(before);
  });

  it('agree on an individual key', async () => {
    const { keyId, privateKeyPath } = run.emulator.individual;
    const api = connect({ issuerId: null, keyId, privateKey: keyAt(privateKeyPath) });
    expect(await api.readApp('42')).toMatchObject({ id: '42' });
  });

  it.each<[string, () => Partial<ConnectApiOptions>]>([
    ['another issuer', () => ({ issuerId: '57246542-96fe-1a63-e053-0824d011072a' })],
    ['a team key without its issuer', () => ({ issuerId: null })],
    ['an unknown key id', () => ({ keyId: 'AAAAAAAAAA' })],
    ['the In-App Purchase key', () => ({ privateKey: keyAt(run.emulator.privateKeyPath), keyId: run.emulator.keyId })],
    ['a clock that is an hour slow', () => ({ now: () => now() - 3_600_000 })],
  ])('agree to refuse %s', async (_what, options) => {
    const refused = { kind: 'auth', code: 'ERR_CONNECT_UNAUTHORIZED' };
    await expect(connect(options()).readApp('42')).rejects.toMatchObject(refused);
  });

  it.each([
    ['an app that is not there', () => connect().readApp('43'), 'ERR_CONNECT_NOT_FOUND'],
    [
      'a URL that is none',
      () => connect().updateApp('42', { subscriptionStatusUrl: 'nonsense' }),
      'ERR_CONNECT_REFUSED',
    ],
    [
      'a version that is none',
      () => connect().updateApp('42', { subscriptionStatusUrlVersion: 'V9' }),
      'ERR_CONNECT_REFUSED',
    ],
  ])('agree on %s', async (_what, call, code) => {
    await expect(call()).rejects.toMatchObject({ kind: 'usage', code });
  });
});
