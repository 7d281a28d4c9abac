import { describe, expect, it } from 'vitest';
import { makeProbe } from '../../../src/endpoint-check/http/check.js';
import { judgePost } from '../../../src/endpoint-check/http/judge.js';
import { createVerifier } from '../../../src/index.js';
import type { SendAttemptResult } from '../../../src/notification/catalogue/send-attempts.js';
import type { DeliveryResult } from '../../../src/sender/deliver.js';
import { seededRandom } from '../../../src/simulator/random.js';

const PLACE = 'https://hooks.example.com/apple';
const UNTRIED = { padded: null, emptyPost: null, get: null, detectedProtocol: null } as const;
const PAGE = '<!doctype html><html><title>Shop</title></html>';

interface Answer extends Partial<Omit<DeliveryResult, 'responseBody'>> {
  readonly body?: string;
}

function delivered(httpStatus: number, { body = '', ...more }: Answer = {}): DeliveryResult {
  const result: SendAttemptResult =
    httpStatus >= 200 && httpStatus <= 206 ? 'SUCCESS' : 'UNSUCCESSFUL_HTTP_RESPONSE_CODE';
  const responseBody = new TextEncoder().encode(body);
  return {
    result,
    httpStatus,
    redirectStatus: null,
    ms: 20,
    detail: `answered ${httpStatus}`,
    headers: {},
    visited: [PLACE],
    responseBody,
    ...more,
  };
}

/** `id status result` of each step that is neither a pass nor skipped. */
function odd(delivery: DeliveryResult, small: DeliveryResult | null = null, place = PLACE): readonly string[] {
  const found = judgePost({ delivery, bodyBytes: 18_800, small, ...UNTRIED }, new URL(place));
  return Object.entries(found)
    .filter(([, { status }]) => status === 'fail' || status === 'warn')
    .map(([id, { status, sendAttemptResult }]) => [id, status, sendAttemptResult].filter(Boolean).join(' '));
}

const UNSUCCESSFUL = 'UNSUCCESSFUL_HTTP_RESPONSE_CODE';

describe('the response to an unsigned request', () => {
  it.each<[string, DeliveryResult, readonly string[]]>([
    ['400', delivered(400, { body: '{"error":"signature"}' }), []],
    ['401', delivered(401), []],
    ['403', delivered(403), []],
    ['422', delivered(422), []],
    [
      '400 of Express or PHP, which call any text HTML',
      delivered(400, { headers: { 'content-type': 'text/html' }, body: 'bad' }),
      [],
    ],
    ['200', delivered(200), ['http.status warn']],
    ['206', delivered(206), ['http.status warn']],
    ['200 with a page', delivered(200, { body: PAGE }), ['http.status fail']],
    ['403 with a page', delivered(403, { body: PAGE }), [`http.status fail ${UNSUCCESSFUL}`]],
    ['401 with a page', delivered(401, { body: PAGE }), [`http.status fail ${UNSUCCESSFUL}`]],
    ['400 with a page', delivered(400, { body: PAGE }), ['http.status warn']],
    ...[207, 302, 404, 405, 410, 415, 429, 499, 500, 502, 503, 504, 599].map(
      (status): [string, DeliveryResult, readonly string[]] => [
        String(status),
        delivered(status),
        [`http.status fail ${UNSUCCESSFUL}`],
      ],
    ),
    ['413', delivered(413, { body: PAGE }), [`http.size fail ${UNSUCCESSFUL}`]],
    ['426', delivered(426), [`http.version fail ${UNSUCCESSFUL}`]],
    ['505', delivered(505), [`http.version fail ${UNSUCCESSFUL}`]],
    ['a password', delivered(401, { headers: { 'www-authenticate': 'Basic' } }), [`http.wall fail ${UNSUCCESSFUL}`]],
    [
      'a challenge',
      delivered(403, { body: 'Just a moment...', headers: { 'cf-mitigated': 'challenge' } }),
      [`http.wall fail ${UNSUCCESSFUL}`],
    ],
    ['a login page with 200', delivered(200, { body: '<form><input type=password>' }), ['http.wall fail']],
    ['slow', delivered(400, { ms: 1_001 }), ['http.time warn']],
    ['not quite slow', delivered(400, { ms: 1_000 }), []],
    ['slow, and a 404', delivered(404, { ms: 4_000 }), [`http.status fail ${UNSUCCESSFUL}`, 'http.time warn']],
  ])('%s', (_case, delivery, found) => expect(odd(delivery)).toEqual(found));

  it('names storewire audit for a 200', () => {
    const found = judgePost({ delivery: delivered(200), bodyBytes: 1, small: null, ...UNTRIED }, new URL(PLACE));
    expect(found['http.status'].hint).toBe(`To find out which: storewire audit ${PLACE}`);
  });
});

describe('a body that is too large', () => {
  const broken = delivered(0, { httpStatus: null, result: 'PREMATURE_CLOSE', detail: 'cut off' });
  it('is one that breaks off where a small one is answered', () => {
    expect(odd(broken, delivered(400))).toEqual(['http.size fail PREMATURE_CLOSE']);
  });
  it('is not where a small one breaks off too', () => {
    expect(odd(broken, broken)).toEqual(['http.answer fail PREMATURE_CLOSE']);
  });
});

describe('a refusal that depends on the size', () => {
  const sizes = (large: number, small: number, padded: number) =>
    judgePost(
      { ...UNTRIED, delivery: delivered(large), bodyBytes: 18_800, small: delivered(small), padded: delivered(padded) },
      new URL(PLACE),
    )['http.size'];

  it('fails where a small body gets another response and the same body padded gets the refusal', () => {
    const { status, seen, sendAttemptResult } = sizes(403, 400, 403);
    expect([status, sendAttemptResult]).toEqual(['fail', UNSUCCESSFUL]);
    expect(seen).toBe('a small body is answered 400, one of 18.8 KB 403: something limits the size');
  });

  it('passes if the handler distinguishes forged from malformed tokens at any size', () => {
    expect(sizes(401, 400, 400).status).toBe('pass');
  });
});

describe('a refusal that everyone gets', () => {
  const body = '{"statusCode":401,"message":"Unauthorized"}';
  const refusal = (text: string) => ({ status: 401, headers: {}, body: text, visited: [PLACE] });
  const judge = (text: string, emptyPost: string | null, get: string | null) =>
    judgePost(
      {
        ...UNTRIED,
        delivery: delivered(401, { body: text }),
        bodyBytes: 18_800,
        small: null,
        emptyPost: emptyPost === null ? null : refusal(emptyPost),
        get: get === null ? null : refusal(get),
      },
      new URL(PLACE),
    );

  it('is that of a guard, by its name where it has one', () => {
    const found = judge(body, body, body)['http.wall'];
    expect(found).toMatchObject({ status: 'fail', sendAttemptResult: UNSUCCESSFUL });
    expect(found.seen).toContain('a login guard of the framework');
  });

  it('is that of something in front of the handler, where it has none', () => {
    const found = judge('no', 'no', 'no')['http.wall'];
    expect(found).toMatchObject({ status: 'fail', sendAttemptResult: UNSUCCESSFUL });
    expect(found.hint).toContain('a GET and an empty POST get the same refusal');
  });

  it('is a warning where only an empty POST gets it and a framework writes the same', () => {
    expect(judge(body, body, null)['http.status']).toMatchObject({ status: 'warn' });
  });

  it("is the handler's where an empty POST gets another", () => {
    expect(judge(body, '{"error":"empty"}', null)['http.status']).toMatchObject({ status: 'pass' });
  });

  it('is a warning where only an empty POST gets it, without a name: a guard of this route, or the handler', () => {
    const found = judge('no token', 'no token', null)['http.status'];
    expect(found).toMatchObject({ status: 'warn' });
    expect(found.seen).toContain('the handler, or something in front of it');
  });

  it('is no warning where it asks for nothing', () => {
    expect(judge('no', 'no', null)['http.status']).toMatchObject({ status: 'pass' });
  });
});

describe('a redirect', () => {
  const to = (target: string, more: Answer = {}) => delivered(400, { visited: [PLACE, target], ...more });
  const seen = (delivery: DeliveryResult, place = PLACE) =>
    judgePost({ delivery, bodyBytes: 1, small: null, ...UNTRIED }, new URL(place))['http.redirect'];

  it.each([
    ['a slash', 'https://hooks.example.com/apple/', 'added trailing slash'],
    ['a host', 'https://www.hooks.example.com/apple', 'different host'],
    ['http', 'http://hooks.example.com/apple', 'https to http'],
    ['a path', 'https://hooks.example.com/en/apple', 'different path'],
  ])('that changes %s says where it leads', (_case, target, kind) => {
    const { seen: words, hint, sendAttemptResult, status } = seen(to(target));
    expect(words).toBe(`redirects to ${target} (${kind}), which answers 400`);
    expect(hint).toContain(`Set ${target} in App Store Connect`);
    expect([status, sendAttemptResult]).toEqual(['fail', null]);
  });

  it('from http to https is named', () => {
    const delivery = delivered(400, { visited: ['http://localhost/a', 'https://localhost/a'] });
    expect(seen(delivery, 'http://localhost/a').seen).toContain('(http to https)');
  });

  it.each<[string, DeliveryResult, SendAttemptResult]>([
    [
      'a loop',
      to(`${PLACE}/`, { result: 'CIRCULAR_REDIRECT', httpStatus: 301, headers: { location: PLACE } }),
      'CIRCULAR_REDIRECT',
    ],
    ['one that asks for a GET', delivered(303, { headers: { location: '/thanks' } }), UNSUCCESSFUL],
    ['one to a host without TLS', to('https://other.example/', { result: 'TLS_ISSUE', httpStatus: null }), 'TLS_ISSUE'],
    [
      'one to no address',
      delivered(302, { result: 'INVALID_RESPONSE', headers: { location: 'http://' } }),
      'INVALID_RESPONSE',
    ],
    ['one to a 404', to('https://hooks.example.com/x', { httpStatus: 404 }), UNSUCCESSFUL],
  ])('%s is what the sender reports', (_case, delivery, result) => {
    expect(odd(delivery)).toEqual([`http.redirect fail ${result}`]);
  });
});

describe('one thing wrong', () => {
  it.each<[string, DeliveryResult]>([
    ['http.answer', delivered(0, { httpStatus: null, result: 'NO_RESPONSE' })],
    ['http.wall', delivered(407)],
    ['http.redirect', delivered(303, { headers: { location: '/x' } })],
    ['http.size', delivered(413)],
    ['http.charset', delivered(200, { result: 'UNSUPPORTED_CHARSET' })],
  ])('skips the steps that depend on %s', (id, delivery) => {
    const found = Object.values(judgePost({ delivery, bodyBytes: 1, small: null, ...UNTRIED }, new URL(PLACE)));
    const skipped = found.filter(({ status }) => status === 'skip');
    expect(skipped.length).toBeGreaterThan(0);
    expect(skipped.map(({ seen }) => seen)).toEqual(skipped.map(() => `depends on ${id}`));
  });
});

describe('the body that is sent', () => {
  const nowMs = Date.UTC(2026, 10, 2, 9);
  const made = makeProbe({ now: () => nowMs, random: seededRandom('probe') });

  it('has the size of a real one', async () => expect(Math.abs((await made).length - 18_800)).toBeLessThan(20));

  it('has the shape of a notification, with a type that needs no action and an app that does not exist', async () => {
    const { kind, notification } = createVerifier()(tokenOf(await made));
    expect(kind).toBe('notification');
    expect(notification).toMatchObject({ notificationType: 'TEST', data: { bundleId: 'invalid.storewire.check' } });
  });

  it('is refused even by who trusts the root it brings', async () => {
    const token = tokenOf(await made);
    const { x5c } = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { x5c: readonly string[] };
    const root = new Uint8Array(Buffer.from(x5c[2]!, 'base64'));
    const { verification } = createVerifier({ roots: [root] })(token);
    expect(verification).toMatchObject({ verdict: 'invalid', reason: 'SIGNATURE_MISMATCH' });
  });
});

function tokenOf(body: string): string {
  return (JSON.parse(body) as { signedPayload: string }).signedPayload;
}

describe('a response of 200 that is no acceptance', () => {
  const judge = (body: string) =>
    judgePost({ ...UNTRIED, delivery: delivered(200, { body }), bodyBytes: 18_800, small: null }, new URL(PLACE))[
      'http.status'
    ];

  it.each([
    ['a PHP error', '<br />\n<b>Fatal error</b>: Uncaught Error in apple.php', 'fail', 'PHP error'],
    ['a page without a doctype', '\uFEFF\n<head><title>Shop</title></head>', 'fail', 'HTML page'],
    ['an error in JSON', '{"ok":false,"reason":"bad"}', 'warn', 'an error in the body'],
    ['the response of a Lambda that nobody unpacked', '{"statusCode":400,"body":"x"}', 'warn', 'an error in the body'],
    ['an error that is null', '{"error":null,"received":true}', 'warn', 'to an unsigned request'],
    ['words', 'ok', 'warn', 'to an unsigned request'],
  ])('%s', (_case, body, status, seen) => {
    const found = judge(body);
    expect(found.status).toBe(status);
    expect(found.seen).toContain(seen);
  });
});
