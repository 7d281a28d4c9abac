import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Environment, GetTransactionHistoryVersion, SignedDataVerifier } from '@apple/app-store-server-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { now, sleep } from '../../src/clock.js';
import { registerLookup } from '../../src/commands/lookup/command.js';
import { orderIdOf } from '../../src/emulator/store/order-id.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { verify } from '../../src/index.js';
import { forgetEmulator, recordEmulator } from '../../src/session/running-emulator.js';
import { seededRandom } from '../../src/simulator/random.js';
import { SCENARIOS } from '../../src/simulator/scenarios/scenarios.js';
import { type RunningEmulator, startEmulator } from '../../src/testing.js';
import { RedirectedClient } from '../support/apple-client.js';
import { startTestEndpoint, type TestEndpoint } from '../support/emulator.js';
import { type Register, runCommand } from '../support/run-command.js';

let emulator: RunningEmulator;
let endpoint: TestEndpoint;
let project: string;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  emulator = await startEmulator({ sandboxUrl: endpoint.url, productionUrl: endpoint.url });
  project = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-lookup-')));
  mkdirSync(join(project, '.storewire', 'emulator'), { recursive: true });
  recordEmulator(join(project, '.storewire'), emulator, { random: seededRandom('record') });
});
afterAll(async () => {
  await emulator.close();
  await endpoint.close();
  rmSync(project, { recursive: true, force: true });
});

/** No variable is exported: everything comes from the record of the emulator. */
function run(argv: string) {
  return runCommand(
    registerLookup as Register,
    ['lookup', ...argv.split(' '), '--via-emulator'],
    {
      env: { HOME: project, STOREWIRE_ENVIRONMENT: 'production' },
      cwd: project,
      now,
      sleep,
      random: (bytes) => randomBytes(bytes),
      http: createDispatcher,
      signal: new AbortController().signal,
      platform: process.platform,
      userId: process.geteuid?.() ?? -1,
    },
    { columns: 80 },
  );
}

const documents = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Plays a scenario; the last transaction, or null where it has none. */
async function play(scenario: string, environment: 'Sandbox' | 'Production' = 'Sandbox') {
  const views = await emulator.play(scenario, { environment });
  return verify(views.at(-1)!.signedPayload, { roots: [emulator.rootPem] }).transaction ?? null;
}

const undated = ({ signedDate: _, ...payload }: Record<string, unknown>) => payload;

describe("lookup and Apple's own client", () => {
  it('say the same after a refund', async () => {
    const id = (await play('refund'))!.transactionId as string;
    const client = new RedirectedClient(emulator, Environment.SANDBOX);
    const root = Buffer.from(emulator.rootPem.replaceAll(/-----.*-----|\s/g, ''), 'base64');
    const apples = new SignedDataVerifier([root], false, Environment.SANDBOX, emulator.bundleId, emulator.appAppleId);
    const transactionOf = async (jws: string | undefined) =>
      undated((await apples.verifyAndDecodeTransaction(jws!)) as Record<string, unknown>);

    const { code, stdout, stderr } = await run(`${id} --json`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const printed = documents(stdout);
    expect(printed.map(({ source, verification }) => [source, verification.verdict])).toEqual(
      ['transaction', 'statuses', 'statuses', 'history', 'refunds'].map((call) => [`lookup:${call}`, 'valid']),
    );
    const [info, latest, renewal, listed, refund] = printed;

    expect(undated(info.transaction)).toEqual(
      await transactionOf((await client.getTransactionInfo(id)).signedTransactionInfo),
    );
    const [last] = (await client.getAllSubscriptionStatuses(id)).data![0]!.lastTransactions!;
    expect([latest.subscriptionStatus, renewal.subscriptionStatus]).toEqual([last!.status, last!.status]);
    expect(undated(latest.transaction)).toEqual(await transactionOf(last!.signedTransactionInfo));
    const info2 = await apples.verifyAndDecodeRenewalInfo(last!.signedRenewalInfo!);
    expect(undated(renewal.renewalInfo)).toEqual(undated(info2 as Record<string, unknown>));
    const history = await client.getTransactionHistory(id, null, {}, GetTransactionHistoryVersion.V2);
    expect(undated(listed.transaction)).toEqual(await transactionOf(history.signedTransactions![0]));
    const refunds = await client.getRefundHistory(id, null);
    expect(undated(refund.transaction)).toEqual(await transactionOf(refunds.signedTransactions![0]));

    const { stdout: text } = await run(id);
    expect(text).toMatch(/^Refunded since .*\nThe period was refunded: no access\.\nApple says 5 \(revoked\)\.\n/);
  });

  it('find an order, which is in production only', async () => {
    const { transactionId } = (await play('one-time-charge', 'Production'))!;
    const order = orderIdOf(transactionId as string);
    const client = new RedirectedClient(emulator, Environment.PRODUCTION);
    expect((await client.lookUpOrderId(order)).status).toBe(0);
    const { code, stdout } = await run(order);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Bought /);
    expect(stdout).toContain(`purchase ${transactionId}  Production\n`);
    const unknown = await run('MK5TTTVWJH');
    expect({ code: unknown.code, status: (await client.lookUpOrderId('MK5TTTVWJH')).status }).toEqual({
      code: 1,
      status: 1,
    });
  });
});

describe('lookup --via-emulator', () => {
  it.each(SCENARIOS.map(({ name }) => name))('agrees with the status after %s', async (scenario) => {
    const transaction = await play(scenario);
    if (transaction === null) return;
    const { code, stdout, stderr } = await run(String(transaction.transactionId));
    expect(code).toBe(0);
    expect(stdout).not.toContain('Finding');
    expect(stdout).not.toContain('But Apple says');
    expect(stdout).not.toContain('unknown since');
    expect(stdout.includes('Apple says ')).toBe(transaction.type === 'Auto-Renewable Subscription');
    expect(stderr).toBe(`Using the emulator at ${emulator.url} instead of Apple.\n`);
  });

  it('reads every page of a customer', async () => {
    const set = { 'transaction.appTransactionId': '700000000000000042' };
    for (let count = 0; count < 45; count += 1)
      await emulator.send({ environment: 'Production', type: 'ONE_TIME_CHARGE', set });
    const { code, stdout } = await run('700000000000000042 --json --environment production');
    expect(code).toBe(0);
    const ids = documents(stdout).map(({ transaction }) => transaction.transactionId);
    expect([ids.length, new Set(ids).size]).toEqual([45, 45]);
  });

  it('names the other environment with the same flag', async () => {
    const { transactionId } = (await play('renewals'))!;
    const { code, stderr } = await run(`${transactionId} --environment production`);
    expect(code).toBe(1);
    expect(stderr.replaceAll('\n      ', ' ')).toContain(
      `hint: Try sandbox: storewire lookup ${transactionId} --environment sandbox --via-emulator\n`,
    );
  });

  it('fails where none is running', async () => {
    forgetEmulator(join(project, '.storewire'), emulator);
    const { code, stdout, stderr } = await run('1');
    recordEmulator(join(project, '.storewire'), emulator, { random: seededRandom('record') });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('no storewire emulator is running in this project');
  });
});
