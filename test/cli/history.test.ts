import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { ID_MATCHING } from '../../src/cli/filter-report.js';
import { registerHistory } from '../../src/commands/history/command.js';
import type { HistoryOptions } from '../../src/commands/history/run.js';
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
import { captureOutput, TEST_NOW_MS } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';

const DAY = 86_400_000;

let home: AppleHome;
let items: readonly object[];
beforeAll(async () => {
  home = await makeAppleHome();
  items = Array.from({ length: 45 }, (_, index) => ({
    signedPayload: home.signed({ type: 'DID_RENEW', nowMs: TEST_NOW_MS - index * 1_000, bundleVersion: String(index) }),
    sendAttempts: [{ attemptDate: TEST_NOW_MS, sendAttemptResult: index % 10 === 3 ? 'TIMED_OUT' : 'SUCCESS' }],
    firstSendAttemptResult: 'SUCCESS',
  }));
});
afterAll(() => home.remove());

let stop: AbortController;
let clock: VirtualClock;
let fake: FakeServerApi;
const fakes: FakeServerApi[] = [];
beforeEach(() => {
  stop = new AbortController();
  clock = virtualClock(stop.signal);
});
afterEach(async () => {
  for (const each of fakes.splice(0)) await each.stop();
});

/** Apple's way: 20 a page, the next one by the token of the one before. */
function pages({ path }: SeenRequest): Answer {
  const from = Number(new URL(path, 'http://x').searchParams.get('paginationToken') ?? 0);
  const hasMore = from + 20 < items.length;
  const token = hasMore ? { paginationToken: String(from + 20) } : {};
  return { json: { notificationHistory: items.slice(from, from + 20), hasMore, ...token } };
}

const page = (notificationHistory: readonly object[]): Answer => ({ json: { notificationHistory, hasMore: false } });

interface Setup extends Partial<Deps> {
  readonly script?: (request: SeenRequest, index: number) => Answer;
  readonly terminal?: { readonly columns?: number; readonly isTty?: boolean };
}

async function run(argv: string, { script = pages, terminal = {}, ...more }: Setup = {}) {
  fake = await FakeServerApi.start(script, () => clock.now());
  fakes.push(fake);
  const { dispatcher, url } = fake;
  const deps: Partial<Deps> = {
    env: { ...home.env, STOREWIRE_SERVER_API_SANDBOX_URL: url, STOREWIRE_ENVIRONMENT: 'sandbox' },
    cwd: join(home.folder, 'work'),
    now: clock.now,
    sleep: clock.sleep,
    random: (bytes) => new Uint8Array(bytes).fill(255),
    http: async () => dispatcher,
    signal: stop.signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    ...more,
  };
  return runCommand(registerHistory as Register, ['history', ...argv.split(' ').filter(Boolean)], deps, terminal);
}

const lines = (stdout: string) => stdout.split('\n').filter(Boolean);
const bodies = () => fake.seen.map(({ body }) => JSON.parse(body));
const firstBody = () => bodies()[0];

describe('history, wiring', () => {
  async function parse(argv: string): Promise<HistoryOptions | undefined> {
    let options: HistoryOptions | undefined;
    const register: Register = (parent, deps, finish) =>
      registerHistory(parent, deps, finish, async (given) => {
        options = given;
        return 0;
      });
    await runCommand(register, ['history', ...argv.split(' ').filter(Boolean)], {});
    return options;
  }

  it('has defaults', async () =>
    expect(await parse('')).toEqual({
      ...{ onlyFailures: false, failOnUndelivered: false, watch: false, interval: 300_000, yes: false, json: false },
      ...{ report: [], reportFile: [] },
    }));

  it('takes every flag', async () => {
    const argv =
      '--environment production --since 30d --until 2026-11-01 --type A --subtype B --transaction-id 1 --only-failures --fail-on-undelivered --watch --interval 1m --limit 5 --timeout 1m --report HTML --report-file f --json';
    expect(await parse(argv)).toEqual({
      environment: 'production',
      since: { agoMs: 30 * DAY },
      until: { atMs: Date.UTC(2026, 10, 1) },
      type: 'A',
      subtype: 'B',
      transactionId: '1',
      onlyFailures: true,
      failOnUndelivered: true,
      watch: true,
      interval: 60_000,
      limit: 5,
      timeout: 60_000,
      yes: false,
      json: true,
      report: ['html'],
      reportFile: ['f'],
    });
  });

  it.each([
    '--report pdf',
    '--since yesterday',
    '--since 7',
    '--since 7w',
    '--until 2026-13-01',
    '--limit 0',
    '--limit x',
    '--interval 5',
  ])('refuses %s', (argv) => expect(parse(argv)).rejects.toMatchObject({ code: 'commander.invalidArgument' }));
});

describe('history', () => {
  it('asks for seven days with the same body for every page', async () => {
    const { code, stdout } = await run('--json');
    expect(code).toBe(0);
    expect(lines(stdout)).toHaveLength(45);
    expect(fake.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /inApps/v1/notifications/history',
      'POST /inApps/v1/notifications/history?paginationToken=20',
      'POST /inApps/v1/notifications/history?paginationToken=40',
    ]);
    for (const body of bodies()) expect(body).toEqual({ startDate: TEST_NOW_MS - 7 * DAY, endDate: TEST_NOW_MS });
  });

  it('hands filters on', async () => {
    await run('--since 30d --until 2026-11-10T12:00:00Z --type expired.voluntary --only-failures');
    expect(firstBody()).toEqual({
      startDate: TEST_NOW_MS - 30 * DAY + 60_000,
      endDate: Date.UTC(2026, 10, 10, 12),
      notificationType: 'EXPIRED',
      notificationSubtype: 'VOLUNTARY',
      onlyFailures: true,
    });
  });

  it('hands a transaction id on', async () => {
    await run('--transaction-id 2000000123456789');
    expect(firstBody()).toMatchObject({ transactionId: '2000000123456789' });
  });

  it('writes verified documents with their attempts and JWS', async () => {
    const { stdout, stderr } = await run('--json --limit 1');
    expect(stderr).toBe('');
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      kind: 'notification',
      source: 'history',
      notification: { notificationType: 'DID_RENEW' },
      transaction: {},
      renewalInfo: {},
      verification: { verdict: 'valid' },
      sendAttempts: [{ attemptDate: TEST_NOW_MS, sendAttemptResult: 'SUCCESS' }],
    });
    expect(document.tokens.map(({ jws }: { jws?: string }) => typeof jws)).toEqual([
      'string',
      'undefined',
      'undefined',
    ]);
    expect(document.tokens[0].jws).toBe((items[0] as { signedPayload: string }).signedPayload);
  });

  it('stops at the limit, and asks for no page more than it needs', async () => {
    expect(lines((await run('--json --limit 25')).stdout)).toHaveLength(25);
    expect(fake.seen).toHaveLength(2);
    expect(lines((await run('--json --limit 20')).stdout)).toHaveLength(20);
    expect(fake.seen).toHaveLength(1);
  });

  it('is calm lines for people: what was not delivered at once says so', async () => {
    const { stdout, stderr } = await run('--limit 4', { terminal: { columns: 80 } });
    expect(stdout).toBe(
      [
        'valid    2026-11-20T12:00:00Z  DID_RENEW               …premium.monthly  …074524',
        'valid    2026-11-20T11:59:59Z  DID_RENEW               …premium.monthly  …286708',
        'valid    2026-11-20T11:59:58Z  DID_RENEW               …premium.monthly  …727398',
        'valid    2026-11-20T11:59:57Z  DID_RENEW               …premium.monthly  …150140',
        '         not delivered in 1 attempt: TIMED_OUT 2026-11-20T12:00:00Z',
        '',
      ].join('\n'),
    );
    expect(stderr).toContain('4 payloads in ');
  });

  it('says that there is nothing', async () => {
    const { code, stdout, stderr } = await run('', { script: () => page([]) });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('No notifications from 2026-11-13T12:00:00Z to 2026-11-20T12:00:00Z.\n');
  });

  it('is a no where one is not of this app, and shows every one', async () => {
    const foreign = { signedPayload: home.signed({ bundleId: 'com.example.other' }), sendAttempts: [] };
    const { code, stdout } = await run('--json', { script: () => page([items[0]!, foreign, {}]) });
    expect(code).toBe(1);
    expect(lines(stdout).map((line) => JSON.parse(line).verification.reason)).toEqual([
      null,
      'BUNDLE_ID_MISMATCH',
      'MALFORMED_JWS',
    ]);
  });

  it('survives a page token that expires, and repeats nothing', async () => {
    let expired = false;
    const script = (request: SeenRequest): Answer => {
      if (!request.path.endsWith('=40') || expired) return pages(request);
      expired = true;
      return apiError(4000017);
    };
    const { code, stdout, stderr } = await run('--json', { script });
    expect(code).toBe(0);
    const uuids = lines(stdout).map((line) => JSON.parse(line).notification.notificationUUID);
    expect([uuids.length, new Set(uuids).size]).toEqual([45, 45]);
    expect(fake.seen).toHaveLength(6);
    expect(stderr).not.toContain('expired');
  });

  it('keeps to the rate of the sandbox', async () => {
    await run('--json');
    expect(clock.waits).toEqual([200, 200]);
  });

  it('waits out a rate limit without losing its place', async () => {
    const limited = apiError(4290000, { 'retry-after': String(TEST_NOW_MS + 70_000) });
    const script = (request: SeenRequest, index: number): Answer => (index === 1 ? limited : pages(request));
    const { code, stdout, stderr } = await run('', { script });
    expect(code).toBe(0);
    expect(lines(stdout).filter((line) => line.startsWith('valid'))).toHaveLength(45);
    expect(clock.waits[1]).toBe(69_800);
    expect(stderr).toContain('Trying again at 2026-11-20T12:01:10Z.');
  });

  it('draws progress on a terminal and takes it away', async () => {
    const { stdout, stderr } = await run('--json', { terminal: { isTty: true, columns: 80 } });
    expect(lines(stdout)).toHaveLength(45);
    expect(stderr).toContain('\r\u001b[2K20 payloads');
    expect(stderr.lastIndexOf('\r\u001b[2K\n')).toBeGreaterThan(stderr.lastIndexOf('40 payloads'));
    expect((await run('--json')).stderr).not.toContain('\r');
  });

  it('stops quietly if stdout is closed', async () => {
    const closed = AbortSignal.abort('EPIPE');
    const stdout = { ...captureOutput().stream, closed };
    expect((await run('--json', { stdout })).code).toBe(0);
    expect(fake.seen).toHaveLength(1);
  });

  it('stops at its deadline, what came before printed', async () => {
    const { code, stdout, stderr } = await run('--json --timeout 100ms');
    expect(code).toBe(5);
    expect(lines(stdout)).toHaveLength(40);
    expect(JSON.parse(lines(stderr).at(-1)!).error.code).toBe('ERR_HISTORY_DEADLINE');
  });

  it('stops on an interruption', async () => {
    const script = (request: SeenRequest): Answer => {
      stop.abort('SIGINT');
      return pages(request);
    };
    expect((await run('--json', { script })).code).toBe(130);
  });
});

const sent = (index: number, ...results: readonly string[]): object => ({
  ...(items[index] as object),
  sendAttempts: results.map((sendAttemptResult) => ({ attemptDate: TEST_NOW_MS, sendAttemptResult })),
  firstSendAttemptResult: undefined,
});

describe('history --fail-on-undelivered', () => {
  it.each<[string, readonly (readonly string[])[], number]>([
    ['all delivered', [['SUCCESS'], ['SUCCESS']], 0],
    ['delivered by a retry', [['TIMED_OUT', 'SUCCESS']], 0],
    ['not sent yet', [[]], 0],
    ['one undelivered', [['SUCCESS'], ['TIMED_OUT', 'NO_RESPONSE']], 1],
    ['nothing', [], 0],
  ])('%s', async (_case, results, code) => {
    const script = () => page(results.map((each, index) => sent(index, ...each)));
    const got = await run('--fail-on-undelivered', { script });
    expect(got.code).toBe(code);
    expect(got.stderr.includes('1 notification undelivered. To send them again: storewire replay')).toBe(code === 1);
    expect((await run('', { script })).code).toBe(0);
  });
});

describe('history --watch', () => {
  /** Answers of the requests in turn; the last one interrupts. */
  const until =
    (answers: readonly Answer[]) =>
    (_request: SeenRequest, index: number): Answer => {
      if (index >= answers.length - 1) stop.abort('SIGINT');
      return answers[Math.min(index, answers.length - 1)]!;
    };

  it('goes on with new notifications until it is interrupted', async () => {
    const script = until([
      page([sent(1, 'SUCCESS')]),
      page([sent(0, 'SUCCESS'), sent(1, 'SUCCESS')]),
      page([sent(0, 'SUCCESS')]),
    ]);
    const { code, stdout } = await run('--json --watch --interval 5m', { script });
    expect(code).toBe(0);
    const versions = lines(stdout).map((line) => JSON.parse(line).notification.data.bundleVersion);
    expect(versions).toEqual(['1', '0']);
    expect(clock.waits.filter((ms) => ms === 300_000)).toHaveLength(2);
    const [first, second] = bodies();
    expect(second).toEqual({ startDate: first.endDate - 3_600_000, endDate: first.endDate + 300_000 });
  });

  it('shows one again whose attempts changed, and counts its last outcome', async () => {
    const script = until([page([sent(0, 'TIMED_OUT')]), page([sent(0, 'TIMED_OUT', 'SUCCESS')]), page([])]);
    const { code, stdout } = await run('--json --watch --fail-on-undelivered', { script });
    expect(code).toBe(0);
    expect(lines(stdout).map((line) => JSON.parse(line).sendAttempts.length)).toEqual([1, 2]);
    const failing = until([page([sent(0, 'SUCCESS')]), page([sent(1, 'TIMED_OUT')]), page([])]);
    stop = new AbortController();
    clock = virtualClock(stop.signal);
    expect((await run('--watch --fail-on-undelivered', { script: failing })).code).toBe(1);
  });

  it('ends at --timeout and at --limit', async () => {
    const script = () => page([sent(0, 'SUCCESS')]);
    expect((await run('--watch --interval 1m --timeout 150s', { script })).code).toBe(0);
    expect(fake.seen).toHaveLength(3);
    const growing = (_request: SeenRequest, index: number) => page([sent(index, 'SUCCESS')]);
    const { code, stdout } = await run('--json --watch --limit 3', { script: growing });
    expect({ code, shown: lines(stdout).length }).toEqual({ code: 0, shown: 3 });
  });

  it('cannot be combined with --until', async () => {
    const { code, stderr } = await run('--watch --until 1d --json');
    expect({ code, error: JSON.parse(stderr).error.code }).toEqual({ code: 2, error: 'ERR_HISTORY_WATCH' });
  });
});

describe('history, refused', () => {
  it.each([
    ['--since 181d', 'ERR_HISTORY_TOO_FAR'],
    ['--since 1d --until 2d', 'ERR_HISTORY_DATES'],
    ['--type REFUND --transaction-id 1', 'ERR_HISTORY_FILTERS'],
    ['--subtype VOLUNTARY', 'ERR_HISTORY_TYPE'],
    ['--type REFUND --subtype VOLUNTARY', 'ERR_HISTORY_TYPE'],
    ['--transaction-id abc', 'ERR_HISTORY_TRANSACTION_ID'],
    ['--environment moon', 'ERR_SETTINGS_ENVIRONMENT'],
  ])('before asking: %s', async (argv, code) => {
    const got = await run(`${argv} --json`);
    expect({ code: got.code, stdout: got.stdout, asked: fake.seen }).toEqual({ code: 2, stdout: '', asked: [] });
    expect(JSON.parse(got.stderr).error.code).toBe(code);
  });

  it.each<[string, Answer, number, string]>([
    ['401', UNAUTHENTICATED, 3, 'ERR_API_UNAUTHENTICATED'],
    ['a type Apple does not know', apiError(4000018), 2, 'ERR_API_INVALID_NOTIFICATION_TYPE'],
    ['an unknown transaction', apiError(4040010), 2, 'ERR_API_TRANSACTION_ID_NOT_FOUND'],
    ['an answer without history', { json: { hasMore: true } }, 4, 'ERR_API_ANSWER'],
    ['more, and no token', { json: { notificationHistory: [], hasMore: true } }, 4, 'ERR_API_ANSWER'],
    ['a closed connection', { drop: true }, 4, 'ERR_HTTP_UNREACHABLE'],
  ])('by Apple: %s', async (_what, answer, code, errorCode) => {
    const got = await run('--json', { script: () => answer });
    expect({ code: got.code, stdout: got.stdout }).toEqual({ code, stdout: '' });
    expect(JSON.parse(got.stderr).error.code).toBe(errorCode);
  });

  it('lets Apple decide on a type that is newer than this version', async () => {
    const { stderr } = await run('--type NEW_THING');
    expect(firstBody()).toMatchObject({ notificationType: 'NEW_THING' });
    expect(stderr).toContain('NEW_THING is unknown to this version');
  });
});

describe('history by id', () => {
  it('compares here what Apple has no filter for', async () => {
    const uuid = JSON.parse((await run('--json --limit 1')).stdout).notification.notificationUUID as string;
    const { code, stdout, stderr } = await run(`--json --uuid ${uuid.slice(0, 13)}`);
    expect(code).toBe(0);
    expect(lines(stdout).map((line) => JSON.parse(line).notification.notificationUUID)).toEqual([uuid]);
    expect(stderr).toBe('1 of 45 notifications match, 44 not shown.\n');
    expect(fake.seen.at(-1)?.path).not.toContain(uuid);
  });

  it('stops at the limit of matching ones, and says where nothing matches', async () => {
    const limited = await run('--product-id com.example.* --limit 3');
    expect(lines(limited.stdout)).toHaveLength(3);
    expect(limited.stderr).toContain('3 of 3 notifications match.');
    const none = await run('--account-token ffffffff-0000');
    expect({ code: none.code, stdout: none.stdout }).toEqual({ code: 0, stdout: '' });
    expect(none.stderr).toContain(`\n0 of 45 notifications match, 45 not shown.\n${ID_MATCHING}\n`);
  });
});

describe('history --report html', () => {
  it('goes to a file beside the lines', async () => {
    const file = join(home.folder, 'work', 'deliveries.html');
    const { code, stdout } = await run('--report html --report-file deliveries.html');
    expect({ code, lines: lines(stdout).length }).toEqual({ code: 0, lines: 50 });
    const page = readFileSync(file, 'utf8');
    rmSync(file);
    expect(page).toContain('<strong>5 of 45 notifications were not delivered.</strong>');
    expect(page).toContain('Most frequent failure: TIMED_OUT (5 attempts). No complete response arrived in time.');
    expect(page).toContain('<li class="good">40 delivered at once</li><li class="bad">5 not delivered</li>');
    expect(page).not.toContain('<script');
  });

  it('is the answer on stdout without a file', async () => {
    const { code, stdout } = await run('--report html --uuid ffffffff');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(stdout).toContain('<p class="dim">Only --uuid ffffffff</p>');
    expect(stdout).toContain('No notifications in this time.');
  });

  it('cannot share stdout with --json', async () => {
    const { code, stderr } = await run('--report html --json');
    expect({ code, error: JSON.parse(stderr).error.code }).toEqual({ code: 2, error: 'ERR_USAGE_REPORT' });
  });

  it('shows what was read before a failure, and says so', async () => {
    const script = (request: SeenRequest, index: number): Answer =>
      index === 0 ? pages(request) : { status: 401, text: 'Unauthenticated' };
    const { code, stdout } = await run('--report html', { script });
    expect(code).toBe(3);
    expect(stdout).toContain('of 20 notifications');
    expect(stdout).toContain('Incomplete: the run ended before the end of the history.');
  });
});
