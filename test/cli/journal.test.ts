import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { ID_MATCHING } from '../../src/cli/filter-report.js';
import { type JournalRuns, registerJournal } from '../../src/commands/journal/command.js';
import { registerVerify } from '../../src/commands/verify/command.js';
import { asCloned, forgeJournal } from '../support/forge-journal.js';
import { type RecordedJournal, recordJournal } from '../support/recorded-journal.js';
import { captureOutput, pipedInput, TEST_NOW_MS } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';

const DAY = 86_400_000;

let journal: RecordedJournal;
beforeEach(async () => {
  journal = await recordJournal();
});
afterEach(async () => {
  await journal.close();
  journal.remove();
});

async function run(argv: string, more: Partial<Deps> = {}, columns = Number.POSITIVE_INFINITY) {
  const deps: Partial<Deps> = {
    stdin: pipedInput(''),
    env: { HOME: journal.home },
    cwd: journal.home,
    now: () => TEST_NOW_MS,
    signal: new AbortController().signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    processId: process.pid,
    isRunning: () => false,
    ...more,
  };
  return runCommand(registerJournal as Register, ['journal', ...argv.split(' ').filter(Boolean)], deps, { columns });
}

const json = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const ids = (text: string) => text.match(/^[0-9a-f]{8}(?= )/gm) ?? [];

/** A renewal that was accepted, a refund that was not, a repeat of the renewal, and two rejected bodies. */
async function recordStory() {
  const renewal = await journal.receive();
  await journal.deliver(renewal, 'app', 200);
  const refund = await journal.receive(
    { type: 'REFUND', environment: 'Production' },
    { targets: ['app', 'RevenueCat'] },
  );
  await journal.deliver(refund, 'app', 503, { attempt: 3, final: false, nextAtMs: TEST_NOW_MS + 120_000 });
  const repeat = await journal.receive({}, { targets: [] }, renewal.jws);
  const forged = await journal.reject(Buffer.from('{"signedPayload":"nope"}'));
  const rubbish = await journal.reject(Buffer.from('\u001b[2J\u202e'));
  return { renewal, refund, repeat, forged, rubbish };
}

describe('journal, wiring', () => {
  async function parse(argv: string): Promise<unknown> {
    let seen: unknown;
    const take = (name: string) => async (options: object) => {
      seen = [name, options];
      return 0 as const;
    };
    const runs = Object.fromEntries(['list', 'show', 'export', 'prune'].map((name) => [name, take(name)]));
    const register: Register = (parent, deps, finish) =>
      registerJournal(parent, deps, finish, runs as unknown as JournalRuns);
    await runCommand(register, ['journal', ...argv.split(' ')], {});
    return seen;
  }

  const NO_FILTER = { failed: false, repeats: false, rejected: false, verbose: false };

  it.each([
    ['list', ['list', { ...NO_FILTER, json: false }]],
    [
      'list --since 24h --events REFUND,TEST --failed --repeats --rejected --limit 5 -v --json --profile p',
      [
        'list',
        {
          ...{ since: { agoMs: DAY }, events: ['REFUND', 'TEST'], failed: true, repeats: true, rejected: true },
          ...{ limit: 5, verbose: true, json: true, profile: 'p' },
        },
      ],
    ],
    ['show last', ['show', { id: 'last', verbose: false, json: false }]],
    ['show abcd -v --root r --json', ['show', { id: 'abcd', verbose: true, root: ['r'], json: true }]],
    ['export', ['export', NO_FILTER]],
    ['export -o f --rejected', ['export', { ...NO_FILTER, rejected: true, output: 'f' }]],
    ['prune', ['prune', { olderThan: 30 * DAY, dryRun: false, yes: false, json: false }]],
    [
      'prune --older-than 1d --dry-run --yes --json',
      ['prune', { olderThan: DAY, dryRun: true, yes: true, json: true }],
    ],
  ])('takes %s', async (argv, expected) => expect(await parse(argv)).toEqual(expected));
});

describe('journal list', () => {
  it('has one line for each in a pipe, the newest last', async () => {
    await recordStory();
    const { code, stdout, stderr } = await run('list');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      '01abcdef  2026-11-20T11:01:00Z  DID_RENEW                 Sandbox     com.example.app.premium.monthly  2000000361723127  200  valid    test authority  ✓ app 200  59 minutes ago',
      '02abcdef  2026-11-20T11:02:00Z  REFUND                    Production  com.example.app.premium.monthly  510814993413341   200  valid    test authority  ✗ app 503 (attempt 3)  – RevenueCat pending  58 minutes ago',
      '03abcdef  2026-11-20T11:03:00Z  DID_RENEW                 Sandbox     com.example.app.premium.monthly  2000000361723127  200  valid    test authority  repeat of 01abcdef  57 minutes ago',
      '04abcdef  2026-11-20T11:04:00Z  not a notification        –           –                         –                 400  invalid  56 minutes ago',
      '          MALFORMED_JWS: Not a verified notification: this is not a complete JWS.',
      '05abcdef  2026-11-20T11:05:00Z  not a notification        –           –                         –                 400  refused  55 minutes ago',
      expect.stringMatching(/^ {10}NOT_JSON: /),
      '',
    ]);
    expect(stderr).toBe(
      '\n5 received: 1 repeat, 2 rejected, 1 with pending deliveries.\nTo send pending deliveries: storewire replay --failed\n',
    );
  });

  it('aligns its columns at 80, whatever the length of a type', async () => {
    await recordStory();
    await journal.receive({ type: 'DID_CHANGE_RENEWAL_STATUS', subtype: 'AUTO_RENEW_DISABLED' });
    const { stdout } = await run('list', {}, 80);
    const lines = stdout.split('\n').filter((line) => !/^ {10}(↳|[A-Z_]+: )/.test(line));
    expect(lines).toEqual([
      '01abcdef  2026-11-20T11:01:00Z  DID_RENEW',
      '          200  valid    Sandbox     …premium.monthly    …723127  59 minutes ago',
      '          test authority  ✓ app 200',
      '02abcdef  2026-11-20T11:02:00Z  REFUND',
      '          200  valid    Production  …premium.monthly    …413341  58 minutes ago',
      '          test authority  ✗ app 503 (attempt 3)  – RevenueCat pending',
      '03abcdef  2026-11-20T11:03:00Z  DID_RENEW',
      '          200  valid    Sandbox     …premium.monthly    …723127  57 minutes ago',
      '          test authority  repeat of 01abcdef',
      '04abcdef  2026-11-20T11:04:00Z  not a notification',
      '          400  invalid  56 minutes ago',
      '05abcdef  2026-11-20T11:05:00Z  not a notification',
      '          400  refused  55 minutes ago',
      '06abcdef  2026-11-20T11:06:00Z  DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
      '          200  valid    Sandbox     …premium.monthly    …573902  54 minutes ago',
      '          test authority  – app pending',
      '',
    ]);
  });

  it.each([60, 80, 120])('stays within %d columns', async (columns) => {
    await recordStory();
    const { stdout, stderr } = await run('list', {}, columns);
    for (const line of [...stdout.split('\n'), ...stderr.split('\n')]) expect(line.length).toBeLessThanOrEqual(columns);
    expect(ids(stdout)).toEqual(['01abcdef', '02abcdef', '03abcdef', '04abcdef', '05abcdef']);
  });

  it.each([
    ['--failed', ['02abcdef']],
    ['--repeats', ['03abcdef']],
    ['--rejected', ['04abcdef', '05abcdef']],
    ['--repeats --failed', ['02abcdef', '03abcdef']],
    ['--events REFUND', ['02abcdef']],
    ['--events DID_RENEW --limit 1', ['03abcdef']],
    ['--limit 2', ['04abcdef', '05abcdef']],
    ['--since 2026-11-20T11:04:00Z', ['04abcdef', '05abcdef']],
    ['--since 56m', ['04abcdef', '05abcdef']],
    ['--since 1s', []],
  ])('takes %s', async (argv, expected) => {
    await recordStory();
    expect(ids((await run(`list ${argv}`)).stdout)).toEqual(expected);
  });

  it('marks a failure that was accepted in another attempt', async () => {
    const one = await journal.receive();
    await journal.deliver(one, 'app', 500);
    const again = await journal.receive({}, {}, one.jws);
    await journal.deliver(again, 'app', 200);
    const { stdout, stderr } = await run('list');
    expect(stdout).toContain('✗ app 500, accepted in another attempt');
    expect(stderr).toBe('\n2 received: 1 repeat.\n');
    expect((await run('list --failed')).stdout).toBe('');
  });

  it('shows ids in full whose first characters are equal', async () => {
    await journal.receive({}, { id: 'aaaaaaaa00000001' });
    await journal.receive({}, { id: 'aaaaaaaa00000002' });
    await journal.receive({}, { id: 'bbbbbbbb00000001' });
    const starts = (await run('list')).stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(starts).toEqual(['aaaaaaaa00000001', 'aaaaaaaa00000002', 'bbbbbbbb', '']);
  });

  it('writes one document a line with --json', async () => {
    const { renewal, refund, forged } = await recordStory();
    const { stdout, stderr } = await run('list --json');
    expect(stderr).toBe('');
    const documents = json(stdout);
    expect(documents).toHaveLength(5);
    expect(documents[0]).toMatchObject({
      source: `journal:${renewal.id}`,
      received: { answered: 200, repeatOf: null },
    });
    expect(documents[0].tokens[0].jws).toBe(renewal.jws);
    expect(documents[1].deliveries).toEqual([
      { target: 'app', attempt: 3, httpStatus: 503, ms: 12, outcome: 'refused' },
    ]);
    expect(documents[1].received.id).toBe(refund.id);
    expect(documents[3]).toMatchObject({
      received: { id: forged, answered: 400 },
      verification: { verdict: 'invalid' },
    });
  });

  it('skips unreadable lines, and says so', async () => {
    await recordStory();
    const path = join(journal.folder, 'journal.ndjson');
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [lines[0], 'torn', ...lines.slice(1)].join('\n'));
    const { code, stdout, stderr } = await run('list');
    expect([code, ids(stdout).length]).toEqual([0, 5]);
    expect(stderr).toContain(`Skipped an unreadable line of the journal: ${path}, byte `);
  });

  it('does not say that nothing was received where no line can be read', async () => {
    writeFileSync(join(journal.folder, 'journal.ndjson'), 'torn\n');
    const listed = await run('list');
    expect([listed.code, listed.stdout]).toEqual([0, '']);
    expect(listed.stderr).toMatch(/^Skipped an unreadable line of the journal/);
    expect(listed.stderr).not.toContain('No journal here');
    const shown = await run('show last');
    expect(shown.code).toBe(2);
    expect(shown.stderr).toContain('no line of the journal can be read');
  });

  it.each([true, false])('says that there is none yet (state folder there: %s)', async (isThere) => {
    if (!isThere) rmSync(journal.folder, { recursive: true });
    expect(await run('list')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No journal here yet: no notification was received. Start one with `storewire listen`.\n',
    });
    expect(existsSync(journal.folder)).toBe(isThere);
  });
});

describe('journal show', () => {
  it('shows an entry in full', async () => {
    const { refund } = await recordStory();
    const { code, stdout } = await run(`show ${refund.id.slice(0, 4)}`, {}, 100);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^valid {2}Signed by the test authority, not by Apple\.\n\nRefunded {2}REFUND\n/);
    expect(stdout).toContain('\nChecks  38 passed, 15 skipped\n');
    expect(stdout.slice(stdout.indexOf('Received'))).toBe(
      [
        'Received',
        '  id         02abcdef01234567',
        '  at         2026-11-20T11:02:00Z  58 minutes ago',
        '  from       17.58.1.2',
        `  body       ${refund.body.length.toLocaleString('en-US')} bytes  application/json; charset=utf-8`,
        '  answer     200',
        '  signed by  the test authority, not Apple',
        '',
        'Deliveries',
        '  2026-11-20T11:59:00Z  ✗ app 503',
        '                        attempt 3, 12 ms, 1 minute ago, it said no, next attempt in 2 minutes',
        '  not tried             – RevenueCat  pending',
        '',
      ].join('\n'),
    );
  });

  it('does not say valid of what does not verify now', async () => {
    await recordStory();
    rmSync(join(journal.folder, 'authority'), { recursive: true });
    const { stdout } = await run('show 02ab');
    expect(stdout).toMatch(/^invalid {2}UNTRUSTED_ROOT/);
    expect(stdout).toMatch(/recorded as valid, under other roots/);
  });

  it('names the first receipt of a repeat', async () => {
    const { repeat, renewal } = await recordStory();
    const { stdout } = await run(`show ${repeat.id}`);
    expect(stdout).toContain(`repeat of  ${renewal.id}  the same notificationUUID`);
    expect(stdout).not.toContain('Deliveries');
  });

  it('shows a rejected body with its control characters escaped', async () => {
    await recordStory();
    const { stdout } = await run('show LAST');
    expect(stdout).toMatch(/^rejected {2}NOT_JSON\n/);
    expect(stdout).toContain('from     203.0.113.9\n');
    expect(stdout).toContain('content  \\u{1b}[2J\\u{202e}\n');
    expect(stdout).toContain('stored   the whole body\n');
  });

  it('writes one document with --json', async () => {
    const { refund } = await recordStory();
    const { stdout } = await run(`show ${refund.id} --json`);
    const [document, ...more] = json(stdout);
    expect([document.source, more]).toEqual([`journal:${refund.id}`, []]);
    expect(document.verification.checks.length).toBeGreaterThan(30);
  });

  it('shows every check with --verbose', async () => {
    await journal.receive();
    expect((await run('show last -v')).stdout).toContain('data.signedRenewalInfo');
  });

  it.each([
    ['ffff', 'ERR_JOURNAL_ID_UNKNOWN'],
    ['xyz', 'ERR_JOURNAL_ID'],
    ['abc', 'ERR_JOURNAL_ID'],
  ])('refuses %s', async (id, code) => {
    await journal.receive();
    const { code: exit, stderr } = await run(`show ${id} --json`);
    expect([exit, json(stderr)[0].error.code]).toEqual([2, code]);
  });

  it('lists the candidates of an ambiguous id', async () => {
    await journal.receive({}, { id: 'aaaa000000000001' });
    await journal.receive({}, { id: 'aaaa000000000002' });
    expect((await run('show aaaa')).stderr).toContain('aaaa000000000001, aaaa000000000002');
  });

  it.each([true, false])('is exit 2 without a journal (state folder there: %s)', async (isThere) => {
    if (!isThere) rmSync(journal.folder, { recursive: true });
    const { code, stderr } = await run('show last --json');
    expect([code, json(stderr)[0].error.code]).toEqual([2, 'ERR_JOURNAL_NONE']);
  });
});

describe('journal export', () => {
  it('writes verified notifications, for verify', async () => {
    await recordStory();
    const { code, stdout, stderr } = await run('export');
    expect(code).toBe(0);
    expect(json(stdout).map(({ received }) => received.id.slice(0, 2))).toEqual(['01', '02', '03']);
    expect(stderr).toBe('3 documents written. They hold personal data.\n');
    const verified = await runCommand(registerVerify as Register, ['verify', '-', '--json'], {
      ...{ stdin: pipedInput(stdout), env: { STOREWIRE_ROOT: join(journal.folder, 'authority/root.pem') } },
      ...{ cwd: journal.home, now: () => TEST_NOW_MS, startWorker: null, cores: 1 },
      ...{ signal: new AbortController().signal, platform: process.platform, userId: -1 },
    });
    expect(verified.code).toBe(0);
    expect(json(verified.stdout).map(({ verification }) => verification.verdict)).toEqual(['valid', 'valid', 'valid']);
  });

  it('takes filters, and --rejected', async () => {
    await recordStory();
    expect(json((await run('export --events REFUND')).stdout)).toHaveLength(1);
    expect(json((await run('export --rejected')).stdout)).toHaveLength(2);
    expect(json((await run('export --limit 1')).stdout).map(({ received }) => received.id.slice(0, 2))).toEqual(['03']);
  });

  it('writes a file for its owner only', async () => {
    await recordStory();
    const file = join(journal.home, 'out.ndjson');
    writeFileSync(file, 'before'.repeat(100_000), { mode: 0o644 });
    const { code, stdout, stderr } = await run('export -o out.ndjson');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('3 documents written to out.ndjson.');
    expect(json(readFileSync(file, 'utf8'))).toHaveLength(3);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('leaves the permissions of a device unchanged', async () => {
    await journal.receive();
    const before = statSync('/dev/null').mode;
    expect((await run('export -o /dev/null')).code).toBe(0);
    expect(statSync('/dev/null').mode).toBe(before);
  });

  it('says why a file cannot be written', async () => {
    await journal.receive();
    const { code, stderr } = await run('export -o no/such/folder');
    expect([code, stderr]).toEqual([2, expect.stringContaining('no/such/folder cannot be written: ENOENT')]);
  });

  it('writes nothing without a journal', async () => {
    expect(await run('export')).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('journal prune', () => {
  const old = { atMs: TEST_NOW_MS - 40 * DAY };
  const records = () => readFileSync(join(journal.folder, 'journal.ndjson'), 'utf8').split('\n').filter(Boolean).length;

  it('shows the plan with --dry-run', async () => {
    await journal.receive({}, old);
    await journal.receive();
    await journal.close();
    const { code, stdout } = await run('prune --dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^To delete: 1 record from before 2026-10-21T12:00:00Z \(30 days ago\), \d+\.\d KiB\.\n/);
    expect(stdout).toMatch(/\n {2}in part {2}1 record {2}\d+\.\d KiB {2}journal\.ndjson\n$/);
    expect(records()).toBe(2);
  });

  it('needs --yes without a terminal', async () => {
    await journal.receive({}, old);
    await journal.receive();
    await journal.close();
    const { code, stderr } = await run('prune --json');
    expect([code, json(stderr)[0].error.code, records()]).toEqual([2, 'ERR_JOURNAL_PRUNE_CONFIRM', 2]);
    const done = await run('prune --yes --json');
    expect([done.code, records()]).toEqual([0, 1]);
    expect(json(done.stdout)[0]).toMatchObject({
      deleted: true,
      records: 1,
      files: [{ action: 'rewrite', records: 1 }],
    });
  });

  it.each([
    [true, 0, 1],
    [false, 2, 2],
  ])('asks on a terminal, and says that the journal holds personal data (answer %s)', async (answer, code, left) => {
    await journal.receive({}, old);
    await journal.receive();
    await journal.close();
    const asked: string[] = [];
    const [stdout, stderr] = [captureOutput({ isTty: true, columns: 80 }), captureOutput({ isTty: true, columns: 80 })];
    const prompts = async () => ({
      confirm: async ({ message }: { message: string }) => asked.push(message) > 0 && answer,
    });
    const got = await run('prune', {
      ...{ stdin: { ...pipedInput(''), isTty: true }, stdout: stdout.stream, stderr: stderr.stream },
      prompts: prompts as unknown as Deps['prompts'],
    });
    expect([got.code, asked, records()]).toEqual([code, ['Delete these records?'], left]);
    expect(stderr.text()).toContain('The journal holds personal data');
    expect(stderr.text()).toContain('To delete: 1 record');
    expect(stdout.text().startsWith('Deleted: 1 record')).toBe(answer);
  });

  it('skips the files of a running listener', async () => {
    await journal.receive({}, old);
    const { code, stdout } = await run('prune --yes');
    expect(code).toBe(0);
    expect(stdout).toContain('A listener is running: the files it writes to are skipped.');
    expect(records()).toBe(1);
  });

  it.each([['--older-than 60d'], ['--older-than 60d --yes'], ['']])('has nothing to do (%s)', async (argv) => {
    await journal.receive();
    await journal.close();
    const { code, stdout } = await run(`prune ${argv}`);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^No records in .* from before /)]);
  });

  it('exits 0 without a journal', async () => {
    rmSync(journal.folder, { recursive: true });
    expect((await run('prune --yes')).code).toBe(0);
    expect(existsSync(journal.folder)).toBe(false);
  });
});

describe('a journal that came with a clone', () => {
  it('has claims instead of verdicts in a list, and says so', async () => {
    await recordStory();
    await journal.close();
    asCloned(journal.folder);
    const { stdout, stderr } = await run('list');
    expect(stdout).toMatch(/claimed/);
    expect(stdout).not.toMatch(/ valid /);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(/not written by listen here, but with a clone .* claims until/);
  });

  it('is not believed about a body, nor about the test authority', async () => {
    const { id } = await journal.receive();
    await journal.close();
    asCloned(journal.folder);
    expect((await run(`show ${id}`)).stdout).toMatch(/^invalid {2}UNTRUSTED_ROOT/);
    forgeJournal(journal.folder, (record) => ({ ...record, body: '{"signedPayload":"e30.e30.c2ln"}' }));
    expect((await run(`show ${id} --root ${join(journal.folder, 'authority/root.pem')}`)).stdout).toMatch(/^invalid/);
    expect(json((await run('list --json')).stdout)).toMatchObject([{ verification: { verdict: 'invalid' } }]);
  });
});

describe('odd lines', () => {
  it.each([
    ['a receipt without facts', { facts: null }],
    ['facts of another type', { facts: { type: { toString: 1 }, kind: 'notification', uuid: null } }],
    ['a verdict without checks', { verdict: { verdict: 'valid' } }],
    ['checks that are none', { verdict: { verdict: 'valid', failed: [null] } }],
    ['a time beyond all dates', { atMs: 1e300 }],
    ['targets that are no list', { targets: 'app' }],
    ['targets of another type', { targets: [{}] }],
    ['a target with a name that a terminal obeys', { targets: ['\u001b[31m'] }],
    ['a body that is no text', { body: { a: 1 } }],
    ['a size that is none', { bytes: 'many' }],
    ['an address of another type', { address: ['x'] }],
    ['a delivery without a target', { type: 'delivery', outcome: 'accepted' }],
    ['an answer without a status', { type: 'answer', answered: 'x' }],
    ['a run without ids', { type: 'run', run: 'x' }],
    ['a rejection without a reason', { type: 'rejected' }],
    ['a type of a prototype', { type: 'constructor' }],
  ])('%s, sealed or not, is skipped and told by every reader', async (_case, change) => {
    const good = await journal.receive();
    const { id } = await journal.receive();
    await journal.close();
    forgeJournal(journal.folder, (record) => (record.id === id ? { ...record, ...change } : record));
    const path = join(journal.folder, 'journal.ndjson');
    const sealed = readFileSync(path, 'utf8');
    for (const text of [sealed, sealed.replace(/^\{"crc":"[0-9a-f]{8}",/gm, '{')]) {
      writeFileSync(path, text);
      for (const command of ['list', 'list --json', 'list --failed', 'export', 'show last']) {
        const { code, stdout, stderr } = await run(command);
        expect([code, command]).toEqual([0, command]);
        expect(stdout).toContain(good.id.slice(0, 8));
        expect(stdout).not.toContain(id);
        expect(stderr).toMatch(/unreadable line/);
      }
    }
  });
});

describe('journal list and export, by id', () => {
  const ORIGINAL = '7700000900000001';
  const TOKEN = '0be5c7f1-7c1b-4b7d-8a4f-1c2d3e4f5a6b';
  const sold = (original: string, more: Record<string, string> = {}) => ({
    set: { 'transaction.originalTransactionId': original, ...more },
  });

  async function recordSales() {
    const first = await journal.receive(sold(ORIGINAL, { 'transaction.appAccountToken': TOKEN }));
    await journal.receive(sold(`${ORIGINAL}7`, { 'transaction.productId': 'com.example.app.premium.yearly' }));
    await journal.receive({ type: 'TEST' });
    const forged = await journal.reject(
      Buffer.from(JSON.stringify({ signedPayload: `${first.jws.slice(0, -8)}AAAAAAAA` })),
    );
    await journal.reject(Buffer.from('{"hello":"world"}'));
    return { first, forged };
  }

  it.each([
    ['a whole id, which is not the beginning of another', `--transaction-id ${ORIGINAL}`, ['01abcdef', '04abcdef']],
    ['the beginning of an id', '--transaction-id 77000009', ['01abcdef', '02abcdef', '04abcdef']],
    ['the end of an id, as lists show it', '--transaction-id …000001', ['01abcdef', '04abcdef']],
    ['the end of a product', '--product-id *yearly', ['02abcdef']],
    ['an unknown id', '--transaction-id 88000009', []],
    ['a whole account token in capitals', `--account-token ${TOKEN.toUpperCase()}`, ['01abcdef', '04abcdef']],
    ['the beginning of an account token', '--account-token 0be5', ['01abcdef', '04abcdef']],
    ['a product', '--product-id com.example.app.premium.monthly', ['01abcdef', '04abcdef']],
    ['products', '--product-id com.example.app.*', ['01abcdef', '02abcdef', '04abcdef']],
    ['an app', '--bundle-id com.example.app', ['01abcdef', '02abcdef', '03abcdef', '04abcdef']],
    ['part of the id of an app', '--bundle-id com.example', []],
    ['two conditions', '--transaction-id 77000009 --product-id *yearly', ['02abcdef']],
    ['two conditions that no entry meets', '--transaction-id …000001 --product-id *yearly', []],
    ['an id and a type', '--transaction-id 77000009 --events TEST', []],
    ['an id and rejected ones', '--transaction-id 77000009 --rejected', ['04abcdef']],
  ])('finds %s', async (_name, flags, expected) => {
    await recordSales();
    const { code, stdout, stderr } = await run(`list ${flags}`);
    expect({ code, ids: ids(stdout) }).toEqual({ code: 0, ids: expected });
    expect(stderr).toContain(expected.length === 0 ? 'No matching entries (0 of 5).' : ` of 5 entries `);
  });

  it('finds a notificationUUID and the beginning of one', async () => {
    const { first } = await recordSales();
    expect(ids((await run(`list --uuid ${first.uuid}`)).stdout)).toEqual(['01abcdef', '04abcdef']);
    expect(ids((await run(`list --uuid ${first.uuid.slice(0, 9)}`)).stdout)).toEqual(['01abcdef', '04abcdef']);
  });

  it('says what it could not compare', async () => {
    await recordSales();
    expect((await run(`list --transaction-id ${ORIGINAL}`)).stderr).toBe(
      '\n2 of 5 entries match: 1 rejected, 1 with pending deliveries.\n' +
        'To send pending deliveries: storewire replay --failed\n' +
        '1 rejected body holds no readable payload, so the ids could not be compared: storewire journal list --rejected\n',
    );
    const limited = await run('list --transaction-id 7700 --limit 1 --json');
    expect(json(limited.stdout).map(({ received }) => received.id)).toEqual(
      ['04abcdef01234567'.slice(0, 16)].map(() => expect.stringMatching(/^04/)),
    );
    expect(limited.stderr).toContain('1 of 5 entries, the newest that match: 1 rejected.');
  });

  it('exports verified ones only', async () => {
    await recordSales();
    const { stdout, stderr } = await run('export --transaction-id 77000009');
    expect(json(stdout).map(({ transaction }) => transaction.originalTransactionId)).toEqual([
      ORIGINAL,
      `${ORIGINAL}7`,
    ]);
    expect(stderr).toBe('2 documents written. 2 of 5 entries match. They hold personal data.\n');
    expect((await run('export --transaction-id 78')).stderr).toBe(
      `0 documents written. 0 of 5 entries match. They hold personal data.\n${ID_MATCHING}\n`,
    );
  });
});
