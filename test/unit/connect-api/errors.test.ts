import { describe, expect, it } from 'vitest';
import { CONNECT_ERRORS, findConnectError } from '../../../src/connect-api/errors.js';
import { describeRefusal, parseRefusal } from '../../../src/connect-api/refusal.js';

const NOW = Date.UTC(2026, 10, 20, 12);

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const refuse = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  describeRefusal({ status, headers, body: bytes(body) }, { host: 'api.example', proxy: null, nowMs: NOW });
const error = (code: string, more: object = {}) => ({ errors: [{ status: '400', code, title: 'Title.', ...more }] });

describe('CONNECT_ERRORS', () => {
  it('covers every status that Apple documents for apps', () => {
    const statuses = new Set(CONNECT_ERRORS.map(({ status }) => status));
    expect([400, 401, 403, 404, 405, 406, 409, 422, 429, 500].filter((status) => !statuses.has(status))).toEqual([]);
  });

  it.each(CONNECT_ERRORS.map((entry) => [entry.code, entry] as const))('explains %s', (_code, entry) => {
    expect(entry.explained).toMatch(/^\S.*[^.]$/);
    expect(entry.hint).toMatch(/\.$/);
    expect(entry.toolCode).toMatch(/^ERR_CONNECT_[A-Z_]+$/);
    expect(findConnectError(entry.status, `${entry.code}.MORE`)).toBe(entry);
  });
});

describe('an answer that is no success', () => {
  it.each([
    ['an exact code', 403, error('FORBIDDEN_ERROR'), 'auth', 'ERR_CONNECT_FORBIDDEN'],
    ['a longer code', 409, error('ENTITY_ERROR.ATTRIBUTE.INVALID'), 'usage', 'ERR_CONNECT_REFUSED'],
    [
      'the longer of two',
      403,
      error('FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED'),
      'auth',
      'ERR_CONNECT_AGREEMENT',
    ],
    ['a code that only begins alike', 409, error('STATE_ERRORS'), 'usage', 'ERR_CONNECT_REFUSED'],
    ['an unknown code', 401, error('WHATEVER'), 'auth', 'ERR_CONNECT_UNAUTHORIZED'],
    ['plain text', 406, 'Not Acceptable', 'remote', 'ERR_CONNECT_REQUEST'],
    ['a path that is not there', 404, error('PATH_ERROR'), 'remote', 'ERR_CONNECT_REQUEST'],
    ['an app that is not there', 404, error('NOT_FOUND'), 'usage', 'ERR_CONNECT_NOT_FOUND'],
    ['another failure', 503, '', 'remote', 'ERR_CONNECT_SERVER'],
    ['a status Apple does not have', 302, '', 'remote', 'ERR_CONNECT_ANSWER'],
  ])('is identified by %s', (_what, status, body, kind, code) =>
    expect(refuse(status, body)).toMatchObject({ kind, code }),
  );

  it('quotes Apple with the place it means, and no more than a line of it', () => {
    const detail = `Bad ${'x'.repeat(400)}`;
    const source = { pointer: '/data/attributes/subscriptionStatusUrl' };
    expect(refuse(409, error('ENTITY_ERROR', { detail: 'Not a URL.', source })).message).toBe(
      'App Store Connect rejected this value (409 ENTITY_ERROR). api.example says: Not a URL. (/data/attributes/subscriptionStatusUrl)',
    );
    expect(refuse(409, error('ENTITY_ERROR', { detail })).message.length).toBeLessThan(500);
  });

  it('names the limit of requests', () => {
    const headers = { 'x-rate-limit': 'user-hour-lim:3500;user-hour-rem:0;' };
    expect(refuse(429, error('RATE_LIMIT_EXCEEDED'), headers).message).toContain('(limit 3500) (429');
  });

  it.each([
    ['no errors', { errors: [] }],
    ['errors of another shape', { errors: 'x' }],
    ['numbers where texts belong', { errors: [{ code: 5, detail: 6, title: null }] }],
    ['no JSON', '<html>'],
  ])('with %s says nothing', (_what, body) => expect(parseRefusal(bytes(body))).toEqual({ code: null, words: null }));
});
