import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { ID_MATCHING } from '../../src/cli/filter-report.js';
import { now, sleep } from '../../src/clock.js';
import { registerReplay } from '../../src/commands/replay/command.js';
import type { ReplayOptions } from '../../src/commands/replay/options.js';
import type { JournalEntry } from '../../src/journal/record.js';
import { makeEndpointCertificates } from '../support/endpoint-certificates.js';
import { FakeServerApi, makeAppleHome, type VirtualClock, virtualClock } from '../support/fake-server-api.js';
import { asCloned, forgeJournal } from '../support/forge-journal.js';
import { readEntries } from '../support/journal-scan.js';
import { type RecordedJournal, recordJournal } from '../support/recorded-journal.js';
import { pipedInput, TEST_NOW_MS } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';

interface App {
  readonly url: string;
  readonly bodies: string[];
  readonly headers: IncomingHttpHeaders[];
  /** Statuses of the answers, in turn; 200 once they are used up. 0 closes the connection. */
  readonly statuses: number[];
  onRequest: () => void;
}

let journal: RecordedJournal;
let stop: AbortController;
let clock: VirtualClock;
const agent = new Agent({ keepAliveTimeout: 1 });
const servers: Server[] = [];
beforeEach(async () => {
  journal = await recordJournal();
  stop = new AbortController();
  clock = virtualClock(stop.signal);
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await journal.close();
  journal.remove();
});

async function startApp(...statuses: number[]): Promise<App> {
  const app: App = { url: '', bodies: [], headers: [], statuses, onRequest: () => undefined };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    app.bodies.push(body);
    app.headers.push(request.headers);
    app.onRequest();
    const status = app.statuses.shift() ?? 200;
    if (status === 0) request.socket.destroy();
    else response.writeHead(status).end(status === 200 ? '' : 'no\u001b[2J');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(app, { url: `http://127.0.0.1:${port}/apple` });
}

async function run(argv: readonly string[], more: Partial<Deps> = {}, columns = 100) {
  const deps: Partial<Deps> = {
    stdin: { ...pipedInput(''), isTty: true },
    env: { HOME: journal.home },
    cwd: journal.home,
    now: clock.now,
    sleep: clock.sleep,
    random: (bytes) => new Uint8Array(bytes).fill(7),
    http: () => Promise.resolve(agent),
    signal: stop.signal,
    suspend: () => Promise.resolve(),
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
    ...more,
  };
  return runCommand(registerReplay as Register, ['replay', ...argv], deps, { columns });
}

const json = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const at = (app: App, name = 'app') => ['-f', `${name}=${app.url}`];

async function entries(): Promise<readonly JournalEntry[]> {
  const found: JournalEntry[] = [];
  for await (const entry of readEntries(journal.folder, { onDamagedLine: () => undefined })) found.push(entry);
  return found;
}

describe('replay, wiring', () => {
  async function parse(...argv: string[]): Promise<ReplayOptions | undefined> {
    let options: ReplayOptions | undefined;
    const register: Register = (parent, deps, finish) =>
      registerReplay(parent, deps, finish, async (given) => {
        options = given;
        return 0;
      });
    await runCommand(register, ['replay', ...argv], {});
    return options;
  }

  const DEFAULTS = {
    ...{ args: [], failed: false, all: false, fromHistory: false, onlyFailures: false, resume: false },
    ...{ insecure: false, forwardTimeout: 10_000, forwardSynthetic: false, rate: 20, dryRun: false },
    ...{ yes: false, json: false, verbose: false },
  };

  it('has defaults', async () => expect(await parse()).toEqual(DEFAULTS));

  it('takes every flag', async () => {
    const argv =
      'abcd last --failed --all --events REFUND,SUBSCRIBED.RESUBSCRIBE --since 24h --from-history --environment sandbox ' +
      '--only-failures --resume -f a=http://x -f b=http://y --insecure --forward-timeout 2s --forward-synthetic ' +
      '--rate 0.5 --dry-run --timeout 1m --bundle-id i --app-apple-id 1 --root r --profile p --yes --json -v';
    expect(await parse(...argv.split(' '), '-H', 'a: b')).toEqual({
      ...{ args: ['abcd', 'last'], failed: true, all: true, events: ['REFUND', 'SUBSCRIBED.RESUBSCRIBE'] },
      ...{ since: { agoMs: 86_400_000 }, fromHistory: true, environment: 'sandbox', onlyFailures: true, resume: true },
      ...{ forwardTo: ['a=http://x', 'b=http://y'], header: ['a: b'], insecure: true, forwardTimeout: 2_000 },
      ...{ forwardSynthetic: true, rate: 0.5, dryRun: true, timeout: 60_000 },
      ...{ bundleId: 'i', appAppleId: '1', root: ['r'], profile: 'p', yes: true, json: true, verbose: true },
    });
  });

  it.each(['--rate 0', '--rate x', '--rate 1e9', '--since yesterday', '--timeout 5'])('refuses %s', (argv) =>
    expect(parse(...argv.split(' '))).rejects.toMatchObject({ code: 'commander.invalidArgument' }),
  );
  it('refuses a misspelt type', async () => {
    const { code, stderr } = await run(['--events', 'DID_RENWE']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean DID_RENEW?')]);
  });
});

describe('replay from the journal', () => {
  it('sends the recorded bytes and content type, and prints the result', async () => {
    const app = await startApp();
    await journal.receive();
    const two = await journal.receive({ type: 'REFUND' });
    const { code, stdout, stderr } = await run(['last', ...at(app)]);
    expect(code).toBe(0);
    expect(app.bodies).toEqual([two.body]);
    expect(app.headers[0]).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'storewire-id': two.id,
      'storewire-uuid': two.uuid,
      'storewire-verdict': 'valid',
      'storewire-attempt': '1',
    });
    expect(stdout).toMatch(
      /^02abcdef {2}2026-11-20T11:02:00Z {2}REFUND\n {10}Sandbox {5}…\d{6} {2}test authority {2}✓ app 200\n$/,
    );
    expect(stderr).toBe(`Sending to app (${app.url})\n\n1 notification: 1 accepted.\n`);
  });

  it('takes prefixes, each notification once, in the order they are given', async () => {
    const app = await startApp();
    const [one, two] = [await journal.receive(), await journal.receive()];
    await run([two.id.slice(0, 4).toUpperCase(), one.id, two.id, ...at(app)]);
    expect(app.bodies).toEqual([two.body, one.body]);
  });

  it('takes `last` for the last verified one', async () => {
    const app = await startApp();
    const { body } = await journal.receive();
    await journal.reject(Buffer.from('nonsense'));
    expect((await run(['last', ...at(app)])).code).toBe(0);
    expect(app.bodies).toEqual([body]);
  });

  it.each([
    ['ffff', 'ERR_JOURNAL_ID_UNKNOWN'],
    ['0', 'ERR_USAGE_REPLAY_ID'],
  ])('refuses %s', async (id, code) => {
    await journal.receive();
    const { code: exit, stderr } = await run([id, '-f', 'http://127.0.0.1:1', '--json']);
    expect(exit).toBe(2);
    expect(json(stderr).at(-1).error.code).toBe(code);
  });

  it('sends each notification once with --all, however often it came, and again what was accepted', async () => {
    const app = await startApp();
    const one = await journal.receive();
    await journal.deliver(one, 'app', 200);
    const two = await journal.receive();
    await journal.receive({}, {}, one.jws);
    expect((await run(['--all', ...at(app)])).code).toBe(0);
    expect(app.bodies).toEqual([one.body, two.body]);
  });

  it('selects by type and by time', async () => {
    const app = await startApp();
    const [, refund] = [await journal.receive(), await journal.receive({ type: 'REFUND' })];
    const late = await journal.receive({ type: 'REFUND' }, { atMs: TEST_NOW_MS - 60_000 });
    await run(['--events', 'REFUND', ...at(app)]);
    expect(app.bodies.splice(0)).toEqual([refund.body, late.body]);
    await run(['--since', '5m', '--events', 'REFUND', ...at(app)]);
    expect(app.bodies.splice(0)).toEqual([late.body]);
    const { code, stderr } = await run(['--since', '1s', ...at(app)]);
    expect([code, stderr]).toEqual([0, 'Nothing to send: 3 notifications in the journal, none of them selected.\n']);
  });

  it('writes documents with what was received and what this run delivered', async () => {
    const app = await startApp(500);
    const one = await journal.receive();
    await journal.deliver(one, 'app', 503);
    const { code, stdout } = await run(['last', ...at(app), '--json']);
    expect(code).toBe(1);
    const [document, ...more] = json(stdout);
    expect(more).toEqual([]);
    expect(document).toMatchObject({
      kind: 'notification',
      source: `journal:${one.id}`,
      received: { id: one.id, answered: 200, repeatOf: null },
      verification: { verdict: 'valid', root: 'test authority' },
    });
    expect(document.tokens[0].jws).toBe(one.jws);
    expect(document.deliveries).toEqual([
      { target: 'app', attempt: 2, httpStatus: 500, ms: expect.any(Number), outcome: 'refused' },
    ]);
  });

  it('sends a rejected body only by its id and if it is stored whole', async () => {
    const app = await startApp();
    const body = Buffer.from('{"signedPayload":"e30.e30.AA"}');
    const id = await journal.reject(body);
    const cut = await journal.reject(Buffer.alloc(40_000, 'x'));
    const secret = await journal.reject(
      Buffer.from('{"notification_type":"CANCEL","password":"s3cret","unified_receipt":{}}'),
    );
    expect((await run(['--all', ...at(app)])).stderr).toBe('Nothing to send: no notification was received yet.\n');
    expect(app.bodies).toEqual([]);
    const { code, stdout } = await run([id, ...at(app)]);
    expect(code).toBe(0);
    expect(app.bodies).toEqual([body.toString()]);
    expect(app.headers[0]!['storewire-verdict']).toBe('invalid');
    expect(stdout).toContain('✓ app 200');
    for (const other of [cut, secret]) {
      const refused = await run([other, ...at(app)]);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(/was\s+rejected\s+and\s+cannot\s+be\s+sent\s+again/);
    }
    expect(app.bodies).toHaveLength(1);
  });

  it('shows the plan, and sends and writes nothing, with --dry-run', async () => {
    const app = await startApp();
    await journal.receive();
    await journal.receive({ environment: 'Production' });
    const before = readdirSync(journal.folder);
    const argv = [
      '--all',
      '-f',
      `app=${app.url} deliver=production`,
      '-f',
      'rc=https://api.revenuecat.com/v1/x',
      '--dry-run',
    ];
    const { code, stdout, stderr } = await run(argv);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      '01abcdef  2026-11-20T11:01:00Z  DID_RENEW',
      '          Sandbox     …723127  test authority  – rc withheld',
      expect.stringMatching(/^ {10}rc: /),
      expect.stringMatching(/^ {10}↳ .*--forward-synthetic$/),
      '02abcdef  2026-11-20T11:02:00Z  DID_RENEW',
      '          Production  …603170  test authority  → app  – rc withheld',
      '',
    ]);
    expect(stderr).toMatch(/2 notifications would be sent\. Nothing was sent: --dry-run\.\n$/);
    expect(
      json((await run([...argv, '--json'])).stdout).map(({ targets, withheld }) => [targets, withheld.length]),
    ).toEqual([
      [[], 1],
      [['app'], 1],
    ]);
    expect(app.bodies).toEqual([]);
    expect(readdirSync(journal.folder)).toEqual(before);
  });

  it('sends test notifications to public hosts only with --forward-synthetic', async () => {
    await journal.receive();
    const rc = [
      '-f',
      'rc=https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/abcdefghijkl',
    ];
    const { code, stdout, stderr } = await run(['last', ...rc]);
    expect(code).toBe(0);
    expect(stdout).toContain('– rc withheld');
    expect(stdout + stderr).not.toContain('abcdefghijkl');
    expect(stderr).toContain('1 notification: 1 withheld.');
  });

  it('says when no target matches', async () => {
    await journal.receive();
    const { code, stdout, stderr } = await run(['last', '-f', 'app=http://127.0.0.1:1 events=REFUND']);
    expect(code).toBe(0);
    expect(stdout).toContain('– no target matches');
    expect(stderr).toContain('1 notification: 1 matched by no target.');
  });

  it('escapes control characters of an answer', async () => {
    const app = await startApp(500);
    await journal.receive();
    const { stdout } = await run(['last', ...at(app)]);
    expect(stdout).toContain('app: answered 500: "no\\u001b[2J"');
    expect(stdout).not.toContain('\u001b');
  });

  it('takes the targets of the settings where no flag names any', async () => {
    const app = await startApp();
    const { body } = await journal.receive();
    writeFileSync(join(journal.home, '.storewire.json'), JSON.stringify({ targets: [`app=${app.url}`] }));
    expect((await run(['last'])).code).toBe(0);
    expect(app.bodies).toEqual([body]);
  });

  it.each([
    ['zzz', 'ERR_INPUT_NOT_FOUND', 'zzz is neither the id of a notification nor a file'],
    ['no-such.ndjson', 'ERR_INPUT_NOT_FOUND', 'no-such.ndjson is neither the id of a notification nor a file'],
    ['ffff', 'ERR_JOURNAL_ID_UNKNOWN', 'no notification in the journal has an id that begins with ffff'],
  ])('reports the unknown id %s before a missing target, and names journal list', async (id, code, message) => {
    await journal.receive();
    const { code: exit, stdout, stderr } = await run([id, '--json']);
    expect([exit, stdout]).toEqual([2, '']);
    const { error } = json(stderr)[0];
    expect(error).toMatchObject({ code, message });
    expect(error.hint).toContain('storewire journal list');
  });

  it('needs a target', async () => {
    await journal.receive();
    const { code, stderr } = await run(['last']);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: no target given, so nothing can be sent\n  hint: Pass --forward-to app=http://localhost:3000/path, or set "targets" in .storewire.json.\n',
    );
  });

  it.each([
    [['last', '-f', 'http://127.0.0.1:1'], 2],
    [['--resume', '-f', 'http://127.0.0.1:1'], 2],
    [['--all', '-f', 'http://127.0.0.1:1'], 0],
    [['--failed'], 0],
  ] as const)('exits as it should without a journal: %j', async (argv, code) => {
    rmSync(journal.folder, { recursive: true });
    expect((await run(argv)).code).toBe(code);
    expect(existsSync(journal.folder)).toBe(false);
  });
});

describe('replay, targets', () => {
  it('checks certificates, unless told not to', async () => {
    const { identities } = await makeEndpointCertificates(Date.now());
    const server = createTlsServer(identities['self-signed'], (request, response) => {
      request.resume().on('end', () => response.end());
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await journal.receive();
    const argv = ['last', '-f', `app=https://127.0.0.1:${port}/`];
    const strict = await run(argv);
    expect([strict.code, strict.stdout]).toEqual([4, expect.stringContaining('could not be reached over TLS')]);
    expect((await run([...argv, '--insecure'])).code).toBe(0);
  });

  it('sends the headers that are given', async () => {
    const app = await startApp();
    await journal.receive();
    await run(['last', ...at(app), '-H', 'Authorization: Bearer abc']);
    expect(app.headers[0]!.authorization).toBe('Bearer abc');
    const refused = await run(['last', ...at(app), '-H', 'storewire-id: 1']);
    expect(refused.code).toBe(2);
  });

  it('runs the program of the settings, unless targets are named', async () => {
    const app = await startApp();
    const { id } = await journal.receive();
    const config = join(journal.home, '.config', 'storewire');
    mkdirSync(config, { recursive: true });
    const profiles = { default: { exec: `tee ${join(journal.home, 'out.json')}; exit 3` } };
    writeFileSync(join(config, 'config.json'), JSON.stringify({ profiles }), { mode: 0o600 });
    const deps = { now, sleep, env: { HOME: journal.home, PATH: process.env.PATH } };
    expect((await run(['last', ...at(app)], deps)).code).toBe(0);
    expect(existsSync(join(journal.home, 'out.json'))).toBe(false);
    const { code, stdout } = await run(['last'], deps);
    expect([code, stdout]).toEqual([1, expect.stringContaining('✗ exec')]);
    expect(json(readFileSync(join(journal.home, 'out.json'), 'utf8'))[0].received.id).toBe(id);
  });
});

describe('replay, exit codes', () => {
  it.each([
    ['all accepted', [200, 204], 0],
    ['one refused', [200, 400], 1],
    ['one unreachable', [0, 200], 4],
    ['one refused and one unreachable', [0, 422], 1],
    ['a redirect', [302, 200], 1],
  ] as const)('%s', async (_case, statuses, code) => {
    const app = await startApp(...statuses);
    await journal.receive();
    await journal.receive();
    expect((await run(['--all', ...at(app)])).code).toBe(code);
  });

  it('gives up a target that cannot be reached, and says how to go on', async () => {
    for (let n = 0; n < 5; n += 1) await journal.receive();
    const { code, stderr } = await run(['--all', '-f', 'app=http://127.0.0.1:1']);
    expect(code).toBe(4);
    expect(stderr).toContain(
      [
        'No target is reachable. 3 notifications: 3 unreachable. Given up after three attempts in a row',
        'without an answer: app.',
        'To resume: storewire replay --resume, with the same --forward-to',
      ].join('\n'),
    );
  });
});

describe('replay --failed', () => {
  it('sends to each target what it has not accepted, and finds nothing left then', async () => {
    const [app, other] = [await startApp(503), await startApp()];
    const both = { targets: ['app', 'other'] };
    const [one, two] = [await journal.receive({}, both), await journal.receive({ type: 'REFUND' }, both)];
    await journal.deliver(one, 'app', 200);
    await journal.deliver(one, 'other', 500);
    await journal.deliver(two, 'app', null, { final: false, nextAtMs: TEST_NOW_MS + 60_000 });
    await journal.deliver(two, 'other', 200);
    const argv = ['--failed', ...at(app), ...at(other, 'other')];
    const first = await run(argv);
    expect(first.code).toBe(1);
    expect([app.bodies, other.bodies]).toEqual([[two.body], [one.body]]);
    expect(first.stderr).toContain('To send pending deliveries again: storewire replay --failed\n');
    const second = await run(argv);
    expect([second.code, app.bodies, other.bodies]).toEqual([0, [two.body, two.body], [one.body]]);
    const third = await run(argv);
    expect(third).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Nothing to send: 2 notifications in the journal, no pending delivery.\n',
    });
    expect(
      (await entries()).map(({ deliveries }) => deliveries.map(({ attempt, run: by }) => [attempt, by !== undefined])),
    ).toEqual([
      [
        [1, false],
        [1, false],
        [2, true],
      ],
      [
        [1, false],
        [1, false],
        [2, true],
        [3, true],
      ],
    ]);
  });

  it('counts the acceptance of a repeat', async () => {
    const one = await journal.receive();
    await journal.deliver(one, 'app', 500);
    const again = await journal.receive({}, {}, one.jws);
    await journal.deliver(again, 'app', 200);
    expect((await run(['--failed', '-f', 'app=http://127.0.0.1:1'])).stderr).toMatch(
      /^Nothing to send: 1 notification .*no pending delivery\.$/m,
    );
  });

  it('does not send to a target that the notification was not meant for', async () => {
    await journal.receive({}, { targets: [] });
    expect((await run(['--failed', '-f', 'app=http://127.0.0.1:1'])).stderr).toMatch(
      /^Nothing to send: .*no pending delivery\.$/m,
    );
  });

  it('names targets with pending deliveries that are not given', async () => {
    await journal.receive({}, { targets: ['old'] });
    const { code, stderr } = await run(['--failed', '-f', 'app=http://127.0.0.1:1']);
    expect(code).toBe(0);
    expect(stderr).toBe(
      'Nothing to send: 1 notification in the journal, no pending delivery for these targets and filters.\n' +
        'Pending for other targets: old (1). To send there: --forward-to old=URL\n',
    );
  });
});

describe('replay, interrupted', () => {
  it('is resumed at the notification after the last one sent', async () => {
    const app = await startApp();
    const all = [];
    for (let n = 0; n < 4; n += 1) all.push(await journal.receive());
    app.onRequest = () => app.bodies.length === 2 && stop.abort('SIGINT');
    const first = await run(['--all', ...at(app)]);
    expect(first.code).toBe(130);
    expect(first.stderr).toContain('Interrupted.');
    expect(first.stderr).toContain('To resume: storewire replay --resume, with the same --forward-to\n');
    const sent = app.bodies.length;
    app.onRequest = () => undefined;
    stop = new AbortController();
    clock = virtualClock(stop.signal);
    const missing = await run(['--resume', '-f', 'other=http://127.0.0.1:1']);
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('storewire replay --resume --forward-to app=URL'),
    ]);
    const second = await run(['--resume', ...at(app)]);
    expect(second.code).toBe(0);
    // The one in flight may have arrived: it is sent again.
    expect(app.bodies.slice(sent).at(-1)).toBe(all[3]!.body);
    expect(new Set(app.bodies).size).toBe(4);
    expect(app.bodies.length).toBeLessThanOrEqual(5);
    expect((await run(['--resume', ...at(app)])).stderr).toContain('no run was interrupted');
  });

  it('is resumed after a run with a missing file in between', async () => {
    const app = await startApp();
    await journal.receive();
    await journal.receive();
    app.onRequest = () => stop.abort('SIGINT');
    expect((await run(['--all', ...at(app)])).code).toBe(130);
    app.onRequest = () => undefined;
    stop = new AbortController();
    clock = virtualClock(stop.signal);
    const typo = await run(['nope.txt', ...at(app)], { random: (bytes) => new Uint8Array(bytes).fill(8) });
    expect([typo.code, typo.stderr]).toEqual([
      2,
      expect.stringContaining('nope.txt is neither the id of a notification nor a file'),
    ]);
    expect(typo.stderr).not.toContain('--resume');
    expect((await run(['--resume', ...at(app)])).code).toBe(0);
    expect(new Set(app.bodies).size).toBe(2);
  });

  it('is resumed from files too', async () => {
    const app = await startApp();
    const lines = [1, 2, 3, 4].map((n) => journal.signed({ bundleVersion: String(n) }));
    writeFileSync(join(journal.home, 'sent.txt'), lines.join('\n'));
    app.statuses.push(200, 500, 0, 0, 0, 0);
    app.onRequest = () => app.bodies.length === 3 && stop.abort('SIGINT');
    expect((await run(['sent.txt', ...at(app)])).code).toBe(130);
    app.bodies.length = 0;
    app.statuses.length = 0;
    app.onRequest = () => undefined;
    stop = new AbortController();
    clock = virtualClock(stop.signal);
    expect((await run(['--resume', ...at(app)])).stderr).toContain('Pass the same input');
    const { code, stderr } = await run(['sent.txt', '--resume', ...at(app)]);
    expect(code).toBe(0);
    expect(app.bodies.map((body) => JSON.parse(body).signedPayload)).toEqual(lines.slice(2));
    expect(stderr).toContain('2 notifications: 2 accepted, 2 skipped (already delivered).');
  });

  it('keeps --failed when it is resumed', async () => {
    const [app, other] = [await startApp(), await startApp()];
    const both = { targets: ['app', 'other'] };
    for (const status of [200, 500]) {
      const one = await journal.receive({}, both);
      await journal.deliver(one, 'other', status);
    }
    app.onRequest = () => stop.abort('SIGINT');
    const argv = [...at(app), ...at(other, 'other')];
    expect((await run(['--failed', ...argv])).code).toBe(130);
    app.onRequest = () => undefined;
    stop = new AbortController();
    clock = virtualClock(stop.signal);
    expect((await run(['--resume', ...argv])).code).toBe(0);
    expect(other.bodies).toHaveLength(1);
  });
});

describe('replay from other inputs', () => {
  it('sends tokens as Apple does, from any container', async () => {
    const app = await startApp();
    const [one, two, three] = ['1', '2', '3'].map((bundleVersion) => journal.signed({ bundleVersion }));
    writeFileSync(join(journal.home, 'sent.ndjson'), `{"signedPayload": "${one}", "sendAttempts": []}\n${two}\n`);
    const { code, stdout } = await run(['sent.ndjson', three!, ...at(app), '--json']);
    expect(code).toBe(0);
    expect(app.bodies).toEqual([one, two, three].map((signedPayload) => JSON.stringify({ signedPayload })));
    expect(app.headers[0]!['content-type']).toBe('application/json');
    expect(json(stdout).map(({ source }) => source)).toEqual(['sent.ndjson:1', 'sent.ndjson:2', 'argument']);
    expect(json(stdout)[1].deliveries).toMatchObject([{ target: 'app', attempt: 1, outcome: 'accepted' }]);
  });

  it('takes what journal export writes, and keeps id and receipt', async () => {
    const app = await startApp();
    const one = await journal.receive();
    const exported = (await run(['last', '-f', `app=${app.url}`, '--json'])).stdout;
    const { code, stdout } = await run(['-', ...at(app), '--json'], { stdin: pipedInput(exported) });
    expect(code).toBe(0);
    expect(json(stdout)[0]).toMatchObject({ source: 'stdin', received: { id: one.id, answered: 200 } });
    expect(app.bodies[1]).toBe(JSON.stringify({ signedPayload: one.jws }));
  });

  it('reads stdin without arguments', async () => {
    const app = await startApp();
    await run(at(app), { stdin: pipedInput(journal.signed()) });
    expect(app.bodies).toHaveLength(1);
  });

  it('skips an input that cannot be sent, and exits 2', async () => {
    const app = await startApp();
    const document = {
      kind: 'notification',
      source: 'x',
      notification: {},
      tokens: [{ path: 'signedPayload', header: {} }],
    };
    const text = `${JSON.stringify(document)}\n${journal.signed()}\n{"signedPayload":"nonsense"}\n`;
    const { code, stderr } = await run(['-', ...at(app), '--json'], { stdin: pipedInput(text) });
    expect(code).toBe(2);
    expect(app.bodies).toHaveLength(1);
    expect(json(stderr.slice(stderr.lastIndexOf('{"error"')))[0].error).toMatchObject({
      code: 'ERR_INPUT_NO_JWS',
      message: '2 payloads could not be sent; the first: stdin:1: the document has no JWS, so there is nothing to send',
    });
  });

  it('refuses a transaction', async () => {
    const app = await startApp();
    const notification = JSON.parse(Buffer.from(journal.signed().split('.')[1]!, 'base64url').toString());
    const transaction = notification.data.signedTransactionInfo;
    const { code, stderr } = await run(['-', ...at(app)], { stdin: pipedInput(transaction) });
    expect([code, app.bodies]).toEqual([2, []]);
    expect(stderr).toContain('wrong payload type: transaction, but only notifications can be sent');
  });

  it('keeps unverified notifications in private networks', async () => {
    const forged = journal.signed().replace(/.{4}$/, 'AAAA');
    const { stdout } = await run(['-', '-f', 'pub=https://example.com/a'], { stdin: pipedInput(forged) });
    expect(stdout).toContain('– pub withheld');
  });

  it('filters', async () => {
    const app = await startApp();
    const text = [journal.signed(), journal.signed({ type: 'REFUND' })].join('\n');
    await run(['-', '--events', 'REFUND', ...at(app)], { stdin: pipedInput(text) });
    expect(app.bodies).toHaveLength(1);
    await run(['-', '--since', '1m', ...at(app)], { stdin: pipedInput(text) });
    expect(app.bodies).toHaveLength(1);
  });

  it('counts as accepted for the journal where it is verified', async () => {
    const app = await startApp();
    const { jws } = await journal.receive();
    await run(['-', ...at(app)], { stdin: pipedInput(jws) });
    expect((await run(['--failed', ...at(app)])).stderr).toMatch(/: 1 accepted\.$/m);
    const another = await journal.receive();
    const root = ['--root', join(journal.folder, 'authority', 'root.pem')];
    await run(['-', ...root, ...at(app)], { stdin: pipedInput(another.jws) });
    expect((await run(['--failed', ...at(app)])).stderr).toMatch(/^Nothing to send: .*no pending delivery\.$/m);
  });
});

describe('replay --from-history', () => {
  it('sends the history, without accepted notifications', async () => {
    const app = await startApp();
    const one = await journal.receive();
    await journal.deliver(one, 'app', 200);
    const two = journal.signed({ type: 'REFUND' });
    const home = await makeAppleHome();
    const sendAttempts = [{ attemptDate: TEST_NOW_MS, sendAttemptResult: 'TIMED_OUT' }];
    const fake = await FakeServerApi.start(
      () => ({
        json: {
          notificationHistory: [
            { signedPayload: one.jws, sendAttempts },
            { signedPayload: two, sendAttempts },
          ],
          hasMore: false,
        },
      }),
      clock.now,
    );
    try {
      const deps = {
        env: { ...home.env, STOREWIRE_SERVER_API_SANDBOX_URL: fake.url },
        http: async () => fake.dispatcher,
        random: (bytes: number) => new Uint8Array(bytes).fill(255),
      };
      const argv = [
        '--from-history',
        '--environment',
        'sandbox',
        '--only-failures',
        '--since',
        '2d',
        ...at(app),
        '--json',
      ];
      const { code, stdout, stderr } = await run(argv, deps);
      expect(code).toBe(0);
      expect(JSON.parse(fake.seen[0]!.body)).toEqual({
        startDate: TEST_NOW_MS - 2 * 86_400_000,
        endDate: TEST_NOW_MS,
        onlyFailures: true,
      });
      expect(app.bodies).toEqual([JSON.stringify({ signedPayload: two })]);
      expect(json(stdout)).toMatchObject([{ source: 'history', sendAttempts, deliveries: [{ outcome: 'accepted' }] }]);
      expect(stderr).toContain('1 skipped (already delivered)');
      await run([...argv, '--all'], deps);
      expect(app.bodies).toHaveLength(3);
    } finally {
      await fake.stop();
      home.remove();
    }
  });

  it('needs an environment', async () => {
    const { code, stderr } = await run(['--from-history', '-f', 'http://127.0.0.1:1', '--json']);
    expect(code).toBe(2);
    expect(json(stderr).at(-1).error.code).toBe('ERR_SETTINGS_ENVIRONMENT_MISSING');
  });
});

describe('replay --timeout', () => {
  it('exits 5 and says how to resume', async () => {
    const app = await startApp();
    for (let n = 0; n < 3; n += 1) await journal.receive();
    // The deadline passes while the second one waits for its turn, however long the first took.
    let pass = (): void => undefined;
    const waits: Deps['sleep'][] = [
      () => new Promise((resolve) => (pass = resolve)),
      (ms, signal) => {
        pass();
        return clock.sleep(ms, signal);
      },
    ];
    const sleep: Deps['sleep'] = (ms, signal) => (ms === 300 ? waits.shift()! : clock.sleep)(ms, signal);
    const { code, stderr } = await run(['--all', ...at(app), '--rate', '0.1', '--timeout', '300ms'], { sleep });
    expect(code).toBe(5);
    expect(stderr).toContain('Timed out.');
    expect(app.bodies).toHaveLength(1);
  });
});

describe('replay of a journal that was forged', () => {
  it('does not send a body that does not verify, whatever its record says', async () => {
    const { id } = await journal.receive();
    const good = await journal.receive();
    await journal.close();
    const signedPayload = 'e30.e30.c2ln';
    forgeJournal(journal.folder, (record) =>
      record.id === id ? { ...record, synthetic: false, body: JSON.stringify({ signedPayload }) } : record,
    );
    const app = await startApp();
    for (const argv of [['--all'], ['--failed'], [id]]) {
      const { code, stderr } = await run([...argv, ...at(app)]).catch((error) => ({ code: 2, stderr: String(error) }));
      expect(code).toBe(2);
      expect(stderr).toMatch(/do not verify now/);
    }
    expect(new Set(app.bodies)).toEqual(new Set([good.body]));
  });

  it('does not send a genuine body under the record of another notification', async () => {
    const [first, second] = [await journal.receive(), await journal.receive()];
    await journal.close();
    forgeJournal(journal.folder, (record) => (record.id === first.id ? { ...record, body: second.body } : record));
    const app = await startApp();
    const { code, stderr } = await run([first.id, ...at(app)]).catch((error) => ({ code: 2, stderr: String(error) }));
    expect([code, app.bodies]).toEqual([2, []]);
    expect(stderr).toMatch(/about another\s+notification/);
  });

  it('does not send what another journal says the test authority has signed', async () => {
    const { id } = await journal.receive();
    await journal.close();
    asCloned(journal.folder);
    const app = await startApp();
    const { code, stderr } = await run([id, ...at(app)]).catch((error) => ({ code: 2, stderr: String(error) }));
    expect([code, app.bodies]).toEqual([2, []]);
    expect(stderr).toMatch(/UNTRUSTED_ROOT/);
    const root = join(journal.folder, 'authority', 'root.pem');
    await run([id, '--root', root, ...at(app)]);
    expect(app.bodies).toHaveLength(1);
  });
});

describe('replay by id', () => {
  const sold = (original: string) => ({ set: { 'transaction.originalTransactionId': original } });

  it('selects from the journal, by the beginning of an id', async () => {
    const app = await startApp();
    const wanted = await journal.receive(sold('7700000900000001'));
    await journal.receive(sold('8800000900000001'));
    const { code, stderr } = await run(['--transaction-id', '7700', ...at(app)]);
    expect(code).toBe(0);
    expect(app.bodies).toEqual([wanted.body]);
    expect(stderr).toContain('1 of 2 notifications in the journal selected.');
  });

  it('sends nothing where none matches', async () => {
    const app = await startApp();
    await journal.receive(sold('7700000900000001'));
    const { code, stderr } = await run(['--product-id', 'gone', ...at(app)]);
    expect({ code, sent: app.bodies.length }).toEqual({ code: 0, sent: 0 });
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      `Nothing to send: 1 notification in the journal, none of them selected. ${ID_MATCHING}`,
    );
  });

  it('without a payload in its input is an error, as in decode', async () => {
    const app = await startApp();
    writeFileSync(join(journal.home, 'notes.txt'), 'nothing of Apple in here\n'.repeat(1_000));
    const { code, stdout, stderr } = await run(['./notes.txt', ...at(app)]);
    expect({ code, stdout, sent: app.bodies.length }).toEqual({ code: 2, stdout: '', sent: 0 });
    expect(stderr).toContain('error: no payload found in ./notes.txt\n');
  });

  it('selects from a file, and counts what is not sent', async () => {
    const app = await startApp();
    const jws = [sold('7700000900000001'), sold('8800000900000001')].map((options) => journal.signed(options));
    writeFileSync(join(journal.home, 'sent.txt'), jws.join('\n'));
    const { code, stderr } = await run(['sent.txt', '--transaction-id', '8800000900000001', ...at(app)]);
    expect(code).toBe(0);
    expect(app.bodies.map((body) => JSON.parse(body).signedPayload)).toEqual([jws[1]]);
    expect(stderr).toContain('1 of 2 notifications match, 1 not sent.');
  });

  it('selects by app where --bundle-id is given', async () => {
    const app = await startApp();
    await journal.receive({ bundleId: 'com.example.other' });
    const mine = await journal.receive();
    const { code } = await run(['--all', '--bundle-id', 'com.example.app', ...at(app)]);
    expect({ code, bodies: app.bodies }).toEqual({ code: 0, bodies: [mine.body] });
  });

  it('does not combine with ids', async () => {
    const { code, stderr } = await run(['0123', '--uuid', 'ab']);
    expect({ code, stderr: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stderr: 'error: filters cannot be combined with ids',
    });
  });
});
