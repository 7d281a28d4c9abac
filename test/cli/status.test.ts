import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { registerStatus, type StatusOptions } from '../../src/commands/test-notification/status-command.js';
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
import { TEST_NOW_MS } from '../support/run-cli.js';
import { type Register, runCommand } from '../support/run-command.js';

let home: AppleHome;
beforeAll(async () => {
  home = await makeAppleHome();
});
afterAll(() => home.remove());

const stop = new AbortController();
let clock: VirtualClock;
let fake: FakeServerApi;
const fakes: FakeServerApi[] = [];
beforeEach(() => {
  clock = virtualClock(stop.signal);
});
afterEach(async () => {
  for (const each of fakes.splice(0)) await each.stop();
});

type Answering = Answer | ((request: SeenRequest) => Answer);

async function run(argv: readonly string[], answers: readonly Answering[], env: Record<string, string> = {}) {
  fake = await FakeServerApi.start(
    (request, index) => {
      const answer = answers[Math.min(index, answers.length - 1)]!;
      return typeof answer === 'function' ? answer(request) : answer;
    },
    () => clock.now(),
  );
  fakes.push(fake);
  const { dispatcher } = fake;
  const deps: Partial<Deps> = {
    env: { ...home.env, STOREWIRE_SERVER_API_PRODUCTION_URL: fake.url, ...env },
    cwd: join(home.folder, 'work'),
    now: clock.now,
    sleep: clock.sleep,
    random: (bytes) => new Uint8Array(bytes),
    http: async () => dispatcher,
    signal: stop.signal,
    platform: process.platform,
    userId: process.geteuid?.() ?? -1,
  };
  return runCommand(registerStatus as Register, ['status', ...argv], deps);
}

const PRODUCTION = ['--environment', 'production'];
const sent = (result: string): Answer => ({
  json: {
    signedPayload: home.signed({ environment: 'Production' }),
    sendAttempts: [{ attemptDate: TEST_NOW_MS - 5_000, sendAttemptResult: result }],
    firstSendAttemptResult: result,
  },
});

describe('status, wiring', () => {
  it('takes a token and flags', async () => {
    let options: StatusOptions | undefined;
    const register: Register = (parent, deps, finish) =>
      registerStatus(parent, deps, finish, async (given) => {
        options = given;
        return 0;
      });
    await runCommand(register, ['status', 'tok', '--environment', 'sandbox', '--wait'], {});
    expect(options).toEqual({
      token: 'tok',
      environment: 'sandbox',
      wait: true,
      timeout: 120_000,
      yes: false,
      json: false,
    });
  });
});

describe('status', () => {
  it.each<[string, () => Answer, number, string]>([
    ['delivered', () => sent('SUCCESS'), 0, 'SUCCESS'],
    ['not delivered', () => sent('TIMED_OUT'), 1, 'TIMED_OUT'],
    ['nothing there', () => apiError(4040008), 5, 'PENDING'],
    ['no attempt yet', () => ({ json: { signedPayload: home.signed({ environment: 'Production' }) } }), 5, 'PENDING'],
    ['the deprecated field alone', () => ({ json: { firstSendAttemptResult: 'SSL_ISSUE' } }), 1, 'TLS_ISSUE'],
  ])('%s', async (_what, answer, code, outcome) => {
    const got = await run(['tok', ...PRODUCTION, '--json'], [answer()]);
    expect({ code: got.code, stderr: got.stderr }).toEqual({ code, stderr: '' });
    expect(JSON.parse(got.stdout).results).toMatchObject([
      { environment: 'production', testNotificationToken: 'tok', outcome },
    ]);
    const text = await run(['tok', ...PRODUCTION], [answer()]);
    expect(text.stdout).toContain(`${outcome}  production\n`);
  });

  it('asks once without --wait, and until it is known with it', async () => {
    await run(['tok', ...PRODUCTION], [apiError(4040008), sent('SUCCESS')]);
    expect(fake.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /inApps/v1/notifications/test/tok']);
    expect((await run(['tok', ...PRODUCTION, '--wait'], [apiError(4040008), sent('SUCCESS')])).code).toBe(0);
    expect(clock.waits).toEqual([2_000]);
  });

  const ago = (ms: number) => `5b3c2f5e-0000-4000-8000-000000000000_${TEST_NOW_MS - ms}`;

  it('of a token of the other environment says so at once, with --wait too', async () => {
    const token = ago(61_000);
    const text = await run([token, ...PRODUCTION, '--wait'], [apiError(4040008)]);
    expect(text).toMatchObject({ code: 5 });
    expect(text.stdout).toBe(
      'PENDING  production\nApple has nothing on this token in production.\n' +
        `Was it requested in sandbox? Try: storewire status ${token} --environment sandbox\n`,
    );
    expect(clock.waits).toEqual([]);
    const json = await run([token, ...PRODUCTION, '--wait', '--json'], [apiError(4040008)]);
    expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 5, stderr: '' });
    expect(JSON.parse(json.stdout).results[0]).toMatchObject({
      outcome: 'PENDING',
      error: { code: 'ERR_API_TEST_NOTIFICATION_NOT_FOUND', hint: expect.stringContaining('--environment sandbox') },
    });
  });

  it.each<[string, string, RegExp]>([
    ['of a token without a time', 'tok', /sandbox\?.*within the last minute, ask again: storewire status tok/s],
    ['of a token of just now', ago(5_000), /sandbox\?.*within the last minute, ask again/s],
    ['of a token that Apple has forgotten', ago(200 * 86_400_000), /older than six months/],
  ])('%s says what may be the case', async (_what, token, words) =>
    expect((await run([token, ...PRODUCTION], [apiError(4040008)])).stdout).toMatch(words),
  );

  it('says nothing of environments where Apple knows the token', async () => {
    const pending: Answer = { json: { signedPayload: home.signed({ environment: 'Production' }) } };
    expect((await run([ago(90_000), ...PRODUCTION], [pending])).stdout).not.toContain('sandbox');
  });

  it('takes the environment from the settings', async () => {
    expect((await run(['tok'], [sent('SUCCESS')], { STOREWIRE_ENVIRONMENT: 'production' })).code).toBe(0);
  });

  it.each<[string, readonly string[], Answer, number, string]>([
    ['a token that is none', ['tok', ...PRODUCTION], apiError(4000020), 2, 'the test notification token is not valid'],
    ['refused credentials', ['tok', ...PRODUCTION], UNAUTHENTICATED, 3, 'first release'],
    ['no network', ['tok', ...PRODUCTION], { drop: true }, 4, 'Check the network'],
    ['an empty token', [' ', ...PRODUCTION], {}, 2, 'the token is empty'],
    ['no environment', ['tok'], {}, 2, '--environment sandbox or production'],
    ['an unknown environment', ['tok', '--environment', 'both'], {}, 2, 'sandbox or production'],
  ])('stops at %s', async (_what, argv, answer, code, words) => {
    const got = await run(argv, [answer]);
    expect({ code: got.code, stdout: got.stdout }).toEqual({ code, stdout: '' });
    expect(got.stderr).toContain(words);
  });

  it('quotes a token in what it says to type', async () => {
    const { stdout } = await run(["it's; rm", ...PRODUCTION], [apiError(4040008)]);
    expect(stdout).toContain(`storewire status 'it'\\''s; rm' --environment production --wait`);
  });
});

describe('status, with a server that repeats the request', () => {
  it.each<[string, (jwt: string) => Answer]>([
    [
      'in an error',
      (jwt) => ({ status: 400, json: { errorCode: 4_000_099, errorMessage: `not valid: Bearer ${jwt}` } }),
    ],
    ['as its request id', (jwt) => ({ status: 401, text: `Unauthenticated\n\nRequest ID: ${jwt}\n` })],
    ['in a page', (jwt) => ({ status: 403, text: `<html><title>${jwt.slice(-70)}</title>` })],
    [
      'as a result',
      (jwt) => ({ json: { sendAttempts: [{ attemptDate: 1, sendAttemptResult: jwt }], signedPayload: jwt } }),
    ],
  ])('prints nothing of the token: %s', async (_what, answer) => {
    const { stdout, stderr } = await run(
      ['token', ...PRODUCTION, '--json'],
      [({ authorization }) => answer(authorization.replace('Bearer ', ''))],
    );
    const jwt = fake.seen[0]!.authorization.replace('Bearer ', '');
    expect(jwt.length).toBeGreaterThan(200);
    const parts = Array.from({ length: jwt.length - 8 }, (_, at) => jwt.slice(at, at + 8));
    expect(parts.filter((part) => `${stdout}${stderr}`.includes(part))).toEqual([]);
  });
});
