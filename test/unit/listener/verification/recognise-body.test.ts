import { beforeAll, describe, expect, it } from 'vitest';
import { createBodyNamer } from '../../../../src/listener/verification/name-body.js';
import type { BodyRefusal } from '../../../../src/listener/verification/result.js';
import { createBodyVerifier } from '../../../../src/listener/verification/verify-body.js';
import type { SigningChain } from '../../../../src/simulator/authority/chain.js';
import { signNotification, signPayload } from '../../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../../src/simulator/payloads/notification.js';
import { buildRealtimeRequest, buildTransaction } from '../../../../src/simulator/payloads/single.js';
import type { TrustedRoot } from '../../../../src/trust/roots.js';
import { buildOptions, SIGNED_AT_MS, testAuthority } from '../../../support/signing.js';

let root: TrustedRoot;
let chain: SigningChain;
let token: string;
let body: string;
beforeAll(async () => {
  const test = await testAuthority();
  root = test.root;
  chain = await test.authority.issueChain();
  ({ body, signedPayload: token } = signNotification(
    buildNotification({ ...buildOptions(1), type: 'DID_RENEW' }),
    chain,
  ));
});

async function refusalOf(given: string | Uint8Array, nowMs = SIGNED_AT_MS): Promise<BodyRefusal> {
  const verify = createBodyVerifier({ roots: [root], expectations: {}, wantsDocuments: false });
  const result = verify({ body: Buffer.from(given), atMs: nowMs });
  expect(result.refusal).not.toBeNull();
  return createBodyNamer(() => nowMs)(result);
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const jwt = (header: unknown, payload: unknown): string => `${part(header)}.${part(payload)}.c2lnbmF0dXJl`;

const own = { iss: '57246542-96fe-1a63-e053-0824d011072a', iat: 1, exp: 2, aud: 'appstoreconnect-v1', bid: 'com.x' };

describe('a refused body that is something else', () => {
  it.each<[string, () => string | Uint8Array, string, RegExp]>([
    ['JSON encoded twice', () => JSON.stringify(body), 'double-encoded', /encoded twice.*without encoding it again/],
    [
      'a snake-case field',
      () => JSON.stringify({ signed_payload: token }),
      'renamed-field',
      /\(signed_payload\).*snake_case/,
    ],
    ['another field', () => JSON.stringify({ receiptToken: token }), 'renamed-field', /\(receiptToken\)/],
    ['an unprintable field', () => JSON.stringify({ 'a\u202Eb': token }), 'renamed-field', /renamed on the way\. Pass/],
    ['a bare token', () => `${token}\n`, 'bare-token', /Post it as JSON: \{"signedPayload"/],
    ['a token as a JSON string', () => JSON.stringify(token), 'bare-token', /Post an object/],
    ['base64 of the body', () => Buffer.from(body).toString('base64'), 'base64-body', /isBase64Encoded/],
    ['a Lambda event', () => JSON.stringify({ version: '2.0', body }), 'wrapped-body', /wrapped it/],
    [
      'a push of Pub/Sub',
      () => JSON.stringify({ message: { data: Buffer.from(body).toString('base64') } }),
      'wrapped-body',
      /wrapped it/,
    ],
    ['an array', () => `[${body}]`, 'wrapped-body', /signedPayload deeper/],
    ['a form', () => `signedPayload=${token}`, 'form-encoded', /posts JSON/],
    [
      'a multipart form',
      () => `--X\r\nContent-Disposition: form-data; name="signedPayload"\r\n\r\n${token}\r\n--X--`,
      'multipart',
      /posts JSON/,
    ],
    ['a percent-encoded body', () => encodeURIComponent(body), 'percent-encoded', /as a form is/],
    ['a body escaped for HTML', () => body.replaceAll('"', '&quot;'), 'html-escaped', /sanitizer/],
    ['UTF-16 without a mark', () => Buffer.from(body, 'utf16le'), 'utf-16', /sent as UTF-8/],
    ['two bodies', () => `${body}\n${body}`, 'several-bodies', /one notification in a request/],
    ['a log line', () => `12:00 POST ${body}`, 'token-in-text', /text with a token/],
    [
      'base64 of a token in a queue',
      () => JSON.stringify({ data: Buffer.from(token).toString('base64') }),
      'wrapped-body',
      /wrapped it/,
    ],
    [
      'a receipt in a field',
      () => JSON.stringify({ receipt: `MIAGCSqGSIb3DQEHAqCA${'A'.repeat(80)}` }),
      'app-receipt',
      /JSON with an app receipt/,
    ],
    [
      'an attribute of a database',
      () => JSON.stringify({ signedPayload: { S: token } }),
      'wrapped-token',
      /must be the string itself/,
    ],
    ['a filtered body', () => '{"signedPayload":"[FILTERED]"}', 'masked-token', /Do not filter/],
    [
      'a notification in snake case',
      () => '{"notification_type":"TEST","data":{"bundle_id":"a"}}',
      'decoded-payload',
      /snake_case/,
    ],
    ['an object as text', () => '[object Object]', 'object-as-text', /content is lost/],
    ['quotes escaped', () => body.replaceAll('"', '\\"'), 'damaged-json', /quotes are missing or escaped/],
    ['JSON cut short', () => body.slice(0, 300), 'damaged-json', /cut short/],
    [
      'an event of RevenueCat',
      () => JSON.stringify({ api_version: '1.0', event: { type: 'RENEWAL', app_user_id: 'u' } }),
      'revenuecat-event',
      /RevenueCat a URL of its own/,
    ],
    ['an event of Stripe', () => JSON.stringify({ object: 'event', type: 'a.b', data: {} }), 'other-webhook', /Stripe/],
    ['a notification of Google Play', () => JSON.stringify({ packageName: 'com.x' }), 'google-notification', /Google/],
    [
      'a webhook of App Store Connect',
      () => JSON.stringify({ data: { type: 'webhookPings', id: '1', attributes: {} } }),
      'connect-webhook',
      /Users and Access/,
    ],
    [
      'a Sign in with Apple notification',
      () =>
        JSON.stringify({
          payload: jwt({ alg: 'RS256' }, { iss: 'https://appleid.apple.com', events: '{"type":"x"}' }),
        }),
      'sign-in-with-apple-notification',
      /Identifiers in the developer account/,
    ],
    [
      'a request to verifyReceipt',
      () => '{"receipt-data":"x","password":"s3cret"}',
      'verify-receipt-request',
      /deprecated/,
    ],
    [
      'a decoded payload',
      () => Buffer.from(token.split('.')[1]!, 'base64url'),
      'decoded-payload',
      /signature is missing/,
    ],
    [
      'a token of your own',
      () => JSON.stringify({ signedPayload: jwt({ alg: 'ES256', kid: 'K' }, own) }),
      'server-api-token',
      /your own key/,
    ],
    [
      'a session token',
      () => JSON.stringify({ signedPayload: jwt({ alg: 'HS256\u001b[31m' }, { sub: 'user-7' }) }),
      'foreign-token',
      /the App Store did not sign\./,
    ],
    ['gzip data', () => Uint8Array.of(0x1f, 0x8b, 8, 0, 0xff, 0xfe), 'gzip', /uncompressed/],
    ['UTF-16', () => Buffer.from(`\uFEFF${'{"a":1}'}`, 'utf16le'), 'utf-16', /UTF-8/],
    ['an HTML page', () => '<!doctype html><html></html>', 'html', /HTML page/],
    [
      'a retention request',
      () => JSON.stringify({ signedPayload: signPayload(buildRealtimeRequest(buildOptions(2)), chain) }),
      'realtimeRequest',
      /Retention Messaging API.*URL of its own/,
    ],
    [
      'a transaction',
      () => JSON.stringify({ signedPayload: signPayload(buildTransaction(buildOptions(2)), chain) }),
      'transaction',
      /a signed transaction, not a notification/,
    ],
  ])('is named: %s', async (_name, given, format, message) => {
    const refusal = await refusalOf(given());
    expect(refusal).toMatchObject({ format, message: expect.stringMatching(message) });
    expect(refusal.message).not.toMatch(/s3cret|user-7|HS256|\u202E/);
  });

  it('that is a signedDate in seconds is named', async () => {
    const built = buildNotification({ ...buildOptions(1), type: 'DID_RENEW' });
    const payload = { ...built.notification, signedDate: Math.floor(SIGNED_AT_MS / 1000) };
    const refusal = await refusalOf(JSON.stringify({ signedPayload: signPayload(payload, chain) }));
    expect(refusal).toMatchObject({ code: 'CERTIFICATE_NOT_YET_VALID', format: 'seconds-for-milliseconds' });
  });

  it.each([
    ['garbage', 'not json at all'],
    ['an unknown object', '{"hello":"world"}'],
    ['base64 of anything', Buffer.from('x'.repeat(60)).toString('base64')],
    ['a number', '7'],
    ['deep nesting', '['.repeat(500)],
  ])('that is not recognised keeps its general message: %s', async (_name, given) => {
    expect((await refusalOf(given)).format).toBeUndefined();
  });

  it('in a flood of bytes keeps its general message', async () => {
    const verify = createBodyVerifier({ roots: [root], expectations: {}, wantsDocuments: false });
    const result = verify({ body: Buffer.from(JSON.stringify(body)), atMs: SIGNED_AT_MS });
    let nowMs = SIGNED_AT_MS;
    const name = createBodyNamer(() => nowMs);
    const formats: (string | undefined)[] = [];
    for (let count = 0; count < 40; count += 1) formats.push((await name(result)).format);
    expect(formats[0]).toBe('double-encoded');
    expect(formats.at(-1)).toBeUndefined();
    nowMs += 1_000;
    expect((await name(result)).format).toBe('double-encoded');
  });
});
