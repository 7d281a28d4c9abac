import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../../../src/index.js';
import { createAuthority } from '../../../src/simulator/authority/authority.js';
import { createTestNotification, startEmulator } from '../../../src/testing.js';
import { startTestEndpoint } from '../../support/emulator.js';

it('storewire/testing starts an emulator with no clock given', async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'storewire-testing-'));
  const endpoint = await startTestEndpoint();
  const authority = await createAuthority({ nowMs: Date.now() });
  const stop = new AbortController();
  const emulator = await startEmulator({
    ...{ authority, stateFolder, random: randomBytes, sandboxUrl: endpoint.url, signal: stop.signal },
  });
  const { attempts, signedPayload } = await emulator.send({ type: 'DID_RENEW' });
  expect(attempts).toMatchObject([{ sendAttemptResult: 'SUCCESS', httpStatus: 200 }]);
  expect(endpoint.bodies).toEqual([JSON.stringify({ signedPayload })]);
  stop.abort('done');
  await emulator.stop();
  await expect(fetch(emulator.url)).rejects.toThrow('fetch failed');
  await endpoint.close();
  rmSync(stateFolder, { recursive: true, force: true });
});

describe('storewire/testing with defaults alone', () => {
  it('plays a scenario to an endpoint that trusts its root, and leaves nothing behind', async () => {
    const endpoint = await startTestEndpoint();
    const emulator = await startEmulator({ sandboxUrl: endpoint.url });
    const folder = dirname(emulator.rootPath);
    const sent = await emulator.play('billing-retry');
    expect(sent.map(({ type }) => type)).toEqual([
      'SUBSCRIBED.INITIAL_BUY',
      'DID_FAIL_TO_RENEW',
      'DID_RENEW.BILLING_RECOVERY',
    ]);
    const rules = { kind: 'notification', bundleId: emulator.bundleId, environment: 'Sandbox' } as const;
    for (const body of endpoint.bodies) {
      const { verification } = verify(JSON.parse(body).signedPayload, { ...rules, roots: [emulator.rootPem] });
      expect(verification).toMatchObject({ verdict: 'valid' });
    }
    expect(endpoint.bodies).toHaveLength(sent.length);
    await emulator[Symbol.asyncDispose]();
    await expect(fetch(emulator.url)).rejects.toThrow('fetch failed');
    expect(existsSync(folder)).toBe(false);
    await endpoint.close();
  });

  it('says which scenarios there are', async () => {
    const emulator = await startEmulator();
    await expect(emulator.play('billing')).rejects.toMatchObject({ code: 'ERR_SIMULATOR_SCENARIO' });
    await emulator.close();
  });

  it('says why it cannot start', async () => {
    await expect(startEmulator({ sandboxUrl: 'not a url' })).rejects.toMatchObject({ code: 'ERR_EMULATOR_URL' });
  });

  it('creates a notification that is valid under the root of the emulator', async () => {
    const emulator = await startEmulator();
    const made = await createTestNotification({ type: 'REFUND', bundleId: 'com.example.books' });
    const { notification, verification } = verify(made.signedPayload, { roots: [emulator.rootPem] });
    expect(made.rootPem).toBe(emulator.rootPem);
    expect(verification.verdict).toBe('valid');
    expect([notification?.notificationType, notification?.data?.bundleId]).toEqual(['REFUND', 'com.example.books']);
    expect((await createTestNotification()).notification).toMatchObject({ notificationType: 'TEST' });
    await emulator.close();
  });
});
