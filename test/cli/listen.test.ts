import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { EXIT } from '../../src/cli/exit.js';
import { now, sleep } from '../../src/clock.js';
import { registerListen } from '../../src/commands/listen/command.js';
import type { ListenFlags } from '../../src/commands/listen/flags.js';
import { runListen } from '../../src/commands/listen/run.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { startListener } from '../../src/listener/listener.js';
import type { ListenerOptions } from '../../src/listener/options.js';
import { startTestEndpoint, type TestEndpoint } from '../support/emulator.js';
import { type CliRun, captureOutput, runCli } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';
import { steadySleep } from '../support/steady-time.js';

let cwd: string;
let endpoint: TestEndpoint;
beforeEach(async () => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-listen-cli-')));
  endpoint = await startTestEndpoint();
});
afterEach(async () => {
  rmSync(cwd, { recursive: true, force: true });
  await endpoint.close();
});

const userId = process.geteuid?.() ?? -1;

interface Running {
  /** Where it listens. */
  readonly url: string;
  post(body: string): Promise<number>;
  /** Resolves once the text is on stdout. */
  shown(text: string): Promise<void>;
  readonly interrupt: AbortController;
}

/** Runs the command, does `work` once it is ready, then interrupts it. */
async function run(
  argv: readonly string[],
  work: (running: Running) => Promise<unknown> = async () => {},
  { isTty = true, deps = {} }: { isTty?: boolean; deps?: Partial<Deps> } = {},
): Promise<CliRun> {
  const interrupt = new AbortController();
  const output = captureOutput({ columns: isTty ? 120 : Number.POSITIVE_INFINITY });
  let waiting: (() => void)[] = [];
  const write = (data: string | Uint8Array): void => {
    output.stream.write(data);
    for (const wake of waiting.splice(0)) wake();
  };
  const world = {
    env: { HOME: cwd },
    cwd,
    now,
    sleep: steadySleep,
    random: (bytes: number) => randomBytes(bytes),
    http: createDispatcher,
  };
  const system = { platform: process.platform, userId, processId: process.pid, isRunning: () => false };
  const running = runCommand(registerListen, ['listen', '--port', '0', ...argv], {
    ...{ startWorker: null, cores: 1, signal: interrupt.signal, stdout: { ...output.stream, write } },
    ...world,
    ...system,
    ...deps,
  });
  let isOver = false;
  void running.then(() => {
    isOver = true;
    for (const wake of waiting.splice(0)) wake();
  });
  const shown = async (text: string): Promise<void> => {
    while (!isOver && !output.text().includes(text)) await new Promise<void>((resolve) => void waiting.push(resolve));
  };
  await shown(argv.includes('--json') ? '"ready"' : 'Try it');
  const url = /(https?:\/\/127\.0\.0\.1:\d+[^\s"]*)/.exec(output.text())?.[1] ?? '';
  const post = async (body: string): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  if (!isOver) await work({ url, post, shown, interrupt });
  interrupt.abort('SIGINT');
  waiting = [];
  return { ...(await running), stdout: output.text() };
}

/** Runs `trigger TEST` without a destination in the same project. */
function triggerHere(deps: Partial<Deps> = {}) {
  const world = { ...{ cwd, userId, sleep, env: { HOME: cwd }, now: Date.now, random: randomBytes }, ...deps };
  return runCli(['trigger', 'TEST'], { isRunning: (pid) => pid === process.pid, ...world });
}

/** A body as Apple would send it, signed by the test authority of the project. */
async function signed(type: string): Promise<string> {
  const { stdout } = await runCli(['trigger', type, '--print'], { cwd, userId, now: Date.now, random: randomBytes });
  return stdout.trim();
}

function linesOf(text: string): readonly string[] {
  return text
    .slice(text.indexOf('Ctrl-C'))
    .split('\n')
    .slice(2)
    .filter((line) => line !== '')
    .map((line) => line.replace(/^\d\d:\d\d:\d\dZ/, 'hh:mm:ssZ'));
}

describe('storewire listen', () => {
  it('receives, verifies, records and forwards, and ends with 0 and a summary', async () => {
    const body = await signed('DID_RENEW');
    const argv = ['--trust-authority', '-f', `app=${endpoint.url}`];
    const result = await run(argv, async ({ post, shown }) => {
      expect(await post(body)).toBe(200);
      await shown('✓ app 200');
      expect(await post(body)).toBe(200);
      expect(await post('{"signedPayload":"a.b.c"}')).toBe(400);
      await shown('MALFORMED_JWS');
    });
    expect(result.code).toBe(EXIT.ok);
    expect(endpoint.bodies).toEqual([body]);
    const lines = linesOf(result.stdout);
    expect(lines).toEqual([
      expect.stringMatching(
        /^hh:mm:ssZ {2}DID_RENEW {16}Sandbox {5}…premium\.monthly {4}…\d{6} {2}valid, test authority {2}200 {2}✓ app 200$/,
      ),
      '           Subscription renewed. The subscription renewed successfully: a new billing period begins.',
      expect.stringMatching(/ {2}valid, test authority {2}200$/),
      expect.stringMatching(/^ {11}repeat of [0-9a-f]{8}$/),
      expect.stringMatching(/^hh:mm:ssZ {2}not a notification {48}invalid {16}400$/),
      expect.stringMatching(/^ {11}MALFORMED_JWS {2}/),
      expect.stringMatching(/^ {11}signedPayload /),
      ...lines.slice(7),
    ]);
    expect(result.stderr).toContain('Stopped. 3 received: 2 verified (1 repeat), 1 refused. Deliveries: 1 accepted');
    expect(existsSync(join(cwd, '.storewire', 'journal.ndjson'))).toBe(true);
  });

  it('is where trigger sends without a destination', async () => {
    let sent: CliRun | null = null;
    const argv = ['--trust-authority', '--path', '/apple'];
    const { stdout } = await run(argv, async () => {
      sent = await triggerHere();
    });
    expect(sent).toMatchObject({ code: EXIT.ok });
    expect(sent!.stderr).toContain(`Sending to the storewire listen of this project (process ${process.pid}).\n`);
    expect(sent!.stderr).toMatch(/target +http:\/\/127\.0\.0\.1:\d+\/apple\n/);
    expect(sent!.stderr).not.toContain('warning:');
    expect(stdout).toContain('valid, test authority');
    // It has removed its record.
    expect(await triggerHere()).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('no storewire listen is running in this project\n'),
    });
  });

  it('is said by trigger to reject what it signs', async () => {
    let sent: CliRun | null = null;
    await run([], async () => {
      sent = await triggerHere();
    });
    expect(sent!.code).toBe(EXIT.no);
    expect(sent!.stderr).toContain('warning: it does not trust the test authority');
  });

  it('is named by trigger after a crash that left its record', async () => {
    let record = '';
    const path = () => join(cwd, '.storewire', 'listen.json');
    await run(['--trust-authority'], async () => {
      record = readFileSync(path(), 'utf8');
      expect(statSync(path()).mode & 0o777).toBe(0o600);
      expect((await triggerHere({ isRunning: () => false })).stderr).toContain(
        `the last storewire listen (process ${process.pid}) is no longer running`,
      );
    });
    // The lock is free, though a process has the id.
    writeFileSync(path(), record);
    expect(await triggerHere()).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('no longer running'),
    });
  });

  it.each([
    ['from another folder', (record: object) => ({ ...record, folder: '1' })],
    ['of a public host', (record: object) => ({ ...record, url: 'https://example.com/apple' })],
    ['of a file', (record: object) => ({ ...record, url: 'file:///etc/passwd' })],
    ['of no process', (record: object) => ({ ...record, processId: '1' })],
    ['that is damaged', () => 'x'],
  ])('is not found by a record %s', async (_what, change) => {
    const path = () => join(cwd, '.storewire', 'listen.json');
    await run(['--trust-authority'], async () => {
      const changed = change(JSON.parse(readFileSync(path(), 'utf8')));
      writeFileSync(path(), typeof changed === 'string' ? changed : JSON.stringify(changed));
      const { code, stderr } = await triggerHere();
      expect(code).toBe(EXIT.usage);
      expect(stderr).toContain('no storewire listen is running');
    });
  });

  it('does not trust the test authority by default, and shows how', async () => {
    const body = await signed('TEST');
    const { stdout, code } = await run([], async ({ post, shown }) => {
      expect(await post(body)).toBe(401);
      await shown('UNTRUSTED_ROOT');
    });
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain('trusts    Apple\n');
    expect(stdout).toContain('invalid, test authority  401');
    expect(stdout).toContain('add --trust-authority');
  });

  it('trusts the test authority by its root file, and labels it', async () => {
    const body = await signed('TEST');
    const { stdout } = await run(['--root', '.storewire/authority/root.pem'], async ({ post, shown }) => {
      expect(await post(body)).toBe(200);
      await shown('Test notification');
    });
    expect(stdout).toContain("trusts    Apple and this project's test authority (--root)\n");
    expect(stdout).toContain('valid, test authority  200');
  });

  it('does not advise to trust the authority that its root file trusts already', async () => {
    const other = mkdtempSync(join(tmpdir(), 'storewire-listen-other-'));
    const { stdout: body } = await runCli(['trigger', 'TEST', '--print'], {
      ...{ cwd: other, userId },
      random: randomBytes,
    });
    rmSync(other, { recursive: true });
    await signed('TEST');
    const argv = ['--root', '.storewire/authority/root.pem'];
    const { stdout } = await run(argv, async ({ post, shown }) => {
      expect(await post(body.trim())).toBe(401);
      await shown('hint:');
    });
    expect(stdout).toContain('hint: named like a test authority');
    expect(stdout).not.toContain('--trust-authority');
  });

  it('with --json prints one event per line, from ready to stopped', async () => {
    const body = await signed('TEST');
    const argv = ['--json', '--trust-authority', '-f', `app=${endpoint.url}`];
    const { code, stdout, stderr } = await run(argv, async ({ post, shown }) => {
      await post(body);
      await shown('"forwarded"');
      await post('not json');
      await shown('NOT_JSON');
    });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([code, stderr]).toEqual([EXIT.ok, '']);
    expect(events.map(({ event }) => event)).toEqual([
      ...['ready', 'received', 'verified', 'forwarded', 'received', 'verified', 'stopped'],
    ]);
    const [ready, received, verified, forwarded, , refused, stopped] = events;
    expect(ready).toMatchObject({ publicUrl: null, targets: [{ name: 'app' }], owed: 0 });
    expect(received).toMatchObject({ id: verified.id, bytes: body.length, address: '127.0.0.1' });
    expect(verified.document).toMatchObject({
      kind: 'notification',
      tokens: [{ jws: JSON.parse(body).signedPayload }],
      verification: { verdict: 'valid', root: 'test authority' },
      received: { id: received.id, answered: 200, repeatOf: null },
    });
    expect(forwarded).toMatchObject({ id: received.id, target: 'app', attempt: 1, httpStatus: 200, final: true });
    expect(refused).toMatchObject({ answered: 400, refusal: { code: 'NOT_JSON' }, document: null });
    expect(stopped).toMatchObject({ reason: 'SIGINT', counts: { received: 2, verified: 1, refused: 1, forwarded: 1 } });
  });

  it('with --verbose shows the verdict in full', async () => {
    const body = await signed('TEST');
    const { stdout } = await run(['--trust-authority', '--verbose'], async ({ post, shown }) => {
      await post(body);
      await shown('chain.markers');
    });
    expect(stdout).toContain('           valid  Signed by the test authority, not by Apple.\n');
  });

  it('with --expect exits once the notification arrived and its target was tried', async () => {
    const [other, wanted] = [await signed('DID_RENEW'), await signed('TEST')];
    const argv = ['--trust-authority', '--expect', 'TEST', '-f', endpoint.url];
    const { code, stdout, stderr } = await run(argv, async ({ post, shown }) => {
      await post(other);
      await post(wanted);
      await shown('that never comes');
    });
    expect([code, stderr]).toEqual([EXIT.ok, expect.stringContaining('Stopped. 2 received')]);
    expect(stdout).toMatch(/TEST .* 200\s+✓ 127\.0\.0\.1:\d+ 200\n/);
  });

  it('with --expect exits 5 at its deadline, and 130 when interrupted', async () => {
    const late = await run(['--expect', 'TEST', '--timeout', '1ms'], ({ shown }) => shown('never'));
    expect(late.code).toBe(EXIT.pending);
    expect(late.stderr).toContain('Stopped. Timed out: no verified TEST arrived within 0.001 s. Nothing was received.');
    expect((await run(['--expect', 'TEST'])).code).toBe(EXIT.interrupted);
  });

  it('names the path that was requested, and what was posted instead of a notification', async () => {
    const text = JSON.stringify('{"signedPayload":"a.b.c"}');
    const result = await run(['--path', '/apple'], async ({ url, post, shown }) => {
      expect((await fetch(new URL('/webhook', url), { method: 'POST' })).status).toBe(404);
      expect(await post(text)).toBe(400);
      await shown('encoded twice');
    });
    const lines = result.stdout.replace(/\s+/g, ' ');
    expect(lines).toContain('POST /webhook was asked for; this listens at /apple: set that URL in App Store Connect');
    expect(lines).toContain('NOT_AN_OBJECT The body is a JSON string that holds the JSON. It was encoded twice');
    expect(result.stderr).toContain('1 received: 1 refused. 1 other request refused before verification.');
    const json = await run(['--json'], async ({ post, shown }) => {
      expect(await post(text)).toBe(400);
      await shown('"verified"');
    });
    expect(json.stdout).toMatch(
      /"refusal":\{"status":400,"code":"NOT_AN_OBJECT","message":"[^"]*twice[^"]*","format":"double-encoded"\}/,
    );
  });

  it('names the variable that a root came from, and offers trigger where it is accepted', async () => {
    await signed('TEST');
    const env = { HOME: cwd, STOREWIRE_ROOT: '.storewire/authority/root.pem' };
    const { stdout } = await run(['--bundle-id', 'com.example.app'], undefined, { deps: { env } });
    expect(stdout).toContain("trusts    Apple and this project's test authority (STOREWIRE_ROOT)\n");
    expect(stdout).toMatch(/send {6}storewire trigger DID_RENEW --to \S+ --bundle-id com\.example\.app\n/);
    expect(stdout).not.toContain('--trust-authority');
  });

  it('with --expect ignores forged notifications', async () => {
    const body = await signed('TEST');
    const { code } = await run(['--expect', 'TEST'], async ({ post }) => expect(await post(body)).toBe(401));
    expect(code).toBe(EXIT.interrupted);
  });

  it('with --exit-after counts answered notifications', async () => {
    const { code } = await run(['--exit-after', '2'], async ({ post, shown }) => {
      await post('{}');
      await post('{}');
      await shown('that never comes');
    });
    expect(code).toBe(EXIT.ok);
  });

  it('starts a tunnel, shows its URL, and reports at once when it exits', async () => {
    const program = join(cwd, 'tunnel.mjs');
    writeFileSync(program, "console.log('up at https://abc.example.com');setTimeout(()=>process.exit(3),400)");
    const { stdout, stderr, code } = await run(
      ['--any-app', '--tunnel', `${process.execPath} ${program} {port}`],
      ({ shown }) => shown('exited with code 3'),
    );
    expect(code).toBe(EXIT.ok);
    expect(stderr).toMatch(/^Starting \S+ …\n/);
    const path = /paste {5}https:\/\/abc\.example\.com(\/[a-z0-9]{16})\n/.exec(stdout)?.[1] ?? 'none';
    expect(stdout).toMatch(new RegExp(`local {5}http://127\\.0\\.0\\.1:\\d+${path}\n`));
    expect(stdout).toMatch(/tunnel \S+ exited with code 3; Apple can no longer reach this/);
  });

  it('reports a tunnel that does not start, and leaves nothing behind', async () => {
    const argv = ['--any-app', '--tunnel', `${process.execPath} -e "console.error('no account');process.exit(1)"`];
    const { code, stderr } = await run(argv);
    expect([code, stderr]).toEqual([EXIT.remote, expect.stringContaining('no account')]);
    expect((await run([])).code).toBe(EXIT.ok);
  });

  it('that is interrupted before it is ready exits 130', async () => {
    const interrupt = AbortSignal.abort('SIGINT');
    expect((await run([], undefined, { deps: { signal: interrupt } })).code).toBe(EXIT.interrupted);
  });

  it('stops when its output is closed', async () => {
    const closed = new AbortController();
    const stdout = { ...captureOutput().stream, closed: closed.signal, write: () => closed.abort('EPIPE') };
    const { code } = await run([], undefined, { deps: { stdout, signal: new AbortController().signal } });
    expect(code).toBe(EXIT.ok);
  });

  it('refuses a second one on the same journal', async () => {
    await run([], async () => {
      const { code, stderr } = await run(['--json'], undefined, { deps: { isRunning: () => true } });
      expect([code, JSON.parse(stderr).error.code]).toEqual([EXIT.usage, 'ERR_JOURNAL_IN_USE']);
    });
  });

  it('resumes the pending deliveries of an earlier run', async () => {
    const body = await signed('TEST');
    endpoint.answerNext(503);
    const argv = ['--trust-authority', '-f', `app=${endpoint.url}`];
    const first = await run(argv, async ({ post, interrupt }) => {
      await post(body);
      interrupt.abort('SIGINT');
    });
    const { stdout } = await run(argv, ({ shown }) => shown('✓ app 200'));
    expect(first.stderr).toContain('1 pending.');
    expect(stdout).toContain('pending   1 delivery  from earlier runs, resuming now');
    expect(endpoint.bodies.at(-1)).toBe(body);
  });

  it.each<[readonly string[], string]>([
    [['--apple-only'], 'ERR_USAGE_APPLE_ONLY'],
    [['--host', '0.0.0.0'], 'ERR_USAGE_ANY_APP'],
    [['-f', ':3000', '-H', 'Authorization: env:STOREWIRE_TEST_UNSET'], 'ERR_USAGE_HEADER'],
    [['--answer', 'forwarded'], 'ERR_USAGE_FORWARD'],
    [['--root', 'missing.pem'], 'ERR_TRUST_ROOT_UNREADABLE'],
    [['--bundle-id', 'a b'], 'ERR_SETTINGS_BUNDLE_ID'],
    [['--bundle-id', ''], 'ERR_SETTINGS_BUNDLE_ID'],
    [['--header', 'nonsense'], 'ERR_USAGE_HEADER'],
  ])('%j is a usage error, and no journal is made', async (argv, code) => {
    const { code: exit, stderr } = await run([...argv, '--json']);
    expect([exit, JSON.parse(stderr).error.code]).toEqual([EXIT.usage, code]);
    expect(existsSync(join(cwd, '.storewire'))).toBe(false);
  });

  it('warns on an address that other machines can reach', async () => {
    expect((await run(['--host', '0.0.0.0', '--any-app'])).stderr).toContain('other machines can post here');
    expect((await run([])).stderr).not.toContain('other machines');
  });
});

describe('the wiring', () => {
  /** The options that the listener would be started with. */
  async function wired(...argv: readonly string[]): Promise<ListenerOptions> {
    let seen: ListenerOptions | null = null;
    const start: typeof startListener = (options) => {
      seen = options;
      return startListener(options);
    };
    const interrupted = { signal: AbortSignal.abort('SIGINT') };
    const register: typeof registerListen = (parent, deps, finish) =>
      registerListen(parent, deps, finish, (flags) => runListen(flags, { ...deps, ...interrupted }, start));
    const world = { env: { HOME: cwd }, cwd, now, sleep, random: randomBytes, http: createDispatcher };
    const system = { platform: process.platform, userId, processId: process.pid, isRunning: () => false };
    await runCommand(register, ['listen', '--port', '0', ...argv], {
      startWorker: null,
      cores: 1,
      ...world,
      ...system,
    });
    return seen!;
  }

  it('passes the flags to the listener', async () => {
    const argv = ['--answer', 'forwarded', '-f', 'app=http://localhost:1/', '-H', 'x-key: 1', '--insecure'];
    const more = [
      '--forward-timeout',
      '2s',
      '--forward-synthetic',
      '--on-invalid',
      'drop',
      '--trust-proxy',
      'loopback',
    ];
    const options = await wired(
      ...argv,
      ...more,
      '--apple-only',
      '--bundle-id',
      'com.example',
      '--environment',
      'sandbox',
    );
    expect(options).toMatchObject({
      ...{ host: '127.0.0.1', port: 0, path: '/', tls: null, appleOnly: true, answer: 'forwarded', onInvalid: 'drop' },
      ...{ forwardTimeoutMs: 2_000, forwardSynthetic: true, wantsDocuments: false },
      proxies: { trusted: ['loopback'], cloudflared: false },
      targets: [{ name: 'app', insecure: true, headers: { 'x-key': '1' } }],
      verification: {
        expectations: { bundleId: 'com.example', environment: 'Sandbox' },
        roots: [{ name: 'Apple Root CA - G3' }],
      },
    });
  });

  it('names the test authority with --trust-authority, even if --root has it, too', async () => {
    await runCli(['authority'], { cwd, userId, now: Date.now });
    const { verification } = await wired('--trust-authority', '--root', '.storewire/authority/root.pem');
    expect(verification.roots.map(({ name }) => name)).toEqual(['Apple Root CA - G3', 'test authority']);
  });

  it.each([
    [['--json'], true],
    [['--verbose'], true],
    [['--exec', 'cat'], true],
    [['-f', 'http://localhost:1/'], false],
  ])('%j wants documents: %s', async (argv, wants) => expect((await wired(...argv)).wantsDocuments).toBe(wants));

  it('takes targets, port and path from the project file', async () => {
    const file = {
      path: '/apple',
      targets: ['app=http://localhost:3000/'],
      events: ['REFUND'],
      bundleId: 'com.example',
    };
    writeFileSync(join(cwd, '.storewire.json'), JSON.stringify(file));
    expect(await wired()).toMatchObject({
      path: '/apple',
      targets: [{ name: 'app', filter: { events: ['REFUND'] } }],
      verification: { expectations: { bundleId: 'com.example' } },
    });
  });
});

describe('the flags', () => {
  async function parse(...argv: string[]): Promise<ListenFlags | undefined> {
    let seen: ListenFlags | undefined;
    const capture = async (flags: ListenFlags) => {
      seen = flags;
      return EXIT.ok;
    };
    await runCommand((parent, deps, finish) => registerListen(parent, deps, finish, capture), ['listen', ...argv], {});
    return seen;
  }

  it('have defaults', async () => {
    expect(await parse()).toEqual({
      ...{
        host: '127.0.0.1',
        appleOnly: false,
        answer: 'ack',
        onInvalid: 'reject',
        trustAuthority: false,
        dryRun: false,
        yes: false,
        hang: false,
      },
      ...{ insecure: false, forwardTimeout: 10_000, forwardSynthetic: false, verbose: false, json: false },
      ...{ anyApp: false, journalLimit: 2_147_483_648 },
    });
  });

  it.each([
    ['500MB', 500_000_000],
    ['1MiB', 1_048_576],
    ['1.5 gib', 1_610_612_736],
    ['2TiB', 2_199_023_255_552],
  ])('take the journal limit %s', async (text, journalLimit) => {
    expect(await parse('--journal-limit', text)).toMatchObject({ journalLimit });
  });

  it.each(['', '0', '10', '1KB', '0.5MiB', '-1GiB', '1e3GiB', '99999999TiB'])(
    'refuse the journal limit %j',
    async (text) => {
      await expect(parse('--journal-limit', text)).rejects.toBeInstanceOf(CommanderError);
    },
  );

  it('are read', async () => {
    const address = [
      '--port',
      '0',
      '--path',
      '/a',
      '--public-url',
      'https://x/',
      '--tunnel',
      'ngrok',
      '--tls-cert',
      'c',
      '--tls-key',
      'k',
    ];
    const forward = ['-f', 'http://a/', '-f', 'http://b/', '--events', 'TEST', '--deliver', 'Sandbox', '--exec', 'cat'];
    const practice = ['--respond', '503', '--fail-first', '2', '--delay', '5s'];
    const scripts = ['--expect', 'TEST', '--exit-after', '3', '--timeout', '1m'];
    expect(await parse(...address, ...forward, ...practice, ...scripts)).toMatchObject({
      ...{ port: 0, path: '/a', publicUrl: 'https://x/', tunnel: 'ngrok', tlsCert: 'c', tlsKey: 'k' },
      ...{ forwardTo: ['http://a/', 'http://b/'], events: 'TEST', deliver: 'Sandbox', exec: 'cat' },
      ...{ respond: 503, failFirst: 2, delay: 5_000, expect: 'TEST', exitAfter: 3, timeout: 60_000 },
    });
  });

  it.each([
    ['--port', '65536'],
    ['--respond', '100'],
    ['--respond', '600'],
    ['--fail-first', '0'],
    ['--delay', '5'],
    ['--environment', 'xcode'],
    ['--deliver', 'both'],
    ['--answer', 'later'],
    ['--on-invalid', 'keep'],
    ['--exit-after', '0'],
  ])('%s %s is refused', async (...argv) => expect(parse(...argv)).rejects.toThrow(CommanderError));
});
