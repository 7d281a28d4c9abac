import { describe, expect, it } from 'vitest';
import { redactHeaders, redactText, redactUrl } from '../../../src/http/redact.js';

const JWT = `eyJhbGciOiJFUzI1NiJ9.${'eyJpc3MiOiJ4In0'.repeat(3)}.${'a1B2'.repeat(21)}aa`;
const PEM = '-----BEGIN PRIVATE KEY-----\nMIGTAgEAMBMGByqGSM49\nAgEGCCqG\n-----END PRIVATE KEY-----';
const KEY = 'k3JxTtFwQq7Zb9LmN2vRs5Yd8Hc1Xa4P';

describe('a URL without secrets', () => {
  it.each([
    ['https://api.storekit.apple.com/inApps/v1/notifications/test', null],
    [
      'https://api.storekit-sandbox.apple.com/inApps/v1/notifications/test/ce3af791-365e-4c60-841b-1674b43c1609_1656711023178',
      null,
    ],
    ['http://127.0.0.1:4290/inApps/v1/notifications/history?environment=Sandbox', null],
    ['http://127.0.0.1:3000/apple/notifications', null],
    ['https://example.com/webhooks/v2/app-store?app=42', null],
    [
      `https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/${KEY}`,
      'https://api.revenuecat.com/…',
    ],
    [`https://api.qonversion.io/v1/apple-s2s/${KEY}`, 'https://api.qonversion.io/…'],
    ['https://user:hunter2@example.com/apple', 'https://…@example.com/apple'],
    ['https://only-user@example.com/', 'https://…@example.com/'],
    [`https://example.com/hooks/${KEY}/apple`, 'https://example.com/hooks/…/apple'],
    ['https://example.com/7e3fb20b-4cdb-47cc-936d-99d65f608138', 'https://example.com/…'],
    ['https://example.com/apple?token=abc&page=2', 'https://example.com/apple?token=…&page=2'],
    ['https://example.com/apple?sig=1&x=y', 'https://example.com/apple?sig=…&x=y'],
    [`https://example.com/apple?${KEY}`, 'https://example.com/apple?…'],
    [`https://example.com/apple?a=${KEY}`, 'https://example.com/apple?a=…'],
    [
      'http://127.0.0.1:4290/inApps/v1/notifications/history?paginationToken=abc',
      'http://127.0.0.1:4290/inApps/v1/notifications/history?paginationToken=…',
    ],
    [`http://127.0.0.1:3000/${JWT}`, 'http://127.0.0.1:3000/…'],
    ['https://example.com/key:abc123DEF456ghi789/apple', 'https://example.com/…/apple'],
    ['https://example.com/apple;jsessionid=a1b2', 'https://example.com/…'],
    ['https://abcdefghij.trycloudflare.com/a1b2c3d4e5f6a7b8', 'https://abcdefghij.trycloudflare.com/…'],
  ])('%s', (url, expected) => expect(redactUrl(new URL(url))).toBe(expected ?? url));
});

describe('headers without secrets', () => {
  it.each([
    ['authorization', `Bearer ${JWT}`, 'authorization: Bearer …'],
    ['Authorization', 'Basic dXNlcjpwYXNzd29yZA==', 'Authorization: Basic …'],
    ['proxy-authorization', 'abc', 'proxy-authorization: …'],
    ['cookie', 'session=abc', 'cookie: …'],
    ['set-cookie', ['a=1', 'b=2'], 'set-cookie: …'],
    ['x-api-key', 'abc', 'x-api-key: …'],
    ['x-storewire-token', 'abc', 'x-storewire-token: …'],
    ['location', `https://u:p@example.com/${KEY}`, 'location: https://…@example.com/…'],
    ['location', '/else?token=abc', 'location: /else?token=…'],
    ['x-vercel-protection-bypass', 'abc', 'x-vercel-protection-bypass: …'],
    ['x-amz-credential', 'abc', 'x-amz-credential: …'],
    ['content-type', 'application/json', 'content-type: application/json'],
    ['x-echo', `you sent ${JWT}`, `x-echo: you sent eyJ… (${JWT.length} characters)`],
  ])('%s: %s', (name, value, expected) => expect(redactHeaders({ [name]: value })).toEqual([expected]));

  it('leaves out one that is not set', () => expect(redactHeaders({ a: undefined })).toEqual([]));
});

describe('text without secrets', () => {
  it.each([
    ['a signed payload', `{"signedPayload":"${JWT}"}`, `{"signedPayload":"eyJ… (${JWT.length} characters)"}`],
    ['a cut token', `{"signedPayload":"${JWT.slice(0, 50)}`, '{"signedPayload":"eyJ… (50 characters)'],
    ['a private key', `a ${PEM} b`, 'a private key … b'],
    ['a private key that ends early', PEM.slice(0, 60), 'private key …'],
    ['an escaped private key', PEM.replaceAll('\n', '\\n'), 'private key …'],
    ['a member', '{"password":"hunter2","a":"b"}', '{"password":"…","a":"b"}'],
    ['a member with quotes in its value', '{"clientSecret" : "a\\"b","c":1}', '{"clientSecret" : "…","c":1}'],
    ['a member without an end', '{"privateKey":"abc', '{"privateKey":"…"'],
    ['ids that Apple calls tokens', '{"appAccountToken":"7e3f","testNotificationToken":"ce3a_1"}', null],
    ['a number', '{"token":12345678,"a":1}', '{"token":"…","a":1}'],
    ['a list', '{"tokens":["hunter2","b"],"a":1}', '{"tokens":"…","a":1}'],
    ['JSON inside of a string', '{"a":"{\\"password\\":\\"hunter2\\"}"}', '{"a":"{\\"password\\":\\"…\\"}"}'],
    ['words of authorization in lower case', 'basic dXNlcjpwYXNz', 'basic …'],
    ['a sentence about authorization', 'a bearer authentication', null],
    ['a form', 'a=1&client_secret=abc&password=x y', 'a=1&client_secret=…&password=… y'],
    ['words of authorization', 'send Bearer abcdefgh12 or Basic dXNlcjpwYXNz', 'send Bearer … or Basic …'],
    ['a URL with a password', 'to https://u:p@example.com/x', 'to https://…@example.com/x'],
    ['plain text', 'Unauthenticated\n\nRequest ID: ABC.1.2', null],
  ])('%s', (_name, text, expected) => expect(redactText(text)).toBe(expected ?? text));

  it.each([
    'eyJ',
    '"',
    '"a":"',
    'token',
    '"token',
    'a.',
    'https://a:',
    '-----BEGIN PRIVATE KEY-----',
    'Basic ',
    'token=',
  ])('a megabyte of %s, in time that grows with its length', (part) =>
    expect(redactText(part.repeat(1_048_576 / part.length)).length).toBeGreaterThan(0),
  );
});
