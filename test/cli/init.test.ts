import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { registerInit, runInit } from '../../src/commands/init/command.js';
import type { InitOptions } from '../../src/commands/init/options.js';
import type { Prompts } from '../../src/terminal/prompts.js';
import { startTestEmulator, type TestEmulator } from '../support/emulator.js';
import { type FakeAnswer, type FakeApi, type SeenRequest, startFakeApi } from '../support/fake-api.js';
import { captureOutput } from '../support/run-cli.js';

const ISSUER = '57246542-96fe-1a63-e053-0824d011072a';
const NOW_MS = 1_795_176_000_000;
/** For paths and file modes, which Windows has in another form. */
const onPosix = it.skipIf(process.platform === 'win32');
const keyOn = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const GOOD_KEY = keyOn('P-256');
const OTHER_CURVE = keyOn('P-384');

let home: string;
let app: string;
let fake: FakeApi | undefined;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-init-')));
  app = join(home, 'app');
  mkdirSync(app);
});
afterEach(async () => {
  await fake?.stop();
  fake = undefined;
  rmSync(home, { recursive: true, force: true });
});

/** Writes a file below the home folder and gives its path. */
function write(name: string, content: string | object = GOOD_KEY, mode = 0o600): string {
  const path = join(home, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
  return path;
}

const userFile = () => join(home, '.config/storewire/config.json');
const written = () => (existsSync(userFile()) ? JSON.parse(readFileSync(userFile(), 'utf8')) : null);

const NO_FLAGS: InitOptions = { connect: true, force: false, try: false, yes: false, json: false };
const FLAGS = { environment: 'sandbox', bundleId: 'com.example.app', appAppleId: '1234567890', issuerId: ISSUER };

interface Sitting {
  readonly env?: Record<string, string>;
  /** Someone at the terminal, who answers so. */
  readonly prompts?: Prompts;
  readonly clock?: () => number;
}

async function run(options: Partial<InitOptions>, { env = {}, prompts, clock = () => NOW_MS }: Sitting = {}) {
  const isTty = prompts !== undefined;
  const stdout = captureOutput();
  const stderr = captureOutput({ isTty });
  const dispatcher = new Agent({ keepAliveTimeout: 1 });
  const waits: number[] = [];
  const code = await runInit(
    { ...NO_FLAGS, ...options },
    {
      stdin: { isTty, chunks: () => absent(), setRaw: () => undefined },
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: { HOME: home, USERPROFILE: home, ...env },
      cwd: app,
      now: clock,
      sleep: (ms, signal) => (ms > 15_000 ? untilAborted(signal) : Promise.resolve(void waits.push(ms))),
      random: (bytes) => new Uint8Array(bytes).fill(7),
      http: () => Promise.resolve(dispatcher),
      prompts: () => (prompts === undefined ? Promise.reject(new Error('no terminal')) : Promise.resolve(prompts)),
      signal: new AbortController().signal,
      platform: process.platform,
      userId: process.geteuid?.() ?? -1,
    },
  );
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

async function* absent(): AsyncGenerator<Uint8Array> {}

const untilAborted = (signal?: AbortSignal) =>
  new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));

/** Answers prompts by the start of their message; a list is tried in order. Records prompts and validation errors. */
function person(answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const left = new Map(
    Object.entries(answers).map(([start, value]) => [start, Array.isArray(value) ? [...value] : [value]]),
  );
  const next = (message: string): unknown => {
    asked.push(message);
    const queue = [...left].find(([start]) => message.startsWith(start))?.[1];
    if (queue === undefined || queue.length === 0) throw new Error(`no answer to "${message}"`);
    return queue.shift();
  };
  const prompts: Prompts = {
    async input({ message, default: byDefault, validate }) {
      for (;;) {
        const given = next(message);
        const text = given === ENTER ? (byDefault ?? '') : String(given);
        const defect = (await validate?.(text)) ?? null;
        if (defect === null) return text;
        asked.push(`> ${defect}`);
      }
    },
    async select({ message, choices, default: byDefault }) {
      const given = next(message);
      asked.push(...choices.map(({ name }) => `- ${name}`));
      const wanted = given === ENTER ? (choices.find(({ value }) => value === byDefault) ?? choices[0]) : undefined;
      const choice = wanted ?? choices.find(({ name }) => name === given);
      if (choice === undefined) throw new Error(`no choice "${given}" of ${message}`);
      return choice.value;
    },
    confirm: async ({ message, default: byDefault }) => {
      const given = next(message);
      return given === ENTER ? byDefault : given === true;
    },
  };
  return { prompts, asked };
}
const ENTER = Symbol('enter');

describe('init, wiring', () => {
  async function parse(argv: readonly string[]) {
    let options: InitOptions | undefined;
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    registerInit(
      program,
      {} as Deps,
      () => undefined,
      async (given) => {
        options = given;
        return 0;
      },
    );
    await program.parseAsync(['init', ...argv], { from: 'user' });
    return options;
  }

  it('has defaults', async () => expect(await parse([])).toEqual({ ...NO_FLAGS, try: true }));

  it('has a flag for every answer', async () => {
    const argv =
      '--profile p --environment e --bundle-id b --app-apple-id 1 --private-key-path k --key-id i --issuer-id u ' +
      '--connect-private-key-path ck --connect-key-id ci --connect-issuer-id cu --force --no-try --yes --json';
    expect(await parse(argv.split(' '))).toEqual({
      profile: 'p',
      environment: 'e',
      bundleId: 'b',
      appAppleId: '1',
      privateKeyPath: 'k',
      keyId: 'i',
      issuerId: 'u',
      connect: true,
      connectPrivateKeyPath: 'ck',
      connectKeyId: 'ci',
      connectIssuerId: 'cu',
      force: true,
      try: false,
      yes: true,
      json: true,
    });
    expect(await parse(['--no-connect'])).toMatchObject({ connect: false });
  });

  it.each(['--private-key', '--connect-private-key'])('has no flag %s for a secret', async (flag) => {
    await expect(parse([flag, 'x', '--no-try'])).rejects.toMatchObject({ code: 'commander.unknownOption' });
  });
});

describe('init, without a terminal', () => {
  onPosix('writes what the flags say, 0600, and reads the key id off the file name', async () => {
    const path = write('SubscriptionKey_ABC1234567.p8');
    const { code, stdout, stderr } = await run({ ...FLAGS, privateKeyPath: '~/SubscriptionKey_ABC1234567.p8' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `Profile default written in ~/.config/storewire/config.json
  environment          sandbox
  bundle id            com.example.app
  app Apple ID         1234567890
  In-App Purchase key  ~/SubscriptionKey_ABC1234567.p8
    key id             ABC1234567
    issuer id          ${ISSUER}

It is the default profile. Next: storewire test --environment sandbox --wait
`,
    );
    const server = { issuerId: ISSUER, keyId: 'ABC1234567', privateKeyPath: path };
    const { issuerId: _, ...profile } = FLAGS;
    expect(written()).toEqual({ profiles: { default: { ...profile, server } } });
    expect((statSync(userFile()).mode & 0o777).toString(8)).toBe('600');
    expect(readFileSync(userFile(), 'utf8')).not.toContain('PRIVATE KEY');
  });

  it('names every flag that is missing', async () => {
    await expect(run({ bundleId: 'com.example.app' })).rejects.toMatchObject({
      kind: 'usage',
      code: 'ERR_INIT_MISSING',
      message: 'missing: --environment, --app-apple-id, --private-key-path and --issuer-id (no terminal for prompts)',
    });
    expect(written()).toBeNull();
  });

  it.each<[string, Partial<InitOptions>, string]>([
    ['--environment', { environment: undefined as never }, 'missing: --environment'],
    ['--bundle-id', { bundleId: undefined as never }, 'missing: --bundle-id'],
    ['--app-apple-id', { appAppleId: undefined as never }, 'missing: --app-apple-id'],
    ['--issuer-id', { issuerId: undefined as never }, 'missing: --issuer-id'],
    ['--private-key-path', { privateKeyPath: undefined as never }, 'missing: --private-key-path'],
    ['--key-id, as the file does not say it', { privateKeyPath: 'key.p8' }, 'missing: --key-id'],
    ['--connect-private-key-path', { connectIssuerId: 'none' }, 'missing: --connect-private-key-path'],
    ['--connect-issuer-id', { connectPrivateKeyPath: 'AuthKey_XYZ7654321.p8' }, 'missing: --connect-issuer-id'],
  ])('needs %s', async (_flag, without, message) => {
    write('app/key.p8');
    write('app/AuthKey_XYZ7654321.p8');
    const path = write('SubscriptionKey_ABC1234567.p8');
    const options = { ...FLAGS, privateKeyPath: path, ...without };
    await expect(run(options)).rejects.toMatchObject({
      kind: 'usage',
      code: 'ERR_INIT_MISSING',
      message: expect.stringContaining(message),
    });
    expect(written()).toBeNull();
  });

  it('finds the key of an id in the usual folders', async () => {
    const path = write('.appstoreconnect/private_keys/SubscriptionKey_ABC1234567.p8');
    write('private_keys/SubscriptionKey_OTHER12345.p8');
    await run({ ...FLAGS, keyId: 'ABC1234567' });
    expect(written().profiles.default.server).toMatchObject({ keyId: 'ABC1234567', privateKeyPath: path });
  });

  it('finds a key in Downloads, and says so', async () => {
    const path = write('Downloads/SubscriptionKey_ABC1234567 (1).p8');
    const { stderr } = await run({ ...FLAGS, keyId: 'ABC1234567' });
    expect(written().profiles.default.server).toMatchObject({ privateKeyPath: path });
    expect(stderr).toContain('Found the In-App Purchase key ~/Downloads/SubscriptionKey_ABC1234567 (1).p8');
  });

  it('takes what environment and project file say', async () => {
    const path = write('SubscriptionKey_ABC1234567.p8');
    write('app/.storewire.json', { profile: 'acme', bundleId: 'com.example.project', environment: 'production' });
    const env = {
      STOREWIRE_ISSUER_ID: ISSUER,
      STOREWIRE_PRIVATE_KEY_PATH: path,
      STOREWIRE_APP_APPLE_ID: '42',
      STOREWIRE_ENVIRONMENT: 'sandbox',
    };
    await run({}, { env });
    expect(written()).toEqual({
      profile: 'acme',
      profiles: {
        acme: {
          environment: 'sandbox',
          bundleId: 'com.example.project',
          appAppleId: '42',
          server: { issuerId: ISSUER, keyId: 'ABC1234567', privateKeyPath: path },
        },
      },
    });
  });

  it('adds an App Store Connect key, also an individual one', async () => {
    write('app/SubscriptionKey_ABC1234567.p8');
    const connectPrivateKeyPath = write('app/AuthKey_XYZ7654321.p8');
    const options = { ...FLAGS, privateKeyPath: 'SubscriptionKey_ABC1234567.p8', connectPrivateKeyPath };
    const { stdout } = await run({ ...options, connectIssuerId: 'none' });
    expect(written().profiles.default.connect).toEqual({ keyId: 'XYZ7654321', privateKeyPath: connectPrivateKeyPath });
    expect(stdout).toContain('none (individual key)');
    await run({ ...options, connectIssuerId: ISSUER, force: true });
    expect(written().profiles.default.connect).toMatchObject({ issuerId: ISSUER });
  });

  it('omits the app Apple ID on request', async () => {
    const privateKeyPath = write('SubscriptionKey_ABC1234567.p8');
    await run({ ...FLAGS, appAppleId: 'none', privateKeyPath });
    expect(written().profiles.default).not.toHaveProperty('appAppleId');
    await run({ force: true });
    expect(written().profiles.default).not.toHaveProperty('appAppleId');
  });

  it('replaces a profile only with --force, and keeps the others', async () => {
    const privateKeyPath = write('SubscriptionKey_ABC1234567.p8');
    write('.config/storewire/config.json', {
      profile: 'one',
      profiles: { one: { bundleId: 'a' }, two: { targets: 't' } },
    });
    const options = { ...FLAGS, privateKeyPath, profile: 'two' };
    await expect(run(options)).rejects.toMatchObject({
      kind: 'usage',
      code: 'ERR_INIT_PROFILE_EXISTS',
      hint: expect.stringContaining('--force'),
    });
    expect(written().profiles.two).toEqual({ targets: 't' });
    const { stdout } = await run({ ...options, force: true });
    expect(stdout).toContain('Profile two replaced');
    expect(stdout).toContain('--profile two');
    expect(written()).toMatchObject({
      profile: 'one',
      profiles: { one: { bundleId: 'a' }, two: { targets: 't', bundleId: 'com.example.app' } },
    });
  });

  it.each<[string, Partial<InitOptions>, string, string, string]>([
    ['a bundle id', { bundleId: 'a b' }, 'usage', 'ERR_SETTINGS_BUNDLE_ID', '--bundle-id'],
    ['an environment', { environment: 'prod' }, 'usage', 'ERR_SETTINGS_ENVIRONMENT', '--environment'],
    ['an app Apple ID', { appAppleId: 'id1' }, 'usage', 'ERR_SETTINGS_APP_APPLE_ID', '--app-apple-id'],
    ['an issuer id', { issuerId: 'ABC1234567' }, 'usage', 'ERR_SETTINGS_ISSUER_ID', '--issuer-id'],
    ['a key id', { keyId: 'a-b', privateKeyPath: 'ok.p8' }, 'usage', 'ERR_SETTINGS_KEY_ID', '--key-id'],
    ['a profile name', { profile: 'a b' }, 'usage', 'ERR_INIT_PROFILE_NAME', '--profile'],
    ['a key in place of its path', { privateKeyPath: GOOD_KEY }, 'usage', 'ERR_INIT_KEY_TEXT', '--private-key-path'],
    ['a key that is not there', { privateKeyPath: 'none.p8' }, 'auth', 'ERR_KEY_MISSING', 'none.p8'],
    ['a key of another curve', { privateKeyPath: 'other.p8' }, 'auth', 'ERR_KEY_CURVE', 'P-256'],
    ['a file that holds no key', { privateKeyPath: 'text.p8' }, 'auth', 'ERR_KEY_FORMAT', 'text.p8'],
    [
      'a Connect key',
      { privateKeyPath: 'AuthKey_A.p8' },
      'auth',
      'ERR_KEY_KIND',
      'is an App Store Connect key by its name',
    ],
    [
      'a Server API key for Connect',
      { connectPrivateKeyPath: 'SubscriptionKey_A.p8', connectIssuerId: 'none' },
      'auth',
      'ERR_KEY_KIND',
      'is an In-App Purchase key by its name',
    ],
  ])('refuses %s', async (_what, options, kind, code, message) => {
    write('app/SubscriptionKey_A.p8');
    write('app/AuthKey_A.p8');
    write('app/ok.p8');
    write('app/other.p8', OTHER_CURVE);
    write('app/text.p8', 'hello');
    const given = { ...FLAGS, privateKeyPath: 'SubscriptionKey_A.p8', ...options };
    await expect(run(given)).rejects.toMatchObject({ kind, code, message: expect.stringContaining(message) });
    await expect(run(given)).rejects.not.toMatchObject({ message: expect.stringContaining('PRIVATE KEY-----') });
    expect(written()).toBeNull();
  });

  onPosix('warns of a key that others can read, and of an id that is not the one of the file', async () => {
    const privateKeyPath = write('SubscriptionKey_ABC1234567.p8', GOOD_KEY, 0o644);
    const { stderr } = await run({ ...FLAGS, privateKeyPath, keyId: 'OTHER12345' });
    expect(stderr).toContain(
      `warning: the key id is OTHER12345, but the name of ${privateKeyPath} contains ABC1234567`,
    );
    expect(stderr).toContain(`chmod 600 ${privateKeyPath}`);
  });

  it('says so where there is no home folder', async () => {
    await expect(run({}, { env: { HOME: '', USERPROFILE: '' } })).rejects.toMatchObject({
      code: 'ERR_SETTINGS_NO_HOME',
    });
  });
});

describe('init, at a terminal', () => {
  onPosix('asks for everything, finds keys and offers what it knows', async () => {
    const server = write('.private_keys/SubscriptionKey_ABC1234567.p8');
    write('.private_keys/SubscriptionKey_BAD1234567.p8', OTHER_CURVE);
    const connect = write('app/private_keys/AuthKey_XYZ7654321.p8');
    write('app/.storewire.json', { bundleId: 'com.example.app' });
    const { prompts, asked } = person({
      'Name of this profile': 'acme',
      Environment: 'production',
      'Bundle id': ENTER,
      'App Apple ID': ['id1', '1234567890'],
      'In-App Purchase key:': [
        '~/.private_keys/SubscriptionKey_BAD1234567.p8',
        '~/.private_keys/SubscriptionKey_ABC1234567.p8',
      ],
      'Issuer id (above': ['nonsense', ISSUER],
      'Also add an App Store Connect key': ENTER,
      'App Store Connect key:': ENTER,
      'Issuer id of this key': ENTER,
    });
    const { code, stderr } = await run({}, { prompts });
    expect(code).toBe(0);
    expect(stderr).toContain("Apple's keys are EC keys on the curve P-256");
    expect(asked.filter((line) => line.startsWith('>'))).toEqual([
      expect.stringContaining('the app Apple ID must be digits only'),
      expect.stringContaining('the issuer id must be an issuer id'),
    ]);
    expect(asked.filter((line) => line.startsWith('- ~') || line === '- another file')).toHaveLength(8);
    expect(written()).toEqual({
      profile: 'acme',
      profiles: {
        acme: {
          environment: 'production',
          bundleId: 'com.example.app',
          appAppleId: '1234567890',
          server: { issuerId: ISSUER, keyId: 'ABC1234567', privateKeyPath: server },
          connect: { issuerId: ISSUER, keyId: 'XYZ7654321', privateKeyPath: connect },
        },
      },
    });
  });

  it('asks for nothing that a flag says, and for the path where no key is found', async () => {
    const path = write('app/renamed.p8');
    write('AuthKey_XYZ7654321.p8');
    const { prompts, asked } = person({
      'Path of the In-App Purchase key': ['~/AuthKey_XYZ7654321.p8', 'none.p8', 'renamed.p8'],
      'Key id of this In-App Purchase key': 'ABC1234567',
    });
    await run({ ...FLAGS, profile: 'acme', connect: false }, { prompts });
    expect(asked.map((line) => line.slice(0, 12))).toEqual([
      'Path of the ',
      `> ${join(home, 'AuthKey')}`.slice(0, 12),
      'Path of the ',
      expect.stringMatching(/^> the key fi/),
      'Path of the ',
      'Key id of th',
    ]);
    expect(asked[1]).toContain('is an App Store Connect key by its name');
    expect(written().profiles.acme.server).toEqual({ issuerId: ISSUER, keyId: 'ABC1234567', privateKeyPath: path });
  });

  it.each([
    ['no', false, 1, 'old'],
    ['yes', true, 0, 'com.example.app'],
  ])('asks before it replaces a profile: %s', async (_answer, yes, exit, bundleId) => {
    const privateKeyPath = write('SubscriptionKey_ABC1234567.p8');
    write('.config/storewire/config.json', { profiles: { default: { bundleId: 'old' } } });
    const { prompts } = person({ 'Profile default already exists': yes });
    const options = { ...FLAGS, profile: 'default', privateKeyPath, connect: false };
    const { code, stderr, stdout } = await run(options, { prompts });
    expect({ code, said: stderr + stdout.slice(0, 8) }).toEqual({
      code: exit,
      said: yes ? 'Profile ' : 'Nothing was written.\n',
    });
    expect(written().profiles.default.bundleId).toBe(bundleId);
  });
});

describe('init, trying the keys', () => {
  const HISTORY = { notificationHistory: [], hasMore: false };
  const UNAUTHENTICATED: FakeAnswer = {
    status: 401,
    headers: { date: new Date(NOW_MS).toUTCString() },
    body: 'Unauthenticated\n\nRequest ID: X.0.0\n',
  };

  /** Runs with both APIs played by one server; `connect` adds a Connect key. */
  async function tryAt(
    answer: (request: SeenRequest) => FakeAnswer,
    options: Partial<InitOptions> = {},
    prompts?: Prompts,
  ) {
    fake = await startFakeApi(answer);
    const path = write('SubscriptionKey_ABC1234567.p8');
    const env = {
      STOREWIRE_SERVER_API_SANDBOX_URL: `${fake.url}/sandbox`,
      STOREWIRE_SERVER_API_PRODUCTION_URL: `${fake.url}/production`,
      STOREWIRE_CONNECT_API_URL: fake.url,
    };
    const given = { ...FLAGS, profile: 'default', privateKeyPath: path, try: true, ...options };
    return run(given, { env, ...(prompts === undefined ? {} : { prompts }) });
  }
  const connectFlags = () => ({ connectPrivateKeyPath: write('AuthKey_XYZ7654321.p8'), connectIssuerId: ISSUER });
  const isConnect = ({ path }: SeenRequest) => path.startsWith('/v1/apps');
  const APP = { type: 'apps', id: '1234567890', attributes: { bundleId: 'com.example.app', name: 'An \u202e App' } };

  it('asks for the history of an hour, and says that the key is taken', async () => {
    const { code, stderr } = await tryAt(() => ({ body: HISTORY }));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `Testing the keys (read-only): ${fake?.url}/sandbox\nIn-App Purchase key: accepted by ${new URL(fake?.url ?? '').host}\n`,
    });
    expect(fake?.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /sandbox/inApps/v1/notifications/history',
    ]);
  });

  it('writes nothing where Apple refuses the key', async () => {
    await expect(tryAt(() => UNAUTHENTICATED)).rejects.toMatchObject({
      kind: 'auth',
      code: 'ERR_API_UNAUTHENTICATED',
      hint: expect.stringContaining('--no-try'),
    });
    expect(written()).toBeNull();
  });

  it.each([
    ['no', false, 3],
    ['yes', true, 0],
  ])('asks whether to write it all the same: %s', async (_answer, yes, exit) => {
    const { prompts } = person({ 'Write the profile anyway?': yes });
    const { code, stderr } = await tryAt(() => UNAUTHENTICATED, { connect: false }, prompts);
    expect([code, written() !== null]).toEqual([exit, yes]);
    expect(stderr).toContain('In-App Purchase key: rejected: ');
  });

  it('distinguishes an app before its first release from a bad key', async () => {
    const answer = ({ path }: SeenRequest) => (path.startsWith('/production') ? UNAUTHENTICATED : { body: HISTORY });
    const { code, stderr } = await tryAt(answer, { environment: 'production' });
    expect(code).toBe(0);
    expect(stderr).toContain('accepted by the sandbox; production rejects every key');
  });

  it('does not take the word of the sandbox where both refuse', async () => {
    await expect(tryAt(() => UNAUTHENTICATED, { environment: 'production' })).rejects.toMatchObject({ kind: 'auth' });
  });

  it('writes the profile where Apple could not be asked, and says so', async () => {
    const { code, stderr } = await tryAt(() => ({ hangUp: true }));
    expect([code, written() !== null]).toEqual([0, true]);
    expect(stderr).toContain('In-App Purchase key: not confirmed: ');
  });

  it('does not send a token to a foreign address without --yes', async () => {
    const privateKeyPath = write('SubscriptionKey_ABC1234567.p8');
    const env = { STOREWIRE_SERVER_API_SANDBOX_URL: 'https://proxy.example' };
    const { code, stderr } = await run({ ...FLAGS, privateKeyPath, try: true }, { env });
    expect(code).toBe(0);
    expect(stderr).toContain("In-App Purchase key: not tested: https://proxy.example is not Apple's");
  });

  it('looks the app up with the Connect key, and takes its id', async () => {
    const answer = (request: SeenRequest) => (isConnect(request) ? { body: { data: [APP] } } : { body: HISTORY });
    const { stderr } = await tryAt(answer, { ...connectFlags(), appAppleId: 'none' });
    expect(written().profiles.default.appAppleId).toBe('1234567890');
    expect(stderr).toContain('App Store Connect key: accepted by 127.0.0.1');
    expect(stderr).toContain('with access to the app An \\u{202e} App\n');
  });

  it.each([
    [
      'another id',
      [{ ...APP, id: '5' }],
      'the app Apple ID of com.example.app is 5 in App Store Connect, not 1234567890',
    ],
    ['no such app', [], 'has access to no app with the bundle id com.example.app; it may belong to another team'],
    [
      'an app in another letter case',
      [{ ...APP, attributes: { ...APP.attributes, bundleId: 'com.Example.App' } }],
      'but to com.Example.App: they differ in letter case only',
    ],
  ])('warns of %s', async (_what, data, warning) => {
    const answer = (request: SeenRequest) => (isConnect(request) ? { body: { data } } : { body: HISTORY });
    const { code, stderr } = await tryAt(answer, connectFlags());
    expect(code).toBe(0);
    expect(stderr).toContain(warning);
  });

  it('is refused by App Store Connect with its reason', async () => {
    const refusal = { status: 401, body: { errors: [{ status: '401', code: 'NOT_AUTHORIZED', title: 'No.' }] } };
    const answer = (request: SeenRequest) => (isConnect(request) ? refusal : { body: HISTORY });
    await expect(tryAt(answer, connectFlags())).rejects.toMatchObject({
      kind: 'auth',
      code: 'ERR_CONNECT_UNAUTHORIZED',
    });
    expect(written()).toBeNull();
  });

  it('is one JSON document with --json, and nothing else', async () => {
    const answer = (request: SeenRequest) => (isConnect(request) ? { status: 403 } : { body: HISTORY });
    const { stdout, stderr } = await tryAt(() => ({ body: HISTORY }), { json: true });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      profile: 'default',
      path: userFile(),
      replaced: false,
      isDefault: true,
      settings: {
        environment: 'sandbox',
        bundleId: 'com.example.app',
        appAppleId: '1234567890',
        server: { issuerId: ISSUER, keyId: 'ABC1234567', privateKeyPath: join(home, 'SubscriptionKey_ABC1234567.p8') },
      },
      trials: [
        {
          api: 'server',
          address: `${fake?.url}/sandbox`,
          outcome: 'accepted',
          detail: expect.stringContaining('127.0.0.1'),
        },
      ],
      warnings: [],
    });
    await fake?.stop();
    await expect(tryAt(answer, { ...connectFlags(), json: true, force: true })).rejects.toMatchObject({
      code: 'ERR_CONNECT_FORBIDDEN',
    });
  });
});

describe('init, against the emulator', () => {
  let emulator: TestEmulator | undefined;
  afterEach(async () => {
    await emulator?.close();
    emulator = undefined;
  });

  /** The variables of the ready block that name addresses, and the flags that name its keys. */
  async function runAgainst(options: Partial<InitOptions> = {}, unreleased = false) {
    emulator = await startTestEmulator({ bundleId: 'com.example.app', appAppleId: 42, unreleased });
    const { serverApi, connectApi, issuerId, privateKeyPath, connect } = emulator.emulator;
    const env = {
      STOREWIRE_SERVER_API_SANDBOX_URL: serverApi.sandbox,
      STOREWIRE_SERVER_API_PRODUCTION_URL: serverApi.production,
      STOREWIRE_CONNECT_API_URL: connectApi,
    };
    const keys = {
      issuerId,
      privateKeyPath,
      connectIssuerId: connect.issuerId,
      connectPrivateKeyPath: connect.privateKeyPath,
    };
    return run({ ...FLAGS, ...keys, appAppleId: 'none', try: true, ...options }, { env, clock: Date.now });
  }

  it('both keys are accepted, and the app is found', async () => {
    const { code, stderr } = await runAgainst();
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^Testing .*\nIn-App Purchase key: accepted by .*\nApp Store Connect key: accepted by .*\n$/,
    );
    expect(written().profiles.default.appAppleId).toBe('42');
  });

  it('an app before its first release is distinguished from a bad key', async () => {
    const { code, stderr } = await runAgainst({ environment: 'production' }, true);
    expect(code).toBe(0);
    expect(stderr).toContain('accepted by the sandbox; production rejects every key');
  });

  it.each<[string, Partial<InitOptions>, string]>([
    ['another issuer', { issuerId: ISSUER }, 'ERR_API_UNAUTHENTICATED'],
    ['another bundle id', { bundleId: 'com.example.other' }, 'ERR_API_UNAUTHENTICATED'],
    ['another Connect issuer', { connectIssuerId: ISSUER }, 'ERR_CONNECT_UNAUTHORIZED'],
    ['a Connect key taken for an individual one', { connectIssuerId: 'none' }, 'ERR_CONNECT_UNAUTHORIZED'],
  ])('%s is refused, and nothing written', async (_what, options, code) => {
    await expect(runAgainst(options)).rejects.toMatchObject({ kind: 'auth', code });
    expect(written()).toBeNull();
  });
});
