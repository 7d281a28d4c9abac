import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../../../src/index.js';
import { createAuthority } from '../../../src/simulator/authority/authority.js';
import * as testing from '../../../src/testing.js';
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

  it('forges under the root of its notifications', async () => {
    const [{ rootPem }, forgery] = await Promise.all([createTestNotification(), testing.forge('SIGNATURE_MISMATCH')]);
    const verdictOf = (token: string) => verify(token, { roots: [rootPem] }).verification.reason;
    expect([verdictOf(forgery.good), verdictOf(forgery.signedPayload)]).toEqual([null, 'SIGNATURE_MISMATCH']);
  });

  it.each([
    [testing.buildNotification, { notification: { notificationType: 'TEST' } }],
    [testing.buildTransaction, { bundleId: 'com.example.app', environment: 'Sandbox' }],
    [testing.buildRenewalInfo, { autoRenewStatus: 1 }],
    [testing.buildAppTransaction, { receiptType: 'Sandbox' }],
    [testing.buildRealtimeRequest, { environment: 'Sandbox' }],
    [testing.buildXcodeTransaction, { environment: 'Xcode' }],
    [testing.buildLegacyBody, { notification_type: 'DID_RENEW' }],
  ])('%o needs no options', (build, fields) => {
    expect(build()).toMatchObject(fields);
  });

  it('makes an authority and a signer of Xcode of now', async () => {
    const [{ rootPem }, { x5c }] = await Promise.all([testing.createAuthority(), testing.createXcodeSigner()]);
    for (const certificate of [rootPem, Buffer.from(x5c[0] ?? '', 'base64')]) {
      const { validFrom, validTo } = new X509Certificate(certificate);
      expect(Date.parse(validFrom)).toBeLessThanOrEqual(Date.now());
      expect(Date.parse(validTo)).toBeGreaterThan(Date.now());
    }
  });
});
