import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVerifier } from '../../src/index.js';
import { openPayload, payloadFields } from '../../src/notification/open.js';
import { seededRandom } from '../../src/simulator/random.js';
import { SAMPLES } from '../support/bin.js';
import { type Recorded, type RecordedJournal, recordJournal } from '../support/recorded-journal.js';
import { type CliOverrides, captureOutput, runCli, TEST_NOW_MS } from '../support/run-cli.js';

let recorded: RecordedJournal;
let received: Recorded;
beforeEach(async () => {
  recorded = await recordJournal();
  received = await recorded.receive({ type: 'DID_RENEW' });
  await recorded.close();
});
afterEach(() => recorded.remove());

const run = (argv: readonly string[], overrides: CliOverrides = {}) =>
  runCli(['trigger', ...argv], { cwd: recorded.home, env: { HOME: recorded.home }, ...overrides });

const rootPem = () => readFileSync(join(recorded.folder, 'authority/root.pem'), 'utf8');

/** Documents of the printed bodies, verified under the test authority. */
const documentsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => createVerifier({ kind: 'notification', roots: [rootPem()] })(JSON.parse(line).signedPayload));

const payloadsOf = (jws: string) => payloadFields(openPayload(jws));

/** What stderr says, with the folder of the test. */
const said = (stderr: string) => stderr.replaceAll(recorded.home, 'HOME');

const SIGNED = `  signed by  test authority, HOME/.storewire/authority/root.pem
  verifier   needs this root and no online checks: storewire authority -v

`;

describe('trigger --like', () => {
  it('signs the last one received again, with all its fields', async () => {
    const { code, stdout, stderr } = await run(['--like', 'last', '--print']);
    expect(code).toBe(0);
    expect(said(stderr)).toBe(`  app        com.example.app (original)  Sandbox
  like       journal:${received.id}  verified (test authority)
${SIGNED}`);
    const [document] = documentsOf(stdout);
    expect(document?.verification.verdict).toBe('valid');
    const { notification, transaction, renewalInfo } = payloadsOf(received.jws);
    expect([document?.transaction, document?.renewalInfo]).toEqual([transaction, renewalInfo]);
    expect(document?.notification).toMatchObject({
      notificationUUID: notification?.notificationUUID,
      signedDate: notification?.signedDate,
    });
  });

  it('takes the beginning of an id, a file, a pipe and a document of ours', async () => {
    const file = join(recorded.home, 'one.json');
    writeFileSync(file, JSON.stringify({ signedPayload: received.jws }));
    const document = (await runCli(['decode', file, '--json'], { cwd: recorded.home })).stdout;
    const runs = await Promise.all([
      run(['--like', received.id.slice(0, 6), '--print']),
      run(['--like', 'one.json', '--print']),
      run(['--like', '-', '--print'], { input: received.jws }),
      run(['--like', '-', '--print'], { input: document }),
    ]);
    const ids = runs.map(({ stdout }) => documentsOf(stdout)[0]?.transaction?.transactionId);
    expect(new Set(ids)).toEqual(new Set([payloadsOf(received.jws).transaction?.transactionId]));
    expect(runs.map(({ stderr }) => /like .*/.exec(stderr)?.[0])).toEqual([
      `like       journal:${received.id}  verified (test authority)`,
      'like       one.json  verified (test authority)',
      'like       stdin  verified (test authority)',
      'like       stdin  not verified: it came without its token',
    ]);
  });

  it('says that the original does not verify, and signs the copy all the same', async () => {
    const forged = `${received.jws.slice(0, -8)}AAAAAAAA`;
    const { code, stdout, stderr } = await run(['--like', '-', '--print'], { input: forged });
    expect(code).toBe(0);
    expect(stderr).toContain('stdin  not verified: SIGNATURE_MISMATCH');
    expect(documentsOf(stdout)[0]?.verification.verdict).toBe('valid');
  });

  it('goes on with the event that follows, and says that it is not due yet', async () => {
    const { code, stdout, stderr } = await run(['--like', 'last', '--next', 'expired.voluntary', '--print']);
    expect(code).toBe(0);
    const [document] = documentsOf(stdout);
    const { notification, transaction } = payloadsOf(received.jws);
    expect(document?.verification.verdict).toBe('valid');
    expect(document?.notification).toMatchObject({
      notificationType: 'EXPIRED',
      subtype: 'VOLUNTARY',
      data: { status: 2 },
    });
    expect(document?.notification?.notificationUUID).not.toBe(notification?.notificationUUID);
    expect(document?.transaction).toEqual({ ...transaction, signedDate: document?.notification?.signedDate });
    expect(document?.renewalInfo).toMatchObject({ autoRenewStatus: 0, expirationIntent: 1 });
    expect(said(stderr)).toBe(
      `  app        com.example.app (original)  Sandbox
  like       journal:${received.id}  verified (test authority)
  warning    Dated 2026-12-20T10:59:58Z, in the future: not due before
${SIGNED}`.replace(
        '2026-12-20T10:59:58Z',
        new Date(Number(document?.notification?.signedDate)).toISOString().replace(/\.\d+/, ''),
      ),
    );
  });

  it('an event that may come at any time comes now at the latest', async () => {
    const { stdout, stderr } = await run(['--like', 'last', '--next', 'REFUND', '--print']);
    const [document] = documentsOf(stdout);
    expect(document?.transaction?.revocationDate).toBe(TEST_NOW_MS - 2_000);
    expect(document?.notification?.signedDate).toBe(TEST_NOW_MS);
    expect(stderr).not.toContain('warning');
  });

  it('an event without a purchase comes now at the latest too', async () => {
    const { stdout, stderr } = await run(['--like', 'last', '--next', 'TEST', '--print']);
    expect(documentsOf(stdout)[0]?.notification?.signedDate).toBe(TEST_NOW_MS);
    expect(stderr).not.toContain('warning');
  });

  it('names the first of several originals and counts the others', async () => {
    const { stderr } = await run(['--like', '-', '--scrub', '--print'], { input: `${received.jws}\n`.repeat(3) });
    expect(stderr).toMatch(/like +stdin:1 and 2 more {2}verified/);
  });

  it('sets fields, ids and the app that flags name', async () => {
    const argv = ['--like', 'last', '--next', 'REFUND', '--set', 'transaction.revocationReason=1', '--print'];
    const ids = ['--original-transaction-id', '77', '--app-account-token', '7f3c1f52-2b61-4d0e-9a3b-5d2f0c8e1a77'];
    const app = ['--bundle-id', 'com.example.tea', '--app-apple-id', '42', '--environment', 'production'];
    const { stdout, stderr } = await run([...argv, ...ids, ...app]);
    const [document] = documentsOf(stdout);
    expect(document?.verification.verdict).toBe('valid');
    expect(document?.notification?.data).toMatchObject({
      bundleId: 'com.example.tea',
      appAppleId: 42,
      environment: 'Production',
    });
    expect(document?.transaction).toMatchObject({
      originalTransactionId: '77',
      appAccountToken: '7f3c1f52-2b61-4d0e-9a3b-5d2f0c8e1a77',
      revocationReason: 1,
      bundleId: 'com.example.tea',
      environment: 'Production',
    });
    expect(document?.renewalInfo).toMatchObject({ originalTransactionId: '77', environment: 'Production' });
    expect(stderr).toContain('app        com.example.tea (--bundle-id)  Production');
  });

  it('does not take the app from the settings', async () => {
    writeFileSync(join(recorded.home, '.storewire.json'), JSON.stringify({ bundleId: 'com.example.other' }));
    const { stdout } = await run(['--like', 'last', '--print']);
    expect(documentsOf(stdout)[0]?.notification?.data).toMatchObject({ bundleId: 'com.example.app' });
  });

  it('--json tells the original and the copy', async () => {
    const { stdout } = await run(['--like', 'last', '--scrub', '--seed', '7', '--print', '--json']);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      to: null,
      scenario: null,
      like: [{ source: `journal:${received.id}`, verdict: 'valid', reason: null }],
      scrubbed: { replaced: { 'account token': 1 }, unknown: [], removed: [] },
      remarks: [],
    });
    expect(document.notifications).toHaveLength(1);
  });

  it.each<[string, readonly string[], string, string]>([
    ['a missing file', ['--like', 'nope.json'], 'no such file: nope.json', 'Check the path'],
    ['another id', ['--like', 'ffff'], 'has an id that begins with ffff', 'journal list'],
    [
      'several for --next',
      ['--like', 'many.ndjson', '--next', 'REFUND'],
      '--next continues one notification, and many.ndjson holds 2',
      'tail -n 1',
    ],
    [
      'a transaction',
      ['--like', 'transaction.jws'],
      'transaction.jws is a transaction, not a notification',
      '--original-transaction-id ID',
    ],
    [
      'an upgrade to nothing',
      ['--like', 'last', '--next', 'DID_CHANGE_RENEWAL_PREF.UPGRADE'],
      'needs the product that the customer changes to',
      '--product-id ID',
    ],
    [
      'a one-time event',
      ['--like', 'last', '--next', 'ONE_TIME_CHARGE'],
      'the App Store sends no ONE_TIME_CHARGE for a product of type Auto-Renewable Subscription',
      'Consumable',
    ],
    [
      'an old date',
      ['--like', 'last', '--set', 'signedDate=2019-03-04'],
      'signedDate is 2019-03-04, and the test certificates are valid from 2024-11-19',
      '--set signedDate=2026-11-20T12:00:00Z',
    ],
  ])('%s is refused', async (_case, argv, message, hint) => {
    const body = JSON.stringify({ signedPayload: received.jws });
    writeFileSync(join(recorded.home, 'many.ndjson'), `${body}\n${body}\n`);
    const { data } = payloadsOf(received.jws).notification as { data: { signedTransactionInfo: string } };
    writeFileSync(join(recorded.home, 'transaction.jws'), data.signedTransactionInfo);
    const { code, stdout, stderr } = await run([...argv, '--print']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const text = stderr.replaceAll(/\s+/g, ' ');
    expect(text).toContain(message);
    expect(text).toContain(hint);
  });

  it('fits a terminal', async () => {
    const stderr = captureOutput({ isTty: true, columns: 80 });
    await run(['--like', 'last', '--next', 'DID_RENEW', '--scrub', '--print'], { stderr: stderr.stream });
    const long = stripVTControlCharacters(stderr.text())
      .split('\n')
      .filter((line) => line.length > 80 && !line.includes(recorded.home));
    expect(long).toEqual([]);
  });
});

describe('trigger --scrub', () => {
  it('says what was replaced, and leaves nothing of it in the output', async () => {
    const { code, stdout, stderr } = await run(['--like', 'last', '--scrub', '--print']);
    expect(code).toBe(0);
    expect(said(stderr)).toBe(`  app        com.example.app (original)  Sandbox
  like       journal:${received.id}  verified (test authority)
  replaced   1 notification UUID, 2 transaction ids, 1 order line item id, 1 subscription group id, 1 account token, 1 app transaction id
  kept       dates, prices, products, offers, storefront
${SIGNED}`);
    const { transaction } = payloadsOf(received.jws);
    const [document] = documentsOf(stdout);
    expect(document?.verification.verdict).toBe('valid');
    const text = JSON.stringify(document);
    for (const name of [
      'transactionId',
      'originalTransactionId',
      'appAccountToken',
      'appTransactionId',
      'webOrderLineItemId',
    ]) {
      expect(text).not.toContain(transaction?.[name] as string);
    }
  });

  it('names fields that Apple does not document', async () => {
    const { stdout } = await run(['DID_RENEW', '--set', 'data.customerNote=from Jo', '--print']);
    const { stderr } = await run(['--like', '-', '--scrub', '--print'], { input: stdout });
    expect(stderr).toContain(
      'warning    Fields that Apple does not document were kept, check them: notification.data.customerNote',
    );
  });

  it('gives the same fixture in every run of a project, and with a seed in every project', async () => {
    const scrub = async (...more: string[]) =>
      documentsOf((await run(['--like', 'last', '--scrub', ...more, '--print'])).stdout)[0]?.transaction;
    expect(await scrub()).toEqual(await scrub());
    expect(await scrub('--seed', '7')).toEqual(await scrub('--seed', '7'));
    expect(await scrub()).not.toEqual(await scrub('--seed', '7'));
  });

  it('reads the samples', async () => {
    const { code, stdout } = await run(['--like', join(SAMPLES, 'refund.json'), '--scrub', '--print']);
    expect(code).toBe(0);
    expect(documentsOf(stdout)[0]?.transaction).toMatchObject({ revocationReason: expect.any(Number) });
  });
});

describe('runs that are tied', () => {
  const transactionsOf = async (...argv: string[]) =>
    documentsOf((await run([...argv, '--print'], { random: seededRandom(argv.join()) })).stdout).map(
      ({ transaction, notification }) => ({ ...transaction, uuid: notification?.notificationUUID }),
    );

  it('the same seed gives the same ids, and each event its own UUID', async () => {
    const [bought] = await transactionsOf('SUBSCRIBED.INITIAL_BUY', '--seed', '7');
    const [again] = await transactionsOf('SUBSCRIBED.INITIAL_BUY', '--seed', '7');
    const [refunded] = await transactionsOf('REFUND', '--seed', '7');
    const [scenario] = await transactionsOf('--scenario', 'renewals', '--seed', '7');
    const [other] = await transactionsOf('SUBSCRIBED.INITIAL_BUY', '--seed', '8');
    expect(again).toEqual(bought);
    expect([refunded, scenario].map((each) => each?.originalTransactionId)).toEqual(
      Array(2).fill(bought?.originalTransactionId),
    );
    expect(refunded?.appAccountToken).toBe(bought?.appAccountToken);
    expect(refunded?.uuid).not.toBe(bought?.uuid);
    expect(other?.originalTransactionId).not.toBe(bought?.originalTransactionId);
  });

  it('repetitions of a seed have ids of their own', async () => {
    const twice = await transactionsOf('DID_RENEW', '--seed', '7', '--count', '2');
    expect(new Set(twice.map(({ originalTransactionId }) => originalTransactionId)).size).toBe(2);
  });

  it('the same original id is one purchase in timeline', async () => {
    const argv = ['--original-transaction-id', '2000000123456789', '--print'];
    const bodies = [
      (await run(['SUBSCRIBED.INITIAL_BUY', ...argv], { random: seededRandom('a') })).stdout,
      (await run(['REFUND', ...argv], { random: seededRandom('b') })).stdout,
    ].join('');
    const { stdout } = await runCli(
      ['timeline', '-', '--json', '--root', join(recorded.folder, 'authority/root.pem')],
      {
        cwd: recorded.home,
        input: bodies,
      },
    );
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['2000000123456789']);
  });
});

it('a genuine looking original is never sent altered under its own signature', async () => {
  const { stdout } = await run(['--like', '-', '--print'], { input: received.jws });
  const { signedPayload } = JSON.parse(stdout);
  expect(signedPayload).not.toBe(received.jws);
  const { data } = payloadsOf(signedPayload).notification as { data: { signedTransactionInfo: string } };
  const { data: original } = payloadsOf(received.jws).notification as { data: { signedTransactionInfo: string } };
  expect(data.signedTransactionInfo).not.toBe(original.signedTransactionInfo);
});
