import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutputStream } from '../../src/cli/deps.js';
import { EXIT } from '../../src/cli/exit.js';
import { now, sleep } from '../../src/clock.js';
import { type EmulatorCommandOptions, registerEmulator } from '../../src/commands/emulator/command.js';
import { readRecordedEmulator } from '../../src/session/running-emulator.js';
import { ask } from '../support/api-token.js';
import { startTestEndpoint, type TestEndpoint } from '../support/emulator.js';
import { captureOutput } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';

let cwd: string;
let endpoint: TestEndpoint;
beforeEach(async () => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-emulator-cli-')));
  endpoint = await startTestEndpoint();
});
afterEach(async () => {
  rmSync(cwd, { recursive: true, force: true });
  await endpoint.close();
});

/** Runs the command, does `work` once it has said that it is ready, then interrupts it. */
async function run(argv: readonly string[], work: (written: () => string) => Promise<void> = async () => {}) {
  const interrupt = new AbortController();
  const output = captureOutput({ columns: 100 });
  let ready = (): void => {};
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const stdout: OutputStream = {
    ...output.stream,
    write(data) {
      output.stream.write(data);
      ready();
    },
  };
  const world = { env: { HOME: cwd }, cwd, now, sleep, random: (bytes: number) => randomBytes(bytes) };
  const deps = { ...world, stdout, signal: interrupt.signal, platform: process.platform, userId: userId() };
  const running = runCommand(registerEmulator, ['emulator', '--port', '0', ...argv], deps);
  await Promise.race([isReady, running]);
  await work(output.text);
  interrupt.abort('SIGINT');
  return { ...(await running), stdout: output.text() };
}

function userId(): number {
  return process.geteuid?.() ?? -1;
}

/** The variables of the ready block, as a shell would have them. */
function exportsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

const VARIABLES = [
  'STOREWIRE_SERVER_API_SANDBOX_URL',
  'STOREWIRE_SERVER_API_PRODUCTION_URL',
  'STOREWIRE_CONNECT_API_URL',
  'STOREWIRE_BUNDLE_ID',
  'STOREWIRE_APP_APPLE_ID',
  'STOREWIRE_ISSUER_ID',
  'STOREWIRE_KEY_ID',
  'STOREWIRE_PRIVATE_KEY_PATH',
  'STOREWIRE_CONNECT_ISSUER_ID',
  'STOREWIRE_CONNECT_KEY_ID',
  'STOREWIRE_CONNECT_PRIVATE_KEY_PATH',
  'STOREWIRE_ROOT',
  'STOREWIRE_EMULATOR_TOKEN',
];

describe('storewire emulator', () => {
  it('prints variables to export, each request and delivery, and a summary; exit 0', async () => {
    const argv = ['--production-url', endpoint.url, '--bundle-id', 'com.example.coffee', '--app-apple-id', '987654321'];
    const result = await run(argv, async (written) => {
      const variables = exportsOf(written());
      expect(Object.keys(variables)).toEqual(VARIABLES);
      const url = variables.STOREWIRE_SERVER_API_SANDBOX_URL;
      const token = variables.STOREWIRE_EMULATOR_TOKEN!;
      endpoint.answerNext(500);
      await ask(`${url}/control/v1/notifications`, token, { body: { environment: 'production', type: 'DID_RENEW' } });
      await ask(`${url}/inApps/v1/notifications/test`, null, { method: 'POST' });
    });
    expect([result.code, result.stderr]).toEqual([
      EXIT.ok,
      expect.stringContaining(
        'Stopped. 2 requests answered, 1 notification sent in 1 attempt: 0 delivered, 1 undelivered.',
      ),
    ]);
    const { STOREWIRE_ROOT = '', STOREWIRE_BUNDLE_ID, STOREWIRE_APP_APPLE_ID } = exportsOf(result.stdout);
    expect([STOREWIRE_BUNDLE_ID, STOREWIRE_APP_APPLE_ID]).toEqual(['com.example.coffee', '987654321']);
    expect(STOREWIRE_ROOT).toBe(join(cwd, '.storewire', 'emulator', 'root.pem'));
    expect(readFileSync(STOREWIRE_ROOT, 'utf8')).toBe(
      readFileSync(join(cwd, '.storewire', 'authority', 'root.pem'), 'utf8'),
    );
    const lines = result.stdout.slice(result.stdout.indexOf('Ctrl-C')).split('\n').slice(2);
    expect(lines.map((line) => line.replace(/^\S+Z/, 'AT').replace(/\d+ ms$/, 'N ms'))).toEqual([
      `AT  production  DID_RENEW  → ${endpoint.url}  ✗ 500  N ms`,
      // The transaction, which does not fit in this width.
      expect.stringMatching(/^ {22}\d{15}$/),
      expect.stringMatching(/^ {22}UNSUCCESSFUL_HTTP_RESPONSE_CODE: \S/),
      '                      next attempt after 1 h on the retry clock',
      'AT  control     POST /control/v1/notifications  200',
      'AT  sandbox     POST /inApps/v1/notifications/test  401',
      '                      no Authorization: Bearer header',
      '',
    ]);
  });

  it('writes the exports into a file of mode 0600, which the commands to try read first', async () => {
    const { stdout } = await run([]);
    const file = join(cwd, '.storewire', 'emulator', 'env');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(exportsOf(readFileSync(file, 'utf8'))).toEqual(exportsOf(stdout));
    const { url } = /at (?<url>\S+)/.exec(stdout)!.groups!;
    expect(stdout.slice(stdout.indexOf('Try it'))).toMatch(
      `Try it, in another shell
  . ${file}
  storewire endpoint set --sandbox http://localhost:4280/ --yes
  storewire test --environment sandbox --wait
  storewire trigger DID_RENEW --via-emulator ${url}

Receive them, in a third shell
  . ${file}
  storewire listen
`,
    );
  });

  it('has a shell read names with spaces and quotes from --env-file as they are', async () => {
    const folder = join(cwd, "it's a folder");
    mkdirSync(folder);
    await run(['--env-file', join(folder, 'vars')]);
    const printed = execFileSync('sh', ['-c', '. "$1"; printf %s "$STOREWIRE_ROOT"', 'sh', join(folder, 'vars')]);
    expect(printed.toString()).toBe(join(cwd, '.storewire', 'emulator', 'root.pem'));
  });

  it('writes --env-file for set -a and for Node too', async () => {
    const folder = join(cwd, "it's a folder");
    mkdirSync(folder);
    const file = join(folder, 'vars');
    let variables: Record<string, string> = {};
    await run(['--env-file', file], async (written) => {
      variables = exportsOf(written());
    });
    const names = Object.keys(variables);
    const print = `process.stdout.write(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name])))`;
    const env = { PATH: process.env.PATH };
    const byNode = execFileSync(process.execPath, [`--env-file=${file}`, '-e', print], { env });
    const sourced = `set -a; . "$1"; ${process.execPath} -e '${print}'`;
    expect(execFileSync('sh', ['-c', sourced, 'sh', file], { env }).toString()).toBe(byNode.toString());
    expect(JSON.parse(byNode.toString())).toContain(join(cwd, '.storewire', 'emulator', 'root.pem'));
    expect(names).toContain('STOREWIRE_EMULATOR_TOKEN');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is found by other commands of the project while it runs', async () => {
    const open = { files: { project: null, user: null } } as never;
    const found = () => readRecordedEmulator(open, { cwd, userId: userId() });
    await run([], async (written) => {
      expect(found()).toMatchObject({ url: expect.any(String), controlToken: expect.any(String) });
      expect(written()).toContain(found()!.url);
      const path = join(cwd, '.storewire', 'emulator', 'running.json');
      const record = readFileSync(path, 'utf8');
      for (const name of ['url', 'sandbox', 'production', 'connectApi']) {
        writeFileSync(path, record.replace(new RegExp(`"${name}":"[^"]+"`), `"${name}":"http://evil.example/"`));
        expect([name, found()]).toEqual([name, null]);
      }
      writeFileSync(path, record);
    });
    expect(found()).toBeNull();
  });

  it('replaces with --env-file nothing but an earlier one', async () => {
    const [file, other, link] = ['vars', '.env', 'link'].map((name) => join(cwd, name));
    writeFileSync(other!, 'DATABASE_URL=postgres://localhost/app\n');
    symlinkSync(other!, link!);
    for (const path of [other!, link!, cwd]) {
      const { code, stderr } = await run(['--env-file', path, '--json']);
      const { error } = JSON.parse(stderr.trim().split('\n').at(-1)!);
      expect([path, code, error.code]).toEqual([path, EXIT.usage, 'ERR_EMULATOR_ENV_FILE']);
    }
    expect(readFileSync(other!, 'utf8')).toBe('DATABASE_URL=postgres://localhost/app\n');
    writeFileSync(file!, '');
    for (let turn = 0; turn < 2; turn++) expect((await run(['--env-file', file!])).code).toBe(EXIT.ok);
    expect(readFileSync(file!, 'utf8')).toContain('export STOREWIRE_EMULATOR_TOKEN=');
  });

  it('stops when the file cannot be written', async () => {
    const { code, stderr } = await run(['--env-file', '/dev/null/x', '--json']);
    const error = JSON.parse(stderr.trim().split('\n').at(-1)!).error;
    expect([code, error.code]).toEqual([EXIT.usage, 'ERR_EMULATOR_ENV_FILE']);
  });

  it('warns of a bundle id that begins with a team id', async () => {
    const { stderr } = await run(['--bundle-id', 'ABCDE12345.com.example.app']);
    expect(stderr).toContain('warning: ABCDE12345. looks like a team id: the bundle id is probably com.example.app');
  });

  it('takes the shorthand of a local URL, and names a URL that is set in the commands to try', async () => {
    const { stdout } = await run(['--production-url', ':3000/apple']);
    expect(stdout).toContain('production   http://localhost:3000/apple');
    expect(stdout).toContain('storewire test --environment production --wait');
    expect(stdout).toContain('--environment production\n');
    expect(stdout).not.toContain('endpoint set');
  });

  it('with --json prints one event a line, from ready to stopped', async () => {
    const { code, stdout, stderr } = await run(['--json', '--sandbox-url', endpoint.url], async (written) => {
      const { url, controlToken } = JSON.parse(written());
      await ask(`${url}/control/v1/notifications`, controlToken, { body: { type: 'TEST' } });
    });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([code, stderr]).toEqual([EXIT.ok, '']);
    expect(events.map(({ event }) => event)).toEqual(['ready', 'forwarded', 'request', 'stopped']);
    expect(Object.keys(events[0]).sort()).toEqual(
      [
        ...['event', 'atMs', 'url', 'serverApi', 'connectApi', 'issuerId', 'keyId', 'privateKeyPath'],
        ...['bundleId', 'appAppleId', 'rootPath', 'controlToken', 'connect'],
      ].sort(),
    );
    expect(events[3]).toMatchObject({ reason: 'SIGINT', counts: { requests: 1, delivered: 1 } });
  });

  it('has the same keys the next time', async () => {
    const keys = async () => {
      const { stdout } = await run([]);
      const { STOREWIRE_KEY_ID, STOREWIRE_ISSUER_ID, STOREWIRE_EMULATOR_TOKEN, STOREWIRE_ROOT } = exportsOf(stdout);
      return { STOREWIRE_KEY_ID, STOREWIRE_ISSUER_ID, STOREWIRE_EMULATOR_TOKEN, STOREWIRE_ROOT };
    };
    expect(await keys()).toEqual(await keys());
  });

  it('stops when stdout is closed', async () => {
    const closed = new AbortController();
    const output = captureOutput();
    const stdout = { ...output.stream, closed: closed.signal, write: () => closed.abort('EPIPE') };
    const world = {
      env: {},
      cwd,
      now,
      sleep,
      random: (bytes: number) => randomBytes(bytes),
      platform: process.platform,
    };
    const deps = { ...world, stdout, signal: new AbortController().signal, userId: userId() };
    expect((await runCommand(registerEmulator, ['emulator', '--port', '0', '--json'], deps)).code).toBe(EXIT.ok);
  });

  it.each([
    [['--step', '--time-scale', '2'], 'ERR_USAGE_EMULATOR_TIME'],
    [['--sandbox-url', 'http://example.com/'], 'ERR_EMULATOR_URL'],
    [['--production-url', 'nonsense'], 'ERR_EMULATOR_URL'],
    [['--app-apple-id', '12345678901234567'], 'ERR_SETTINGS_APP_APPLE_ID'],
    [['--bundle-id', 'a b'], 'ERR_SETTINGS_BUNDLE_ID'],
  ])('%j is a usage error', async (argv, code) => {
    const { code: exit, stderr } = await run([...argv, '--json']);
    expect([exit, JSON.parse(stderr).error.code]).toEqual([EXIT.usage, code]);
  });

  it('reports a port in use', async () => {
    const { port } = new URL(endpoint.url);
    const { code, stderr } = await run(['--port', port]);
    expect([code, stderr]).toEqual([
      EXIT.usage,
      expect.stringContaining(`cannot listen on 127.0.0.1:${port}: the port is in use`),
    ]);
    expect(stderr).toContain('--port 0');
  });
});

describe('the flags', () => {
  async function parse(...argv: string[]): Promise<EmulatorCommandOptions | undefined> {
    let seen: EmulatorCommandOptions | undefined;
    const capture = async (options: EmulatorCommandOptions) => {
      seen = options;
      return EXIT.ok;
    };
    await runCommand(
      (parent, deps, finish) => registerEmulator(parent, deps, finish, capture),
      ['emulator', ...argv],
      {},
    );
    return seen;
  }

  it('have defaults', async () => {
    expect(await parse()).toEqual({ port: 4290, host: '127.0.0.1', step: false, unreleased: false, json: false });
  });

  it('are read', async () => {
    expect(await parse('--port', '0', '--host', '0.0.0.0', '--time-scale', '0.5', '--unreleased', '--step')).toEqual({
      ...{ port: 0, host: '0.0.0.0', timeScale: 0.5, unreleased: true, step: true, json: false },
    });
  });

  it.each([
    ['--port', '65535'],
    ['--port', 'x'],
    ['--time-scale', '0'],
    ['--time-scale', 'fast'],
    ['--time-scale', '1e99'],
  ])('%s %s is refused', async (...argv) => expect(parse(...argv)).rejects.toThrow(CommanderError));
});
