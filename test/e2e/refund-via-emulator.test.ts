import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Environment, SignedDataVerifier, Status } from '@apple/app-store-server-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmulatorReadyEvent } from '../../src/emulator/events.js';
import { RedirectedClient } from '../support/apple-client.js';
import { BIN, collect, runBin } from '../support/bin.js';
import { startTestEndpoint, type TestEndpoint } from '../support/emulator.js';

let project: string;
let endpoint: TestEndpoint;
let running: ChildProcess;
let ready: EmulatorReadyEvent;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  project = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-refund-')));
  env = { PATH: process.env.PATH, HOME: project };
  endpoint = await startTestEndpoint();
  const args = ['emulator', '--sandbox-url', endpoint.url, '--port', '0', '--json'];
  running = spawn(process.execPath, [BIN, ...args], { cwd: project, env });
  for await (const line of createInterface({ input: running.stdout! })) {
    ready = JSON.parse(line);
    break;
  }
  const triggered = await run('trigger', '--scenario', 'refund', '--via-emulator', '--json');
  expect(triggered).toMatchObject({ ended: 0 });
});
afterAll(async () => {
  const ended = collect(running);
  running.kill('SIGINT');
  await ended;
  await endpoint.close();
  rmSync(project, { recursive: true, force: true });
});

const run = (...args: string[]) => runBin(args, '', env, project);

describe('after trigger --scenario refund --via-emulator', () => {
  it("lookup and Apple's own client say the same, with nothing exported", async () => {
    const last = JSON.parse(endpoint.bodies.at(-1)!).signedPayload as string;
    const root = Buffer.from(readFileSync(ready.rootPath, 'utf8').replaceAll(/-----.*-----|\s/g, ''), 'base64');
    const checking = new SignedDataVerifier([root], false, Environment.SANDBOX, ready.bundleId, ready.appAppleId);
    const { data } = await checking.verifyAndDecodeNotification(last);
    const refunded = await checking.verifyAndDecodeTransaction(data!.signedTransactionInfo!);

    const client = new RedirectedClient(ready as never, Environment.SANDBOX);
    const statuses = await client.getAllSubscriptionStatuses(refunded.transactionId!);
    const apples = statuses.data![0]!.lastTransactions![0]!;
    const theirs = await checking.verifyAndDecodeTransaction(apples.signedTransactionInfo!);

    const looked = await run('lookup', refunded.transactionId!, '--via-emulator', '--environment', 'sandbox', '--json');
    expect(looked).toMatchObject({ ended: 0 });
    const documents = looked.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const ours = documents.find(({ transaction }) => transaction?.transactionId === refunded.transactionId);
    const undated = ({ signedDate: _signedDate, ...rest }: { signedDate?: number }) => rest;
    expect(apples.status).toBe(Status.REVOKED);
    expect(undated(theirs)).toEqual(undated(refunded));
    expect(undated(ours.transaction)).toEqual(undated(refunded));
    expect(documents.map(({ subscriptionStatus }) => subscriptionStatus)).toContain(apples.status);
    for (const { verification } of documents) expect(verification.verdict).toBe('valid');
  });

  it('lookup shows it as revoked', async () => {
    const last = JSON.parse(endpoint.bodies.at(-1)!).signedPayload as string;
    const { data } = JSON.parse(Buffer.from(last.split('.')[1]!, 'base64url').toString());
    const { transactionId } = JSON.parse(
      Buffer.from(data.signedTransactionInfo.split('.')[1]!, 'base64url').toString(),
    );
    const { ended, stdout } = await run('lookup', transactionId, '--via-emulator');
    expect([ended, stdout]).toEqual([0, expect.stringMatching(/refunded|revoked/i)]);
  });

  it('lookup in the other environment says what to type instead', async () => {
    const { ended, stderr } = await run('lookup', '2000000000000001', '--via-emulator', '--environment', 'production');
    expect(ended).toBe(1);
    expect(stderr).toMatch(/storewire lookup 2000000000000001 --environment sandbox .*--via-emulator/);
  });
});
