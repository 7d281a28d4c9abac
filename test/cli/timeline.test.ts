import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Deps, InputStream } from '../../src/cli/deps.js';
import { ID_MATCHING } from '../../src/cli/filter-report.js';
import { registerTimeline } from '../../src/commands/timeline/command.js';
import type { TimelineOptions } from '../../src/commands/timeline/options.js';
import type { PurchaseTimeline } from '../../src/purchase/purchase.js';
import { ensureStateFolder, findStateFolder } from '../../src/settings/state-folder.js';
import { openAuthority } from '../../src/simulator/authority/authority-file.js';
import type { Signer } from '../../src/simulator/authority/sign-payload.js';
import { signNotification } from '../../src/simulator/authority/sign-payload.js';
import type { BuiltNotification } from '../../src/simulator/payloads/assemble.js';
import { buildNotification } from '../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../src/simulator/random.js';
import { buildScenario } from '../../src/simulator/scenarios/scenarios.js';
import {
  type AppleHome,
  FakeServerApi,
  makeAppleHome,
  type VirtualClock,
  virtualClock,
} from '../support/fake-server-api.js';
import { type RecordedJournal, recordJournal } from '../support/recorded-journal.js';
import { captureOutput, runCli, TEST_NOW_MS } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';
import { checkXml } from '../support/xml.js';

const DAY = 86_400_000;

const userId = process.geteuid?.() ?? -1;

let home: string;
let signer: Signer;

/** A project with a test authority, whose root the command trusts, and no journal. */
beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-timeline-')));
  const folder = ensureStateFolder(findStateFolder(home, null, userId), userId);
  const { authority } = await openAuthority(join(folder, 'authority'), { nowMs: TEST_NOW_MS, userId });
  signer = await authority.issueChain();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Bodies of a scenario, as `trigger --print` prints them. */
function scenario(name: string, seed = name): readonly string[] {
  const steps = buildScenario(name, { nowMs: TEST_NOW_MS, random: seededRandom(seed) });
  return steps.map(({ built }) => toBody(built));
}

function notification(type: string, options: object = {}): string {
  const built = buildNotification({ type, nowMs: TEST_NOW_MS, random: seededRandom(type), ...options });
  return toBody(built);
}

function toBody(built: BuiltNotification): string {
  const { signedPayload } = signNotification(built, signer);
  return `${JSON.stringify({ signedPayload })}\n`;
}

const run = (argv: string, input?: string, more: Partial<Deps> = {}) =>
  runCli(['timeline', ...argv.split(' ').filter(Boolean)], {
    cwd: home,
    ...(input === undefined ? {} : { input }),
    ...more,
  });

const jsonOf = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as PurchaseTimeline);

const SYNTHETIC = "Signed by this project's test authority, not by Apple.\n";

const lost = () => scenario('billing-retry-lost').join('');

const file = (name: string): string => readFileSync(join(home, name), 'utf8');

describe('timeline of one purchase', () => {
  it('is a picture with the state first, in a pipe', async () => {
    const { code, stdout, stderr } = await run('-', lost());
    expect({ code, stderr }).toEqual({ code: 0, stderr: SYNTHETIC });
    expect(stdout.split('\n')[0]).toBe('Expired since 2026-11-20T12:00:00Z (now)');
    expect(stdout).toMatch(/\n {2}active +grace +billing retry +expired\n/);
    expect(stdout).toMatch(
      /\n {2}d {2}2026-11-20T12:00:00Z {2}EXPIRED\.BILLING_RETRY +Expired: Apple stopped retrying the payment\n/,
    );
  });

  it('fits a terminal of 80 columns and 24 lines', async () => {
    const terminal = captureOutput({ isTty: true, columns: 80 });
    const { code } = await run('--no-color', lost(), { stdout: terminal.stream });
    const lines = terminal.text().trimEnd().split('\n');
    expect({ code, wide: lines.filter((line) => line.length > 80) }).toEqual({ code: 0, wide: [] });
    expect(lines.length).toBeLessThan(23);
  });

  it('does not depend on the order of the input, nor on repeats', async () => {
    const bodies = scenario('billing-retry-lost');
    const [shuffled] = jsonOf((await run('--json', [...bodies, bodies[1]].reverse().join(''))).stdout);
    const [ordered] = jsonOf((await run('--json', bodies.join(''))).stdout);
    expect([shuffled!.state, shuffled!.periods.length]).toEqual([ordered!.state, ordered!.periods.length]);
  });

  it('is read from files and directories', async () => {
    const folder = join(home, 'bodies');
    mkdirSync(folder, { recursive: true });
    for (const [index, body] of scenario('refund').entries()) writeFileSync(join(folder, `${index}.json`), body);
    expect((await run('bodies')).stdout.split('\n')[0]).toMatch(/^Refunded since /);
    expect((await run('bodies/0.json')).stdout.split('\n')[0]).toMatch(/^Active until |^Not known|^State unknown/);
  });

  it('is verified by the authority that trigger makes in the meantime, in `trigger --print | timeline -`', async () => {
    const project = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-timeline-new-')));
    onTestFinished(() => rmSync(project, { recursive: true }));
    const stdin: InputStream = {
      isTty: false,
      isPiped: true,
      setRaw: () => undefined,
      async *chunks() {
        const folder = ensureStateFolder(findStateFolder(project, null, userId), userId);
        const { authority } = await openAuthority(join(folder, 'authority'), { nowMs: TEST_NOW_MS, userId });
        const built = buildNotification({ type: 'DID_RENEW', nowMs: TEST_NOW_MS, random: seededRandom('new') });
        const { signedPayload } = signNotification(built, await authority.issueChain());
        yield Buffer.from(JSON.stringify({ signedPayload }));
      },
    };
    const { code, stdout } = await run('- --json', undefined, { cwd: project, stdin });
    expect(code).toBe(0);
    expect(jsonOf(stdout)).toMatchObject([{ events: [{ verdict: 'valid' }] }]);
  });

  it('is verified in worker threads where there are many payloads', async () => {
    const posted: unknown[] = [];
    const startWorker = () => {
      let fail: (error: Error) => void = () => undefined;
      const post = (message: unknown): void => {
        posted.push(message);
        if (posted.length > 2) queueMicrotask(() => fail(new Error('the thread of the test has no code')));
      };
      const onError = (listener: typeof fail): void => {
        fail = listener;
      };
      return { post, onError, onMessage: () => undefined, stop: () => Promise.resolve() };
    };
    const bodies = Array.from({ length: 100 }, (_, at) => notification('DID_RENEW', { seed: at }));
    await expect(run('--json', bodies.join(''), { startWorker, cores: 2 })).rejects.toThrow('the thread of the test');
    expect(posted).toContainEqual(expect.objectContaining({ type: 'batch' }));
  });

  it('is one object with --json', async () => {
    const { code, stdout, stderr } = await run('--json', lost());
    expect({ code, stderr, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, stderr: '', lines: 1 });
    expect(jsonOf(stdout)[0]).toMatchObject({
      kind: 'subscription',
      state: 'expired',
      environment: 'Sandbox',
      events: [{ type: 'SUBSCRIBED.INITIAL_BUY', source: 'stdin:1', verdict: 'valid' }, {}, {}, {}],
    });
  });
});

describe('timeline of several purchases', () => {
  const several = () => [...scenario('renewals'), ...scenario('refund'), ...scenario('one-time-charge')].join('');

  it('is a line each, and tells how to see more', async () => {
    const { stdout, stderr } = await run('', several());
    expect(stdout.split('\n')[0]).toBe('3 purchases: 2 active, 1 refunded');
    expect(stdout).toMatch(/\n {2}\d+ +com\.example\.app\.premium\.monthly +[█▊░]+ +active until 2026-12-20\n/);
    expect(stderr).toBe(`${SYNTHETIC}One in detail: --id ID. All in detail: -v.\n`);
  });

  it('is each in detail with -v', async () => {
    const { stdout } = await run('-v', several());
    expect(stdout.match(/ {2}a {2}2026/g)).toHaveLength(3);
  });

  it('is one with the beginning of an id, of the transaction or of the account', async () => {
    const all = jsonOf((await run('--json', several())).stdout);
    const { id, appAccountToken, events } = all.find(({ state }) => state === 'refunded')!;
    for (const each of [
      id,
      id.slice(0, 12),
      events.at(-1)!.transactionId!,
      appAccountToken!.slice(0, 9).toUpperCase(),
    ]) {
      const { stdout } = await run(`--json --id ${each}`, several());
      expect([each, jsonOf(stdout).map((purchase) => purchase.id)]).toEqual([each, [id]]);
    }
  });

  it('is limited to those with the newest events, in their order', async () => {
    const ids = jsonOf((await run('--json', several())).stdout).map(({ id }) => id);
    const limited = jsonOf((await run('--json --limit 2', several())).stdout).map(({ id }) => id);
    expect(limited).toHaveLength(2);
    expect(ids.filter((id) => limited.includes(id))).toEqual(limited);
  });

  it('is of one environment', async () => {
    const production = notification('DID_RENEW', { environment: 'Production' });
    const { stdout } = await run('--json --environment production', several() + production);
    expect(jsonOf(stdout).map(({ environment }) => environment)).toEqual(['Production']);
  });
});

describe('findings', () => {
  const withGap = () =>
    scenario('renewals')
      .filter((_, index) => index !== 2)
      .join('');

  it('are shown with the next step, exit 0', async () => {
    const { code, stdout } = await run('', withGap());
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nFinding\n {2}! No notification covers the time from \S+Z to \S+Z/);
    expect(stdout).toContain('storewire history');
  });

  it('are exit 1 with --strict, and only they', async () => {
    expect((await run('--strict', withGap())).code).toBe(1);
    expect((await run('--strict --json', withGap())).code).toBe(1);
    expect((await run('--strict', lost())).code).toBe(0);
  });

  it('are what is not verified: a document without its JWS is drawn with gaps, whatever verdict it brings', async () => {
    const { stdout: verified } = await runCli(['verify', '--json', '--root', '.storewire/authority/root.pem'], {
      cwd: home,
      input: lost(),
    });
    expect(verified).toContain('"verdict":"valid"');
    expect(verified).not.toContain('"jws"');
    const { code, stdout } = await run('--strict', verified);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Not verified: Expired since/);
    expect(stdout).toContain('4 of 4 notifications were not verified');
  });

  it('are forged notifications, which change nothing', async () => {
    const [first = '', ...rest] = scenario('renewals');
    const { signedPayload } = JSON.parse(rest.at(-1)!) as { signedPayload: string };
    const forged = JSON.stringify({ signedPayload: `${signedPayload.slice(0, -4)}AAAA` });
    const { stdout } = await run('', [first, ...rest.slice(0, -1), forged].join('\n'));
    expect(stdout).toContain('failed verification');
  });
});

describe('pictures', () => {
  it('are written to files, and the text is printed beside them', async () => {
    const { code, stdout, stderr } = await run('--svg out/a.svg --html out/a.html', lost());
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Wrote out/a.svg\nWrote out/a.html\n${SYNTHETIC}` });
    expect(stdout).toMatch(/^Expired since/);
    const [svg, html] = [file('out/a.svg'), file('out/a.html')];
    expect(checkXml(svg)).toEqual([]);
    expect(svg).toContain('test authority, not by Apple');
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).toContain('<title>storewire timeline: Expired since 2026-11-20T12:00:00Z (now)</title>');
    expect(html).toContain('<strong>Expired since <span class="at">2026-11-20T12:00:00Z</span> (now)</strong>');
    expect(html).not.toMatch(/<script|https?:\/\/|\ssrc=/);
  });

  it.runIf(process.platform !== 'win32')('are for the user alone: they show customers', async () => {
    await run('--svg mode.svg --html mode.html', lost());
    for (const name of ['mode.svg', 'mode.html']) expect(statSync(join(home, name)).mode & 0o777).toBe(0o600);
  });

  it('are alone on stdout for -', async () => {
    expect((await run('--svg -', lost())).stdout).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect((await run('--html -', lost())).stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    const several = [...scenario('renewals'), ...scenario('refund')].join('');
    const svg = (await run('--svg -', several)).stdout;
    expect(checkXml(svg)).toEqual([]);
    expect(svg).toContain('test authority, not by Apple');
  });

  it('go beside JSON', async () => {
    const { stdout } = await run('--json --svg json.svg', lost());
    expect(jsonOf(stdout)).toHaveLength(1);
    expect(file('json.svg')).toMatch(/^<svg/);
  });

  it.each([
    ['--svg - --html -', 'more than one output would go to stdout'],
    ['--svg - --json', 'more than one output would go to stdout'],
    ['--svg same --html same', '--svg and --html name the same file'],
    ['--svg https://example.com/a.svg', '--svg and --html take a file, not a URL'],
  ])('have a place each: %s', async (flags, message) => {
    const { code, stdout, stderr } = await run(flags, lost());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('that cannot be written are an error after the answer', async () => {
    const { code, stdout, stderr } = await run('--svg .storewire', lost());
    expect(code).toBe(2);
    expect(stdout).toMatch(/^Expired since/);
    expect(stderr).toContain(
      'error: .storewire cannot be written: EISDIR\n  hint: Pass the path of a file that you can write.',
    );
  });
});

describe('input without a purchase', () => {
  it.each([
    [
      'a TEST notification',
      () => notification('TEST'),
      'error: no purchase in the input: a TEST notification is about no purchase\n',
    ],
    ['text', () => 'hello\n', 'no payload found in standard input'],
  ])('is an error: %s', async (_case, input, message) => {
    const { code, stdout, stderr } = await run('', input());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('that is an empty pipe is an error with -, and without it where there is no journal', async () => {
    expect((await run('-', '')).stderr).toContain('error: standard input is empty');
    const bare = mkdtempSync(join(tmpdir(), 'storewire-bare-'));
    const { code, stderr } = await run('', '', { cwd: bare });
    rmSync(bare, { recursive: true });
    expect(code).toBe(2);
    expect(stderr).toContain('error: standard input is empty');
  });

  it('beside a purchase is counted', async () => {
    const { code, stderr } = await run('', notification('TEST') + lost());
    expect(code).toBe(0);
    expect(stderr).toContain('1 payload of no purchase left out: a TEST notification is about no purchase.\n');
  });

  it('that cannot be decoded is an error after the picture', async () => {
    const { code, stdout, stderr } = await run('', `${lost()}{"signedPayload":"eyJhbGciOiJFUzI1NiJ9.e30"}\n`);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^Expired since/);
    expect(stderr).toContain('error: 1 of 5 payloads could not be decoded: stdin:5\n');
  });

  it('with another id is an error', async () => {
    const { code, stderr } = await run('--id 99', lost());
    expect(code).toBe(2);
    expect(stderr).toContain(
      `error: no purchase has the transaction id or account token "99" (1 purchase in the input)\n  hint: ${ID_MATCHING} List all: omit --id.\n`,
    );
  });

  it('of another environment is an error', async () => {
    const { code, stderr } = await run('--environment production', lost());
    expect(code).toBe(2);
    expect(stderr).toContain('error: no purchase of Production (1 purchase in the input)\n');
  });

  it('that is missing is an error', async () => {
    const { code, stderr } = await run('nothing-here.json');
    expect(code).toBe(2);
    expect(stderr).toContain('no such file: nothing-here.json');
  });

  it('of an environment that does not exist is an error', async () => {
    const { code, stderr } = await run('--environment staging', lost());
    expect(code).toBe(2);
    expect(stderr).toContain('It is sandbox or production.');
  });

  it.each([
    ['--from-history payloads.json', '--from-history cannot be combined with files'],
    ['--since 7d', '--since needs --from-history'],
    ['--timeout 7s', '--timeout needs --from-history'],
  ])('names two sources: %s', async (flags, message) => {
    const { code, stderr } = await run(flags);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('the journal', () => {
  let recorded: RecordedJournal;
  beforeEach(async () => {
    recorded = await recordJournal();
  });
  afterEach(async () => {
    await recorded.close();
    recorded.remove();
  });

  const read = (argv: string) => run(argv, undefined, { cwd: recorded.home });

  it('is read where nothing is given; the arrival of a test notification tells nothing', async () => {
    const atMs = TEST_NOW_MS - 3_600_000;
    const jws = recorded.signed({ type: 'SUBSCRIBED', subtype: 'INITIAL_BUY', nowMs: TEST_NOW_MS - 2 * DAY });
    await recorded.receive({}, { atMs }, jws);
    const { code, stdout } = await read('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Active until /);
    const [purchase] = jsonOf((await read('--json')).stdout);
    expect(purchase).toMatchObject({ events: [{ receivedAtMs: null }], findings: [] });
    expect(purchase!.events[0]!.source).toMatch(/^journal:/);
  });

  it('is read where the pipe is empty, as it is in many a script', async () => {
    await recorded.receive({ type: 'DID_RENEW' });
    const { code, stdout, stderr } = await run('', '', { cwd: recorded.home });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Active until /);
    expect(stderr).toContain('Standard input is empty: reading the journal. To read only it, pass -.\n');
  });

  it('without a purchase has nothing to draw, exit 0', async () => {
    await recorded.receive({ type: 'TEST' });
    expect(await read('--svg a.svg')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Nothing to draw: no purchase in the journal: a TEST notification is about no purchase.\n',
    });
  });

  it('is read for one id', async () => {
    for (const type of ['DID_RENEW', 'REFUND', 'REVOKE']) await recorded.receive({ type });
    const all = jsonOf((await read('--json')).stdout);
    expect(all).toHaveLength(3);
    const one = all[1]!;
    for (const wanted of [one.id, `…${one.id.slice(-6)}`, `*${one.id.slice(-6)}`])
      expect(jsonOf((await read(`--json --id ${wanted}`)).stdout).map(({ id }) => id)).toEqual([one.id]);
    const { code, stderr } = await read('--id 00');
    expect(code).toBe(2);
    expect(stderr).toContain('error: no purchase has the transaction id or account token "00" (in the journal)\n');
  });

  it('with rejected bodies only is an error', async () => {
    await recorded.reject(Buffer.from('nothing'));
    const { code, stderr } = await read('');
    expect(code).toBe(2);
    expect(stderr).toContain('error: the journal has rejected bodies only, no verified notification\n');
  });

  it('that is empty is an error', async () => {
    const { code, stderr } = await read('');
    expect(code).toBe(2);
    expect(stderr).toContain('error: there is no journal here');
  });
});

describe("Apple's history", () => {
  let apple: AppleHome;
  let fake: FakeServerApi;
  let clock: VirtualClock;
  const { signal } = new AbortController();
  beforeAll(async () => {
    apple = await makeAppleHome();
  });
  afterAll(() => apple.remove());
  beforeEach(async () => {
    const signed = (type: string, ageMs: number) => ({
      signedPayload: apple.signed({ type, nowMs: TEST_NOW_MS - ageMs }),
      sendAttempts: [{ attemptDate: TEST_NOW_MS - ageMs + 7_200_000, sendAttemptResult: 'SUCCESS' }],
    });
    const notificationHistory = [signed('DID_RENEW', DAY), signed('TEST', 0)];
    clock = virtualClock(signal);
    fake = await FakeServerApi.start(
      () => ({ json: { notificationHistory, hasMore: false } }),
      () => clock.now(),
    );
  });
  afterEach(() => fake.stop());

  const ask = (argv: string) =>
    runCommand(registerTimeline as Register, ['timeline', ...argv.split(' ')], {
      env: { ...apple.env, STOREWIRE_SERVER_API_SANDBOX_URL: fake.url },
      cwd: join(apple.folder, 'work'),
      now: clock.now,
      sleep: clock.sleep,
      random: (bytes) => new Uint8Array(bytes).fill(255),
      http: async () => fake.dispatcher,
      signal,
      platform: process.platform,
      userId,
    });

  it('is read with --from-history, 30 days back, and verified', async () => {
    const { code, stdout, stderr } = await ask('--from-history --environment sandbox');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(
        '\n1 payload of no purchase left out: a TEST notification is about no purchase.\n',
      ),
    });
    expect(stdout).toMatch(/^Active until /);
    expect(stdout).toContain('arrived 2 hours later');
    const { startDate, transactionId } = JSON.parse(fake.seen[0]!.body);
    expect(TEST_NOW_MS - startDate).toBeLessThanOrEqual(30 * DAY);
    expect(TEST_NOW_MS - startDate).toBeGreaterThan(29 * DAY);
    expect(transactionId).toBe(undefined);
  });

  it('is asked for one customer where the id is whole', async () => {
    await ask('--from-history --environment sandbox --id 2000000310631470');
    expect(JSON.parse(fake.seen[0]!.body).transactionId).toBe('2000000310631470');
    await ask('--from-history --environment sandbox --id 20000003');
    expect(JSON.parse(fake.seen[1]!.body).transactionId).toBe(undefined);
  });

  it('needs an environment', async () => {
    const { code, stderr } = await ask('--from-history');
    expect(code).toBe(2);
    expect(stderr).toContain('environment');
  });
});

describe('timeline, wiring', () => {
  async function parse(argv: string): Promise<TimelineOptions | undefined> {
    let options: TimelineOptions | undefined;
    const register: Register = (parent, deps, finish) =>
      registerTimeline(parent, deps, finish, async (given) => {
        options = given;
        return 0;
      });
    await runCommand(register, ['timeline', ...argv.split(' ').filter(Boolean)], {});
    return options;
  }

  it('has defaults', async () =>
    expect(await parse('')).toEqual({
      ...{ inputs: [], fromHistory: false, strict: false, verbose: false, yes: false, json: false },
    }));

  it('takes every flag', async () =>
    expect(
      await parse(
        'a b --id 1 --environment sandbox --limit 3 --from-history --since 7d --until 1d --timeout 5s --svg s --html h --strict -v --json',
      ),
    ).toEqual({
      inputs: ['a', 'b'],
      ...{ id: '1', environment: 'Sandbox', limit: 3, fromHistory: true, timeout: 5_000, svg: 's', html: 'h' },
      ...{ since: { agoMs: 7 * DAY }, until: { agoMs: DAY }, strict: true, verbose: true, yes: false, json: true },
    }));
});
