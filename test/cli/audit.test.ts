import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { now, sleep } from '../../src/clock.js';
import { registerAudit } from '../../src/commands/audit/command.js';
import { createVerifier } from '../../src/index.js';
import { createAuthority } from '../../src/simulator/authority/authority.js';
import { signNotification } from '../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../src/simulator/random.js';
import { junitFaults } from '../support/junit-schema.js';
import { pipedInput } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';

interface Received {
  readonly body: string;
  readonly request: IncomingMessage;
}

/** Status and body for what came; null hangs up. */
type Conduct = (received: Received) => number | null;

let folder: string;
let server: Server;
let url: string;
let conduct: Conduct;
let received: Received[];
/** Holds a request back before it is answered. */
let hold: (received: Received) => Promise<void>;
const agent = new Agent();

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-audit-')));
  received = [];
  hold = () => Promise.resolve();
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = { body: Buffer.concat(chunks).toString(), request };
    received.push(one);
    const status = conduct(one);
    await hold(one);
    if (status === null) request.socket.destroy();
    else response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/apple`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
afterAll(() => agent.close());

const refusesAll: Conduct = () => 400;
const tokenIn = ({ body }: Received): string | null => {
  try {
    const { signedPayload } = JSON.parse(body) as { signedPayload?: string };
    return signedPayload?.split('.').length === 3 && signedPayload.startsWith('eyJ') ? signedPayload : null;
  } catch {
    return null;
  }
};
/** As one that only decodes. */
const acceptsAll: Conduct = (one) => (tokenIn(one) === null ? 400 : 200);
/** As it should be. */
const verifies: Conduct = (one) => {
  const roots = [readFileSync(path.join(folder, '.storewire/authority/root.pem'))];
  const rules = { roots, kind: 'notification', bundleId: 'com.example.app' } as const;
  return createVerifier(rules)(tokenIn(one) ?? '').verification.verdict === 'valid' ? 200 : 400;
};

/** The pace is not waited for, deadlines are. */
const quickSleep: Deps['sleep'] = (ms, signal) => (ms < 5_000 ? Promise.resolve() : sleep(ms, signal));

function audit(argv: readonly string[], deps: Partial<Deps> = {}, terminal: object = {}) {
  return runCommand(
    registerAudit,
    ['audit', ...argv],
    {
      ...{ stdin: pipedInput(''), env: { HOME: folder, PATH: process.env.PATH }, cwd: folder, now, sleep: quickSleep },
      ...{ random: seededRandom('audit'), http: () => Promise.resolve(agent), signal: new AbortController().signal },
      ...{ platform: process.platform, userId: process.geteuid?.() ?? -1, suspend: () => Promise.resolve() },
      prompts: () => Promise.reject(new Error('no terminal')),
      ...deps,
    },
    terminal,
  );
}

/** After three controls and the four probes for a guard. */
const FIRST_FORGERY = 8;

describe('audit', () => {
  it('sends controls first, then forgeries, each named as ours', async () => {
    conduct = refusesAll;
    const { code } = await audit([url]);
    expect(code).toBe(0);
    expect(received.slice(0, 3).map(({ body }) => body)).toEqual([
      'storewire audit: this is not JSON',
      '{"storewire":"audit"}',
      '{"signedPayload":"storewire.audit.garbage"}',
    ]);
    for (const { request } of received) {
      expect(request.headers['user-agent']).toMatch(/^storewire-audit\/\d/);
    }
    expect(received.filter(({ request }) => request.method !== 'POST')).toHaveLength(1);
  });

  it.each([
    [
      'a password prompt',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body: '<html>401</html>' },
      'HTTP Basic',
    ],
    [
      "Laravel's CSRF filter",
      { status: 419, headers: {}, body: '<title>Page Expired</title>' },
      "Laravel's CSRF filter",
    ],
    ['a guard without a name', { status: 401, headers: {}, body: 'no' }, 'refuses every request alike'],
  ])('%s in front of the handler: inconclusive, exit 5', async (_case, refusal, name) => {
    const guard = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(refusal.status, refusal.headers).end(refusal.body));
    });
    await new Promise<void>((resolve) => guard.listen(0, '127.0.0.1', resolve));
    try {
      const guarded = `http://127.0.0.1:${(guard.address() as AddressInfo).port}/apple`;
      const { code, stdout } = await audit([guarded]);
      expect(code).toBe(5);
      expect(stdout).toContain('Inconclusive: not answered by the handler');
      expect(stdout).toContain(name);
      const report = JSON.parse((await audit([guarded, '--json'])).stdout);
      expect(report).toMatchObject({ verdict: 'inconclusive', doubt: 'guarded', guard: { fix: expect.any(String) } });
      expect(report.attempts.every(({ believed }: { believed: unknown }) => believed === null)).toBe(true);
    } finally {
      guard.close();
    }
  });

  it('takes the shorthand of a local URL', async () => {
    conduct = refusesAll;
    const { port } = new URL(url);
    const { stdout } = await audit([`:${port}/apple`, '--json']);
    expect(JSON.parse(stdout).url).toBe(`http://localhost:${port}/apple`);
    expect(received[0]?.request.url).toBe('/apple');
  });

  it.each([
    [
      'a refusal that asks for a login, on this route only',
      (method: string) => ({ status: method === 'POST' ? 401 : 404, body: '{"error":"No token"}' }),
      { doubt: 'same-refusal', guard: { kind: 'login' } },
      'an empty POST gets the same 401 as every forgery: the handler, or something in front of it',
    ],
    [
      'a firewall that limits the size',
      (method: string, body: string) => ({ status: method === 'POST' && body.length > 9_000 ? 403 : 400, body: '{}' }),
      { doubt: 'guarded', guard: { name: 'a limit on the size of the body' } },
      'a limit on the size of the body',
    ],
    [
      'a parser that takes another content type',
      (method: string) => ({ status: method === 'POST' ? 415 : 404, body: '{}' }),
      { doubt: 'not-read', guard: null },
      'without reading them',
    ],
    [
      'a website that answers every path',
      () => ({ status: 200, body: '<!DOCTYPE html><html><title>Coffee</title></html>' }),
      { doubt: 'guarded', guard: { kind: 'gateway' } },
      'a website that answers every request with an HTML page',
    ],
    [
      'a server that fails on everything',
      () => ({ status: 500, body: 'oops' }),
      { doubt: 'guarded', guard: { kind: 'gateway' } },
      'a server that fails on every request, a GET included',
    ],
    [
      'a redirect of everything',
      () => ({ status: 308, body: '' }),
      { doubt: 'nothing-there', guard: null },
      'every response was a redirect, 308',
    ],
  ])('%s: inconclusive, exit 5', async (_case, answer, expected, said) => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body } = answer(request.method ?? '', Buffer.concat(chunks).toString());
        response.writeHead(status).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const guarded = `http://127.0.0.1:${(server.address() as AddressInfo).port}/apple`;
      const { code, stdout } = await audit([guarded]);
      expect(code).toBe(5);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(said);
      const report = JSON.parse((await audit([guarded, '--json'])).stdout);
      expect(report).toMatchObject({ verdict: 'inconclusive', ...expected });
    } finally {
      server.close();
    }
  });

  it('is safe, with its limit told, where a POST without a notification gets the refusal of a forgery', async () => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(request.method === 'POST' ? 401 : 405).end('Unauthorized'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const strict = `http://127.0.0.1:${(server.address() as AddressInfo).port}/apple`;
      const { code, stdout } = await audit([strict]);
      expect(code).toBe(0);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain('An empty POST gets the same 401 as every forgery.');
      const report = JSON.parse((await audit([strict, '--json'])).stdout);
      expect(report).toMatchObject({ verdict: 'safe', doubt: null, sameRefusal: 401 });
    } finally {
      server.close();
    }
  });

  it('prints one JSON document', async () => {
    conduct = acceptsAll;
    const { code, stdout, stderr } = await audit([`${url}?key=k3y-0f-mine`, '--json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout).not.toContain('k3y-0f-mine');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ url: `${url}?…`, verdict: 'unsafe', doubt: null, trustsAuthority: null });
    expect(report).toMatchObject({ diagnosis: 'this endpoint does not verify signatures', interrupted: null });
    expect(report.attempts[0]).toMatchObject({
      ...{ id: 'forged.self-made-chain', believed: true, httpStatus: 200, severity: 'critical' },
      title: "a self-made chain with Apple's names and marker extensions",
      fix: expect.stringContaining('Apple Root CA - G3'),
      gain: expect.stringContaining('Anyone'),
      appleCheck: expect.stringContaining('SignedDataVerifier'),
    });
    expect(report.counts).toEqual({ sent: 36, believed: 35, refused: 1, undecided: 0 });
    expect(report.controls.map(({ id, httpStatus }: { id: string; httpStatus: number }) => [id, httpStatus])).toEqual([
      ['control.not-json', 400],
      ['control.no-token', 400],
      ['control.garbage-token', 400],
    ]);
  });

  it('begins with verdict and diagnosis, has one table, and ends with the verdict', async () => {
    conduct = acceptsAll;
    const { code, stdout, stderr } = await audit([url], {}, { columns: 80, isTty: true });
    expect(code).toBe(1);
    expect(stderr).toContain('Created a test authority');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      `audit  ${url}`,
      'Unsafe: accepted 35 of 36 forgeries',
      'This endpoint does not verify signatures.',
    ]);
    expect(lines).toContain('  severity  id                              status  title');
    expect(lines.find((line) => line.includes('forged.self-made-chain'))).toMatch(
      /^✗ critical {2}forged\.self-made-chain {10}200 {5}a self-made chain with/,
    );
    expect(stdout).toMatch(/^ {2}… \d+ more: add -v$/m);
    expect(stdout).not.toMatch(/impact {2}|Controls|Observations/);
    expect(lines.at(-1)).toBe('Unsafe: accepted 35 of 36 forgeries');
    expect(lines.length).toBeLessThan(24);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('cuts nothing in a pipe', async () => {
    conduct = acceptsAll;
    const { stdout } = await audit([url]);
    expect(stdout.match(/^✗ /gm)).toHaveLength(35);
    expect(stdout).not.toContain('…');
  });

  it('with -v explains findings of a kind once, and shows every other request', async () => {
    conduct = (one) => (received.length === FIRST_FORGERY && tokenIn(one) !== null ? 200 : 400);
    const { code, stdout, stderr } = await audit([url, '-v', '--bundle-id', 'a.b'], {}, { columns: 80 });
    expect(code).toBe(1);
    expect(stderr).toMatch(/effective settings:\n[\s\S]* bundleId +a\.b +--bundle-id\n/);
    expect(stdout).toContain(`✗ critical  200  forged.self-made-chain`);
    expect(stdout).toMatch(/ {2}impact {2}Anyone can forge any notification/);
    expect(stdout).toMatch(/ {2}fix {5}Trust your own copy/);
    expect(stdout).toMatch(/ {2}Apple {3}SignedDataVerifier/);
    for (const title of ['Controls', 'Rejected', 'Observations (not findings)'])
      expect(stdout).toContain(`\n${title}\n`);
    expect(stdout.match(/^Unsafe: accepted 1 of 36 forgeries$/gm)).toHaveLength(2);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('a safe endpoint: exit 0, and the limits of the verdict', async () => {
    conduct = refusesAll;
    const { code, stdout } = await audit([url]);
    expect(code).toBe(0);
    expect(stdout).toContain('\nSafe: accepted none of 36 forgeries\n');
    expect(stdout).toMatch(/\d+ of the rejected forgeries are signed by the test authority/);
    expect(stdout).toContain('--control');
    expect(stdout).not.toContain('It has a limit');
  });

  it('tests the checks after root trust with --control', async () => {
    conduct = verifies;
    const { code, stdout } = await audit([url, '-v', '--control', '--bundle-id', 'com.example.app']);
    expect(code).toBe(0);
    expect(stdout).toContain('✓ 200  a renewal, signed by the test authority');
    expect(stdout).not.toContain('of the rejected forgeries');
    expect(stdout).not.toContain('needs --control');
  });

  it.each<[string, Conduct, readonly string[], string, number]>([
    ['2xx to everything', () => 200, [], 'answers-before-it-checks', 5],
    ['400 to everything', refusesAll, ['--control'], 'refuses-everything', 5],
    ['404 to everything', () => 404, [], 'nothing-there', 5],
    ['silence in the middle', () => (received.length < 10 ? 400 : null), [], 'unanswered', 4],
    ['an effect of garbage input', () => 200, ['--effect', 'true'], 'effect-of-rubbish', 5],
    ['an effect never seen', () => 200, ['--control', '--effect', 'false'], 'effect-never-seen', 5],
  ])('is inconclusive on %s', async (_case, chosen, flags, doubt, expected) => {
    conduct = chosen;
    const { code, stdout } = await audit([url, '--json', ...flags]);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: expected, verdict: 'inconclusive', doubt });
  });

  it('shows the next step for an inconclusive verdict', async () => {
    conduct = () => 200;
    const { stdout } = await audit([url, '-v']);
    expect(stdout).toContain('? 2xx  36 forgeries answered like garbage input');
    expect(stdout).toContain('Inconclusive: it answers 2xx to garbage input as well');
    expect(stdout).toContain('--effect COMMAND');
  });

  it('stops when responses stop, and lists what was not sent', async () => {
    conduct = () => (received.length < 10 ? 400 : null);
    const report = JSON.parse((await audit([url, '--json'])).stdout);
    expect(report.attempts.at(-1)).toMatchObject({ believed: null, httpStatus: null });
    expect(report.attempts.length + report.notSent.length).toBe(36);
    expect(received.length).toBeLessThan(20);
  });

  it('cannot be reached: exit 4 and no document', async () => {
    conduct = () => null;
    const { code, stdout, stderr } = await audit([url, '--json']);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'ERR_AUDIT_UNREACHABLE' });
  });

  it('ends at its deadline', async () => {
    conduct = refusesAll;
    let lateMs = 0;
    const deps: Partial<Deps> = {
      now() {
        lateMs += 100;
        return now() + lateMs;
      },
      // Nothing but the pace sleeps for so short a time.
      sleep: (ms, signal) => (ms < 60 ? Promise.resolve() : sleep(ms, signal)),
    };
    const { code, stdout } = await audit([url, '--json', '--timeout', '10s'], deps);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'inconclusive', doubt: 'deadline' });
  });

  it('is interrupted before the first response: exit 130, nothing printed', async () => {
    const stop = new AbortController();
    conduct = () => {
      stop.abort('SIGINT');
      return 400;
    };
    expect(await audit([url], { signal: stop.signal })).toMatchObject({ code: 130, stdout: '' });
  });

  it.each<[string, Conduct, string, RegExp]>([
    [
      'rejects',
      refusesAll,
      'inconclusive',
      /^Inconclusive: interrupted after \d+ of 47 requests, nothing accepted so far$/m,
    ],
    [
      'accepts',
      acceptsAll,
      'unsafe',
      /^Unsafe: accepted (\d+) of \1 forgeries; interrupted after \d+ of 47 requests$/m,
    ],
  ])('interrupted later, reports what is known of an endpoint that %s', async (_case, chosen, verdict, expected) => {
    const interruptAtTwentieth = (): AbortSignal => {
      const stop = new AbortController();
      conduct = (one) => {
        // Four probes for a guard come between the controls and the forgeries.
        if (received.length === 4 + 3 + 20) stop.abort('SIGINT');
        return chosen(one);
      };
      return stop.signal;
    };
    const { code, stdout } = await audit([url], { signal: interruptAtTwentieth() });
    expect(code).toBe(130);
    expect(stdout).toMatch(expected);
    received = [];
    const json = await audit([url, '--json'], { signal: interruptAtTwentieth() });
    expect(json.code).toBe(130);
    const report = JSON.parse(json.stdout);
    expect(report).toMatchObject({ verdict, interrupted: { after: 3 + report.attempts.length, of: 47 } });
    // Those that were in flight are not known; the twentieth forgery is one of them.
    expect(report.attempts.length).toBeGreaterThan(0);
    expect(report.attempts.length).toBeLessThan(20);
    expect(new Set([...report.attempts.map(({ id }: { id: string }) => id), ...report.notSent]).size).toBe(36);
    expect(report.notSent).toHaveLength(36 - report.attempts.length);
  });

  it('has several forgeries in flight, and never the two requests of one probe', async () => {
    conduct = verifies;
    const held: (() => void)[] = [];
    const open = new Set<string>();
    const twice: string[] = [];
    hold = (one) => {
      if (open.has(one.body)) twice.push(one.body);
      open.add(one.body);
      const end = (): void => void open.delete(one.body);
      // Of the forgeries, which come first, four are answered at once.
      // Two more controls with --control.
      const forgery = received.length - 2 - FIRST_FORGERY;
      if (forgery < 0 || forgery >= 36) return Promise.resolve().then(end);
      return new Promise<void>((resolve) => {
        held.push(resolve);
        if (held.length === 4) for (const release of held.splice(0)) release();
      }).then(end);
    };
    // So many are in flight as the time of the controls allows: here they take none.
    const nowMs = now();
    const argv = [url, '--json', '--control', '--bundle-id', 'com.example.app'];
    const { code, stdout } = await audit(argv, { now: () => nowMs });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'safe', notSent: [], attempts: { length: 36 } });
    expect(twice).toEqual([]);
  });
});

describe('audit --effect', () => {
  it('gets the ids that were sent, and random ones otherwise', async () => {
    conduct = () => 200;
    const script = path.join(folder, 'effect.sh');
    writeFileSync(
      script,
      'echo "$STOREWIRE_ATTEMPT_ID $STOREWIRE_NOTIFICATION_UUID$STOREWIRE_KEY_ID" >> asked\nexit 1\n',
    );
    const { code, stdout } = await audit([url, '--json', '--effect', 'sh effect.sh'], {
      env: { HOME: folder, PATH: process.env.PATH, STOREWIRE_KEY_ID: 'hidden' },
    });
    const { attempts } = JSON.parse(stdout);
    expect(code).toBe(0);
    const asked = readFileSync(path.join(folder, 'asked'), 'utf8').trim().split('\n');
    // Once after each attempt, once more at the end.
    expect(asked).toHaveLength(2 * (36 + 3));
    const { notificationUUID } = attempts.find((each: { id: string }) => each.id === 'forged.wrong-key');
    expect(asked).toContain(`forged.wrong-key ${notificationUUID}`);
    for (const line of asked) expect(line).toMatch(/^[a-z0-9.-]+ [0-9a-f-]{36}$/);
  });

  it('finds what took effect, whatever was answered', async () => {
    conduct = () => 202;
    const { code, stdout } = await audit([url, '--json', '--effect', 'test "$STOREWIRE_ATTEMPT_ID" = forged.xcode']);
    const believed = JSON.parse(stdout).attempts.filter((each: { believed: boolean }) => each.believed);
    expect({ code, believed: believed.map(({ id }: { id: string }) => id) }).toEqual({
      code: 1,
      believed: ['forged.xcode'],
    });
  });

  it('cannot be run: a usage error, no verdict', async () => {
    conduct = () => 200;
    const { code, stdout, stderr } = await audit([url, '--json', '--effect', './no-such-program']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr).error.code).toBe('ERR_AUDIT_EFFECT');
  });
});

describe('audit --genuine', () => {
  it('forges with tokens that were given, and sends those of another app as they are', async () => {
    conduct = refusesAll;
    const apple = await createAuthority({ nowMs: now() });
    writeFileSync(path.join(folder, 'apple.pem'), apple.rootPem);
    const random = seededRandom('genuine');
    const built = buildNotification({ type: 'DID_RENEW', nowMs: now(), random, bundleId: 'com.example.elsewhere' });
    const { body, signedPayload } = signNotification(built, await apple.issueChain());
    writeFileSync(path.join(folder, 'other.json'), body);
    const flags = ['--root', 'apple.pem', '--bundle-id', 'com.example.app', '--genuine', 'other.json'];
    const { code, stdout } = await audit([url, '--json', ...flags]);
    const { attempts, notMade } = JSON.parse(stdout);
    expect(code).toBe(0);
    const ids = attempts.map(({ id }: { id: string }) => id).filter((id: string) => id.startsWith('genuine.'));
    expect(ids).toContain('genuine.other-app');
    expect(ids).toContain('genuine.transaction');
    expect(ids).toContain('genuine.wrong-key');
    expect(notMade).toEqual([]);
    expect(received.map(tokenIn)).toContain(signedPayload);
  });

  it('takes nothing that Apple did not sign', async () => {
    conduct = refusesAll;
    const authority = await createAuthority({ nowMs: now() });
    const built = buildNotification({ type: 'TEST', nowMs: now(), random: seededRandom('forged') });
    writeFileSync(path.join(folder, 'forged.json'), signNotification(built, await authority.issueChain()).body);
    const { code, stderr } = await audit([url, '--json', '--genuine', 'forged.json']);
    expect({ code, received: received.length }).toEqual({ code: 2, received: 0 });
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'ERR_AUDIT_GENUINE',
      message: expect.stringContaining('UNTRUSTED_ROOT'),
    });
  });
});

describe('where audit sends', () => {
  it.each([
    ['https://api.storekit.apple.com/x', 'ERR_USAGE_HOST'],
    ['https://apple.com./', 'ERR_USAGE_HOST'],
    ['https://17.1.2.3/', 'ERR_USAGE_HOST'],
    ['https://[::ffff:17.1.2.3]/', 'ERR_USAGE_HOST'],
    ['https://api.revenuecat.com/v1/incoming-webhooks/x', 'ERR_USAGE_HOST'],
    ['https://API.Qonversion.io/v1/apple-s2s/x', 'ERR_USAGE_HOST'],
    ['example.com:3000', 'ERR_USAGE_URL'],
    ['ftp://localhost/', 'ERR_USAGE_URL'],
    ['https://user:pass@localhost/', 'ERR_USAGE_URL'],
    ['https://staging.example.com/apple', 'ERR_AUDIT_HOST'],
    ['http://10.0.0.5/', 'ERR_AUDIT_HOST'],
  ])('not to %s', async (target, error) => {
    const yes = error === 'ERR_USAGE_HOST' ? ['--yes'] : [];
    const { code, stderr } = await audit([target, '--json', ...yes], {
      http: () => Promise.reject(new Error('it was sent')),
    });
    expect({ code, error: JSON.parse(stderr).error.code }).toEqual({ code: 2, error });
  });

  it('says that the URL, not the endpoint, contains credentials', async () => {
    const { code, stderr } = await audit(['https://user:pass@localhost/']);
    expect(code).toBe(2);
    expect(stderr).toContain('error: the endpoint URL must not contain a user name or password\n');
  });

  const atTerminal = (typed: string): Partial<Deps> => ({
    stdin: { ...pipedInput(''), isTty: true },
    prompts: () =>
      Promise.resolve({ input: () => Promise.resolve(typed) } as unknown as Awaited<ReturnType<Deps['prompts']>>),
    http: () => Promise.reject(new Error('it was sent')),
  });

  it('to a host whose name was typed', async () => {
    await expect(
      audit(['https://staging.example.com/x'], atTerminal('Staging.Example.com'), { isTty: true }),
    ).rejects.toThrow('it was sent');
  });

  it('not to a host whose name was typed otherwise', async () => {
    const { code, stderr } = await audit(['https://staging.example.com/x'], atTerminal('yes'), { isTty: true });
    expect(code).toBe(2);
    expect(stderr).toContain('nothing was sent');
  });

  it('to any host with --yes', async () => {
    const deps = { http: () => Promise.reject(new Error('it was sent')) };
    await expect(audit(['https://staging.example.com/x', '--yes'], deps)).rejects.toThrow('it was sent');
  });
});

describe('audit --report', () => {
  it('writes JUnit: accepted forgeries fail, the others pass', async () => {
    conduct = acceptsAll;
    const { code, stdout } = await audit([url, '--report', 'junit', '--report-file', 'reports/audit.xml', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).verdict).toBe('unsafe');
    const xml = readFileSync(path.join(folder, 'reports/audit.xml'), 'utf8');
    expect(junitFaults(xml)).toEqual([]);
    expect(xml).toContain(`<testsuite name="storewire audit ${url}" tests="48" failures="36" errors="0"`);
    expect(xml).toContain('<testcase name="forged.self-made-chain" classname="audit.critical"');
    expect(xml).toContain(
      '<failure message="accepted a forgery: a self-made chain with Apple&apos;s names and marker extensions (answered 200)"',
    );
  });

  it('writes JUnit to stdout, in which no verdict is an error', async () => {
    conduct = () => 200;
    const { code, stdout } = await audit([url, '--report', 'junit']);
    expect(code).toBe(5);
    expect(stdout).toMatch(/^<\?xml/);
    expect(stdout).toContain('errors="37"');
  });

  it('writes annotations: the verdict with its diagnosis, then one for each kind of finding', async () => {
    conduct = acceptsAll;
    const { code, stdout, stderr } = await audit([url, '--report', 'github']);
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^::error title=storewire audit::Unsafe: accepted 35 of 36 forgeries\.%0AThis endpoint does not/,
    );
    expect(lines[1]).toMatch(/^::error title=storewire audit forged\.[\w.-]+ and \d+ more::accepted \(critical\):%0A/);
    expect(lines.every((line) => line.startsWith('::error '))).toBe(true);
    expect(stderr).toContain('Unsafe: accepted 35 of 36 forgeries');
  });

  it('writes Markdown and HTML that hold nothing active', async () => {
    conduct = (one) => (tokenIn(one)?.includes('.') ? 200 : 400);
    const files = [
      '--report',
      'markdown',
      '--report-file',
      'audit.md',
      '--report',
      'html',
      '--report-file',
      'audit.html',
    ];
    const target = `${url}/<script>alert(1)</script>|@team`;
    const { code } = await audit([target, ...files]);
    expect(code).toBe(1);
    const markdown = readFileSync(path.join(folder, 'audit.md'), 'utf8');
    expect(markdown).toContain('## storewire audit: unsafe');
    expect(markdown).toContain('This endpoint does not verify signatures.');
    expect(markdown).toContain('| critical | `forged.self-made-chain` |');
    expect(markdown.split('\n').filter((line) => line.startsWith('<'))).toEqual([
      '<details>',
      expect.stringMatching(/^<summary>\d+ other forgeries, controls and observations<\/summary>$/),
      '</details>',
    ]);
    const html = readFileSync(path.join(folder, 'audit.html'), 'utf8');
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).toContain('<strong>Unsafe: accepted 35 of 36 forgeries</strong>');
    expect(html).toContain('<p class="lead">This endpoint does not verify signatures.</p>');
    // Links lead to places on the page only.
    expect(html).toContain('<a href="#forged.self-made-chain">');
    expect(html).not.toMatch(/<script|<img|<link|<a (?!href="#forged\.[a-z0-9-]+">)|\bon\w+=|src=|url\(|@import/i);
  });

  it('annotates by itself in GitHub Actions, once', async () => {
    conduct = acceptsAll;
    const env = {
      ...{ HOME: folder, PATH: process.env.PATH, GITHUB_ACTIONS: 'true' },
      GITHUB_STEP_SUMMARY: path.join(folder, 'summary.md'),
    };
    const byItself = await audit([url], { env });
    expect(byItself.stderr.match(/^::error title=storewire audit::/gm)).toHaveLength(1);
    expect(byItself.stdout).not.toContain('::error');
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8').match(/^## storewire audit: unsafe$/gm)).toHaveLength(1);
    const asked = await audit([url, '--report', 'github'], { env });
    expect(asked.stdout.match(/^::error title=storewire audit::/gm)).toHaveLength(1);
    expect(asked.stderr).not.toContain('::error');
  });

  it('prints for people beside reports that go to files', async () => {
    conduct = refusesAll;
    const { stdout } = await audit([url, '--report', 'json', '--report-file', 'audit.json']);
    expect(stdout).toContain('Safe:');
    expect(JSON.parse(readFileSync(path.join(folder, 'audit.json'), 'utf8'))).toMatchObject({ verdict: 'safe' });
  });
});
