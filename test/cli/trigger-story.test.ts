import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVerifier } from '../../src/index.js';
import { SCENARIOS } from '../../src/simulator/scenarios/scenarios.js';
import { type CliOverrides, runCli } from '../support/run-cli.js';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-story-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const run = (argv: readonly string[], overrides: CliOverrides = {}) =>
  runCli(['trigger', ...argv], { cwd: home, env: { HOME: home }, ...overrides });

const write = (story: unknown): void => writeFileSync(join(home, 'story.json'), JSON.stringify(story));

const documentsOf = (stdout: string) => {
  const verify = createVerifier({
    kind: 'notification',
    roots: [readFileSync(join(home, '.storewire/authority/root.pem'), 'utf8')],
  });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => verify(JSON.parse(line).signedPayload));
};

describe('trigger --scenario FILE', () => {
  it.each([
    ['./', 'error: ./: is a folder\n'],
    ['https://example.com/story.json', 'error: https://example.com/story.json: is a URL, not a file\n'],
  ])('that is no file is named as such: %s', async (file, message) => {
    const { code, stdout, stderr } = await run(['--scenario', file, '--print']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  const steps = [
    { type: 'SUBSCRIBED.INITIAL_BUY', set: { 'transaction.productId': 'gold' } },
    { type: 'did_fail_to_renew.grace_period' },
    { type: 'DID_RENEW.BILLING_RECOVERY', after: '2d', note: 'Paid in time.' },
  ];

  it('plays a story in order, as one purchase that ends now', async () => {
    write({ title: 'Paid late', steps });
    const { code, stdout, stderr } = await run(['--scenario', './story.json', '--print']);
    expect(code).toBe(0);
    expect(
      stderr.replaceAll(home, 'HOME'),
    ).toBe(`Created a test authority for this project: HOME/.storewire/authority/root.pem
  app        com.example.app (default)  Sandbox
  story      ./story.json  Paid late
  signed by  test authority, HOME/.storewire/authority/root.pem
  verifier   needs this root and no online checks: storewire authority -v

`);
    const documents = documentsOf(stdout);
    expect(documents.map(({ verification }) => verification.verdict)).toEqual(['valid', 'valid', 'valid']);
    expect(documents.map(({ notification }) => notification?.notificationType)).toEqual([
      'SUBSCRIBED',
      'DID_FAIL_TO_RENEW',
      'DID_RENEW',
    ]);
    expect(documents.map(({ transaction }) => transaction?.productId)).toEqual(['gold', 'gold', 'gold']);
    expect(new Set(documents.map(({ transaction }) => transaction?.originalTransactionId)).size).toBe(1);
    expect(documents[2]?.notification?.signedDate).toBe(Date.parse('2026-11-20T12:00:00Z'));
  });

  it('--json has each step with its time and note', async () => {
    write(steps);
    const { stdout } = await run(['--scenario', 'story.json', '--print', '--json', '--set', 'transaction.price=1']);
    const { scenario, remarks, notifications } = JSON.parse(stdout);
    expect({ scenario, remarks }).toEqual({ scenario: 'story.json', remarks: [] });
    expect(notifications.map(({ step }: { step: object }) => step)).toMatchObject([
      { number: 1, of: 3, says: 'New subscription' },
      { number: 2, of: 3 },
      { number: 3, of: 3, says: 'Paid in time.' },
    ]);
    expect(notifications.map(({ transaction }: { transaction: { price: number } }) => transaction.price)).toEqual([
      1, 1, 1,
    ]);
  });

  it('reads a story from a pipe', async () => {
    const { code, stdout } = await run(['--scenario', '-', '--print'], { input: JSON.stringify(steps) });
    expect([code, documentsOf(stdout).length]).toEqual([0, 3]);
  });

  it.each<[string, unknown, string]>([
    [
      'a typo',
      [{ type: 'DID_RENEW', afer: '3d' }],
      'error: story.json, step 1: unknown field "afer"\n  hint: Did you mean "after"?\n',
    ],
    [
      'a later type',
      [{ type: 'DID_RENEW' }, { type: 'EXPIRD' }],
      'error: story.json, step 2: no notification is called EXPIRD\n  hint: Did you mean EXPIRED?\n',
    ],
    [
      'a value',
      [{ type: 'DID_RENEW', set: { 'data.status': 'active' } }],
      'error: story.json, step 1: data.status must be a number; "active" is not\n  hint: Values: 1 active, 2 expired, 3 in billing retry, 4 in billing grace period, 5 revoked.\n',
    ],
  ])('%s is refused, before anything is made', async (_case, story, said) => {
    write(story);
    const { code, stdout, stderr } = await run(['--scenario', 'story.json', '--print']);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: said });
    expect(() => readFileSync(join(home, '.storewire/authority/root.pem'))).toThrow('ENOENT');
  });

  it('a missing file is named, with the way to one', async () => {
    const { code, stderr } = await run(['--scenario', './nope.json', '--print']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: ./nope.json: no such file\n  hint: To write one: storewire trigger --export-scenario refund > story.json\n',
    });
  });
});

describe('trigger --export-scenario', () => {
  it('prints a story to edit', async () => {
    const { code, stdout, stderr } = await run(['--export-scenario', 'refund']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`{
  "$schema": "https://unpkg.com/storewire/schemas/story.json",
  "title": "A subscription is refunded",
  "steps": [
    {
      "type": "SUBSCRIBED.INITIAL_BUY",
      "note": "A customer subscribes."
    },
    {
      "type": "CONSUMPTION_REQUEST",
      "note": "The customer requests a refund; Apple requests consumption data."
    },
    {
      "type": "REFUND",
      "note": "Apple refunds the purchase: revoke access. Auto-renew is off."
    }
  ]
}
`);
  });

  it.each(SCENARIOS.map(({ name }) => name))('%s: played, it is accepted by the verifier', async (name) => {
    const exported = await run(['--export-scenario', name, '--json']);
    const { code, stdout } = await run(['--scenario', '-', '--print'], { input: exported.stdout });
    expect(code).toBe(0);
    const played = documentsOf(stdout);
    const built = documentsOf((await run(['--scenario', name, '--print'])).stdout);
    const names = (documents: typeof played) =>
      documents.map(({ notification, verification }) => [
        notification?.notificationType,
        notification?.subtype,
        notification?.signedDate,
        verification.verdict,
      ]);
    expect(names(played)).toEqual(names(built));
  });

  it.each<[readonly string[], string]>([
    [['REFUND'], '--export-scenario and a type cannot be combined'],
    [['--print'], '--export-scenario and --print cannot be combined'],
    [['--like', 'last'], '--export-scenario and --like cannot be combined'],
  ])('%j beside it is refused', async (argv, message) => {
    const { code, stderr } = await run(['--export-scenario', 'refund', ...argv]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: ${message}\n  hint: First: storewire trigger --export-scenario refund > story.json. Then: storewire trigger --scenario ./story.json\n`,
    );
  });

  it('an unknown name gets the nearest', async () => {
    expect((await run(['--export-scenario', 'refnd'])).stderr).toBe(
      'error: no scenario is called "refnd"\n  hint: Did you mean refund?\n',
    );
  });
});

describe('trigger --set', () => {
  it('sends a value and a field that Apple does not document, with a warning for each', async () => {
    const { code, stdout, stderr } = await run([
      'DID_RENEW',
      '--set',
      'transaction.type=Rental',
      '--set',
      'transaction.pric=1',
      '--set',
      'data.bundleId=com.other',
      '--print',
    ]);
    expect(code).toBe(0);
    const warnings = stderr.split('\n').filter((line) => line.startsWith('warning'));
    expect(warnings).toEqual([
      'warning: transaction.type: Rental is not a documented value (Auto-Renewable Subscription, Non-Consumable, Consumable, Non-Renewing Subscription)',
      'warning: transaction.pric is not a field that Apple documents; did you mean transaction.price?',
      "warning: data.bundleId and transaction.bundleId differ: storewire rejects that as NESTED_MISMATCH, Apple's libraries do not",
    ]);
    expect(documentsOf(stdout)[0]?.verification.reason).toBe('NESTED_MISMATCH');
  });

  it('dates count from the event', async () => {
    const { stdout } = await run(['DID_RENEW', '--set', 'transaction.expiresDate=+3d', '--print']);
    const { transaction, notification } = documentsOf(stdout)[0] ?? {};
    expect(Number(transaction?.expiresDate) - Number(notification?.signedDate)).toBe(3 * 86_400_000);
  });

  it('a value that every verifier rejects is refused, and sent as a forgery', async () => {
    const refused = await run(['DID_RENEW', '--set', 'transaction.price=free', '--print']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toBe(
      'error: transaction.price must be a number: milliunits of the currency, 4990 is 4.99; "free" is not\n  hint: Every verifier rejects another type. To send one all the same, add --forge REASON.\n',
    );
    const forged = await run([
      'DID_RENEW',
      '--set',
      'transaction.price=free',
      '--forge',
      'SIGNATURE_MISMATCH',
      '--print',
    ]);
    expect(forged.code).toBe(0);
  });

  it('a documented limit is one too', async () => {
    const { code, stderr } = await run([
      'DID_RENEW',
      '--set',
      'transaction.commitmentInfo.billingPeriodNumber=13',
      '--print',
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'every verifier would reject transaction.commitmentInfo.billingPeriodNumber: expected number from 1 to 12, found 13',
    );
  });
});
