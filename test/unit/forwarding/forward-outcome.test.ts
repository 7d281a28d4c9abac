import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { classifyError, classifyResponse } from '../../../src/forwarding/outcome.js';

const NOW = 1_760_000_000_000;
const judge = (
  status: number,
  { body = '', headers = {}, service = null as 'RevenueCat' | 'Qonversion' | null } = {},
) => classifyResponse({ status, headers, body: Buffer.from(body) }, { service }, { ms: 7, nowMs: NOW });

describe('classifyResponse', () => {
  it.each([200, 204, 207, 299])('%i is accepted', (status) =>
    expect(judge(status, { body: 'ok' })).toEqual({
      httpStatus: status,
      ms: 7,
      outcome: 'accepted',
      detail: null,
      retriable: false,
      retryAtMs: null,
    }),
  );

  it.each([
    [300, false],
    [304, false],
    [400, false],
    [404, false],
    [408, false],
    [429, true],
    [499, false],
    [500, true],
    [503, true],
    [508, false],
    [599, true],
  ])('%i is refused; retriable: %s', (status, retriable) =>
    expect(judge(status)).toMatchObject({ httpStatus: status, outcome: 'refused', retriable }),
  );

  it.each([
    [400, '', null, 'answered 400'],
    [500, 'boom\n  at line 1', null, 'answered 500: "boom at line 1"'],
    [500, 'say "no"', null, 'answered 500: "say \\"no\\""'],
    [500, '\0binary', null, 'answered 500'],
    [302, 'Found', null, '302: redirects are not followed; set the final URL'],
  ])('%i %j has the detail %s', (status, body, service, detail) =>
    expect(judge(status, { body, service }).detail).toBe(detail),
  );

  it.each([
    ['RevenueCat', 404, 'wrong or no longer valid'],
    ['RevenueCat', 401, 'wrong or no longer valid'],
    ['Qonversion', 403, 'Project Settings'],
    ['RevenueCat', 302, 'the URL is incomplete'],
    ['RevenueCat', 400, 'rejected this notification'],
    ['RevenueCat', 429, 'rate limited'],
    ['Qonversion', 500, 'answered 500: "oops"'],
  ] as const)('explains %s %i', (service, status, part) => {
    const { detail } = judge(status, { body: 'oops', service });
    expect(detail).toContain(part);
    expect(detail!.length).toBeLessThanOrEqual(200);
  });

  it('is never longer than 200 characters', () =>
    expect(judge(500, { body: 'é'.repeat(9_999) }).detail!.length).toBeLessThan(201));

  it.each([
    [429, '30', NOW + 30_000],
    [503, '30', NOW + 30_000],
    [503, 'soon', null],
    [400, '30', null],
  ])('%i with Retry-After %s', (status, value, retryAtMs) =>
    expect(judge(status, { headers: { 'retry-after': value } }).retryAtMs).toBe(retryAtMs),
  );
});

describe('classifyError', () => {
  it.each([
    ['ERR_HTTP_TIMEOUT', 'timed-out'],
    ['ERR_HTTP_UNREACHABLE', 'unreachable'],
    ['ERR_HTTP_TOO_LARGE', 'unreachable'],
  ])('%s is %s', (code, outcome) =>
    expect(classifyError(new ToolError('remote', code, 'x'.repeat(300)), 5)).toEqual({
      httpStatus: null,
      ms: 5,
      outcome,
      detail: `${'x'.repeat(199)}…`,
      retriable: true,
      retryAtMs: null,
    }),
  );

  it.each([new Error('bug'), new ToolError('interrupted', 'ERR_INTERRUPTED', 'stopped')])(
    "%s is none of the peer's",
    (error) => expect(classifyError(error, 5)).toBeNull(),
  );
});
