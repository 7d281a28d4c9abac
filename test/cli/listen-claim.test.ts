import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { EXIT } from '../../src/cli/exit.js';
import { now, sleep } from '../../src/clock.js';
import { registerListen } from '../../src/commands/listen/command.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import type { ListenerEvent } from '../../src/listener/events.js';
import { type FakeConnect, refusal, startFakeConnect } from '../support/fake-connect.js';
import { type CliRun, captureOutput } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';

const OLD = 'https://old.example.com/apple';
const PUBLIC = 'https://dev.example.com/apple';
const LIVE = 'https://live.example.com/apple';

const SANDBOX = { subscriptionStatusUrlForSandbox: OLD, subscriptionStatusUrlVersionForSandbox: 'V1' };
const CLAIMED = { subscriptionStatusUrlForSandbox: PUBLIC, subscriptionStatusUrlVersionForSandbox: 'V2' };

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

let cwd: string;
let fake: FakeConnect;
beforeEach(async () => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-claim-')));
  fake = await startFakeConnect(SANDBOX);
});
afterEach(async () => {
  rmSync(cwd, { recursive: true, force: true });
  await fake.stop();
});

interface Running {
  readonly interrupt: () => void;
  /** Resolves once the text is on stdout. */
  shown(text: string): Promise<void>;
}

interface World {
  readonly deps?: Partial<Deps>;
  readonly env?: Record<string, string | undefined>;
  readonly isTty?: boolean;
}

const KEY = () => ({
  HOME: cwd,
  STOREWIRE_BUNDLE_ID: 'com.example.app',
  STOREWIRE_CONNECT_API_URL: fake.url,
  STOREWIRE_CONNECT_KEY_ID: 'ABC1234567',
  STOREWIRE_CONNECT_PRIVATE_KEY: PEM,
});

/** Runs the command, does `work` once it is ready, then interrupts it. */
async function run(
  argv: readonly string[],
  work: (running: Running) => Promise<unknown> = async () => {},
  { deps = {}, env = {}, isTty = false }: World = {},
): Promise<CliRun> {
  const interrupt = new AbortController();
  const output = captureOutput({ isTty, columns: isTty ? 120 : Number.POSITIVE_INFINITY });
  let waiting: (() => void)[] = [];
  const write = (data: string | Uint8Array): void => {
    output.stream.write(data);
    for (const wake of waiting.splice(0)) wake();
  };
  const running = runCommand(
    registerListen,
    ['listen', '--port', '0', ...argv],
    {
      stdin: { isTty, chunks: () => (async function* () {})(), setRaw: () => undefined },
      stdout: { ...output.stream, write },
      env: { ...KEY(), ...env },
      cwd,
      now,
      sleep: (ms, signal) => sleep(ms > 999 && ms < 5_000 ? 0 : ms, signal),
      random: (bytes) => randomBytes(bytes),
      http: createDispatcher,
      signal: interrupt.signal,
      startWorker: null,
      cores: 1,
      platform: process.platform,
      userId: process.geteuid?.() ?? -1,
      processId: process.pid,
      isRunning: () => false,
      ...deps,
    },
    { isTty, columns: isTty ? 120 : Number.POSITIVE_INFINITY },
  );
  let isOver = false;
  void running.then(() => {
    isOver = true;
    for (const wake of waiting.splice(0)) wake();
  });
  const shown = async (text: string): Promise<void> => {
    while (!isOver && !output.text().includes(text)) await new Promise<void>((resolve) => void waiting.push(resolve));
  };
  await shown(argv.includes('--json') ? '"ready"' : 'Try it');
  const stop = (): void => interrupt.abort('SIGINT');
  if (!isOver) await work({ interrupt: stop, shown });
  stop();
  waiting = [];
  return { ...(await running), stdout: output.text() };
}

const CLAIM = ['--claim', 'sandbox', '--public-url', PUBLIC];

/** Prompts that give these answers; `asked` collects the questions. */
function answering(...answers: boolean[]): { deps: Partial<Deps>; asked: string[] } {
  const asked: string[] = [];
  const confirm = ({ message }: { message: string }) => {
    asked.push(message);
    return Promise.resolve(answers.shift() ?? Promise.reject(new Error(`asked too often: ${message}`)));
  };
  return { deps: { prompts: () => Promise.resolve({ confirm } as never) }, asked };
}

const shownSandbox = () => ({
  subscriptionStatusUrlForSandbox: fake.attributes.subscriptionStatusUrlForSandbox,
  subscriptionStatusUrlVersionForSandbox: fake.attributes.subscriptionStatusUrlVersionForSandbox,
});
const eventsOf = ({ stdout }: CliRun): ListenerEvent[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const codesOf = (result: CliRun) => eventsOf(result).map((event) => ('code' in event ? event.code : event.event));
const errorOf = ({ stderr }: CliRun) => JSON.parse(stderr.trimEnd().split('\n').at(-1)!).error;
const keptPath = () => join(cwd, '.storewire', 'endpoint.json');
const kept = () => (existsSync(keptPath()) ? JSON.parse(readFileSync(keptPath(), 'utf8')).changes : []);

/** A claim whose listener was killed: taken down with a disk and an API as they were while it ran. */
async function killed(): Promise<void> {
  let saved = '';
  await run([...CLAIM, '--yes'], async () => {
    saved = readFileSync(keptPath(), 'utf8');
  });
  writeFileSync(keptPath(), saved);
  fake.attributes = { ...fake.attributes, ...CLAIMED };
}

describe('listen --claim sandbox', () => {
  it('shows the change, claims before it is ready, and restores the previous URL and version', async () => {
    const result = await run([...CLAIM, '--yes'], async () => {
      expect(shownSandbox()).toEqual(CLAIMED);
      expect(kept()).toMatchObject([
        { by: 'claim', claimedBy: process.pid, before: { sandbox: { url: OLD, version: 'V1' } } },
      ]);
    });
    expect(result.code).toBe(EXIT.ok);
    expect(fake.changes()).toEqual([CLAIMED, SANDBOX]);
    expect(kept()).toMatchObject([{ claimedBy: null, undoneAtMs: expect.any(Number) }]);
    expect(result.stderr.split('\n').slice(1)).toEqual([
      'Claiming the sandbox of Coffee (com.example.app)',
      '  to          https://dev.example.com/apple',
      '  instead of  https://old.example.com/apple, Version 1',
      '  diverts     all sandbox and TestFlight notifications of this app, for every tester',
      '              Apple sends each one once: any that is not accepted here is lost',
      '  until       this stops; the previous URL is then restored',
      '              Apple may need up to an hour to switch, either way',
      '',
      'Changed and confirmed: sandbox notifications go here now.',
      expect.stringMatching(/^Restoring the previous sandbox URL\. If you interrupt this, the next /),
      'Restored the sandbox URL https://old.example.com/apple, Version 1. Apple may need up to an hour to switch.',
      '',
      'Stopped. Nothing was received.',
      '',
    ]);
    expect(result.stdout).toContain(
      'claimed   https://dev.example.com/apple  set as Sandbox Server URL until this stops',
    );
  });

  it('reports events with --json', async () => {
    const result = await run([...CLAIM, '--yes', '--json']);
    expect([result.code, result.stderr]).toEqual([EXIT.ok, '']);
    expect(codesOf(result)).toEqual(['CLAIM_SET', 'ready', 'CLAIM_ENDING', 'CLAIM_RESTORED', 'stopped']);
  });

  it('with --dry-run shows the change and does nothing', async () => {
    const result = await run([...CLAIM, '--dry-run', '--json']);
    expect([result.code, fake.changes(), existsSync(join(cwd, '.storewire'))]).toEqual([EXIT.ok, [], false]);
    expect(JSON.parse(result.stdout)).toEqual({
      claim: 'sandbox',
      app: { appAppleId: '42', bundleId: 'com.example.app', name: 'Coffee' },
      old: { url: OLD, version: 'V1' },
      receiver: { url: OLD, version: 'V1', of: 'sandbox' },
      url: PUBLIC,
    });
    expect((await run([...CLAIM, '--dry-run'])).stdout).toContain('Claiming the sandbox of Coffee');
  });

  it.each<[string, boolean[], number, number, string | null]>([
    ['a no', [false], EXIT.usage, 0, null],
    ['a yes, and the old URL as a target', [true, true], EXIT.ok, 2, '→ https://old.example.com/…'],
    ['a yes without', [true, false], EXIT.ok, 2, 'nowhere'],
  ])('asks on a terminal: %s', async (_what, answers, code, changes, target) => {
    const { deps, asked } = answering(...answers);
    const count = answers.length;
    const result = await run(CLAIM, undefined, { deps, isTty: true });
    expect([result.code, asked.length, fake.changes().length]).toEqual([code, count, changes]);
    if (target !== null) expect(result.stdout).toContain(target);
    if (count === 2) expect(asked[1]).toContain(OLD);
  });

  it('does not offer a target that is one already', async () => {
    const { deps, asked } = answering(true);
    const result = await run([...CLAIM, '-f', OLD], undefined, { deps, isTty: true });
    expect([result.code, asked.length]).toEqual([EXIT.ok, 1]);
  });

  it('keeps a URL that someone else has set meanwhile, and shows it', async () => {
    const other =
      'https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/abcdefgh12345678';
    const result = await run([...CLAIM, '--yes', '--json'], async () => {
      fake.attributes = { ...fake.attributes, subscriptionStatusUrlForSandbox: other };
    });
    expect([result.code, fake.changes().length]).toEqual([EXIT.ok, 1]);
    expect(eventsOf(result).find((event) => 'code' in event && event.code === 'CLAIM_TAKEN')).toMatchObject({
      message:
        'Left the sandbox URL unchanged: someone else has set it to https://api.revenuecat.com/… (RevenueCat), Version 2.',
    });
    expect(kept()).toMatchObject([{ claimedBy: null, undoneAtMs: null }]);
    expect(codesOf(await run(['--json']))).toEqual(['ready', 'stopped']);
  });

  it('notices that the URL was already restored', async () => {
    const result = await run([...CLAIM, '--yes', '--json'], async () => {
      fake.attributes = { ...fake.attributes, ...SANDBOX };
    });
    expect([result.code, fake.changes().length]).toEqual([EXIT.ok, 1]);
    expect(eventsOf(result).at(-2)).toMatchObject({
      message: expect.stringContaining('The sandbox URL was already restored'),
    });
  });

  it('shows how to restore the URL when App Store Connect fails, and exits with 4', async () => {
    const result = await run([...CLAIM, '--yes'], async () => {
      fake.next('GET', ...Array.from({ length: 3 }, () => refusal(500, 'UNEXPECTED_ERROR')));
    });
    expect(result.code).toBe(EXIT.remote);
    expect(result.stdout).toMatch(/Could not restore the sandbox URL[\s\S]*storewire endpoint restore/);
    expect(kept()).toMatchObject([{ claimedBy: process.pid, undoneAtMs: null }]);
  });

  it('gives up waiting for an App Store Connect that does not answer', async () => {
    const result = await run([...CLAIM, '--yes', '--json'], async () => fake.next('GET', { hang: true }), {
      deps: { sleep: (ms, signal) => sleep(ms === 20_000 ? 0 : ms > 999 && ms < 5_000 ? 60_000 : ms, signal) },
    });
    expect(codesOf(result)).toContain('CLAIM_OPEN');
    expect(result.code).toBe(EXIT.remote);
  });

  it('without a previous URL needs --yes, and clears the URL afterwards', async () => {
    fake.attributes = { subscriptionStatusUrl: LIVE, subscriptionStatusUrlVersion: 'V2' };
    const asked = answering(true, true);
    const result = await run([...CLAIM], undefined, { deps: asked.deps, isTty: true });
    expect([result.code, asked.asked, fake.changes()]).toEqual([EXIT.usage, [], []]);
    expect(result.stderr).toMatch(/production URL https:\/\/live\.example\.com\/apple[\s\S]*--yes/);
    const second = await run([...CLAIM, '--yes']);
    expect(second.code).toBe(EXIT.ok);
    expect(fake.changes()).toEqual([CLAIMED, { subscriptionStatusUrlForSandbox: null }]);
    expect(second.stderr).toContain('Cleared the sandbox URL');
  });

  it('changes nothing when App Store Connect already has the URL', async () => {
    fake.attributes = CLAIMED;
    expect(codesOf(await run([...CLAIM, '--yes', '--json']))).toEqual(['CLAIM_SET', 'ready', 'stopped']);
    expect([fake.changes(), kept()]).toEqual([[], []]);
  });

  it.each<[string, readonly string[], Record<string, string | undefined>, number, string]>([
    ['no public URL', ['--claim', 'sandbox'], {}, EXIT.usage, 'ERR_USAGE_CLAIM'],
    [
      'a public URL that Apple cannot reach',
      ['--claim', 'sandbox', '--public-url', 'https://10.0.0.1/'],
      {},
      EXIT.usage,
      'ERR_ENDPOINT_URL',
    ],
    ['no --yes and nobody to ask', CLAIM, {}, EXIT.usage, 'ERR_CLAIM_CONFIRM'],
    ['no key', [...CLAIM, '--yes'], { STOREWIRE_CONNECT_KEY_ID: undefined }, EXIT.auth, 'ERR_KEY_NOT_SET'],
    [
      'no bundle id',
      [...CLAIM, '--yes'],
      { STOREWIRE_BUNDLE_ID: undefined },
      EXIT.usage,
      'ERR_SETTINGS_BUNDLE_ID_MISSING',
    ],
    [
      'another app',
      [...CLAIM, '--yes'],
      { STOREWIRE_BUNDLE_ID: 'com.example.other' },
      EXIT.usage,
      'ERR_CONNECT_NOT_FOUND',
    ],
    ['--dry-run alone', ['--dry-run'], {}, EXIT.usage, 'ERR_USAGE_CLAIM'],
  ])('stops at %s, with nothing changed', async (_what, argv, env, code, errorCode) => {
    const result = await run([...argv, '--json'], undefined, { env });
    expect([result.code, errorOf(result).code, fake.changes(), kept()]).toEqual([code, errorCode, [], []]);
  });

  it('does not start when the change is refused', async () => {
    fake.next('PATCH', refusal(403, 'FORBIDDEN_ERROR'));
    const result = await run([...CLAIM, '--yes', '--json']);
    expect([result.code, errorOf(result).code, kept()]).toEqual([EXIT.auth, 'ERR_CONNECT_FORBIDDEN', []]);
    expect(result.stdout).toBe('');
  });

  it('restores the URL when the response to the change was lost and it cannot start', async () => {
    fake.next('PATCH', 'lost');
    fake.next('GET', 'pass', 'pass', ...Array.from({ length: 3 }, () => refusal(500, 'UNEXPECTED_ERROR')));
    const result = await run([...CLAIM, '--yes', '--json']);
    expect([result.code, errorOf(result).code]).toEqual([EXIT.remote, 'ERR_HTTP_UNREACHABLE']);
    expect([fake.changes(), shownSandbox()]).toEqual([[CLAIMED, SANDBOX], SANDBOX]);
  });

  it('restores nothing when interrupted before the change', async () => {
    const { deps } = { deps: { signal: AbortSignal.abort('SIGINT') } };
    const result = await run([...CLAIM, '--yes', '--json'], undefined, { deps });
    expect([result.code, fake.changes(), kept()]).toEqual([EXIT.interrupted, [], []]);
  });

  it('refuses to claim production', async () => {
    const argv = ['listen', '--claim', 'production', '--public-url', PUBLIC];
    await expect(runCommand(registerListen, argv, {})).rejects.toThrow('Allowed choices are sandbox');
  });
});

describe('after a crash', () => {
  it('the next listen restores the previous URL first, and says so', async () => {
    await killed();
    const result = await run([]);
    expect([result.code, shownSandbox()]).toEqual([EXIT.ok, SANDBOX]);
    expect(result.stderr).toMatch(
      /An earlier `listen --claim sandbox` of com\.example\.app \(.*\) ended without restoring the URL\. Restored the sandbox URL https:\/\/old\.example\.com\/apple, Version 1\./,
    );
    expect(kept()).toMatchObject([{ claimedBy: null, undoneAtMs: expect.any(Number) }]);
    expect((await run([])).stderr).not.toContain('earlier');
  });

  it('the next claim keeps the URL from before the first', async () => {
    await killed();
    const before = fake.changes().length;
    expect((await run([...CLAIM, '--yes'])).code).toBe(EXIT.ok);
    expect(fake.changes().slice(before)).toEqual([SANDBOX, CLAIMED, SANDBOX]);
  });

  it.each<[string, () => Record<string, string | undefined>, string]>([
    ['without a key', () => ({ STOREWIRE_CONNECT_KEY_ID: undefined }), 'missing: key id'],
    [
      'at another address',
      () => ({ STOREWIRE_CONNECT_API_URL: 'http://127.0.0.1:1' }),
      'the base address is now http://127.0.0.1:1',
    ],
  ])('listens anyway and shows how to restore %s', async (_what, env, words) => {
    await killed();
    const result = await run(['--json'], undefined, { env: env() });
    expect([result.code, codesOf(result)]).toEqual([EXIT.ok, ['CLAIM_OPEN', 'ready', 'stopped']]);
    expect(eventsOf(result)[0]).toMatchObject({ message: expect.stringContaining(words) });
    expect(eventsOf(result)[0]).toMatchObject({ message: expect.stringContaining('storewire endpoint restore') });
    expect(shownSandbox()).toEqual(CLAIMED);
  });

  it('does not claim over a claim that cannot be restored', async () => {
    await killed();
    fake.next('PATCH', refusal(403, 'FORBIDDEN_ERROR'));
    const result = await run([...CLAIM, '--yes', '--json']);
    expect([result.code, errorOf(result).code]).toEqual([EXIT.usage, 'ERR_CLAIM_OPEN']);
  });

  it('keeps a URL that someone else has set since', async () => {
    await killed();
    fake.attributes = { ...fake.attributes, subscriptionStatusUrlForSandbox: LIVE };
    const before = fake.changes().length;
    expect(codesOf(await run(['--json']))).toEqual(['CLAIM_TAKEN', 'ready', 'stopped']);
    expect([fake.changes().length, kept()[0].claimedBy]).toEqual([before, null]);
  });

  it('does nothing for a file from a copy of the folder, but reports it', async () => {
    await killed();
    const copy = join(cwd, 'clone');
    cpSync(join(cwd, '.storewire'), join(copy, '.storewire'), { recursive: true });
    const result = await run(['--json'], undefined, { deps: { cwd: copy } });
    expect(codesOf(result)).toEqual(['CLAIM_OPEN', 'ready', 'stopped']);
    expect([shownSandbox(), eventsOf(result)[0]]).toMatchObject([
      CLAIMED,
      { message: expect.stringContaining('clone') },
    ]);
  });

  it('listens although the file is damaged', async () => {
    await killed();
    writeFileSync(keptPath(), 'nonsense');
    expect(codesOf(await run(['--json']))).toEqual(['CLAIM_OPEN', 'ready', 'stopped']);
  });
});
