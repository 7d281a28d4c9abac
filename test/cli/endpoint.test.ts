import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { EXIT, EXIT_OF_ERROR } from '../../src/cli/exit.js';
import { now, sleep } from '../../src/clock.js';
import { type EndpointRuns, registerEndpoint } from '../../src/commands/endpoint/command.js';
import { CONNECT_ERRORS } from '../../src/connect-api/errors.js';
import type { EmulatorOptions } from '../../src/emulator/options.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { takeLock } from '../../src/journal/lock.js';
import { startTestEmulator, type TestEmulator } from '../support/emulator.js';
import { type FakeConnect, refusal, startFakeConnect } from '../support/fake-connect.js';
import type { CliRun } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';

const OLD = 'https://old.example.com/apple';
const NEW = 'https://new.example.com/apple';
const LIVE = 'https://live.example.com/apple';
const REVENUECAT =
  'https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/abcdefghijklmnopqrstuvwxyz012345';

let cwd: string;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-endpoint-cli-')));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(cwd, { recursive: true, force: true });
});

async function emulate(options: Partial<EmulatorOptions> = {}): Promise<TestEmulator> {
  const run = await startTestEmulator({ bundleId: 'com.example.app', appAppleId: 42, ...options });
  closing.push(() => run.close());
  return run;
}

async function fakeConnect(attributes: FakeConnect['attributes'] = {}): Promise<FakeConnect> {
  const fake = await startFakeConnect(attributes);
  closing.push(() => fake.stop());
  return fake;
}

type Env = Record<string, string | undefined>;

const envOf = ({ emulator: { connectApi, connect } }: TestEmulator): Env => ({
  HOME: cwd,
  STOREWIRE_BUNDLE_ID: 'com.example.app',
  STOREWIRE_CONNECT_API_URL: connectApi,
  STOREWIRE_CONNECT_ISSUER_ID: connect.issuerId,
  STOREWIRE_CONNECT_KEY_ID: connect.keyId,
  STOREWIRE_CONNECT_PRIVATE_KEY_PATH: connect.privateKeyPath,
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const fakeEnv = ({ url }: Pick<FakeConnect, 'url'>): Env => ({
  HOME: cwd,
  STOREWIRE_BUNDLE_ID: 'com.example.app',
  STOREWIRE_CONNECT_API_URL: url,
  STOREWIRE_CONNECT_KEY_ID: 'ABC1234567',
  STOREWIRE_CONNECT_PRIVATE_KEY: PEM,
});

/** The real clock and real sockets; nothing waits. */
function run(argv: string, env: Env, deps: Partial<Deps> = {}, isTty = false): Promise<CliRun> {
  const world = {
    stdin: { isTty, chunks: () => (async function* () {})(), setRaw: () => undefined },
    env,
    cwd,
    now,
    sleep: (ms: number, signal?: AbortSignal) => (ms > 10_000 ? sleep(ms, signal) : Promise.resolve()),
    random: (bytes: number) => randomBytes(bytes),
    http: createDispatcher,
    signal: new AbortController().signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    isRunning: () => false,
  };
  const columns = isTty ? 80 : Number.POSITIVE_INFINITY;
  return runCommand(registerEndpoint, ['endpoint', ...argv.split(' ')], { ...world, ...deps }, { isTty, columns });
}

/** Somebody at the terminal who gives these answers; what was asked is kept. */
function answering(...answers: boolean[]): { deps: Partial<Deps>; asked: string[] } {
  const asked: string[] = [];
  const confirm = ({ message }: { message: string }) => {
    asked.push(message);
    return Promise.resolve(answers.shift() ?? Promise.reject(new Error(`asked too often: ${message}`)));
  };
  return { deps: { prompts: () => Promise.resolve({ confirm } as never) }, asked };
}

const errorOf = ({ stderr }: CliRun) => JSON.parse(stderr.trimEnd().split('\n').at(-1)!).error;
const keptPath = () => join(cwd, '.storewire', 'endpoint.json');
const kept = () => (existsSync(keptPath()) ? JSON.parse(readFileSync(keptPath(), 'utf8')).changes : []);

describe('endpoint show', () => {
  it.each<[string, FakeConnect['attributes'], string[]]>([
    [
      'both',
      {
        subscriptionStatusUrl: LIVE,
        subscriptionStatusUrlVersion: 'V2',
        subscriptionStatusUrlForSandbox: OLD,
        subscriptionStatusUrlVersionForSandbox: 'V2',
      },
      [
        '  sandbox     https://old.example.com/apple  Version 2',
        '  production  https://live.example.com/apple  Version 2',
        '',
      ],
    ],
    [
      'production alone',
      { subscriptionStatusUrl: LIVE, subscriptionStatusUrlVersion: 'V2' },
      [
        '  sandbox     not set',
        '  production  https://live.example.com/apple  Version 2',
        '',
        'Sandbox and TestFlight notifications go to the production URL, as no sandbox URL is set.',
        '',
      ],
    ],
    [
      'the sandbox alone',
      { subscriptionStatusUrlForSandbox: OLD, subscriptionStatusUrlVersionForSandbox: 'V2' },
      [
        '  sandbox     https://old.example.com/apple  Version 2',
        '  production  not set',
        '',
        '! No production notifications are sent: no URL is set.',
        '  storewire endpoint set --production URL',
        '',
      ],
    ],
    [
      'neither',
      {},
      [
        '  sandbox     not set',
        '  production  not set',
        '',
        '! No sandbox or TestFlight notifications are sent: no URL is set.',
        '  storewire endpoint set --sandbox URL',
        '! No production notifications are sent: no URL is set.',
        '  storewire endpoint set --production URL',
        '',
      ],
    ],
    [
      'version 1 and a URL that Apple cannot reach',
      {
        subscriptionStatusUrl: LIVE,
        subscriptionStatusUrlVersion: 'V1',
        subscriptionStatusUrlForSandbox: 'https://localhost/apple',
        subscriptionStatusUrlVersionForSandbox: 'V2',
      },
      [
        '  sandbox     https://localhost/apple  Version 2',
        '  production  https://live.example.com/apple  Version 1',
        '',
        expect.stringMatching(/^✗ The sandbox URL: localhost is this machine/),
        '! The production URL has Version 1; only Version 2 can be verified.',
        '  storewire endpoint set --version V2',
        '',
      ] as string[],
    ],
    [
      'a URL that is a key',
      {
        subscriptionStatusUrl: REVENUECAT,
        subscriptionStatusUrlVersion: 'V2',
        subscriptionStatusUrlForSandbox: OLD,
        subscriptionStatusUrlVersionForSandbox: 'V2',
      },
      [
        '  sandbox     https://old.example.com/apple  Version 2',
        '  production  https://api.revenuecat.com/… (RevenueCat)  Version 2',
        '',
      ],
    ],
  ])('shows %s', async (_what, attributes, lines) => {
    const fake = await fakeConnect(attributes);
    const { code, stdout, stderr } = await run('show', fakeEnv(fake));
    expect({ code, lines: stdout.split('\n') }).toEqual({
      code: EXIT.ok,
      lines: ['Notification URLs of Coffee (com.example.app)  app Apple ID 42', ...lines],
    });
    expect(stderr).toBe(`Using ${fake.url} (STOREWIRE_CONNECT_API_URL) instead of App Store Connect.\n`);
  });

  it('as JSON says which setting decides', async () => {
    const emulator = await emulate({ productionUrl: LIVE });
    const { code, stdout, stderr } = await run('show --json', envOf(emulator));
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      app: { appAppleId: '42', bundleId: 'com.example.app', name: 'storewire emulated app' },
      sandbox: { url: null, version: null, receiver: { url: LIVE, version: 'V2', of: 'production' } },
      production: { url: LIVE, version: 'V2', receiver: { url: LIVE, version: 'V2', of: 'production' } },
      claims: [],
    });
  });

  it('shows nothing of the app raw', async () => {
    const fake = await fakeConnect({
      name: 'Cof\u001b[31mfee\u202e',
      subscriptionStatusUrl: 'https://e.com/\u001b]0;x',
    });
    const { stdout } = await run('show', fakeEnv(fake));
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
    expect(stdout).toContain('Cof\\u{1b}[31mfee\\u{202e}');
  });

  it('takes an individual key, which has no issuer', async () => {
    const emulator = await emulate();
    const { keyId, privateKeyPath } = emulator.emulator.individual;
    const env = { ...envOf(emulator), STOREWIRE_CONNECT_ISSUER_ID: undefined };
    const own = { ...env, STOREWIRE_CONNECT_KEY_ID: keyId, STOREWIRE_CONNECT_PRIVATE_KEY_PATH: privateKeyPath };
    expect((await run('show', own)).code).toBe(EXIT.ok);
  });

  it.each<[string, Env, number, string, string]>([
    ['no bundle id', { STOREWIRE_BUNDLE_ID: undefined }, 2, 'ERR_SETTINGS_BUNDLE_ID_MISSING', 'STOREWIRE_BUNDLE_ID'],
    [
      'another letter case',
      { STOREWIRE_BUNDLE_ID: 'com.Example.App' },
      2,
      'ERR_CONNECT_NOT_FOUND',
      'but to com.example.app: they differ in letter case only',
    ],
    [
      'a team id before it',
      { STOREWIRE_BUNDLE_ID: 'ABCDE12345.com.example.app' },
      2,
      'ERR_CONNECT_NOT_FOUND',
      'Try --bundle-id com.example.app',
    ],
    [
      'an app that is only begun like it',
      { STOREWIRE_BUNDLE_ID: 'com.example' },
      2,
      'ERR_CONNECT_NOT_FOUND',
      'com.example',
    ],
    ['no key id', { STOREWIRE_CONNECT_KEY_ID: undefined }, 3, 'ERR_KEY_NOT_SET', 'STOREWIRE_CONNECT_KEY_ID'],
    [
      'a foreign address',
      { STOREWIRE_CONNECT_API_URL: 'https://proxy.example' },
      2,
      'ERR_SETTINGS_FOREIGN_ADDRESS',
      '--yes',
    ],
    [
      'an unreachable API',
      { STOREWIRE_CONNECT_API_URL: 'http://127.0.0.1:1' },
      4,
      'ERR_HTTP_UNREACHABLE',
      '127.0.0.1:1',
    ],
  ])('stops at %s', async (_what, env, code, errorCode, words) => {
    const fake = await fakeConnect();
    const got = await run('show --json', { ...fakeEnv(fake), ...env });
    expect([got.code, got.stdout]).toEqual([code, '']);
    expect(errorOf(got).code).toBe(errorCode);
    expect(`${errorOf(got).message} ${errorOf(got).hint}`).toContain(words);
  });

  it('refuses an In-App Purchase key by its name before anything is sent', async () => {
    const fake = await fakeConnect();
    const path = join(cwd, 'SubscriptionKey_ABC1234567.p8');
    writeFileSync(path, PEM, { mode: 0o600 });
    const env = {
      ...fakeEnv(fake),
      STOREWIRE_CONNECT_PRIVATE_KEY: undefined,
      STOREWIRE_CONNECT_PRIVATE_KEY_PATH: path,
    };
    const got = await run('show --json', env);
    expect([got.code, errorOf(got).code, fake.seen]).toEqual([EXIT.auth, 'ERR_KEY_KIND', []]);
  });

  it.each(CONNECT_ERRORS)('explains $status $code', async ({ status, code, kind, toolCode, explained, hint }) => {
    const fake = await fakeConnect();
    fake.next('GET', ...Array.from({ length: 3 }, () => refusal(status, code)));
    const got = await run('show --json', fakeEnv(fake));
    expect([got.code, errorOf(got)]).toEqual([
      EXIT_OF_ERROR[kind],
      { code: toolCode, message: expect.stringContaining(explained), hint },
    ]);
    expect(errorOf(got).message).toContain('said Apple');
  });
});

describe('endpoint set', () => {
  it('changes what differs and nothing else, keeps what was there, and reads it back', async () => {
    const emulator = await emulate({ sandboxUrl: OLD, productionUrl: LIVE });
    const got = await run(`set --sandbox ${NEW} --production ${LIVE} --yes`, envOf(emulator));
    expect(got).toMatchObject({ code: EXIT.ok });
    expect(got.stdout.split('\n')).toEqual([
      'Changed and confirmed: storewire emulated app (com.example.app)',
      '  sandbox  https://new.example.com/apple  Version 2',
      '           previously https://old.example.com/apple, Version 2',
      '',
    ]);
    expect(got.stderr).toMatch(/storewire endpoint restore +restore the previous URL/);
    expect(emulator.emulator.settings()).toMatchObject({
      subscriptionStatusUrlForSandbox: NEW,
      subscriptionStatusUrl: LIVE,
    });
    expect(kept()).toMatchObject([
      {
        by: 'set',
        app: { id: '42', bundleId: 'com.example.app' },
        before: { sandbox: { url: OLD, version: 'V2' } },
        after: { sandbox: { url: NEW, version: 'V2' } },
        undoneAtMs: null,
      },
    ]);
    if (process.platform !== 'win32') expect(statSync(keptPath()).mode & 0o777).toBe(0o600);
  });

  it('sends no attribute that is so already', async () => {
    const fake = await fakeConnect({ subscriptionStatusUrl: OLD, subscriptionStatusUrlVersion: 'V2' });
    expect((await run(`set --production ${NEW} --yes`, fakeEnv(fake))).code).toBe(EXIT.ok);
    expect(fake.changes()).toEqual([{ subscriptionStatusUrl: NEW }]);
    expect(
      fake.seen.every(
        ({ method, path }) => method === 'PATCH' || path.includes('subscriptionStatusUrlVersionForSandbox'),
      ),
    ).toBe(true);
  });

  it('says if no change is needed, without a prompt or a request', async () => {
    const fake = await fakeConnect({
      subscriptionStatusUrlForSandbox: OLD,
      subscriptionStatusUrlVersionForSandbox: 'V2',
    });
    const { code, stdout } = await run('set --sandbox https://OLD.example.com/apple', fakeEnv(fake));
    expect([code, stdout.split('\n')[0]]).toEqual([EXIT.ok, 'No change needed: Coffee (com.example.app)']);
    expect([fake.changes(), kept()]).toEqual([[], []]);
    const again = JSON.parse((await run(`set --sandbox ${OLD} --json`, fakeEnv(fake))).stdout);
    expect(again).toMatchObject({ changed: false, dryRun: false, before: {}, after: {}, sandbox: { url: OLD } });
  });

  it('with --dry-run says what it would do', async () => {
    const fake = await fakeConnect({ subscriptionStatusUrl: OLD, subscriptionStatusUrlVersion: 'V1' });
    const { code, stdout } = await run(`set --sandbox ${NEW} --dry-run --json`, fakeEnv(fake));
    expect([code, fake.changes(), kept()]).toEqual([EXIT.ok, [], []]);
    expect(JSON.parse(stdout)).toMatchObject({
      changed: false,
      dryRun: true,
      before: { sandbox: { url: null, version: null } },
      after: { sandbox: { url: NEW, version: 'V2' } },
      sandbox: { url: null },
    });
  });

  it.each<[string, string, FakeConnect['attributes'], object]>([
    [
      'none clears a URL',
      '--sandbox none',
      { subscriptionStatusUrlForSandbox: OLD },
      { subscriptionStatusUrlForSandbox: null },
    ],
    [
      '--version alone is for what is set',
      '--version V1',
      { subscriptionStatusUrl: OLD, subscriptionStatusUrlVersion: 'V2' },
      { subscriptionStatusUrlVersion: 'V1' },
    ],
    [
      'a version is for the URLs given',
      `--sandbox ${NEW} --version v1`,
      { subscriptionStatusUrl: OLD, subscriptionStatusUrlVersion: 'V2' },
      { subscriptionStatusUrlForSandbox: NEW, subscriptionStatusUrlVersionForSandbox: 'V1' },
    ],
    [
      'both may be one',
      `--sandbox ${NEW} --production ${NEW}`,
      {},
      {
        subscriptionStatusUrl: NEW,
        subscriptionStatusUrlVersion: 'V2',
        subscriptionStatusUrlForSandbox: NEW,
        subscriptionStatusUrlVersionForSandbox: 'V2',
      },
    ],
  ])('%s', async (_what, argv, attributes, change) => {
    const fake = await fakeConnect(attributes);
    expect((await run(`set ${argv} --yes`, fakeEnv(fake))).code).toBe(EXIT.ok);
    expect(fake.changes()).toEqual([change]);
  });

  it.each<[string, string, string]>([
    ['nothing to set', '--dry-run', 'ERR_USAGE_ENDPOINT_SET'],
    ['plain http', '--sandbox http://hooks.example.com/', 'ERR_ENDPOINT_URL'],
    ['a port that Apple refuses', '--production https://hooks.example.com:444/', 'ERR_ENDPOINT_URL'],
    ['a private host', '--production https://10.0.0.1/', 'ERR_ENDPOINT_URL'],
    ['credentials', '--sandbox https://a:b@hooks.example.com/', 'ERR_ENDPOINT_URL'],
    ['no URL', '--sandbox nonsense', 'ERR_ENDPOINT_URL'],
  ])('refuses %s before anything is sent', async (_what, argv, errorCode) => {
    const fake = await fakeConnect();
    const got = await run(`set ${argv} --yes --json`, fakeEnv(fake));
    expect([got.code, errorOf(got).code, fake.seen]).toEqual([EXIT.usage, errorCode, []]);
  });

  it('refuses a version that has no URL to be for', async () => {
    const fake = await fakeConnect();
    const got = await run('set --version V2 --yes --json', fakeEnv(fake));
    expect([got.code, errorOf(got).code, fake.changes()]).toEqual([EXIT.usage, 'ERR_USAGE_ENDPOINT_SET', []]);
  });

  it('takes plain http on this machine where the API is on this machine, too, and says what Apple would', async () => {
    const emulator = await emulate();
    const { code, stderr } = await run('set --sandbox http://127.0.0.1:4280/ --yes', envOf(emulator));
    expect([code, emulator.emulator.settings().subscriptionStatusUrlForSandbox]).toEqual([
      EXIT.ok,
      'http://127.0.0.1:4280/',
    ]);
    expect(stderr).toContain('--sandbox: Apple sends to https only');
  });

  // 0.0.0.0 leads to this machine, but on Windows.
  it.skipIf(process.platform === 'win32')('holds to the rules of Apple at any other address', async () => {
    const fake = await fakeConnect();
    const env = { ...fakeEnv(fake), STOREWIRE_CONNECT_API_URL: fake.url.replace('127.0.0.1', '0.0.0.0') };
    const got = await run('set --sandbox http://127.0.0.1:4280/ --yes --json', env);
    expect([got.code, errorOf(got).code, fake.seen]).toEqual([EXIT.usage, 'ERR_ENDPOINT_URL', []]);
    expect(got.stderr).toContain('which is not Apple');
  });

  describe('asks', () => {
    it.each<[string, string, boolean[], number, boolean]>([
      ['once for the sandbox', `--sandbox ${NEW}`, [true], EXIT.ok, true],
      ['and takes no for an answer', `--sandbox ${NEW}`, [false], EXIT.no, false],
      ['twice for production', `--production ${NEW}`, [true, true], EXIT.ok, true],
      ['and takes a late no, too', `--production ${NEW}`, [true, false], EXIT.no, false],
      ['twice for both', `--sandbox ${NEW} --production ${NEW}`, [true, true], EXIT.ok, true],
    ])('%s', async (_what, argv, answers, code, isChanged) => {
      const fake = await fakeConnect({ subscriptionStatusUrl: OLD, subscriptionStatusUrlVersion: 'V2' });
      const { deps, asked } = answering(...answers);
      const count = answers.length;
      const got = await run(`set ${argv}`, fakeEnv(fake), deps, true);
      expect([got.code, asked.length, fake.changes().length]).toEqual([code, count, isChanged ? 1 : 0]);
      expect(got.stderr).toContain('Change: Coffee (com.example.app)');
      if (count === 2) expect(asked[1]).toContain('production');
      if (!isChanged) expect([got.stdout, kept()]).toEqual(['', []]);
    });

    it.each([
      ['off a terminal', `set --sandbox ${NEW}`, false],
      ['with --json', `set --sandbox ${NEW} --json`, true],
    ])('no prompt %s: --yes is needed', async (_what, argv, isTty) => {
      const fake = await fakeConnect();
      const { code, stderr } = await run(argv, fakeEnv(fake), {}, isTty);
      expect([code, fake.changes(), kept()]).toEqual([EXIT.usage, [], []]);
      expect(stderr).toMatch(/nothing was changed[\s\S]*--yes/);
    });
  });

  it.each(CONNECT_ERRORS.filter(({ status }) => status >= 400 && status !== 429 && status < 500))(
    'explains $status $code of a change, which it forgets',
    async ({ status, code, kind, toolCode, explained }) => {
      const fake = await fakeConnect();
      fake.next('PATCH', refusal(status, code));
      const got = await run(`set --sandbox ${NEW} --yes --json`, fakeEnv(fake));
      expect([got.code, errorOf(got).code, kept()]).toEqual([EXIT_OF_ERROR[kind], toolCode, []]);
      expect(errorOf(got).message).toContain(explained);
    },
  );

  it('takes a change for made that was made, though no answer came', async () => {
    const fake = await fakeConnect();
    fake.next('PATCH', 'lost');
    expect((await run(`set --sandbox ${NEW} --yes`, fakeEnv(fake))).code).toBe(EXIT.ok);
    expect([fake.changes().length, kept().length]).toEqual([1, 1]);
  });

  it('says that nothing was changed where no answer came and all is as before', async () => {
    const fake = await fakeConnect();
    fake.next('PATCH', { hangUp: true });
    const got = await run(`set --sandbox ${NEW} --yes --json`, fakeEnv(fake));
    expect([got.code, errorOf(got).code, kept()]).toEqual([EXIT.remote, 'ERR_HTTP_UNREACHABLE', []]);
  });

  it('says that it does not know where it cannot read back, and keeps what was there', async () => {
    const fake = await fakeConnect();
    fake.next('GET', 'pass', ...Array.from({ length: 3 }, () => refusal(500, 'UNEXPECTED_ERROR')));
    const got = await run(`set --sandbox ${NEW} --yes --json`, fakeEnv(fake));
    expect([got.code, errorOf(got).code]).toEqual([EXIT.remote, 'ERR_CONNECT_SERVER']);
    expect(errorOf(got).hint).toContain('The change may have been made');
    expect(kept()).toHaveLength(1);
  });

  it('waits for a change to be shown, and says where it is not', async () => {
    const fake = await fakeConnect();
    const before = { ...fake.attributes };
    const stale = {
      body: { data: { type: 'apps', id: '42', attributes: { ...before, bundleId: 'com.example.app' } } },
    };
    fake.next('GET', 'pass', stale);
    expect((await run(`set --sandbox ${NEW} --yes`, fakeEnv(fake))).code).toBe(EXIT.ok);
    fake.next('GET', 'pass', stale, stale, stale);
    const got = await run('set --production https://x.example.com/ --yes --json', fakeEnv(fake));
    expect([got.code, errorOf(got).code]).toEqual([EXIT.remote, 'ERR_ENDPOINT_NOT_TAKEN']);
  });

  it('changes nothing where what was there cannot be kept', async () => {
    const fake = await fakeConnect();
    writeFileSync(join(cwd, '.storewire'), 'no folder');
    const got = await run(`set --sandbox ${NEW} --yes --json`, fakeEnv(fake));
    expect([got.code, errorOf(got).code, fake.changes()]).toEqual([EXIT.usage, 'ERR_STATE_NOT_FOLDER', []]);
  });
});

describe('endpoint restore', () => {
  it('restore the previous URL, step by step', async () => {
    const emulator = await emulate({ sandboxUrl: OLD });
    const env = envOf(emulator);
    const url = () => emulator.emulator.settings().subscriptionStatusUrlForSandbox;
    await run(`set --sandbox ${NEW} --yes`, env);
    await run(`set --sandbox ${LIVE} --production ${LIVE} --yes`, env);
    const first = await run('restore --yes --json', env);
    expect(JSON.parse(first.stdout)).toMatchObject({
      changed: true,
      before: { sandbox: { url: LIVE }, production: { url: LIVE } },
      after: { sandbox: { url: NEW, version: 'V2' }, production: { url: null } },
    });
    expect(url()).toBe(NEW);
    expect(emulator.emulator.settings().subscriptionStatusUrl).toBeNull();
    expect((await run('restore --yes', env)).code).toBe(EXIT.ok);
    expect(url()).toBe(OLD);
    const last = await run('restore --yes --json', env);
    expect([last.code, errorOf(last).code]).toEqual([EXIT.usage, 'ERR_ENDPOINT_NOTHING_KEPT']);
  });

  it('shows, asks, and changes nothing with --dry-run or a no', async () => {
    const emulator = await emulate({ sandboxUrl: OLD });
    const env = envOf(emulator);
    await run(`set --sandbox ${NEW} --yes`, env);
    expect((await run('restore --dry-run', env)).stdout).toContain('Change (dry run)');
    expect((await run('restore', env)).code).toBe(EXIT.usage);
    expect((await run('restore', env, answering(false).deps, true)).code).toBe(EXIT.no);
    expect(emulator.emulator.settings().subscriptionStatusUrlForSandbox).toBe(NEW);
    expect((await run('restore', env, answering(true).deps, true)).code).toBe(EXIT.ok);
    expect(emulator.emulator.settings().subscriptionStatusUrlForSandbox).toBe(OLD);
  });

  it('says so where it is back already', async () => {
    const fake = await fakeConnect({
      subscriptionStatusUrlForSandbox: OLD,
      subscriptionStatusUrlVersionForSandbox: 'V2',
    });
    await run(`set --sandbox ${NEW} --yes`, fakeEnv(fake));
    fake.attributes = { ...fake.attributes, subscriptionStatusUrlForSandbox: OLD };
    const { code, stdout } = await run('restore', fakeEnv(fake));
    expect([code, stdout.split('\n')[0], fake.changes().length]).toEqual([
      EXIT.ok,
      'No change needed: Coffee (com.example.app)',
      1,
    ]);
    expect((await run('restore', fakeEnv(fake))).code).toBe(EXIT.usage);
  });

  it('leaves a URL changed elsewhere without --yes; with it, that URL is backed up', async () => {
    const fake = await fakeConnect({
      subscriptionStatusUrlForSandbox: OLD,
      subscriptionStatusUrlVersionForSandbox: 'V2',
    });
    const env = fakeEnv(fake);
    await run(`set --sandbox ${NEW} --yes`, env);
    fake.attributes = { ...fake.attributes, subscriptionStatusUrlForSandbox: REVENUECAT };
    const got = await run('restore --json', env);
    expect([got.code, errorOf(got).code, fake.changes().length]).toEqual([EXIT.usage, 'ERR_ENDPOINT_CHANGED_SINCE', 1]);
    expect(`${errorOf(got).message} ${errorOf(got).hint}`).toMatch(
      /sandbox has https:\/\/api\.revenuecat\.com\/… \(RevenueCat\), Version 2.* sandbox had https:\/\/old\.example\.com\/apple.*--yes/,
    );
    expect((await run('restore', env, answering(true).deps, true)).code).toBe(EXIT.usage);
    expect((await run('restore --yes', env)).code).toBe(EXIT.ok);
    expect(fake.attributes.subscriptionStatusUrlForSandbox).toBe(OLD);
    expect((await run('restore --yes', env)).code).toBe(EXIT.ok);
    expect(fake.attributes.subscriptionStatusUrlForSandbox).toBe(REVENUECAT);
  });

  it('keeps to the app and the address that a change was made at', async () => {
    const [one, other] = [await fakeConnect(), await fakeConnect()];
    await run(`set --sandbox ${NEW} --yes`, fakeEnv(one));
    const got = await run('restore --yes --json', fakeEnv(other));
    expect([got.code, errorOf(got).code]).toEqual([EXIT.usage, 'ERR_ENDPOINT_NOTHING_KEPT']);
    expect(errorOf(got).hint).toContain(one.url);
  });

  it('does not trust a file that came with a copy of the folder', async () => {
    const fake = await fakeConnect();
    await run(`set --sandbox ${NEW} --yes`, fakeEnv(fake));
    const original = join(cwd, '.storewire');
    const copy = join(cwd, 'clone');
    cpSync(original, join(copy, '.storewire'), { recursive: true });
    const inCopy = (argv: string) => run(argv, fakeEnv(fake), { cwd: copy });
    const got = await inCopy('restore --json');
    expect([got.code, errorOf(got).code, fake.changes().length]).toEqual([EXIT.usage, 'ERR_ENDPOINT_KEPT_FOREIGN', 1]);
    expect((await inCopy('restore --yes')).code).toBe(EXIT.ok);
  });

  it('leaves an active claim without --yes', async () => {
    const fake = await fakeConnect({
      subscriptionStatusUrlForSandbox: OLD,
      subscriptionStatusUrlVersionForSandbox: 'V2',
    });
    await run(`set --sandbox ${NEW} --yes`, fakeEnv(fake));
    const changes = kept().map((change: object) => ({ ...change, by: 'claim', claimedBy: process.pid }));
    writeFileSync(keptPath(), JSON.stringify({ changes }));
    const lock = await takeLock(join(cwd, '.storewire'), { now, pid: process.pid, isRunning: () => true });
    const isRunning = (pid: number): boolean => pid === process.pid;
    const got = await run('restore --json', fakeEnv(fake), { isRunning });
    expect([got.code, errorOf(got).code, fake.changes().length]).toEqual([EXIT.usage, 'ERR_ENDPOINT_IN_USE', 1]);
    const shown = await run('show', fakeEnv(fake));
    expect(shown.stdout).toContain('`storewire listen --claim sandbox` has used the URL since');
    await lock.release();
    expect((await run('restore --yes', fakeEnv(fake), { isRunning })).code).toBe(EXIT.ok);
    expect([fake.attributes.subscriptionStatusUrlForSandbox, kept()[0].claimedBy]).toEqual([OLD, null]);
  });

  it.each(['nonsense', '{"changes":[{"id":"1"}]}', '[]'])('says where the file is damaged: %s', async (text) => {
    const fake = await fakeConnect();
    await run(`set --sandbox ${NEW} --yes`, fakeEnv(fake));
    writeFileSync(keptPath(), text);
    const got = await run('restore --yes --json', fakeEnv(fake));
    expect([got.code, errorOf(got).code]).toEqual([EXIT.usage, 'ERR_ENDPOINT_KEPT_UNREADABLE']);
  });

  it('can be tried again where App Store Connect failed', async () => {
    const fake = await fakeConnect({
      subscriptionStatusUrlForSandbox: OLD,
      subscriptionStatusUrlVersionForSandbox: 'V2',
    });
    await run(`set --sandbox ${NEW} --yes`, fakeEnv(fake));
    fake.next('PATCH', refusal(500, 'UNEXPECTED_ERROR'));
    expect((await run('restore --yes', fakeEnv(fake))).code).toBe(EXIT.remote);
    expect((await run('restore --yes', fakeEnv(fake))).code).toBe(EXIT.ok);
    expect(fake.attributes.subscriptionStatusUrlForSandbox).toBe(OLD);
  });
});

describe('the flags', () => {
  async function parse(...argv: string[]): Promise<[string, object] | undefined> {
    let seen: [string, object] | undefined;
    const capture = (name: string) => async (flags: object) => {
      seen = [name, flags];
      return EXIT.ok;
    };
    const runs: EndpointRuns = { show: capture('show'), set: capture('set'), restore: capture('restore') };
    await runCommand((parent, deps, finish) => registerEndpoint(parent, deps, finish, runs), ['endpoint', ...argv], {});
    return seen;
  }

  it('have defaults', async () => {
    expect(await parse('show')).toEqual(['show', { timeout: 30_000, yes: false, json: false }]);
    expect(await parse('set')).toEqual(['set', { dryRun: false, timeout: 30_000, yes: false, json: false }]);
    expect(await parse('restore')).toEqual(['restore', { dryRun: false, timeout: 30_000, yes: false, json: false }]);
  });

  it('are read', async () => {
    const common = ['--bundle-id', 'a.b', '--profile', 'p', '--timeout', '5s', '--yes', '--json'];
    const read = { bundleId: 'a.b', profile: 'p', timeout: 5_000, yes: true, json: true };
    expect(await parse('show', ...common)).toEqual(['show', read]);
    expect(await parse('set', '--sandbox', 'u', '--production', 'v', '--version', '2', '--dry-run', ...common)).toEqual(
      ['set', { ...read, sandbox: 'u', production: 'v', version: 'V2', dryRun: true }],
    );
  });

  it.each([['--version', 'V3'], ['--version', ''], ['--colour']])('%s %s is refused', async (...argv) =>
    expect(parse('set', ...argv)).rejects.toThrow(CommanderError),
  );
});
