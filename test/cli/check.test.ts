import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { now } from '../../src/clock.js';
import type { Emulator } from '../../src/emulator/options.js';
import { type BuildServer, exportsOf, startBuildServer } from '../support/check.js';
import { startTestEmulator, startTestEndpoint } from '../support/emulator.js';
import { steadySleep } from '../support/steady-time.js';

let server: BuildServer;
let emulator: Emulator;
beforeAll(async () => {
  server = await startBuildServer();
  emulator = await server.emulate();
});
afterAll(() => server.close());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An endpoint that answers everything like this. */
async function answering(status: number): Promise<string> {
  const endpoint = await startTestEndpoint();
  closing.push(endpoint.close);
  endpoint.answerNext(...Array<number>(50).fill(status));
  return endpoint.url;
}

/** An endpoint that never answers; `reached` resolves with its first request. */
async function hanging(): Promise<{ readonly port: number; readonly reached: Promise<void> }> {
  const server = createServer();
  const reached = new Promise<void>((resolve) => server.once('request', () => resolve()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => void server.close(() => resolve()));
  });
  const { port } = server.address() as { port: number };
  return { port, reached };
}

type Env = Readonly<Record<string, string | undefined>>;

interface Report {
  readonly url: string | null;
  readonly verdict: string;
  readonly steps: readonly (Readonly<Record<string, unknown>> & { id: string; group: string; status: string })[];
}

/** Runs with --json and keeps what is not well, or the error where there is no report. */
async function judged(argv: readonly string[], env: Env = exportsOf(emulator), deps = {}) {
  const { code, stdout, stderr } = await server.check([...argv, '--json'], env, deps);
  if (stdout === '') return { code, error: JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error.code as string };
  const { url, verdict, steps } = JSON.parse(stdout) as Report;
  const problems = steps.flatMap(({ id, status, error }) => {
    if (error !== undefined) return [`${id} ${(error as { code: string }).code}`];
    return status === 'fail' || status === 'warn' ? [`${id} ${status}`] : [];
  });
  return { code, url, verdict, problems, steps };
}

describe('a build server', () => {
  it('gets a JUnit file, annotations, a step summary and exit 0 of a good endpoint', async () => {
    const summary = join(server.folder, 'summary.md');
    writeFileSync(summary, 'from a step before\n');
    const junitFile = ['--report', 'junit', '--report-file', 'out/check.xml'];
    const { code, stdout, stderr } = await server.check(
      ['--environment', 'sandbox', '--strict', ...junitFile, '--report', 'github'],
      { ...exportsOf(emulator), GITHUB_STEP_SUMMARY: summary },
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `::notice title=storewire check::PASS ${server.endpoint.url}: 21 steps passed, 17 skipped\n`,
    });
    expect(stderr).toMatch(/\n {2}pass {2}test\.sandbox {2}SUCCESS\n\nPASS {2}/);
    const junit = readFileSync(join(server.folder, 'out/check.xml'), 'utf8');
    expect(junit).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="storewire check http/);
    expect(junit).toContain('tests="38" failures="0" errors="0" skipped="17"');
    expect(junit).toMatch(/<testcase name="test\.sandbox" classname="test" time="\d+\.\d{3}">/);
    expect(readFileSync(summary, 'utf8')).toMatch(/^from a step before\n## storewire check: PASS\n/);
  });

  it('gets exit 1 of an endpoint that answers 404', async () => {
    const sandboxUrl = await answering(404);
    const { code, verdict, problems, steps } = await judged(
      ['--environment', 'sandbox'],
      exportsOf(await server.emulate({ sandboxUrl })),
    );
    expect({ code, verdict, problems }).toEqual({
      code: 1,
      verdict: 'fail',
      problems: ['http.status fail', 'test.sandbox fail'],
    });
    // The prediction and what Apple's part reported.
    const results = steps?.flatMap(({ sendAttemptResult }) => sendAttemptResult ?? []);
    expect(results).toEqual(['UNSUCCESSFUL_HTTP_RESPONSE_CODE', 'UNSUCCESSFUL_HTTP_RESPONSE_CODE']);
  });

  it('gets exit 1 where App Store Connect has another URL, and no TEST', async () => {
    const { code, problems, steps } = await judged([
      `${server.endpoint.url}/`,
      '--environment',
      'sandbox',
      '--skip',
      'http',
    ]);
    expect({ code, problems }).toEqual({ code: 1, problems: ['app-store-connect.sandbox fail'] });
    expect(steps?.find(({ group }) => group === 'test')).toMatchObject({
      status: 'skip',
      seen: `Apple would send it to ${server.endpoint.url}, not to the URL under test`,
    });
  });

  it.each([[[]], [['--strict']], [['http://127.0.0.1:9/', '--strict', '--skip', 'http']]])(
    'gets one failure where App Store Connect has no URL, and no TEST (%j)',
    async (argv) => {
      const { emulator: without, close } = await startTestEmulator({ authority: server.authority });
      closing.push(close);
      const env = exportsOf(without);
      const { code, problems, steps } = await judged([...argv, '--environment', 'sandbox'], env);
      expect({ code, problems }).toEqual({ code: 1, problems: ['app-store-connect.sandbox fail'] });
      expect(steps?.find(({ group }) => group === 'test')).toMatchObject({
        status: 'skip',
        seen: 'no sandbox URL is set in App Store Connect',
      });
    },
  );

  it.each(['com.Example.App', 'ABCDE12345.com.example.app'])('is told the bundle id meant by %s', async (bundleId) => {
    const env = { ...exportsOf(emulator), STOREWIRE_BUNDLE_ID: bundleId };
    const argv = ['--only', 'app-store-connect', '--environment', 'sandbox'];
    const { code, steps } = await judged(argv, env);
    expect(code).toBe(1);
    expect(steps).toMatchObject([
      { id: 'app-store-connect.app', status: 'fail', hint: `Try --bundle-id ${emulator.bundleId}` },
    ]);
  });

  it('completes the shorthand of a local URL', async () => {
    const { port } = new URL(server.endpoint.url);
    const { url, steps } = await judged([`:${port}/apple`, '--only', 'http']);
    expect(url).toBe(`http://localhost:${port}/apple`);
    expect(steps?.map(({ group }) => group)).toContain('http');
  });

  it('gets exit 3, and a report, without a key where TEST was asked for', async () => {
    const env = { STOREWIRE_BUNDLE_ID: emulator.bundleId, STOREWIRE_KEY_ID: '' };
    const argv = ['--only', 'test', '--environment', 'sandbox', '--report', 'junit'];
    const { code, stdout } = await server.check(argv, env);
    expect(code).toBe(3);
    expect(stdout).toContain('tests="1" failures="0" errors="1" skipped="0"');
    expect(stdout).toContain(
      '<error message="TEST notification: the In-App Purchase key is incomplete, missing: issuer id',
    );
  });

  it('gets exit 3 where Apple refuses the credentials', async () => {
    const env = { ...exportsOf(emulator), STOREWIRE_ISSUER_ID: '00000000-0000-4000-8000-000000000000' };
    expect(await judged(['--environment', 'sandbox'], env)).toMatchObject({
      code: 3,
      verdict: 'undetermined',
      problems: ['test.sandbox ERR_API_UNAUTHENTICATED'],
    });
  });

  it('gets exit 4 where Apple cannot be reached', async () => {
    const { STOREWIRE_CONNECT_KEY_ID: _id, STOREWIRE_CONNECT_PRIVATE_KEY_PATH: _path, ...rest } = exportsOf(emulator);
    const env = { ...rest, STOREWIRE_SERVER_API_SANDBOX_URL: 'http://127.0.0.1:1' };
    const argv = [server.endpoint.url, '--environment', 'sandbox', '--timeout', '20s'];
    expect(await judged(argv, env)).toMatchObject({
      code: 4,
      verdict: 'undetermined',
      problems: ['settings.clock ERR_HTTP_UNREACHABLE', 'test.sandbox ERR_HTTP_UNREACHABLE'],
    });
  });

  it('gets exit 5 where a TEST has no outcome in time', async () => {
    const env = exportsOf(await server.emulate({ pendingMs: 60_000 }));
    expect(await judged(['--environment', 'sandbox', '--timeout', '5s'], env)).toMatchObject({
      code: 5,
      verdict: 'undetermined',
      problems: ['test.sandbox ERR_CHECK_PENDING'],
    });
  });
});

describe('check', () => {
  it('shows the URL and what was seen, escaped, to people', async () => {
    const hostile = createServer((_request, response) => {
      response.writeHead(302, { location: '/\u009b31m##[error]::error::' }).end();
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => void hostile.close(() => resolve())));
    const { port } = hostile.address() as { port: number };
    const { code, stdout } = await server.check([`http://127.0.0.1:${port}/`, '--only', 'http'], {});
    expect(code).toBe(1);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n {2}\w{4} {2}http\./);
    expect(stdout).not.toMatch(/[^\n\x20-\x7e…↳→]/);
    expect(stdout).not.toContain('##[');
    expect(stdout).not.toMatch(/^::/m);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^FAIL {2}http\./);
  });

  it.each([200, 302, 307])(
    'shows neither password nor query of the URL or of a redirect target (%i)',
    async (status) => {
      const leaking = createServer((request, response) => {
        const isArrived = request.url?.startsWith('/arrived') ?? false;
        const location = status === 302 ? `${request.url}` : '/arrived?key=k3y-there';
        response.writeHead(isArrived ? 400 : status, { location }).end();
      });
      await new Promise<void>((resolve) => leaking.listen(0, '127.0.0.1', resolve));
      closing.push(() => new Promise((resolve) => void leaking.close(() => resolve())));
      const { port } = leaking.address() as { port: number };
      const url = `http://user:k3y-name@127.0.0.1:${port}/apple?token=k3y-here`;
      const files = ['json', 'junit', 'markdown'].flatMap((kind) => [
        '--report',
        kind,
        '--report-file',
        `leak.${kind}`,
      ]);
      const { stdout, stderr } = await server.check([url, '--only', 'http', ...files], {});
      const annotations = await server.check([url, '--only', 'http', '--report', 'github'], {});
      const reports = ['json', 'junit', 'markdown'].map((kind) =>
        readFileSync(join(server.folder, `leak.${kind}`), 'utf8'),
      );
      expect(stdout).toContain(`127.0.0.1:${port}/apple?…`);
      expect([stdout, stderr, annotations.stdout, annotations.stderr, ...reports].join('\n')).not.toContain('k3y');
    },
  );

  it.each([['http'], ['url'], ['dns,tls']])(
    'fails where App Store Connect has no URL but other text (%s)',
    async (only) => {
      const { checkFromOutside } = await import('../../src/commands/check/endpoint-steps.js');
      const reported: unknown[] = [];
      const groups = new Set(only.split(',')) as never;
      const onSteps = (steps: readonly { id: string; status: string }[]) =>
        void reported.push(...steps.map(({ id, status }) => `${id} ${status}`));
      await checkFromOutside('example.com/apple', {
        groups,
        appUrls: null,
        isEmulated: false,
        context: {} as never,
        onSteps,
        deps: {} as never,
      });
      expect(reported).toEqual(['url.url fail']);
    },
  );

  it('needs neither keys nor environment, and passes over what it cannot ask', async () => {
    const { code, verdict, problems, steps } = await judged([server.endpoint.url], {});
    expect({ code, verdict, problems }).toEqual({ code: 0, verdict: 'warn', problems: ['url.host warn'] });
    expect(steps?.filter(({ group }) => /settings|connect|test/.test(group)).map(({ status }) => status)).toEqual(
      Array(6).fill('skip'),
    );
  });

  it('writes the fields of the contract for each step', async () => {
    const { steps } = await judged([server.endpoint.url, '--only', 'url,http'], {});
    for (const step of steps ?? []) {
      expect(Object.keys(step)).toEqual(
        expect.arrayContaining(['id', 'group', 'status', 'seen', 'expected', 'sendAttemptResult', 'hint']),
      );
      expect(step.id.startsWith(`${step.group}.`)).toBe(true);
    }
    expect([...new Set(steps?.map(({ group }) => group))]).toEqual(['url', 'http']);
  });

  it('looks at both URLs where App Store Connect has two', async () => {
    const productionUrl = await answering(404);
    const env = exportsOf(await server.emulate({ productionUrl }));
    const { code, url, problems, steps } = await judged(['--environment', 'both'], env);
    expect({ code, url, problems }).toEqual({
      code: 1,
      url: server.endpoint.url,
      problems: ['http.status fail', 'test.production fail'],
    });
    const failed = steps?.filter(({ status }) => status === 'fail').map((step) => step.url);
    expect(failed).toEqual([productionUrl, productionUrl]);
  });

  it('says what refuses production before the first release', async () => {
    const env = exportsOf(await server.emulate({ productionUrl: server.endpoint.url, unreleased: true }));
    const { code, problems, steps } = await judged(['--environment', 'both'], env);
    expect({ code, problems }).toEqual({ code: 3, problems: ['test.production ERR_API_UNAUTHENTICATED'] });
    expect(steps?.at(-1)?.hint).toContain('the key is right: production answers 401');
  });

  it.each<[string, readonly string[], Env, object]>([
    ['no URL is there', [], {}, { code: 2, error: 'ERR_USAGE_CHECK_URL' }],
    [
      'nothing is left to look at',
      ['https://example.com/', '--only', 'tls', '--skip', 'tls'],
      {},
      { code: 2, error: 'ERR_USAGE_CHECK_GROUPS' },
    ],
    ['the URL is not whole', ['example.com/apple'], {}, { code: 2, error: 'ERR_USAGE_URL' }],
    ['a group is unknown', ['--only', 'dsn'], {}, { code: 'commander.invalidArgument' }],
    [
      'two reports would share stdout',
      ['--report', 'github', 'http://localhost/'],
      {},
      { code: 2, error: 'ERR_USAGE_REPORT' },
    ],
    [
      'there are more files than reports',
      ['--report-file', 'a', 'http://localhost/'],
      {},
      { code: 2, error: 'ERR_USAGE_REPORT' },
    ],
  ])('is a mistake where %s', async (_case, argv, env, expected) => {
    const outcome = await judged(argv, env).catch((error: { code: string }) => ({ code: error.code }));
    expect(outcome).toEqual(expected);
  });

  it.each<[string, readonly string[], (env: Env) => Env, object]>([
    [
      'warnings under --strict',
      ['--strict', '--only', 'app-store-connect'],
      (env) => env,
      { code: 1, verdict: 'warn' },
    ],
    ['warnings', ['--only', 'app-store-connect'], (env) => env, { code: 0, verdict: 'warn' }],
    [
      'no environment for a TEST under --strict',
      ['--strict'],
      (env) => env,
      { code: 2, error: 'ERR_SETTINGS_ENVIRONMENT_MISSING' },
    ],
    [
      'an address that is neither Apple’s nor of this machine',
      ['--only', 'settings', '--environment', 'sandbox'],
      (env) => ({ ...env, STOREWIRE_SERVER_API_SANDBOX_URL: 'https://apple.example' }),
      { code: 2, error: 'ERR_SETTINGS_FOREIGN_ADDRESS' },
    ],
    [
      'a key of the wrong kind',
      ['--only', 'settings'],
      (env) => ({ ...env, STOREWIRE_PRIVATE_KEY_PATH: env.STOREWIRE_CONNECT_PRIVATE_KEY_PATH }),
      { code: 3, verdict: 'undetermined', problems: ['settings.server-key ERR_KEY_KIND'] },
    ],
    [
      'a bad key once, though TEST needs it too',
      ['--only', 'settings,test', '--environment', 'sandbox'],
      (env) => ({ ...env, STOREWIRE_PRIVATE_KEY_PATH: '/nowhere/SubscriptionKey_ABCDEFGHIJ.p8' }),
      { code: 3, verdict: 'undetermined', problems: ['settings.server-key ERR_KEY_MISSING'] },
    ],
    [
      'no bundle id',
      ['--only', 'settings'],
      (env) => ({ ...env, STOREWIRE_BUNDLE_ID: '' }),
      { code: 1, verdict: 'fail', problems: ['settings.bundle-id fail'] },
    ],
    [
      'no bundle id where App Store Connect was named',
      ['--only', 'app-store-connect'],
      (env) => ({ ...env, STOREWIRE_BUNDLE_ID: '' }),
      { code: 2, error: 'ERR_SETTINGS_BUNDLE_ID_MISSING' },
    ],
    [
      'a bundle id that App Store Connect does not know',
      ['--only', 'app-store-connect', '--bundle-id', 'com.example.other'],
      (env) => env,
      { code: 1, verdict: 'fail', problems: ['app-store-connect.app fail'] },
    ],
    [
      'no keys where the settings were asked for',
      ['--only', 'settings'],
      () => ({}),
      { code: 3, verdict: 'undetermined', problems: ['settings.server-key ERR_KEY_NOT_SET'] },
    ],
    [
      'a group that had to be looked at and could not be',
      ['--only', 'tls', 'http://localhost:4280/'],
      () => ({}),
      { code: 5, verdict: 'undetermined' },
    ],
    [
      'an environment without a URL, where App Store Connect is not asked',
      ['--only', 'test', '--environment', 'production'],
      (env) => ({ ...env, STOREWIRE_CONNECT_KEY_ID: '', STOREWIRE_CONNECT_PRIVATE_KEY_PATH: '' }),
      { code: 1, verdict: 'fail', problems: ['test.production fail'] },
    ],
    [
      'a TEST that may not be skipped and would go elsewhere',
      ['--only', 'test', '--environment', 'sandbox', 'http://localhost:4280/'],
      (env) => env,
      { code: 1, verdict: 'fail', problems: ['test.sandbox fail'] },
    ],
  ])('reports %s', async (_case, argv, envOf, expected) => {
    expect(await judged(argv, envOf(exportsOf(emulator)))).toMatchObject(expected);
  });

  it.each([
    [-90_000, 0, ['settings.clock warn']],
    [90_000, 0, ['settings.clock warn']],
    [3_000, 0, []],
    [30_000, 0, ['settings.clock warn']],
    [-600_000, 1, ['settings.clock fail']],
    [600_000, 1, ['settings.clock fail']],
  ])('reports a clock that is %i ms off', async (offMs, code, problems) => {
    const result = await judged(['--only', 'settings'], exportsOf(emulator), { now: () => now() + offMs });
    expect({ code: result.code, problems: result.problems }).toEqual({ code, problems });
  });

  it('reports checks that timed out', async () => {
    const { port, reached } = await hanging();
    const argv = [`http://127.0.0.1:${port}/`, '--environment', 'sandbox', '--timeout', '300ms'];
    const sleep = (ms: number, signal?: AbortSignal) => (ms === 300 ? reached : steadySleep(ms, signal));
    expect(await judged([...argv, '--skip', 'app-store-connect'], exportsOf(emulator), { sleep })).toMatchObject({
      code: 5,
      verdict: 'undetermined',
      problems: ['http.deadline ERR_CHECK_TIMEOUT', 'test.request ERR_CHECK_TIMEOUT'],
    });
  });

  it('reports nothing after an interruption', async () => {
    const signal = AbortSignal.abort('SIGINT');
    const { code, stdout } = await server.check(['--json', server.endpoint.url], exportsOf(emulator), { signal });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });

  it('writes what it can where a report cannot be written', async () => {
    writeFileSync(join(server.folder, 'file'), '');
    const reports = [
      '--report',
      'junit',
      '--report-file',
      'file/a.xml',
      '--report',
      'markdown',
      '--report-file',
      'b.md',
    ];
    const { code, stderr } = await server.check([server.endpoint.url, '--only', 'url', ...reports], {});
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('the report file/a.xml cannot be written ('),
    });
    expect(readFileSync(join(server.folder, 'b.md'), 'utf8')).toMatch(/^## storewire check: WARN\n/);
  });
});
