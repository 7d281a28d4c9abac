import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { registerLookup } from '../../src/commands/lookup/command.js';
import { type AppleCustomer, customerApi, months, oneTime, renewalInfo } from '../support/apple-customer.js';
import {
  type Answer,
  type AppleHome,
  apiError,
  FakeServerApi,
  makeAppleHome,
  type SeenRequest,
  virtualClock,
} from '../support/fake-server-api.js';
import { TEST_NOW_MS } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';

const DAY = 86_400_000;

let home: AppleHome;
beforeAll(async () => {
  home = await makeAppleHome();
});
afterAll(() => home.remove());

const running: FakeServerApi[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

type Script = (request: SeenRequest) => Answer;

const api = (customer: Omit<AppleCustomer, 'sign'>): Script => customerApi({ sign: home.sign, ...customer });

/** `lookup` in a terminal; the SHA-256 of the root differs from run to run. */
async function look(argv: string, script: Script, columns = 80) {
  const { signal } = new AbortController();
  const { now, sleep } = virtualClock(signal);
  const fake = await FakeServerApi.start(script, now);
  running.push(fake);
  const deps = {
    env: { ...home.env, STOREWIRE_SERVER_API_SANDBOX_URL: fake.url },
    cwd: join(home.folder, 'work'),
    ...{ now, sleep, random: (bytes: number) => new Uint8Array(bytes), http: async () => fake.dispatcher },
    ...{ signal, platform: process.platform, userId: process.geteuid?.() ?? -1 },
  };
  const words = ['lookup', ...argv.split(' '), '--environment', 'sandbox'];
  const { code, stdout, stderr } = await runCommand(registerLookup as Register, words, deps, { columns });
  return {
    code,
    stdout: stdout.replaceAll(/[\dA-F]{8}…/g, 'SHA…'),
    stderr: stderr.replace(/^Using http:\S+ \(\S+\)\s+instead\s+of\s+Apple's\s+\w+\.\n/m, ''),
  };
}

const ROOT = "verified under a root that is not Apple's (SHA-256 SHA…).";

const ACTIVE = `Active until 2026-12-10T12:00:00Z (in 20 days), then renews for 9.99 USD
Apple says 1 (active).
  com.example.app.premium.monthly  9.99 USD  subscription 1000  Sandbox

  2026-10-11                            2026-11-10   now
  a                                     b            c
  █████████████████████████████████████▊█████████████░░░░░░░░░░░░░░░░░░░░░░░░░
  active

  a  2026-10-11T12:00:00Z  PURCHASE      9.99 USD until 2026-11-10T12:00:00Z
  b  2026-11-10T12:00:00Z  RENEWAL       9.99 USD until 2026-12-10T12:00:00Z
  c  2026-11-20T12:00:00Z  renewal info  Renews on 2026-12-10T12:00:00Z
`;

it('an active subscription', async () => {
  const script = api({ transactions: months(1000, 2), statuses: [{ status: 1, renewalInfo: renewalInfo('1000') }] });
  const { code, stdout, stderr } = await look('1001', script);
  expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: `${ACTIVE}\n5 tokens ${ROOT}\n` });
});

it('an active subscription of which Apple says another status', async () => {
  const script = api({ transactions: months(1000, 2), statuses: [{ status: 2, renewalInfo: renewalInfo('1000') }] });
  const { code, stdout } = await look('1001', script);
  expect(code).toBe(0);
  expect(stdout).toBe(`${ACTIVE.replace('Apple says 1 (active).', 'But Apple says 2 (expired).')}
Finding
  ! Apple's status is 2 (expired), but its signed data say active until
    2026-12-10T12:00:00Z
    An emulator keeps the status of its last notification: nothing renews or
    expires there by itself.

5 tokens ${ROOT}
`);
});

it('a refunded consumable, and everything else the customer has', async () => {
  const script = api({
    transactions: [
      ...months(1000, 2),
      oneTime('41', { productId: 'com.example.app.lifetime', type: 'Non-Consumable' }),
      oneTime('43', { revocationDate: TEST_NOW_MS - DAY, revocationType: 'REFUND_FULL' }),
    ],
    statuses: [{ status: 1, renewalInfo: renewalInfo('1000') }],
  });
  const { code, stdout } = await look('43', script);
  expect(code).toBe(0);
  expect(stdout).toBe(`Refunded since 2026-11-19T12:00:00Z (1 day ago)
The money was returned: no access.
  com.example.app.coins.100  1.99 USD  purchase 43  Sandbox

  2026-11-10                                                      2026-11-19
  a
  ████████████████████████████████████████████████████████████████$$$$$$$$$$$$
  active                                                          refunded

  a  2026-11-10T12:00:00Z  PURCHASE  1.99 USD, refunded 2026-11-19T12:00:00Z

Other purchases of this customer
  Active until 2026-12-10T12:00:00Z (in 20 days), then renews for 9.99 USD;
  Apple says 1 (active).
    com.example.app.premium.monthly  9.99 USD  subscription 1000  Sandbox
  Bought 2026-11-10T12:00:00Z (10 days ago)
    com.example.app.lifetime  1.99 USD  purchase 41  Sandbox

8 tokens ${ROOT}
`);
  const verbose = await look('43 -v', script);
  expect(verbose.stdout).toContain('  b  2026-11-10T12:00:00Z  RENEWAL       1001  9.99 USD until');
  expect(verbose.stdout.match(/^ {2}a {2}20/gm)).toHaveLength(3);
});

it('a subscription that ended by the end of Family Sharing', async () => {
  const revoked = { revocationDate: TEST_NOW_MS - 2 * DAY, revocationType: 'FAMILY_REVOKE' };
  const script = api({
    transactions: months(1000, 1, { inAppOwnershipType: 'FAMILY_SHARED', ...revoked }),
    statuses: [{ status: 5, renewalInfo: renewalInfo('1000', { autoRenewStatus: 0 }) }],
  });
  const { stdout } = await look('1000', script);
  expect(stdout).toContain(`Revoked since 2026-11-18T12:00:00Z (2 days ago)
The purchase was withdrawn: no access.
Apple says 5 (revoked).
  com.example.app.premium.monthly  9.99 USD  subscription 1000  Sandbox
  Family Sharing
`);
});

it('a subscription whose end only Apple states', async () => {
  const endMs = TEST_NOW_MS - 5 * DAY;
  const ended = months(1000, 1).map((each) => ({ ...each, expiresDate: endMs }));
  const info = renewalInfo('1000', { renewalDate: endMs });
  const script = api({ transactions: ended, statuses: [{ status: 2, renewalInfo: info }] });
  expect((await look('1000', script)).stdout).toMatch(
    /^Expired since 2026-11-15T12:00:00Z \(5 days ago\)\nNo access\.\nApple says 2 \(expired\)\.\n/,
  );
});

it('a subscription that ended unpaid within 60 days: no payload has the date', async () => {
  const endMs = TEST_NOW_MS - 5 * DAY;
  const ended = months(1000, 1).map((each) => ({ ...each, expiresDate: endMs }));
  const unpaid = { autoRenewStatus: 0, expirationIntent: 2, isInBillingRetryPeriod: false, renewalDate: endMs };
  const script = api({ transactions: ended, statuses: [{ status: 2, renewalInfo: renewalInfo('1000', unpaid) }] });
  expect((await look('1000', script)).stdout).toMatch(
    /^Expired: the date of the end is not signed\nNo access\.\nApple says 2 \(expired\)\.\n/,
  );
});

it('a subscription of 230 transactions: the last ones, and all with -v', async () => {
  const script = api({ transactions: months(1000, 230), statuses: [{ status: 1, renewalInfo: renewalInfo('1000') }] });
  const { code, stdout } = await look('1000', script);
  expect(code).toBe(0);
  expect(stdout).toContain('\nThe last 12 of 231 events; -v shows all.\n');
  expect(stdout.match(/^ {2}[a-z]+ +20\d\d-/gm)).toHaveLength(12);
  const verbose = (await look('1000 -v', script)).stdout;
  expect(verbose.match(/^ {2}[a-z]+ +20\d\d-/gm)).toHaveLength(231);
  const answer = 'Active until 2026-12-10T12:00:00Z (in 19 days), then renews for 9.99 USD\n';
  expect([verbose.indexOf(answer), verbose.lastIndexOf(answer) > 10_000]).toEqual([0, true]);
});

it('says of each token that is not valid why it does not count', async () => {
  const foreign = months(5000, 8, { bundleId: 'com.example.other' });
  const script = api({
    transactions: [...months(1000, 2), ...foreign],
    statuses: [{ status: 1, renewalInfo: renewalInfo('1000') }],
  });
  const { code, stdout } = await look('1001', script);
  expect(code).toBe(1);
  expect(stdout.startsWith(ACTIVE)).toBe(true);
  const rest = stdout.slice(ACTIVE.length);
  expect(rest).toMatch(/^\n8 tokens not valid, and left out of the above\n/);
  expect(rest.match(/BUNDLE_ID_MISMATCH/g)).toHaveLength(5 + 1);
  expect(rest).toContain('\nand 3 more; -v shows all.\n');
  expect((await look('1001 -v', script)).stdout.match(/BUNDLE_ID_MISMATCH/g)).toHaveLength(8 + 1);
});

it('gives a damaged token of the server the hint of a server, not that of a paste', async () => {
  const whole = api({ transactions: months(1000, 2), statuses: [{ status: 1, renewalInfo: renewalInfo('1000') }] });
  const script: Script = (request) =>
    request.path.includes('/history/') ? { json: { signedTransactions: ['x'], hasMore: false } } : whole(request);
  const { code, stdout } = await look('1001', script);
  expect(code).toBe(1);
  expect(stdout).toMatch(/MALFORMED_JWS +Run the command again; a proxy/);
  expect(stdout).not.toContain('Copy the whole value');
});

it('has no answer where nothing is valid', async () => {
  const script = api({ transactions: months(5000, 1, { bundleId: 'com.example.other' }) });
  const { code, stdout } = await look('5000', script);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Not verified: Apple's server sent 2 tokens, and none is valid\n\n2 tokens not valid/);
});

it('shows what it has where a list cannot be read', async () => {
  const whole = api({ transactions: months(1000, 2), statuses: [{ status: 1, renewalInfo: renewalInfo('1000') }] });
  const script: Script = (request) => (request.path.includes('/subscriptions/') ? apiError(4290000) : whole(request));
  const { code, stdout, stderr } = await look('1001 --timeout 1s', script);
  expect(code).toBe(4);
  expect(stdout).toContain("Apple's status was not read.\n");
  expect(stderr.replaceAll('\n       ', ' ')).toContain('error: statuses not read to the end: Apple reports');
});

it('prints no character of a token raw, and begins no line with one', async () => {
  const hostile = '\u001b[31mAPPLE\u202e\nerror: all is well\u0000';
  const fields = { productId: hostile, currency: hostile, transactionReason: hostile, storefront: hostile };
  const transactions = months(1000, 2, {
    ...fields,
    revocationType: hostile,
    revocationDate: TEST_NOW_MS,
    webOrderLineItemId: hostile,
  });
  const script = api({
    transactions: [...transactions, oneTime('9', { ...fields, productId: `${hostile}9` })],
    statuses: [{ status: 5, renewalInfo: renewalInfo('1000', { ...fields, autoRenewProductId: hostile }) }],
  });
  for (const argv of ['1000', '1000 -v', '1000 --json', '9']) {
    const { stdout, stderr } = await look(argv, script);
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stdout).not.toMatch(/^error:/m);
    expect(stderr).toBe('');
  }
});

it('withstands numbers and types that no payload of Apple has', async () => {
  const odd = {
    purchaseDate: 9e15,
    expiresDate: -1,
    price: 1e300,
    quantity: -5,
    revocationDate: 'never',
    isUpgraded: 1,
  };
  const transactions = months(1000, 2).map((each, index) => (index === 0 ? each : { ...each, ...odd }));
  const script = api({
    transactions,
    statuses: [{ status: 99, renewalInfo: renewalInfo('1000', { autoRenewStatus: 7 }) }],
  });
  const { stdout } = await look('1000', script);
  expect(stdout).toContain('Apple says 99 (not known to this version).');
});
