import { describe, expect, it } from 'vitest';
import { findInResponse } from '../../../src/forwarding/finding.js';
import { parseTarget } from '../../../src/forwarding/parse-target.js';

const LOCAL = 'app=http://127.0.0.1:3000/hook';
const PAGE = '<!DOCTYPE html><html><body>App</body></html>';

function find(status: number, headers: Readonly<Record<string, string>>, body: string, target = LOCAL) {
  const parsed = parseTarget(target, { headers: {}, insecure: false, taken: [] });
  return findInResponse({ status, headers, body: Buffer.from(body) }, parsed);
}

describe('a finding about a target', () => {
  it.each<[string, number, Record<string, string>, string]>([
    ['JSON', 200, { 'content-type': 'application/json' }, '{}'],
    ['nothing', 204, {}, ''],
    ['text', 200, { 'content-type': 'text/plain' }, 'OK'],
    ['an empty page', 200, { 'content-type': 'text/html' }, ''],
    ['a refusal of the handler', 422, { 'content-type': 'application/json' }, '{"error":"unknown app"}'],
    ['an error of the handler', 500, { 'content-type': 'text/plain' }, 'boom'],
  ])('is not made for %s', async (_case, status, headers, body) => {
    expect(await find(status, headers, body)).toBeNull();
  });

  it.each<[string, Record<string, string>]>([
    ['by its type', { 'content-type': 'text/html; charset=utf-8' }],
    ['by its start, without a type', {}],
  ])('is made for an accepted notification that got an HTML page, %s', async (_case, headers) => {
    expect(await find(200, headers, PAGE)).toEqual({
      code: 'TARGET_HTML',
      message:
        'app answered 200 with an HTML page: probably no handler received it (storewire check http://127.0.0.1:3000/hook)',
    });
  });

  it('does not print the path of a public target', async () => {
    const finding = await find(200, {}, PAGE, 'app=https://example.com/s3cret');
    expect(finding?.message).toMatch(/\(storewire check URL\)$/);
  });

  it.each<[string, number, Record<string, string>, string, RegExp]>([
    [
      'a password prompt',
      401,
      { 'www-authenticate': 'Basic realm="x"' },
      '',
      /HTTP Basic\)\. Exempt \/hook from the login/,
    ],
    [
      'a login page with 200',
      200,
      { 'content-type': 'text/html' },
      '<html><input type="password"></html>',
      /a login page/,
    ],
    [
      'a guard that a handler may imitate',
      401,
      { 'content-type': 'application/json' },
      '{"statusCode":401,"message":"Unauthorized"}',
      /\(Nest and others\), or your handler in the same words\. /,
    ],
  ])('names %s', async (_case, status, headers, body, message) => {
    expect(await find(status, headers, body)).toMatchObject({
      code: 'TARGET_GUARD',
      message: expect.stringMatching(message),
    });
  });

  it('is not made for RevenueCat, whose statuses are explained', async () => {
    const url = 'https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/KEY';
    expect(await find(401, { 'www-authenticate': 'Bearer' }, '', url)).toBeNull();
  });
});
