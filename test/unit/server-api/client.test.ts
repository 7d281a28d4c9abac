import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { planRetry, type RetryState } from '../../../src/server-api/client.js';
import { type RequestFacts, refusalOf } from '../../../src/server-api/refusal.js';
import { UNAUTHENTICATED } from '../../support/fake-server-api.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const STATE: RetryState = { failures: 1, rateLimits: 0, nowMs: NOW, deadlineMs: Number.POSITIVE_INFINITY, jitter: 1 };
const ASKED: RequestFacts = {
  host: 'api.storekit.apple.com',
  environment: 'production',
  issuerId: 'i',
  keyId: 'k',
  bundleId: 'b',
  proxy: null,
  nowMs: NOW,
};

const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  refusalOf(
    { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
    ASKED,
  ) as ToolError;
const coded = (errorCode: number, headers: Record<string, string> = {}) =>
  answer(Math.floor(errorCode / 10_000), { errorCode, errorMessage: 'said' }, headers);
const unreachable = new ToolError('remote', 'ERR_HTTP_UNREACHABLE', 'x');

describe('planRetry', () => {
  it.each<[string, unknown, Partial<RetryState>, number | null]>([
    ['no answer', unreachable, {}, 1_000],
    ['no answer again', unreachable, { failures: 2 }, 2_000],
    ['no answer a third time', unreachable, { failures: 3 }, 4_000],
    ['no answer a fourth time', unreachable, { failures: 4 }, null],
    ['with jitter', unreachable, { jitter: 0 }, 500],
    ['beyond the deadline', unreachable, { deadlineMs: NOW + 999 }, null],
    ['up to the deadline', unreachable, { deadlineMs: NOW + 1_000 }, 1_000],
    ['too slow', new ToolError('remote', 'ERR_HTTP_TIMEOUT', 'x'), {}, 1_000],
    ['too large', new ToolError('remote', 'ERR_HTTP_TOO_LARGE', 'x'), {}, null],
    ['interrupted', new ToolError('interrupted', 'ERR_INTERRUPTED', 'x'), {}, null],
    ['a bug', new TypeError('x'), {}, null],
    ['5000000', coded(5000000), {}, 1_000],
    ['5000001', coded(5000001), {}, 1_000],
    ['502 of a proxy', answer(502, '<html>'), {}, 1_000],
    ['4040004, retryable', coded(4040004), {}, 1_000],
    ['4040003', coded(4040003), {}, null],
    ['4040007', coded(4040007), {}, null],
    ['401', answer(401, UNAUTHENTICATED.text), {}, null],
    ['429 with a moment', coded(4290000, { 'retry-after': String(NOW + 7_000) }), { rateLimits: 1 }, 7_000],
    ['429 with seconds', coded(4290000, { 'retry-after': '7' }), { rateLimits: 1 }, 7_000],
    ['429 with a moment passed', coded(4290000, { 'retry-after': String(NOW - 7_000) }), { rateLimits: 1 }, 500],
    ['429 without', coded(4290000), { rateLimits: 2 }, 4_000],
    ['429 without JSON', answer(429, 'slow down', { 'retry-after': '3' }), { rateLimits: 1 }, 3_000],
    [
      '429, the failures of before aside',
      coded(4290000, { 'retry-after': '3' }),
      { failures: 9, rateLimits: 1 },
      3_000,
    ],
    ['429 beyond the deadline', coded(4290000, { 'retry-after': '3' }), { deadlineMs: NOW + 2_999 }, null],
    ['429 for ever', coded(4290000, { 'retry-after': '3' }), { rateLimits: 21 }, null],
  ])('%s', (_what, error, state, expected) => expect(planRetry(error, { ...STATE, ...state })).toBe(expected));
});

describe('refusalOf', () => {
  it.each<[string, ToolError, object]>([
    ['a usage defect', coded(4000012), { kind: 'usage', code: 'ERR_API_START_DATE_TOO_FAR_IN_PAST' }],
    [
      'a rate limit',
      coded(4290000, { 'retry-after': String(NOW + 7_000) }),
      { kind: 'remote', code: 'ERR_API_RATE_LIMIT_EXCEEDED' },
    ],
    ['a code that is new', coded(4000099), { kind: 'usage', code: 'ERR_API_REFUSED' }],
    ['a new code of 5xx', coded(5000099), { kind: 'remote', code: 'ERR_API_REFUSED', retryable: true }],
    ['a proxy that failed', answer(503, '<html>'), { kind: 'remote', code: 'ERR_API_FAILED' }],
    ['a page that is not Apple', answer(404, '<html>'), { kind: 'remote', code: 'ERR_API_ANSWER' }],
    ['a redirect', answer(302), { kind: 'remote', code: 'ERR_API_ANSWER' }],
    ['403', answer(403, 'Forbidden'), { kind: 'auth', code: 'ERR_API_UNAUTHENTICATED' }],
    ['403 with a code', coded(4030028), { kind: 'usage', code: 'ERR_API_REFUSED' }],
    ['401 of a page', answer(401, '<!doctype html><title>Sign in</title>'), { kind: 'remote', code: 'ERR_API_ANSWER' }],
    [
      '401 that asks for a password',
      answer(401, 'Unauthorized', { 'www-authenticate': 'NTLM' }),
      { kind: 'remote', code: 'ERR_API_ANSWER' },
    ],
    [
      '403 of a firewall',
      answer(403, 'no', { 'content-type': 'text/html' }),
      { kind: 'remote', code: 'ERR_API_ANSWER' },
    ],
    ['407', answer(407, ''), { kind: 'remote', code: 'ERR_API_ANSWER', retryable: false }],
    ['511', answer(511, ''), { kind: 'remote', code: 'ERR_API_ANSWER', retryable: false }],
  ])('%s', (_what, error, expected) => expect(error).toMatchObject(expected));

  it('says code, name and when the next request is taken', () => {
    expect(coded(4290000, { 'retry-after': String(NOW + 7_000) }).message).toBe(
      'Apple reports that too many requests were made for this app (4290000 RateLimitExceeded); retry after 2026-11-20T12:00:07Z',
    );
  });

  it('passes a new code on with what Apple said, bounded', () => {
    const said = answer(400, { errorCode: 4000099, errorMessage: 'x'.repeat(5_000) });
    expect(said.message).toMatch(/^api\.storekit\.apple\.com rejected the request with error 4000099: x{300}$/);
  });
});

describe('a 401', () => {
  const at = (date: string | undefined, environment: RequestFacts['environment'] = 'sandbox') =>
    refusalOf(
      { status: 401, headers: date === undefined ? {} : { date }, body: Buffer.from(UNAUTHENTICATED.text ?? '') },
      { ...ASKED, environment },
    ) as ToolError;

  it('names what is in force, and the request', () => {
    const { message, hint } = at(new Date(NOW).toUTCString());
    expect(message).toBe('api.storekit.apple.com rejected the credentials (401) (request id ABC.123.0)');
    for (const word of ['issuer id i', 'key id k', 'b is an app', 'SubscriptionKey_k.p8', 'AuthKey_'])
      expect(hint).toContain(word);
    expect(hint).not.toContain('first release');
  });

  it('names the cause that only production has', () =>
    expect(at(undefined, 'production').hint).toContain('first release'));

  it.each([
    ['ahead', NOW - 3_600_000 * 3, '3 hours ahead of'],
    ['behind', NOW + 600_000, '10 minutes behind'],
    ['days behind', NOW + 86_400_000 * 3, '3 days behind'],
  ])('reports a clock that is %s', (_what, serverMs, words) => {
    const error = at(new Date(serverMs).toUTCString());
    expect(error).toMatchObject({ kind: 'auth', code: 'ERR_API_CLOCK' });
    expect(error.message).toContain(words);
  });

  it.each([
    ['ahead', NOW - 34_000, '34 s ahead of'],
    ['behind', NOW + 200_000, '3 minutes behind'],
  ])('names a clock that is a little %s as a likely cause, beside the others', (_what, serverMs, words) => {
    const error = at(new Date(serverMs).toUTCString());
    expect(error).toMatchObject({ kind: 'auth', code: 'ERR_API_UNAUTHENTICATED' });
    expect(error.hint).toMatch(
      new RegExp(`^The clock of this machine is ${words} the server's, a likely cause.*issuer id i`),
    );
  });

  it('does not blame a clock that is right, or a date that is none', () => {
    expect(at(new Date(NOW - 4_000).toUTCString())).toMatchObject({
      code: 'ERR_API_UNAUTHENTICATED',
      hint: expect.stringMatching(/^Check/),
    });
    expect(at('soon').code).toBe('ERR_API_UNAUTHENTICATED');
  });
});
