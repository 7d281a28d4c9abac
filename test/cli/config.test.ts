import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps, OutputStream } from '../../src/cli/deps.js';
import { type ConfigOptions, registerConfig, runConfig } from '../../src/commands/config/command.js';

const ISSUER = '57246542-96fe-1a63-e053-0824d011072a';
/** For paths and file modes, which Windows has in another form. */
const onPosix = it.skipIf(process.platform === 'win32');

let home: string;
let app: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-config-')));
  app = join(home, 'app');
  mkdirSync(app);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(name: string, content: unknown, mode = 0o600): void {
  const path = join(home, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
}

function fakeStream(columns: number): { stream: OutputStream; text: () => string } {
  let text = '';
  const stream: OutputStream = {
    write: (data) => {
      text += data;
    },
    drained: () => Promise.resolve(),
    isTty: false,
    columns,
    paint: new Chalk({ level: 0 }),
    closed: new AbortController().signal,
  };
  return { stream, text: () => text };
}

async function run(options: Partial<ConfigOptions>, env: Record<string, string> = {}, columns = 80) {
  const stdout = fakeStream(columns);
  // A pipe: messages are not wrapped.
  const stderr = fakeStream(Number.POSITIVE_INFINITY);
  const code = await runConfig(
    { json: false, verbose: false, ...options },
    {
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: { HOME: home, USERPROFILE: home, ...env },
      cwd: app,
      now: () => 0,
      platform: process.platform,
      userId: process.geteuid?.() ?? -1,
    },
  );
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

describe('config, wiring', () => {
  async function parse(
    argv: readonly string[],
  ): Promise<{ options: ConfigOptions | undefined; code: number | undefined }> {
    let options: ConfigOptions | undefined;
    let code: number | undefined;
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    registerConfig(
      program,
      {} as Deps,
      (exit) => {
        code = exit;
      },
      async (given) => {
        options = given;
        return 0;
      },
    );
    await program.parseAsync(['config', ...argv], { from: 'user' });
    return { options, code };
  }

  it('has defaults', async () =>
    expect(await parse([])).toEqual({ options: { json: false, verbose: false }, code: 0 }));

  it('takes every flag', async () => {
    const argv = '--profile p --environment sandbox --bundle-id b --app-apple-id 1 --json -v'.split(' ');
    const options = { profile: 'p', environment: 'sandbox', bundleId: 'b', appAppleId: '1', json: true, verbose: true };
    expect(await parse(argv)).toEqual({ options, code: 0 });
  });

  it('has no flag for a secret', async () => {
    await expect(parse(['--private-key', 'x'])).rejects.toMatchObject({ code: 'commander.unknownOption' });
  });
});

describe('config', () => {
  onPosix('lists missing values, and how to set them', async () => {
    const { code, stdout, stderr } = await run({});
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`App
  profile       not set  --profile or STOREWIRE_PROFILE
  environment   not set  --environment or STOREWIRE_ENVIRONMENT
  bundle id     not set  --bundle-id or STOREWIRE_BUNDLE_ID
  app Apple ID  not set  --app-apple-id or STOREWIRE_APP_APPLE_ID
  roots         not set  --root or STOREWIRE_ROOT

App Store Server API, with an In-App Purchase key
  issuer id     not set  STOREWIRE_ISSUER_ID
  key id        not set  STOREWIRE_KEY_ID
  private key   not set  STOREWIRE_PRIVATE_KEY or …_PATH
  sandbox       https://api.storekit-sandbox.apple.com  Apple's
  production    https://api.storekit.apple.com          Apple's

App Store Connect API, with an App Store Connect key
  issuer id     not set  STOREWIRE_CONNECT_ISSUER_ID (team keys only)
  key id        not set  STOREWIRE_CONNECT_KEY_ID
  private key   not set  STOREWIRE_CONNECT_PRIVATE_KEY or …_PATH
  address       https://api.appstoreconnect.apple.com  Apple's

Files
  project file  none                             none here or in a parent folder
  user file     ~/.config/storewire/config.json  not found
  state folder  ~/app/.storewire                 created when needed
`);
  });

  onPosix('with -v shows the unset settings of listen too', async () => {
    const { stdout } = await run({ verbose: true });
    expect(stdout).toContain(`listen
  port          not set  --port
  path          not set  --path
  targets       not set  --forward-to
  events        not set  --events
  program       not set  --exec
  tunnel        not set  --tunnel
`);
  });

  onPosix('shows each value with its source, secrets redacted', async () => {
    write('app/.storewire.json', {
      environment: 'sandbox',
      port: 4280,
      targets: ['http://localhost:3000/hooks', 'rc=https://api.revenuecat.com/KEY'],
    });
    write('.config/storewire/config.json', {
      profile: 'acme',
      profiles: {
        acme: {
          bundleId: 'com.example.app',
          server: { issuerId: ISSUER, privateKeyPath: '~/keys/SubscriptionKey_ABC.p8' },
        },
      },
    });
    write('keys/SubscriptionKey_ABC.p8', 'KEY');
    mkdirSync(join(home, '.storewire'));
    const pem = `-----BEGIN PRIVATE KEY-----\\n${'KEYS'.repeat(40)}\\n-----END PRIVATE KEY-----`;
    const env = { STOREWIRE_APP_APPLE_ID: '1234567890', ASC_KEY_ID: 'DEF', ASC_PRIVATE_KEY: pem };
    const { stdout, stderr } = await run({ bundleId: 'com.example.flag' }, env, 100);
    expect(stdout).toBe(`App
  profile       acme              user file
  environment   sandbox           project file
  bundle id     com.example.flag  --bundle-id
  app Apple ID  1234567890        STOREWIRE_APP_APPLE_ID
  roots         not set           --root or STOREWIRE_ROOT

App Store Server API, with an In-App Purchase key
  issuer id     ${ISSUER}    user file
  key id        ABC                                     user file
  private key   ~/keys/SubscriptionKey_ABC.p8           user file
  sandbox       https://api.storekit-sandbox.apple.com  Apple's
  production    https://api.storekit.apple.com          Apple's

App Store Connect API, with an App Store Connect key
  issuer id     not set                                STOREWIRE_CONNECT_ISSUER_ID (team keys only)
  key id        DEF                                    ASC_KEY_ID (fallback)
  private key   set, 5 lines                           ASC_PRIVATE_KEY (fallback)
  address       https://api.appstoreconnect.apple.com  Apple's

listen
  port          4280                         project file
  targets       http://localhost:3000/hooks  project file
                rc=https://api.revenuecat.com/…

Files
  project file  ~/app/.storewire.json
  user file     ~/.config/storewire/config.json
  state folder  ~/.storewire
`);
    expect(stderr).toBe(
      'warning: App Store Connect key: read from ASC_KEY_ID, ASC_PRIVATE_KEY, set for another tool; STOREWIRE_CONNECT_KEY_ID takes precedence\n',
    );
    expect(stdout + stderr).not.toContain('KEYS');
  });

  onPosix('warns of files that others can read, once for a key that serves twice', async () => {
    write('.config/storewire/config.json', { profiles: {} }, 0o644);
    write('key.p8', 'KEY', 0o640);
    const path = join(home, 'key.p8');
    const user = join(home, '.config/storewire/config.json');
    const { code, stderr } = await run(
      {},
      { STOREWIRE_PRIVATE_KEY_PATH: path, STOREWIRE_CONNECT_PRIVATE_KEY_PATH: path },
    );
    expect(code).toBe(0);
    expect(stderr).toBe(
      `warning: the user file ${user} is accessible to other users (mode 644): chmod 600 ${user}\n` +
        `warning: the key file ${path} is accessible to other users (mode 640): chmod 600 ${path}\n`,
    );
  });

  it('warns of a key that is not there and of a foreign address', async () => {
    const path = join(app, 'none.p8');
    const { stderr } = await run(
      {},
      { STOREWIRE_PRIVATE_KEY_PATH: 'none.p8', STOREWIRE_CONNECT_API_URL: 'https://proxy.example' },
    );
    expect(stderr).toContain('the App Store Connect API is set to https://proxy.example (STOREWIRE_CONNECT_API_URL)');
    expect(stderr).toContain(`the key file ${path} does not exist`);
  });

  it('warns of a state folder that is refused', async () => {
    write('app/.storewire', '');
    expect((await run({})).stderr).toBe(
      `warning: the state folder ${join(app, '.storewire')} is not a folder, so it is not used\n`,
    );
  });

  it('is one JSON document with --json, warnings in it', async () => {
    write('app/.storewire.json', { bundleId: 'com.example.app', profile: 'team' });
    const project = join(app, '.storewire.json');
    const { code, stdout, stderr } = await run({ json: true, environment: 'Production' });
    const report = JSON.parse(stdout);
    expect({ code, stderr, keys: Object.keys(report) }).toEqual({
      code: 0,
      stderr: '',
      keys: ['settings', 'files', 'warnings'],
    });
    expect(report.settings).toHaveLength(20);
    expect(report.settings.slice(0, 4)).toEqual([
      { name: 'profile', value: 'team', source: { kind: 'project file', name: project } },
      { name: 'environment', value: 'production', source: { kind: 'flag', name: '--environment' } },
      { name: 'bundleId', value: 'com.example.app', source: { kind: 'project file', name: project } },
      { name: 'appAppleId', value: null, source: null },
    ]);
    expect(report.files).toMatchObject({
      project: { path: project, exists: true },
      state: { path: join(app, '.storewire'), exists: false },
    });
    expect(report.warnings).toEqual([{ code: 'profile-missing', message: expect.stringContaining('"team"') }]);
  });

  it('escapes every value', async () => {
    write('app/.storewire.json', { profile: 'a\u001b[31m\u202eb', path: '/x' });
    const { stdout, stderr } = await run({});
    expect(stdout).toContain('a\\u{1b}[31m\\u{202e}b');
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/);
  });

  it.each([
    ['a malformed variable', { STOREWIRE_APP_APPLE_ID: 'id1' }, 'ERR_SETTINGS_APP_APPLE_ID', 'STOREWIRE_APP_APPLE_ID'],
    ['an unknown profile', { STOREWIRE_PROFILE: 'none' }, 'ERR_SETTINGS_PROFILE_UNKNOWN', 'STOREWIRE_PROFILE'],
  ])('stops at %s', async (_what, env, code, name) => {
    await expect(run({}, env)).rejects.toMatchObject({ kind: 'usage', code, message: expect.stringContaining(name) });
  });

  it('rejects a project file that contains a key', async () => {
    write('app/.storewire.json', { server: { keyId: 'ABC' } });
    await expect(run({})).rejects.toMatchObject({ kind: 'usage', code: 'ERR_SETTINGS_PROJECT_KEY' });
  });
});
