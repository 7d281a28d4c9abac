import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { registerLookup } from '../../src/commands/lookup/command.js';
import type { LookupOptions } from '../../src/commands/lookup/run.js';
import { type AppleCustomer, customerApi, months, oneTime, renewalInfo } from '../support/apple-customer.js';
import {
  type Answer,
  type AppleHome,
  apiError,
  FakeServerApi,
  makeAppleHome,
  type SeenRequest,
  UNAUTHENTICATED,
  type VirtualClock,
  virtualClock,
} from '../support/fake-server-api.js';
import { TEST_NOW_MS } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';

let home: AppleHome;
beforeAll(async () => {
  home = await makeAppleHome();
});
afterAll(() => home.remove());

let stop: AbortController;
let clock: VirtualClock;
let fakes: { sandbox: FakeServerApi; production: FakeServerApi };
const running: FakeServerApi[] = [];
beforeEach(() => {
  stop = new AbortController();
  clock = virtualClock(stop.signal);
});
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

type Script = (request: SeenRequest, index: number) => Answer;
type Answering = (request: SeenRequest) => Answer;

const customer = (more: Partial<AppleCustomer> = {}): Answering =>
  customerApi({
    sign: home.sign,
    transactions: months(2000000000000001, 3),
    statuses: [{ status: 1, renewalInfo: renewalInfo('2000000000000001') }],
    ...more,
  });

interface Setup extends Partial<Deps> {
  readonly sandbox?: Script;
  readonly production?: Script;
  readonly terminal?: { readonly columns?: number; readonly isTty?: boolean };
  readonly env?: Record<string, string>;
}

async function start(script: Script): Promise<FakeServerApi> {
  const fake = await FakeServerApi.start(script, () => clock.now());
  running.push(fake);
  return fake;
}

const UNKNOWN: Script = () => apiError(4040010);

async function run(argv: string, { sandbox = customer(), production = UNKNOWN, terminal, env, ...more }: Setup = {}) {
  fakes = { sandbox: await start(sandbox), production: await start(production) };
  const deps: Partial<Deps> = {
    env: {
      ...home.env,
      STOREWIRE_SERVER_API_SANDBOX_URL: fakes.sandbox.url,
      STOREWIRE_SERVER_API_PRODUCTION_URL: fakes.production.url,
      ...env,
    },
    cwd: join(home.folder, 'work'),
    now: clock.now,
    sleep: clock.sleep,
    random: (bytes) => new Uint8Array(bytes).fill(255),
    http: async () => fakes.sandbox.dispatcher,
    signal: stop.signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    ...more,
  };
  const got = await runCommand(registerLookup as Register, ['lookup', ...argv.split(' ')], deps, terminal);
  // Ports differ from run to run.
  const stderr = got.stderr.replace(/^Using http:\S+ \(\S+\) instead of Apple's \w+\.\n/gm, '');
  return { ...got, stderr };
}

const ID = '2000000000000002';
const lines = (text: string) => text.split('\n').filter(Boolean);
const documents = (stdout: string) => lines(stdout).map((line) => JSON.parse(line));
const errorOf = (stderr: string) => JSON.parse(lines(stderr).at(-1)!).error;
const paths = (fake: FakeServerApi) => fake.seen.map(({ method, path }) => `${method} ${path}`);

describe('lookup, wiring', () => {
  async function parse(argv: string): Promise<LookupOptions | undefined> {
    let options: LookupOptions | undefined;
    const register: Register = (parent, deps, finish) =>
      registerLookup(parent, deps, finish, async (given) => {
        options = given;
        return 0;
      });
    await runCommand(register, ['lookup', ...argv.split(' ')], {});
    return options;
  }

  it('has defaults', async () =>
    expect(await parse('1')).toEqual({ id: '1', viaEmulator: false, verbose: false, yes: false, json: false }));

  it('takes every flag', async () =>
    expect(
      await parse(
        '1 --environment production --via-emulator -v --timeout 1m --bundle-id a --app-apple-id 1 --profile p --yes --json',
      ),
    ).toEqual({
      ...{ id: '1', environment: 'production', verbose: true, timeout: 60_000, bundleId: 'a', appAppleId: '1' },
      ...{ profile: 'p', viaEmulator: true, yes: true, json: true },
    }));
});

describe('lookup --json', () => {
  it('asks for the transaction, the statuses, the history and the refunds', async () => {
    const { code, stdout, stderr } = await run(`${ID} --environment sandbox --json`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(paths(fakes.sandbox)).toEqual([
      `GET /inApps/v1/transactions/${ID}`,
      `GET /inApps/v1/subscriptions/${ID}`,
      `GET /inApps/v2/history/${ID}`,
      `GET /inApps/v2/refund/lookup/${ID}`,
    ]);
    const printed = documents(stdout);
    expect(printed.map(({ kind, source, subscriptionStatus }) => [kind, source, subscriptionStatus])).toEqual([
      ['transaction', 'lookup:transaction', undefined],
      ['transaction', 'lookup:statuses', 1],
      ['renewalInfo', 'lookup:statuses', 1],
      ['transaction', 'lookup:history', undefined],
      ['transaction', 'lookup:history#2', undefined],
      ['transaction', 'lookup:history#3', undefined],
    ]);
    for (const { verification, tokens } of printed) {
      expect(verification.verdict).toBe('valid');
      expect(tokens[0].jws).toMatch(/^eyJ/);
    }
  });

  it('reads every page, at the rate of the sandbox', async () => {
    const transactions = months(3000, 45).map((each, index) => (index < 25 ? { ...each, revocationDate: 1 } : each));
    const { code, stdout } = await run('3000 --environment sandbox --json', {
      sandbox: customer({ transactions, statuses: [] }),
    });
    expect(code).toBe(0);
    expect(paths(fakes.sandbox).slice(2)).toEqual([
      'GET /inApps/v2/history/3000',
      'GET /inApps/v2/history/3000?revision=20',
      'GET /inApps/v2/history/3000?revision=40',
      'GET /inApps/v2/refund/lookup/3000',
      'GET /inApps/v2/refund/lookup/3000?revision=20',
    ]);
    expect(documents(stdout)).toHaveLength(1 + 45 + 25);
    expect(clock.waits).toEqual([200, 200, 1_000]);
  });

  it('looks an order up, then the customer who made it', async () => {
    const orders = { MK5TTTVWJH: ['2000000000000002', '9'] };
    const transactions = [...months(2000000000000001, 3), oneTime('9')].map((each) => ({
      ...each,
      environment: 'Production',
    }));
    const { code, stdout } = await run('mk5tttvwjh --json', {
      production: customer({ orders, transactions, statuses: [] }),
    });
    expect(code).toBe(0);
    expect(paths(fakes.production)).toEqual([
      'GET /inApps/v1/lookup/MK5TTTVWJH',
      `GET /inApps/v1/subscriptions/${ID}`,
      `GET /inApps/v2/history/${ID}`,
      `GET /inApps/v2/refund/lookup/${ID}`,
    ]);
    expect(
      documents(stdout)
        .map(({ source }) => source)
        .slice(0, 3),
    ).toEqual(['lookup:order', 'lookup:order#2', 'lookup:history']);
  });

  it('is a no where a token is not of this app, not signed under a trusted root, or no token', async () => {
    const script = customer({ transactions: months(2000000000000001, 3, { bundleId: 'com.example.other' }) });
    const { code, stdout } = await run(`${ID} --environment sandbox --json`, { sandbox: script });
    expect(code).toBe(1);
    expect(documents(stdout).map(({ verification }) => verification.reason)).toEqual([
      ...['BUNDLE_ID_MISMATCH', 'BUNDLE_ID_MISMATCH', null],
      ...['BUNDLE_ID_MISMATCH', 'BUNDLE_ID_MISMATCH', 'BUNDLE_ID_MISMATCH'],
    ]);
    const untrusted = await run(`${ID} --environment sandbox --json`, { env: { STOREWIRE_ROOT: '' } });
    expect(untrusted.code).toBe(1);
    expect(documents(untrusted.stdout).map(({ verification }) => verification.reason)).toContain('UNTRUSTED_ROOT');
    const damaged = await run(`${ID} --environment sandbox --json`, {
      sandbox: (request) =>
        request.path.includes('/history/')
          ? { json: { signedTransactions: ['x', 5], hasMore: false } }
          : customer()(request),
    });
    expect(damaged.code).toBe(1);
    expect(
      documents(damaged.stdout)
        .slice(3)
        .map(({ verification }) => verification.reason),
    ).toEqual(['MALFORMED_JWS', 'MALFORMED_JWS']);
  });

  it('takes a token of another kind for no transaction', async () => {
    const sandbox: Script = (request) =>
      request.path.includes('/transactions/')
        ? { json: { signedTransactionInfo: home.signed() } }
        : customer()(request);
    const { code, stdout } = await run(`${ID} --environment sandbox --json`, { sandbox });
    expect(code).toBe(1);
    expect(documents(stdout)[0].verification.reason).toBe('WRONG_KIND');
  });
});

describe('lookup, the environment', () => {
  it('is production first, then the sandbox', async () => {
    const { code, stdout } = await run(`${ID} --json`);
    expect(code).toBe(0);
    expect(paths(fakes.production)).toEqual([
      `GET /inApps/v1/transactions/${ID}`,
      `GET /inApps/v1/subscriptions/${ID}`,
    ]);
    expect(documents(stdout)).toHaveLength(6);
  });

  it('is asked in the sandbox before the first release', async () => {
    const { code, stdout, stderr } = await run(ID, { production: () => UNAUTHENTICATED });
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
    expect(stderr).toContain('as it does before the first release of the app. Asking the sandbox.');
  });

  it('stays unknown where production refuses and the sandbox does not know the id', async () => {
    const { code, stdout, stderr } = await run(`${ID} --json`, { production: () => UNAUTHENTICATED, sandbox: UNKNOWN });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(errorOf(stderr).code).toBe('ERR_API_UNAUTHENTICATED');
  });

  it.each([
    [
      `${ID} --environment production`,
      `not found: production has no transaction ${ID} of com.example.app\n`,
      `hint: Try sandbox: storewire lookup ${ID} --environment sandbox\n`,
    ],
    [
      '77 --environment sandbox --bundle-id com.example.app',
      'not found: sandbox has no transaction 77 of com.example.app\n',
      'hint: Try production: storewire lookup 77 --environment production --bundle-id com.example.app\n',
    ],
    [
      '77',
      'not found: neither production nor sandbox has a transaction 77 of com.example.app\n',
      'hint: Check the bundle id, and that the id is a transactionId or originalTransactionId: a webOrderLineItemId names no transaction.\n',
    ],
    [
      'MK5TTTVWJH',
      'not found: production has no order MK5TTTVWJH of com.example.app\n',
      'hint: Check the bundle id, and the order id on the receipt of the customer: an order of another app or developer is not found.\n',
    ],
  ])('%s: not found', async (argv, stdout, stderr) => {
    const production = argv.startsWith('MK') ? customer() : UNKNOWN;
    expect(await run(argv, { production })).toEqual({ code: 1, stdout: stdout.replace('not', 'Not'), stderr });
    const json = await run(`${argv} --json`, { production });
    expect({ code: json.code, stdout: json.stdout }).toEqual({ code: 1, stdout: '' });
    expect(errorOf(json.stderr)).toEqual({
      code: 'ERR_LOOKUP_NOT_FOUND',
      message: stdout.trimEnd(),
      hint: stderr.trimEnd().replace('hint: ', ''),
    });
  });

  it("has no orders in Apple's sandbox, and asks nothing", async () => {
    const env = { STOREWIRE_SERVER_API_SANDBOX_URL: 'https://api.storekit-sandbox.apple.com' };
    const { code, stderr } = await run('MK5TTTVWJH --environment sandbox --json', { env });
    expect(code).toBe(2);
    expect(errorOf(stderr)).toMatchObject({
      code: 'ERR_LOOKUP_ORDER_SANDBOX',
      hint: 'Orders are looked up in production: storewire lookup MK5TTTVWJH --environment production',
    });
  });
});

describe('lookup, ids', () => {
  it.each([
    ['""', 'the id is empty'],
    ['hello', '"hello" is neither'],
    ['21f4c5b4-8ed3-4f8a-a9a3-3a8d8fbc4a24', 'neither a transaction id nor an order id'],
    ['eyJhbGciOiJFUzI1NiJ9.e30.AAAA', 'neither a transaction id nor an order id'],
    ['../../v1/notifications', 'neither a transaction id nor an order id'],
  ])('refuses %s', async (id, message) => {
    const { code, stdout, stderr } = await run(`${id} --json`);
    expect({ code, stdout, asked: fakes.production.seen }).toEqual({ code: 2, stdout: '', asked: [] });
    expect(errorOf(stderr)).toMatchObject({ code: 'ERR_LOOKUP_ID', message: expect.stringContaining(message) });
  });

  it.each(['"2000000000000002",', "'2000000000000002'"])('takes %s as copied from JSON', async (id) => {
    await run(`${id} --environment sandbox --json`);
    expect(paths(fakes.sandbox)[0]).toBe(`GET /inApps/v1/transactions/${ID}`);
  });

  it('says when it is not sure', async () => {
    const { code, stderr } = await run('X12345', { production: customer() });
    expect(code).toBe(1);
    expect(stderr).toContain('taking it for an order id');
  });

  it('finds the customer of an appTransactionId, which names no transaction', async () => {
    const sandbox: Script = (request) =>
      request.path.includes('/transactions/')
        ? apiError(4000048)
        : customer()({ ...request, path: request.path.replace('704289572311513293', ID) });
    const { code, stdout } = await run('704289572311513293 --environment sandbox --json', { sandbox });
    expect(code).toBe(0);
    expect(documents(stdout)).toHaveLength(5);
  });
});

describe('lookup, failures', () => {
  it.each<[string, Answer, number, string]>([
    ['401', UNAUTHENTICATED, 3, 'ERR_API_UNAUTHENTICATED'],
    ['an id that Apple refuses', apiError(4000006), 2, 'ERR_API_INVALID_TRANSACTION_ID'],
    ['an app that Apple does not know', apiError(4040003), 2, 'ERR_API_APP_NOT_FOUND'],
    ['an answer without the token', { json: {} }, 4, 'ERR_API_ANSWER'],
    ['a closed connection', { drop: true }, 4, 'ERR_HTTP_UNREACHABLE'],
    ['5xx', apiError(5000000), 4, 'ERR_API_GENERAL_INTERNAL'],
  ])('%s', async (_what, answer, code, errorCode) => {
    const got = await run(`${ID} --environment sandbox --json`, { sandbox: () => answer });
    expect({ code: got.code, stdout: got.stdout }).toEqual({ code, stdout: '' });
    expect(errorOf(got.stderr).code).toBe(errorCode);
  });

  it('waits out a rate limit', async () => {
    const limited = apiError(4290000, { 'retry-after': String(TEST_NOW_MS + 70_000) });
    const sandbox: Script = (request, index) => (index === 2 ? limited : customer()(request));
    const { code, stdout, stderr } = await run(`${ID} --environment sandbox`, { sandbox });
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
    expect(clock.waits).toEqual([70_000]);
    expect(stderr).toContain('Trying again at 2026-11-20T12:01:10Z.');
  });

  it.each<[string, string, Answer, number, string]>([
    ['the statuses', '/subscriptions/', apiError(5000001), 4, 'ERR_API_GENERAL_INTERNAL_RETRYABLE'],
    ['the history', '/history/', { json: { hasMore: true } }, 4, 'ERR_API_ANSWER'],
    ['a revision that Apple refuses', '/history/', apiError(4000005), 4, 'ERR_API_INVALID_REQUEST_REVISION'],
    ['the refunds', '/refund/', UNAUTHENTICATED, 3, 'ERR_API_UNAUTHENTICATED'],
  ])('shows the rest where one call fails: %s', async (_what, part, answer, code, errorCode) => {
    const sandbox: Script = (request) => (request.path.includes(part) ? answer : customer()(request));
    const got = await run(`${ID} --environment sandbox --json`, { sandbox });
    expect(got.code).toBe(code);
    expect(documents(got.stdout).length).toBeGreaterThan(2);
    expect(errorOf(got.stderr)).toMatchObject({
      code: errorCode,
      message: expect.stringMatching(/^(statuses|transaction history|refund history) not read to the end: /),
    });
  });

  it('ends at its deadline, what came before printed', async () => {
    const got = await run('3000 --environment sandbox --timeout 300ms --json', {
      sandbox: customer({ transactions: months(3000, 60), statuses: [] }),
    });
    expect(got.code).toBe(5);
    expect(documents(got.stdout)).toHaveLength(1 + 40);
    expect(errorOf(got.stderr)).toMatchObject({
      code: 'ERR_LOOKUP_DEADLINE',
      message: 'transaction history and refund history not read to the end: timed out before the last page',
    });
  });

  it('stops in the middle of the pages on Ctrl-C, without an answer', async () => {
    const whole = customer({ transactions: months(3000, 60), statuses: [] });
    const sandbox: Script = (request) => {
      if (request.path.endsWith('revision=20')) stop.abort('SIGINT');
      return whole(request);
    };
    const { code, stdout } = await run('3000 --environment sandbox', { sandbox });
    expect({ code, stdout, last: paths(fakes.sandbox).at(-1) }).toEqual({
      code: 130,
      stdout: '',
      last: 'GET /inApps/v2/history/3000?revision=20',
    });
  });
});
