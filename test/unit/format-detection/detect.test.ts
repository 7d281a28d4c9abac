import { createSign, generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../../src/format-detection/detect.js';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const NOW_SECONDS = NOW_MS / 1000;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (header: object, payload: object) => `${encode(header)}.${encode(payload)}.${'A'.repeat(86)}`;
const factsOf = (input: string) =>
  Object.fromEntries(detectFormat(input, NOW_MS)!.facts.map(({ label, value }) => [label, value]));

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}

const integer = (value: number) => der(2, Buffer.from([value >> 8, value & 0xff]));
const text = (value: string) => der(12, Buffer.from(value));
const attribute = (type: number, value: Uint8Array) => der(0x30, integer(type), integer(1), der(4, value));

function receipt(): Buffer {
  const purchase = der(
    0x31,
    attribute(1702, text('coffee.monthly')),
    attribute(1703, text('1001')),
    attribute(1705, text('1000')),
  );
  const content = der(
    0x31,
    attribute(0, text('ProductionSandbox')),
    attribute(2, text('com.example.coffee')),
    attribute(17, purchase),
  );
  const data = der(0x30, Buffer.from('06092a864886f70d010701', 'hex'), der(0xa0, der(4, content)));
  return der(0x30, Buffer.from('06092a864886f70d010702', 'hex'), der(0xa0, der(0x30, integer(1), der(0x31), data)));
}

/** The same with indefinite lengths outside and the content in two pieces, as Xcode writes it. */
function indefiniteReceipt(): Buffer {
  const content = der(0x31, attribute(2, text('com.example.coffee')));
  const pieces = [der(4, content.subarray(0, 5)), der(4, content.subarray(5))];
  const end = Buffer.from([0, 0]);
  const open = (tag: number, ...parts: readonly Uint8Array[]) =>
    Buffer.concat([Buffer.from([tag, 0x80]), ...parts, end]);
  const data = open(0x30, Buffer.from('06092a864886f70d010701', 'hex'), open(0xa0, open(0x24, ...pieces)));
  return open(0x30, Buffer.from('06092a864886f70d010702', 'hex'), open(0xa0, open(0x30, integer(1), data)));
}

const IOS6 =
  '{\n\t"signature" = "AjY=";\n\t"purchase-info" = "' +
  Buffer.from('{\n\t"transaction-id" = "1001";\n\t"bid" = "com.example.coffee";\n}').toString('base64') +
  '";\n\t"pod" = "17";\n}';

const DECODED = { notificationType: 'DID_RENEW', notificationUUID: '4f1c', data: { bundleId: 'com.example.coffee' } };
const ES256 = { alg: 'ES256', kid: 'ABCDEFGHIJ', typ: 'JWT' };
const SERVER = {
  iss: '57246542-96fe-1a63-e053-0824d011072a',
  iat: NOW_SECONDS - 60,
  exp: NOW_SECONDS + 240,
  aud: 'appstoreconnect-v1',
  bid: 'com.example.coffee',
};

function offerSignature(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return createSign('sha256').update('offer').sign(privateKey, 'base64');
}

describe('detectFormat', () => {
  it.each([
    ['an app receipt', receipt().toString('base64'), 'app-receipt'],
    ['one with indefinite lengths', indefiniteReceipt().toString('base64'), 'app-receipt'],
    ['one in hexadecimal', receipt().toString('hex'), 'app-receipt'],
    ['a wrapped one', receipt().toString('base64').replace(/.{64}/g, '$&\n'), 'app-receipt'],
    ['a receipt of iOS 6', IOS6, 'ios6-receipt'],
    ['its base64', Buffer.from(IOS6).toString('base64'), 'ios6-receipt'],
    ['a request to verifyReceipt', '{"receipt-data":"MIIT","password":"x"}', 'verify-receipt-request'],
    ['its response', '{"status":0,"environment":"Sandbox","receipt":{"in_app":[]}}', 'verify-receipt-response'],
    ['a decoded notification', JSON.stringify(DECODED), 'decoded-payload'],
    ['what jwt.io shows', JSON.stringify({ header: { alg: 'ES256' }, payload: DECODED }), 'decoded-payload'],
    [
      'a decoded transaction',
      '{"transactionId":"1","originalTransactionId":"1","bundleId":"a","productId":"p"}',
      'decoded-payload',
    ],
    ['the payload alone', encode(DECODED), 'payload-part'],
    ['the header alone', encode({ alg: 'ES256', x5c: ['MII'] }), 'header-part'],
    [
      'a Sign in with Apple notification',
      token({ alg: 'RS256', kid: 'x' }, { iss: 'https://appleid.apple.com', events: '{"type":"consent-revoked"}' }),
      'sign-in-with-apple-notification',
    ],
    [
      'its body',
      JSON.stringify({ payload: token({ alg: 'RS256' }, { iss: 'https://appleid.apple.com', events: '{}' }) }),
      'sign-in-with-apple-notification',
    ],
    [
      'an identity token',
      token({ alg: 'RS256' }, { iss: 'https://appleid.apple.com', sub: '1' }),
      'sign-in-with-apple-token',
    ],
    [
      'a client secret',
      token(ES256, { iss: 'TEAM123456', aud: 'https://appleid.apple.com', sub: 'com.example' }),
      'sign-in-with-apple-client-secret',
    ],
    ['a token for the Server API', token(ES256, SERVER), 'server-api-token'],
    ['a token for the Connect API', token(ES256, { ...SERVER, bid: undefined }), 'connect-api-token'],
    ['a promotional offer', token(ES256, { ...SERVER, aud: 'promotional-offer' }), 'offer-token'],
    ['an offer signature', offerSignature(), 'offer-signature'],
    ['a token for APNs', token({ alg: 'ES256', kid: 'ABCDEFGHIJ' }, { iss: 'TEAM123456', iat: 1 }), 'developer-token'],
    ['a session token', token({ alg: 'HS256' }, { sub: 'user', iss: 'https://auth.example.com' }), 'foreign-token'],
    ['an API error', '{"errorCode":4040010,"errorMessage":"Transaction id not found."}', 'api-error'],
    ['snake case', '{"signed_payload":"eyJ"}', 'renamed-field'],
    [
      'a webhook of App Store Connect',
      '{"data":{"type":"webhookPingCreated","id":"1","version":1,"attributes":{}}}',
      'connect-webhook',
    ],
    ['RevenueCat', '{"api_version":"1.0","event":{"type":"RENEWAL","app_user_id":"1"}}', 'revenuecat-event'],
    [
      'Google Play',
      JSON.stringify({ message: { data: Buffer.from('{"packageName":"a"}').toString('base64'), messageId: '1' } }),
      'google-notification',
    ],
    ['Stripe', '{"object":"event","type":"charge.succeeded","data":{}}', 'other-webhook'],
    ['a body encoded twice', JSON.stringify('{"signedPayload":"eyJ"}'), 'double-encoded'],
    ['base64 of a body', Buffer.from('{"signedPayload":"eyJ"}').toString('base64'), 'base64-body'],
    ['hex of a body', Buffer.from('{"signedPayload":"eyJhbGciOiJFUzI1NiJ9.e30.AA"}').toString('hex'), 'hex'],
    ['base64 of gzip', gzipSync('{"signedPayload":"eyJ"}').toString('base64'), 'gzip'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----', 'certificate'],
    ['an HTML page', '<!DOCTYPE html><html></html>', 'html'],
    ['a property list', '<?xml version="1.0"?><plist></plist>', 'xml'],
    ['a receipt of iOS 6 in JSON', JSON.stringify({ transactionReceipt: IOS6 }), 'ios6-receipt'],
    ['a receipt cut off', receipt().toString('base64').slice(0, 200), 'app-receipt'],
    ['an error of verifyReceipt', '{"status":21007}', 'verify-receipt-response'],
    ['an error of the Connect API', '{"errors":[{"status":"401","code":"NOT_AUTHORIZED","title":"x"}]}', 'api-error'],
    ['an answer to a TEST request', '{"testNotificationToken":"x_1"}', 'test-notification-token'],
    ['an empty history', '{"notificationHistory":[],"hasMore":false}', 'empty-response'],
    [
      'a StoreKit configuration',
      '{"identifier":"A","products":[],"subscriptionGroups":[],"version":{"major":4}}',
      'storekit-configuration',
    ],
    ['an offer with its parameters', '{"nonce":"a","timestamp":1,"signature":"MEU="}', 'offer-signature'],
    [
      'a decoded notification in snake case',
      '{"notification_type":"REFUND","notification_uuid":"4f1c","data":{"bundle_id":"a"}}',
      'decoded-payload',
    ],
    ['the Amazon Appstore', '{"notificationType":"SUBSCRIPTION_RENEWED","appPackageName":"a"}', 'other-webhook'],
    [
      'an external purchase token',
      encode({ bundleId: 'a', externalPurchaseId: 'SANDBOX_1' }),
      'external-purchase-token',
    ],
    ['base64 of other JSON', encode({ hello: 'world', one: 1 }), 'base64-json'],
    ['an attestation', Buffer.concat([Buffer.from('a363666d74', 'hex'), receipt()]).toString('base64'), 'attestation'],
    ['a TEST token', '8c2bda15-d9c3-4058-921d-4377c5c5d8b9_1793606400000', 'test-notification-token'],
    ['a transaction id', '2000000123456789', 'transaction-id'],
    ['a placeholder', '[FILTERED]', 'masked-token'],
    ['a placeholder in a log line', 'Parameters: {"signedPayload"=>"[FILTERED]"}', 'masked-token'],
    ['a masked signature', `${encode(ES256)}.${encode(DECODED)}.[REDACTED]`, 'masked-token'],
    ['a shortened token', `${encode({ alg: 'ES256', x5c: ['MII'.repeat(20)] })}…${'A'.repeat(86)}`, 'shortened-token'],
    ['one of dots', `${encode({ alg: 'ES256', x5c: ['MII'.repeat(20)] })}....${'A'.repeat(86)}`, 'shortened-token'],
    ['a token in lower case', token({ alg: 'ES256', x5c: ['MII'] }, DECODED).toLowerCase(), 'altered-token'],
    [
      'a token in base64',
      `${encode({ alg: 'ES256', x5c: ['MII'.repeat(20)] })}.${encode(DECODED)}.${'A+/'.repeat(28)}==`,
      'altered-token',
    ],
    [
      'an invisible character',
      `${encode({ alg: 'ES256', x5c: ['MII'.repeat(20)] })}\u200b.${encode(DECODED)}.${'A'.repeat(86)}`,
      'altered-token',
    ],
    ['a JWE', `${encode({ alg: 'dir', enc: 'A256GCM' })}..AA.AA.AA`, 'encrypted-token'],
    ['PASETO', `v4.public.${'A'.repeat(80)}`, 'paseto'],
    [
      'an attribute of a database',
      JSON.stringify({ S: token({ alg: 'ES256', x5c: ['MII'] }, DECODED) }),
      'wrapped-token',
    ],
    ['a Buffer as JSON', '{"type":"Buffer","data":[123,34]}', 'bytes'],
    ['a Buffer as Node prints it', 'body <Buffer 7b 22 73 69 67 6e ... 4000 more bytes>', 'bytes'],
    ['a hex dump', '00000000: 7b22 7369 676e 6564 5061 796c 6f61 6422  {"signedPayload"', 'bytes'],
    [
      'bytes of PostgreSQL',
      `\\x${Buffer.from('{"signedPayload":"eyJhbGciOiJFUzI1NiJ9.e30.AA"}').toString('hex')}`,
      'hex',
    ],
    ['an object as text', '[object Object]', 'object-as-text'],
    ['an empty variable', 'undefined', 'empty-value'],
    ['a receipt in a field', JSON.stringify({ data: { receipt: receipt().toString('base64') } }), 'app-receipt'],
    ['a receipt in a log line', `INFO receipt=${receipt().toString('base64')} ok`, 'app-receipt'],
    ['a receipt of a form', `receipt-data=${encodeURIComponent(receipt().toString('base64'))}`, 'app-receipt'],
    [
      'gzip in a field',
      JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(SERVER)).toString('base64') } }),
      'gzip',
    ],
    [
      'an event in a log line',
      'got {"api_version":"1.0","event":{"type":"RENEWAL","app_user_id":"1"}}',
      'revenuecat-event',
    ],
    ['an event in a string', JSON.stringify({ msg: '{"status":21003}' }), 'verify-receipt-response'],
    [
      'a notification that Node printed',
      "{\n  notificationType: 'TEST',\n  notificationUUID: '4f1c',\n  data: { bundleId: 'a' }\n}",
      'decoded-payload',
    ],
    ['one that Python printed', "{'notificationType': 'TEST', 'signedDate': 1}", 'decoded-payload'],
    ['one that Ruby printed', '{"notificationType"=>"TEST", "signedDate"=>1}', 'decoded-payload'],
  ])('%s', (_case, input, id) => {
    const found = detectFormat(input, NOW_MS);
    expect(found?.id).toBe(id);
    expect(found!.hint).not.toBe('');
  });

  it.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['a token of the App Store', token({ alg: 'ES256', x5c: ['MII'] }, DECODED)],
    ['its beginning', token({ alg: 'ES256', x5c: ['MII'.repeat(200)] }, DECODED).slice(0, 300)],
    ['a body of the App Store', '{"signedPayload":"eyJ.eyJ.x"}'],
    ['a version 1 body', '{"notification_type":"DID_RENEW","unified_receipt":{}}'],
    ['other JSON', '{"transactionId":"1"}'],
    ['a UUID', '8c2bda15-d9c3-4058-921d-4377c5c5d8b9'],
    ['a sha256', 'a'.repeat(40)],
    ['a log line', 'level=info msg="POST /apple 200" took=4ms'],
    ['the body of a webhook of GitHub', '{"zen":"x","hook_id":1}'],
  ])('%s is not recognised as something else', (_case, input) => expect(detectFormat(input, NOW_MS)).toBeNull());

  it('reads bundle id, environment and purchases of a receipt', () => {
    expect(factsOf(receipt().toString('base64'))).toEqual({
      'bundle id': 'com.example.coffee',
      environment: 'ProductionSandbox',
      'product id': 'coffee.monthly',
      'transaction id': '1001',
      'original transaction id': '1000',
    });
    expect(factsOf(indefiniteReceipt().toString('base64'))).toEqual({ 'bundle id': 'com.example.coffee' });
    expect(factsOf(IOS6)).toEqual({ 'bundle id': 'com.example.coffee', 'transaction id': '1001' });
  });

  it.each([
    ['in order', {}, 'Its claims are in order'],
    ['expired', { exp: NOW_SECONDS - 1 }, 'it expired at 2026-11-20T11:59:59Z'],
    ['from the future', { iat: NOW_SECONDS + 30, exp: NOW_SECONDS + 90 }, 'iat lies 30 s in the future'],
    ['too long', { exp: NOW_SECONDS + 7200 }, 'it lives 121 min, and at most 60 min are allowed'],
    ['without an issuer', { iss: undefined }, 'iss (the issuer id) is missing'],
    ['with the team id', { iss: 'TEAM123456' }, 'a UUID from App Store Connect, not the team id'],
    ['in milliseconds', { iat: NOW_MS, exp: NOW_MS + 60_000 }, 'iat and exp must be in seconds, not milliseconds'],
    ['with texts for dates', { iat: '1', exp: '2' }, 'exp must be a number (seconds)'],
    ['with a list', { aud: ['appstoreconnect-v1'] }, 'aud must be the string appstoreconnect-v1'],
    ['for another audience', { aud: 'appstoreconnect-v2' }, 'aud must be the string appstoreconnect-v1'],
  ])('says what Apple refuses of a token for the Server API: %s', (_case, claims, expected) => {
    expect(detectFormat(token(ES256, { ...SERVER, ...claims }), NOW_MS)!.hint).toContain(expected);
  });

  it('says of a token without a bundle id what either API lacks', () => {
    const { hint } = detectFormat(token(ES256, { ...SERVER, bid: undefined, exp: NOW_SECONDS + 3000 }), NOW_MS)!;
    expect(hint).toContain('at most 20 min are allowed');
    expect(hint).toContain('For the App Store Server API the claim bid (the bundle id) is missing');
  });

  it('names the field that holds what it found', () => {
    const found = { verificationData: { serverVerificationData: receipt().toString('base64') } };
    expect(factsOf(JSON.stringify(found)).field).toBe('verificationData.serverVerificationData');
  });

  it('explains kid, issuer, bundle id and lifetime of a token for the Server API', () => {
    expect(factsOf(token(ES256, SERVER))).toEqual({
      kid: 'ABCDEFGHIJ',
      iss: '57246542-96fe-1a63-e053-0824d011072a',
      bid: 'com.example.coffee',
      iat: '2026-11-20T11:59:00Z',
      exp: '2026-11-20T12:04:00Z (not expired)',
      lifetime: '5 min',
    });
  });

  it('never repeats the subject or the shared secret', () => {
    const inputs = [token({ alg: 'HS256' }, { sub: 's3cret' }), '{"receipt-data":"MIIT","password":"s3cret"}'];
    for (const input of inputs) expect(JSON.stringify(detectFormat(input, NOW_MS))).not.toContain('s3cret');
  });

  it('survives a receipt cut anywhere and any byte changed', () => {
    const whole = receipt();
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = changed[at]! ^ 0xff;
      expect(() => detectFormat(whole.subarray(0, at).toString('base64'), NOW_MS)).not.toThrow();
      expect(() => detectFormat(changed.toString('base64'), NOW_MS)).not.toThrow();
    }
  });
});
