import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import type { Exit } from '../../src/cli/exit.js';
import { registerTest, type TestOptions } from '../../src/commands/test-notification/test-command.js';
import { SEND_ATTEMPTS } from '../../src/notification/catalogue/send-attempts.js';
import {
  type Answer,
  type AppleHome,
  apiError,
  FakeServerApi,
  ISSUER_ID,
  KEY_ID,
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
const fakes: FakeServerApi[] = [];
beforeEach(() => {
  stop = new AbortController();
  clock = virtualClock(stop.signal);
});
afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.stop();
});

type Script = (request: SeenRequest, index: number) => Answer;

async function start(script: Script): Promise<FakeServerApi> {
  const fake = await FakeServerApi.start(script, () => clock.now());
  fakes.push(fake);
  return fake;
}

const TOKEN = 'ce3af791-365e-4c60-841b-1674b43c1609_1595000000';
const requested: Answer = { json: { testNotificationToken: TOKEN } };
const status = (results: readonly string[], extra: object = {}): Answer => ({
  json: {
    signedPayload: home.signed(),
    sendAttempts: results.map((sendAttemptResult) => ({ attemptDate: TEST_NOW_MS, sendAttemptResult })),
    ...extra,
  },
});
/** POST is answered with a token, then each GET with the next of these, the last one for ever. */
const follow =
  (...answers: readonly Answer[]): Script =>
  ({ method }, index) =>
    method === 'POST' ? requested : answers[Math.min(index, answers.length) - 1]!;

interface Setup {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly production?: FakeServerApi;
  readonly columns?: number;
  readonly isTty?: boolean;
}

async function run(argv: string, sandbox: FakeServerApi, { env = {}, production, ...terminal }: Setup = {}) {
  const deps: Partial<Deps> = {
    env: {
      ...home.env,
      STOREWIRE_SERVER_API_SANDBOX_URL: sandbox.url,
      STOREWIRE_SERVER_API_PRODUCTION_URL: (production ?? sandbox).url,
      ...env,
    },
    cwd: join(home.folder, 'work'),
    now: clock.now,
    sleep: clock.sleep,
    random: (bytes) => new Uint8Array(bytes).fill(255),
    http: async () => sandbox.dispatcher,
    signal: stop.signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
  };
  return runCommand(registerTest as Register, ['test', ...argv.split(' ').filter(Boolean)], deps, terminal);
}

const errorOf = (stderr: string) => JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error;

describe('test, wiring', () => {
  async function parse(argv: string): Promise<TestOptions | undefined> {
    let options: TestOptions | undefined;
    const register: Register = (parent, deps, finish: (code: Exit) => void) =>
      registerTest(parent, deps, finish, async (given) => {
        options = given;
        return 0;
      });
    await runCommand(register, ['test', ...argv.split(' ').filter(Boolean)], {});
    return options;
  }

  it('has defaults', async () =>
    expect(await parse('')).toEqual({ wait: false, timeout: 120_000, yes: false, json: false }));

  it('takes every flag', async () =>
    expect(
      await parse(
        '--environment Both --wait --timeout 5m --interval 500ms --bundle-id b --app-apple-id 1 --root r --root s --profile p --yes --json',
      ),
    ).toEqual({
      environment: 'both',
      wait: true,
      timeout: 300_000,
      interval: 500,
      bundleId: 'b',
      appAppleId: '1',
      root: ['r', 's'],
      profile: 'p',
      yes: true,
      json: true,
    }));

  it.each(['--environment xcode', '--timeout 5', '--interval fast'])('refuses %s', (argv) =>
    expect(parse(argv)).rejects.toMatchObject({ code: 'commander.invalidArgument' }),
  );
});

describe('test', () => {
  it('asks as Apple documents', async () => {
    const fake = await start(follow(status(['SUCCESS'])));
    await run('--environment sandbox', fake);
    expect(fake.seen.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'POST /inApps/v1/notifications/test ',
      `GET /inApps/v1/notifications/test/${TOKEN} `,
    ]);
    const jwt = fake.seen[0]?.authorization.replace(/^Bearer /, '') ?? '';
    const { payload, protectedHeader } = await jwtVerify(jwt, home.publicKey, { currentDate: new Date(TEST_NOW_MS) });
    expect(protectedHeader.kid).toBe(KEY_ID);
    expect(payload).toMatchObject({ iss: ISSUER_ID, bid: 'com.example.app', aud: 'appstoreconnect-v1' });
    expect(fake.seen[1]?.authorization).toBe(fake.seen[0]?.authorization);
  });

  it('escapes a token in the path', async () => {
    const fake = await start(({ method }) =>
      method === 'POST' ? { json: { testNotificationToken: 'a/b?c' } } : status(['SUCCESS']),
    );
    await run('--environment sandbox', fake);
    expect(fake.seen[1]?.path).toBe('/inApps/v1/notifications/test/a%2Fb%3Fc');
  });

  it('shows a success and the notification sent', async () => {
    const { code, stdout, stderr } = await run(
      '--environment sandbox --wait',
      await start(follow(status(['SUCCESS']))),
      {
        columns: 80,
      },
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`  attempt 1    SUCCESS  2026-11-20T12:00:00Z, now
  environment  sandbox
  meaning      The endpoint responded with a status from 200 to 206.

SUCCESS  sandbox
The endpoint accepted Apple's sandbox TEST notification.

valid  verified under `);
    expect(stdout).toContain('  bundleId          com.example.app\n');
    expect(stderr).toMatch(new RegExp(`Token:\\s+${TOKEN}\n`));
  });

  it.each(SEND_ATTEMPTS.filter(({ value }) => value !== 'SUCCESS'))(
    'shows $value with its fix',
    async ({ value, meaning, hint }) => {
      const { code, stdout } = await run('--environment sandbox --wait', await start(follow(status([value]))));
      expect(code).toBe(1);
      expect(stdout).toContain(`attempt 1    ${value}  `);
      expect(stdout).toContain(meaning);
      expect(stdout).toContain(hint);
      expect(stdout).toContain(`\n${value}  sandbox\n`);
    },
  );

  it('is one JSON document with --json, and quiet beside it', async () => {
    const fake = await start(follow(status(['TLS_ISSUE', 'SUCCESS'])));
    const { code, stdout, stderr } = await run('--environment sandbox --wait --json', fake);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { results } = JSON.parse(stdout);
    expect(results).toHaveLength(1);
    expect(Object.keys(results[0])).toEqual([
      'environment',
      'testNotificationToken',
      'outcome',
      'sendAttempts',
      'document',
    ]);
    expect(results[0]).toMatchObject({
      environment: 'sandbox',
      testNotificationToken: TOKEN,
      outcome: 'SUCCESS',
      sendAttempts: [
        {
          attemptDate: TEST_NOW_MS,
          sendAttemptResult: 'TLS_ISSUE',
          meaning: expect.stringContaining('TLS'),
          hint: expect.stringContaining('certificate'),
        },
        { sendAttemptResult: 'SUCCESS', hint: null },
      ],
      document: {
        kind: 'notification',
        notification: { notificationType: 'TEST' },
        verification: { verdict: 'valid' },
        sendAttempts: [{ sendAttemptResult: 'TLS_ISSUE' }, { sendAttemptResult: 'SUCCESS' }],
      },
    });
    expect(results[0].document.tokens[0].jws).toMatch(/^eyJ/);
  });

  it('waits while there is nothing: every 2 s for 20 s, then every 10 s', async () => {
    const nothing = apiError(4040008);
    const none = status([]);
    const answers = [...Array<Answer>(6).fill(nothing), ...Array<Answer>(6).fill(none), status(['SUCCESS'])];
    const { code } = await run('--environment sandbox --wait', await start(follow(...answers)));
    expect(code).toBe(0);
    expect(clock.waits).toEqual([...Array(10).fill(2_000), 10_000, 10_000]);
  });

  it('waits as --interval says, and stops at the deadline', async () => {
    const fake = await start(follow(apiError(4040008)));
    const { code, stdout } = await run('--environment sandbox --wait --timeout 10s --interval 4s', fake);
    expect(code).toBe(5);
    expect(clock.waits).toEqual([4_000, 4_000, 2_000]);
    expect(stdout).toBe(
      `PENDING  sandbox\nNo result yet (Apple keeps results for six months). Check again: storewire status ${TOKEN} --environment sandbox --wait\n`,
    );
  });

  it('asks once without --wait, and says how to go on', async () => {
    const fake = await start(follow(apiError(4040008)));
    const { code, stderr } = await run('--environment sandbox', fake);
    expect(code).toBe(5);
    expect(fake.seen).toHaveLength(2);
    expect(clock.waits).toEqual([]);
    expect(stderr).toContain(`storewire status ${TOKEN} --environment sandbox --wait`);
  });

  it('shows each attempt once, as it arrives', async () => {
    const open = { attemptDate: TEST_NOW_MS };
    const fake = await start(follow({ json: { sendAttempts: [open] } }, status(['TIMED_OUT'])));
    const { code, stdout } = await run('--environment sandbox --wait', fake);
    expect(code).toBe(1);
    expect(stdout.match(/attempt \d/g)).toEqual(['attempt 1']);
  });

  it('says that no URL is set: a no, and an answer', async () => {
    const fake = await start(() => apiError(4040007));
    const text = await run('--environment sandbox --wait', fake);
    expect(text).toMatchObject({ code: 1, stdout: expect.stringMatching(/^NO_URL {2}sandbox\nno URL is set/) });
    const { code, stdout } = await run('--environment sandbox --json', fake);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).results).toEqual([
      {
        environment: 'sandbox',
        testNotificationToken: null,
        outcome: 'NO_URL',
        sendAttempts: [],
        document: null,
        error: {
          code: 'ERR_API_SERVER_NOTIFICATION_URL_NOT_FOUND',
          message: expect.stringContaining('4040007'),
          hint: expect.stringContaining('App Store Connect'),
        },
      },
    ]);
  });

  it('passes a result on that is newer than this version', async () => {
    const { code, stdout } = await run('--environment sandbox', await start(follow(status(['QUIC\u001b[31m']))));
    expect(code).toBe(1);
    expect(stdout).toContain('QUIC\\u{1b}[31m');
    expect(stdout).toContain('This version does not know this result');
    expect(stdout).not.toContain('\u001b');
  });

  it('shows a payload that is not for this app as such', async () => {
    const other = { json: { signedPayload: home.signed({ bundleId: 'com.example.other' }) } };
    const fake = await start(follow({ json: { ...(status(['SUCCESS']).json as object), ...other.json } }));
    const { code, stdout } = await run('--environment sandbox', fake);
    expect(code).toBe(0);
    const first =
      'invalid  BUNDLE_ID_MISMATCH: the notification was delivered, but it does not verify with these settings\n';
    expect(stdout.startsWith(`${first}\n  attempt 1 `)).toBe(true);
    expect(stdout).toContain(`\n${first}SUCCESS  sandbox\n`);
  });
});

describe('test --environment both', () => {
  it('requests in parallel and shows both', async () => {
    const sandbox = await start(follow(status(['SUCCESS'])));
    const production = await start(
      follow({
        json: { ...(status(['TIMED_OUT']).json as object), signedPayload: home.signed({ environment: 'Production' }) },
      }),
    );
    const { code, stdout } = await run('--environment both --wait --json', sandbox, { production });
    expect(code).toBe(1);
    expect(
      JSON.parse(stdout).results.map(
        ({ environment, outcome, document }: Record<string, { verification: { verdict: string } }>) =>
          `${environment} ${outcome} ${document?.verification.verdict}`,
      ),
    ).toEqual(['sandbox SUCCESS valid', 'production TIMED_OUT valid']);
  });

  it('knows why production refuses a key that the sandbox takes', async () => {
    const sandbox = await start(follow(status(['SUCCESS'])));
    const production = await start(() => UNAUTHENTICATED);
    const { code, stdout, stderr } = await run('--environment both --wait', sandbox, { production });
    expect(code).toBe(3);
    expect(stdout).toContain('SUCCESS  sandbox\n');
    expect(stderr).toContain('The sandbox accepted the same key, so the key is right');
    const json = await run('--environment both --wait --json', sandbox, { production });
    expect(JSON.parse(json.stdout).results[1]).toMatchObject({
      outcome: null,
      error: { code: 'ERR_API_UNAUTHENTICATED' },
    });
    expect(errorOf(json.stderr).code).toBe('ERR_API_UNAUTHENTICATED');
  });

  it('has no document where neither could be asked', async () => {
    const fake = await start(() => UNAUTHENTICATED);
    const { code, stdout, stderr } = await run('--environment both --json', fake);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('test, when Apple will not', () => {
  it.each<[string, Answer, number, string]>([
    ['401 in the sandbox', UNAUTHENTICATED, 3, 'ERR_API_UNAUTHENTICATED'],
    ['another app', apiError(4040003), 2, 'ERR_API_APP_NOT_FOUND'],
    ['an error that stays', apiError(5000000), 4, 'ERR_API_GENERAL_INTERNAL'],
    ['a page of HTML', { text: '<html>' }, 4, 'ERR_API_ANSWER'],
    ['no token in the answer', { json: {} }, 4, 'ERR_API_ANSWER'],
    ['a connection that is closed', { drop: true }, 4, 'ERR_HTTP_UNREACHABLE'],
  ])('%s', async (_what, answer, code, errorCode) => {
    const got = await run('--environment sandbox --json', await start(() => answer));
    expect({ code: got.code, stdout: got.stdout }).toEqual({ code, stdout: '' });
    expect(errorOf(got.stderr).code).toBe(errorCode);
  });

  it('tries again after what passes', async () => {
    const fake = await start(({ method }, index) =>
      index === 0
        ? apiError(5000001)
        : index === 1
          ? { drop: true }
          : method === 'POST'
            ? requested
            : status(['SUCCESS']),
    );
    const { code, stderr } = await run('--environment sandbox', fake);
    expect(code).toBe(0);
    expect(clock.waits).toEqual([1_000, 2_000]);
    expect(stderr).toContain('5000001 GeneralInternalRetryable');
    expect(stderr).toContain('Trying again in 2 s.');
  });

  it('waits out a rate limit, named as a moment', async () => {
    const fake = await start(({ method }, index) =>
      index === 0
        ? apiError(4290000, { 'retry-after': String(TEST_NOW_MS + 42_000) })
        : method === 'POST'
          ? requested
          : status(['SUCCESS']),
    );
    expect((await run('--environment sandbox', fake)).code).toBe(0);
    expect(clock.waits).toEqual([42_000]);
  });

  it('does not wait for one beyond the deadline', async () => {
    const limited = apiError(4290000, { 'retry-after': String(TEST_NOW_MS + 600_000) });
    const before = await run('--environment sandbox --json', await start(() => limited));
    expect(before.code).toBe(4);
    expect(errorOf(before.stderr)).toMatchObject({
      code: 'ERR_API_RATE_LIMIT_EXCEEDED',
      message: expect.stringContaining('2026-11-20T12:10:00Z'),
    });
    const after = await run('--environment sandbox --wait --timeout 5s', await start(follow(limited)));
    expect(after.code).toBe(5);
  });

  it('keeps the token when the status cannot be asked', async () => {
    const { code, stdout, stderr } = await run('--environment sandbox --json', await start(follow({ drop: true })));
    expect(code).toBe(4);
    expect(JSON.parse(stdout).results[0]).toMatchObject({ testNotificationToken: TOKEN, outcome: 'PENDING' });
    expect(errorOf(stderr).code).toBe('ERR_HTTP_UNREACHABLE');
  });

  it('stops on an interruption', async () => {
    const fake = await start(({ method }) => {
      if (method === 'POST') return requested;
      stop.abort('SIGINT');
      return apiError(4040008);
    });
    expect((await run('--environment sandbox --wait', fake)).code).toBe(130);
  });
});

describe('test, before anything is sent', () => {
  const nothing: Script = () => {
    throw new Error('nothing may be asked');
  };
  const file = (name: string, content: string) => {
    const path = join(home.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };

  it.each<[string, string, () => Record<string, string>, number, string, string]>([
    [
      'no environment',
      '',
      () => ({}),
      2,
      'ERR_SETTINGS_ENVIRONMENT_MISSING',
      '--environment sandbox, production or both',
    ],
    [
      'no bundle id',
      '--environment sandbox',
      () => ({ STOREWIRE_BUNDLE_ID: '' }),
      2,
      'ERR_SETTINGS_BUNDLE_ID_MISSING',
      '--bundle-id',
    ],
    [
      'nothing at all',
      '',
      () => ({ STOREWIRE_BUNDLE_ID: '', STOREWIRE_ISSUER_ID: '', STOREWIRE_PRIVATE_KEY_PATH: '' }),
      2,
      'ERR_SETTINGS_ENVIRONMENT_MISSING',
      'missing settings: environment (--environment sandbox, production or both, or STOREWIRE_ENVIRONMENT), bundle id (--bundle-id com.example.app, or STOREWIRE_BUNDLE_ID), issuer id (STOREWIRE_ISSUER_ID)',
    ],
    [
      'no bundle id and no issuer id',
      '--environment sandbox',
      () => ({ STOREWIRE_BUNDLE_ID: '', STOREWIRE_ISSUER_ID: '' }),
      2,
      'ERR_SETTINGS_BUNDLE_ID_MISSING',
      'missing settings: bundle id (--bundle-id com.example.app, or STOREWIRE_BUNDLE_ID), issuer id (STOREWIRE_ISSUER_ID)',
    ],
    [
      'a host of verifyReceipt',
      '--environment sandbox --yes',
      () => ({ STOREWIRE_SERVER_API_SANDBOX_URL: 'https://sandbox.itunes.apple.com' }),
      2,
      'ERR_SETTINGS_BASE_ADDRESS',
      'that host answers verifyReceipt only; the Server API is at https://api.storekit-sandbox.apple.com (leave the setting out)',
    ],
    [
      'a shared secret in place of the key',
      '--environment sandbox',
      () => ({ STOREWIRE_PRIVATE_KEY: '9f86d081884c7d659a2feaa0c55ad015', STOREWIRE_KEY_ID: 'ABCDEFGHIJ' }),
      3,
      'ERR_KEY_MISSING',
      'looks like the shared secret of verifyReceipt; the Server API needs a .p8 key',
    ],
    [
      'no issuer id',
      '--environment sandbox',
      () => ({ STOREWIRE_ISSUER_ID: '' }),
      3,
      'ERR_KEY_NOT_SET',
      'STOREWIRE_ISSUER_ID',
    ],
    [
      'no key',
      '--environment sandbox',
      () => ({ STOREWIRE_PRIVATE_KEY_PATH: '' }),
      3,
      'ERR_KEY_NOT_SET',
      'STOREWIRE_KEY_ID',
    ],
    [
      'a key that is not there',
      '--environment sandbox',
      () => ({ STOREWIRE_PRIVATE_KEY_PATH: join(home.folder, 'SubscriptionKey_A.p8') }),
      3,
      'ERR_KEY_MISSING',
      'does not exist',
    ],
    [
      'a key that cannot be read',
      '--environment sandbox',
      () => ({ STOREWIRE_PRIVATE_KEY_PATH: file('SubscriptionKey_B.p8', 'no key') }),
      3,
      'ERR_KEY_FORMAT',
      'no private key',
    ],
    [
      'a Connect key',
      '--environment sandbox',
      () => ({
        STOREWIRE_PRIVATE_KEY_PATH: file('AuthKey_C.p8', readFileSync(home.env.STOREWIRE_PRIVATE_KEY_PATH!, 'utf8')),
      }),
      3,
      'ERR_KEY_KIND',
      'AuthKey_',
    ],
    [
      'a root that is not there',
      '--environment sandbox --root none.pem',
      () => ({}),
      2,
      'ERR_TRUST_ROOT_UNREADABLE',
      'none.pem',
    ],
    [
      'a foreign address',
      '--environment sandbox',
      () => ({ STOREWIRE_SERVER_API_SANDBOX_URL: 'https://proxy.example' }),
      2,
      'ERR_SETTINGS_FOREIGN_ADDRESS',
      'https://proxy.example (STOREWIRE_SERVER_API_SANDBOX_URL)',
    ],
  ])('stops at %s', async (_what, argv, env, code, errorCode, words) => {
    const fake = await start(nothing);
    const got = await run(`${argv} --json`, fake, { env: env() });
    expect({ code: got.code, stdout: got.stdout, seen: fake.seen }).toEqual({ code, stdout: '', seen: [] });
    const error = errorOf(got.stderr);
    expect(error.code).toBe(errorCode);
    expect(`${error.message} ${error.hint}`).toContain(words);
  });

  it('uses the environment of the settings', async () => {
    const fake = await start(follow(status(['SUCCESS'])));
    expect((await run('', fake, { env: { STOREWIRE_ENVIRONMENT: 'sandbox' } })).code).toBe(0);
  });

  // 0.0.0.0 leads to this machine, but on Windows.
  it.skipIf(process.platform === 'win32')('names an allowed foreign address, and ignores an unused one', async () => {
    const fake = await start(() => apiError(4040003));
    const env = { STOREWIRE_SERVER_API_SANDBOX_URL: fake.url.replace('127.0.0.1', '0.0.0.0') };
    const { code, stderr } = await run('--environment sandbox --yes --json', fake, { env });
    expect(stderr).toContain(`warning: the token goes to ${env.STOREWIRE_SERVER_API_SANDBOX_URL}`);
    expect(code).toBe(2);
    const other = { STOREWIRE_SERVER_API_PRODUCTION_URL: 'https://proxy.example' };
    const unused = await run('--environment sandbox', await start(follow(status(['SUCCESS']))), { env: other });
    expect(unused.code).toBe(0);
    expect(unused.stderr).not.toContain('proxy.example');
  });

  it('says where it asks instead of Apple', async () => {
    const fake = await start(follow(status(['SUCCESS'])));
    expect((await run('--environment sandbox', fake)).stderr).toContain(
      `Using ${fake.url} (STOREWIRE_SERVER_API_SANDBOX_URL) instead of Apple's sandbox.\n`,
    );
    const narrow = await run('--environment sandbox', fake, { columns: 60 });
    expect(narrow.stderr).toContain(
      `Using ${fake.url}\n  (STOREWIRE_SERVER_API_SANDBOX_URL) instead of Apple's\n  sandbox.\n`,
    );
  });
});
