import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { withoutEchoedTokens } from '../../../src/http/echoed-token.js';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const SIGNATURE = createHash('sha512').update('a signature').digest('base64url').slice(0, 86);
const CLAIMS = encode({
  bid: 'com.example.application',
  iss: '57246542-96fe-1a63-e053-0824d011072a',
  exp: 1_795_176_300,
});
const JWT = `${encode({ alg: 'ES256', kid: 'ABC1234567', typ: 'JWT' })}.${CLAIMS}.${SIGNATURE}`;

function strike(
  body: string,
  { status = 400, headers = {} } = {},
): { body: string; headers: Readonly<Record<string, string>> } {
  const struck = withoutEchoedTokens({ status, headers, body: Buffer.from(body) }, [JWT]);
  return { body: Buffer.from(struck.body).toString(), headers: struck.headers };
}

const percent = (text: string): string => [...text].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('');
const escapes = (text: string): string =>
  [...text].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

describe('an error that repeats our token', () => {
  it.each<[string, string, string]>([
    ['whole', `not valid: Bearer ${JWT}!`, 'not valid: Bearer …!'],
    ['twice', `${JWT} ${JWT}`, '… …'],
    ['its end', `…${JWT.slice(-20)}`, '……'],
    ['its start', `Bearer ${JWT.slice(0, 30)} was refused`, 'Bearer … was refused'],
    ['its claims', `claims ${CLAIMS}, please`, 'claims …, please'],
    ['from its middle', `"${JWT.slice(40, 60)}"`, '"…"'],
    ['the eight characters in its middle', `"${JWT.slice(-40, -32)}"`, '"…"'],
    ['percent encoded', `at ${percent(JWT)}?`, 'at …?'],
    ['with the dots encoded', JWT.replaceAll('.', '%2E'), '…'],
    ['as JSON escapes', `{"errorMessage":"${escapes(JWT)}"}`, '{"errorMessage":"…"}'],
    [
      'as JSON escapes in JSON in JSON',
      `{"a":"{\\"b\\":\\"${escapes(JWT).replaceAll('\\', '\\\\')}\\"}"}`,
      '{"a":"{\\"b\\":\\"…\\"}"}',
    ],
    ['beside escapes', `{"a":"\\u00e4 ${JWT} \\u00e4"}`, '{"a":"\\u00e4 … \\u00e4"}'],
  ])('loses it: %s', (_what, given, expected) => expect(strike(given).body).toBe(expected));

  it.each([
    '',
    'Unauthenticated\nRequest ID: ABCDEFGH12345.0.0',
    '{"errorCode":4000006,"errorMessage":"Invalid"}',
    '%zz \\u00 100%',
  ])('is otherwise the same: %j', (text) => expect(strike(text).body).toBe(text));

  it('loses it in its headers', () => {
    const headers = { location: `https://example.com/?token=${JWT}`, date: 'Fri, 20 Nov 2026 12:00:00 GMT' };
    expect(strike('', { headers }).headers).toEqual({ ...headers, location: 'https://example.com/?token=…' });
  });

  it('loses each part of any length, wherever it begins', () => {
    for (let start = 0; start + 8 <= JWT.length; start += 1) {
      const part = JWT.slice(start, start + 8 + (start % 40));
      expect(strike(`<${part}>`).body, part).toBe('<…>');
    }
  });

  it('is judged in time, though hostile', () => {
    const body = `${percent(JWT.slice(0, 7))}-`.repeat(20_000);
    expect(strike(body).body).toBe(body);
  });
});

describe('an answer', () => {
  it('loses the token, but no notification', () => {
    // The same words at the same place of a base64 group.
    const signedPayload = `${encode({ alg: 'ES256', x5c: [] })}.${encode({ bid: 'com.example.application' })}.${'A'.repeat(86)}`;
    const body = JSON.stringify({ signedPayload, testNotificationToken: JWT, end: SIGNATURE.slice(20, 40) });
    const expected = { signedPayload, testNotificationToken: '…', end: '…' };
    const struck = JSON.parse(strike(body, { status: 200 }).body);
    expect(struck).toEqual(expected);
  });

  it('that is a page of something else is an error', () => {
    expect(strike(`<title>${JWT.slice(30, 60)}</title>`, { status: 200 }).body).toBe('<title>…</title>');
  });
});
