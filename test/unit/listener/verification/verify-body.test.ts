import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringifyJson } from '../../../../src/jws/json.js';
import type { VerificationOptions, VerifiedBody } from '../../../../src/listener/verification/result.js';
import { createBodyVerifier } from '../../../../src/listener/verification/verify-body.js';
import { FORGEABLE_REASONS, type ForgeableReason, type ReasonCode } from '../../../../src/notification/reasons.js';
import type { Authority } from '../../../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../../../src/simulator/authority/chain.js';
import {
  type SignedNotification,
  signNotification,
  signPayload,
} from '../../../../src/simulator/authority/sign-payload.js';
import { forge } from '../../../../src/simulator/forgeries/forge.js';
import { buildNotification } from '../../../../src/simulator/payloads/notification.js';
import {
  buildAppTransaction,
  buildRealtimeRequest,
  buildRenewalInfo,
  buildTransaction,
} from '../../../../src/simulator/payloads/single.js';
import type { TrustedRoot } from '../../../../src/trust/roots.js';
import { buildOptions, SIGNED_AT_MS, TEST_APP, testAuthority } from '../../../support/signing.js';

const APP = { bundleId: TEST_APP.bundleId, appAppleId: String(TEST_APP.appAppleId) };

let authority: Authority;
let root: TrustedRoot;
let chain: SigningChain;
let good: SignedNotification;
beforeAll(async () => {
  ({ authority, root } = await testAuthority());
  chain = await authority.issueChain();
  good = signNotification(buildNotification({ ...buildOptions(1), type: 'DID_RENEW' }), chain);
});

function judge(body: string | Uint8Array, options: Partial<VerificationOptions> = {}): VerifiedBody {
  const input = { body: Buffer.from(body), atMs: SIGNED_AT_MS };
  return createBodyVerifier({ roots: [root], expectations: APP, wantsDocuments: false, ...options })(input);
}

const bodyOf = (token: string) => JSON.stringify({ signedPayload: token });

describe('a long token', () => {
  const numbers = `[${'12345678901234567890,'.repeat(10_000)}1]`;
  const longPayload = (token: string): string => {
    const [header, , signature] = token.split('.');
    return `${header}.${Buffer.from(`{"a":${numbers}}`).toString('base64url')}.${signature}`;
  };

  it.each<[string, (token: string) => string, ReasonCode]>([
    ['whose signature does not match', longPayload, 'SIGNATURE_MISMATCH'],
    ['without a chain', (token) => longPayload(token).replace(/^[^.]+/, 'eyJhbGciOiJFUzI1NiJ9'), 'CHAIN_MISSING'],
    ['with a long header', (token) => token.replace(/^[^.]+/, 'e30'.repeat(30_000)), 'MALFORMED_JWS'],
    ['with a long signature', (token) => `${token}${'A'.repeat(70_000)}`, 'MALFORMED_JWS'],
    ['of two parts', (token) => longPayload(token).replace(/\.[^.]*$/, ''), 'MALFORMED_JWS'],
    ['of many parts', (token) => `${token}${'.a'.repeat(40_000)}`, 'MALFORMED_JWS'],
  ])('%s is refused unread', (_case, change, reason) => {
    const judged = judge(bodyOf(change(good.signedPayload)), { wantsDocuments: true });
    expect(judged).toMatchObject({ refusal: { code: reason }, verdict: { verdict: 'invalid', reason }, facts: null });
    expect(judged.document?.verification).toMatchObject({ verdict: 'invalid', reason });
  });

  it('of another authority is refused for its root', () => {
    const judged = judge(bodyOf(longPayload(good.signedPayload)), { roots: [] });
    expect(judged.refusal).toMatchObject({ code: 'UNTRUSTED_ROOT' });
  });

  it('that is signed is read, with every digit of its integers', () => {
    const built = buildNotification({ ...buildOptions(1), type: 'DID_RENEW' });
    const signed = signNotification(
      { ...built, notification: { ...built.notification, big: [9_007_199_254_740_993n], long: 'x'.repeat(100_000) } },
      chain,
    );
    const judged = judge(signed.body, { wantsDocuments: true });
    expect(judged).toMatchObject({ refusal: null, facts: { type: 'DID_RENEW' } });
    expect(stringifyJson(judged.document)).toContain('"big":[9007199254740993]');
  });
});

describe('a body beside signedPayload', () => {
  it('keeps every digit of a version 1 notification', () => {
    const judged = judge('{"notification_type":"CANCEL","password":"s3cret","n":9007199254740993}');
    expect(Buffer.from(judged.bodyToKeep).toString()).toContain('"n":9007199254740993');
  });

  it('nested too deeply is refused', () => {
    expect(judge(`{"a":${'['.repeat(500)}${']'.repeat(500)}}`).refusal).toMatchObject({ code: 'NESTED_TOO_DEEP' });
  });
});

describe('a verified notification', () => {
  it('has all fields to record and display', () => {
    const judged = judge(good.body);
    expect(judged).toEqual({
      refusal: null,
      verdict: {
        verdict: 'valid',
        reason: null,
        root: 'test authority',
        checkedAtMs: SIGNED_AT_MS,
        clock: 'signedDate',
        failed: [],
      },
      facts: {
        kind: 'notification',
        uuid: good.notification.notificationUUID,
        type: 'DID_RENEW',
        bundleId: APP.bundleId,
        appAppleId: APP.appAppleId,
        environment: 'Sandbox',
        productId: expect.stringMatching(/./),
        signedAtMs: SIGNED_AT_MS,
        transactionId: expect.stringMatching(/^\d+$/),
        originalTransactionId: expect.stringMatching(/^\d+$/),
        appAccountToken: expect.stringMatching(/-/),
        content: createHash('sha256').update(good.body.split('.')[1]!).digest('hex').slice(0, 32),
      },
      synthetic: true,
      title: expect.stringMatching(/renew/i),
      meaning: expect.stringMatching(/\.$/),
      marks: [],
      document: null,
      body: Buffer.from(good.body),
      bodyToKeep: Buffer.from(good.body),
      bodyJson: [expect.any(Uint8Array), expect.any(Uint8Array), expect.any(Uint8Array)],
    });
  });

  it.each([
    ['as Apple writes it', (body: string) => body],
    ['with blanks', (body: string) => ` ${body}\r\n`],
    ['with a byte order mark', (body: string) => `\uFEFF${body}`],
    ['with other text beside it', (body: string) => `{"note":"€ \\" \\\\ 😀",${body.slice(1)}`],
    ['with escapes', (body: string) => body.replace('signedPayload":"e', 'signedPayload":"\\u0065')],
  ])('has its body as a JSON literal, byte for byte: %s', (_name, change) => {
    const body = change(good.body);
    const { refusal, bodyJson } = judge(body);
    expect(refusal).toBeNull();
    const literal = Buffer.concat(bodyJson!).toString('utf8');
    expect(JSON.parse(literal)).toBe(body);
    expect(literal).toBe(JSON.stringify(body));
  });

  it('names the tolerated irregularities', () => {
    const body = `{"SignedPayload":"${good.signedPayload}","note":1}`;
    expect(judge(body)).toMatchObject({ refusal: null, marks: ['key:SignedPayload', 'extra:note'] });
  });

  it('has its document when documents are wanted', () => {
    const { document } = judge(good.body, { wantsDocuments: true });
    expect(document).toMatchObject({ kind: 'notification', source: 'listener', verification: { verdict: 'valid' } });
    expect(document!.tokens.map(({ path, jws }) => [path, jws])).toEqual([
      ['signedPayload', good.signedPayload],
      ['data.signedTransactionInfo', undefined],
      ['data.signedRenewalInfo', undefined],
    ]);
  });

  it('is checked as of its own date, or of its receipt without one', () => {
    const undated = { ...buildOptions(2), type: 'TEST', remove: ['signedDate'] };
    const judged = judge(signNotification(buildNotification(undated), chain).body);
    expect(judged.verdict).toMatchObject({ verdict: 'valid', clock: 'now', checkedAtMs: SIGNED_AT_MS });
  });

  it('is synthetic only under a test authority', async () => {
    const { authority: other } = await testAuthority();
    expect(
      judge(signNotification(buildNotification({ ...buildOptions(1), type: 'TEST' }), await other.issueChain()).body),
    ).toMatchObject({ refusal: { code: 'UNTRUSTED_ROOT' }, synthetic: true });
  });
});

/** 400: no token of a notification. 401: not proven Apple's. 422: not for this endpoint. */
const STATUSES: Readonly<Record<Exclude<ForgeableReason, 'CERTIFICATE_REVOKED' | 'REVOCATION_UNKNOWN'>, number>> = {
  MALFORMED_JWS: 400,
  UNSUPPORTED_ALGORITHM: 401,
  MALFORMED_PAYLOAD: 400,
  WRONG_KIND: 422,
  CHAIN_MISSING: 401,
  CHAIN_LENGTH: 401,
  CERTIFICATE_UNREADABLE: 401,
  UNTRUSTED_ROOT: 401,
  CHAIN_BROKEN: 401,
  MISSING_MARKER_OID: 401,
  CERTIFICATE_EXPIRED: 401,
  CERTIFICATE_NOT_YET_VALID: 401,
  SIGNATURE_MISMATCH: 401,
  BUNDLE_ID_MISMATCH: 422,
  APP_APPLE_ID_MISMATCH: 422,
  ENVIRONMENT_MISMATCH: 422,
  AMBIGUOUS_APP: 422,
  NESTED_MISMATCH: 422,
  XCODE_SIGNED: 401,
  LEGACY_V1: 400,
};

describe('an unverified body', () => {
  it('has a row for every reason of a payload but those that only OCSP gives', () => {
    expect([...Object.keys(STATUSES), 'CERTIFICATE_REVOKED', 'REVOCATION_UNKNOWN'].sort()).toEqual(
      [...FORGEABLE_REASONS].sort(),
    );
  });

  it.each(Object.entries(STATUSES) as [ForgeableReason, number][])('%s is answered %i', async (code, status) => {
    const { body, needs } = await forge(code, { ...buildOptions(1), authority });
    const { appAppleId, bundleId, environment } = needs;
    const expectations = {
      ...(bundleId === undefined ? {} : { bundleId }),
      ...(appAppleId === undefined ? {} : { appAppleId: String(appAppleId) }),
      ...(environment === undefined ? {} : { environment }),
    };
    const judged = judge(body, { expectations });
    expect(judged).toMatchObject({
      refusal: { status, code, message: expect.stringMatching(/^[A-Z].*\.$/) },
      verdict: { verdict: code === 'AMBIGUOUS_APP' ? 'undetermined' : 'invalid', reason: code },
      bodyJson: null,
    });
    if (code !== 'LEGACY_V1') expect(judged.bodyToKeep).toBe(judged.body);
    expect(judged.verdict!.failed[0]).toMatchObject({ reason: code, ok: false });
  });

  it.each([
    ['transaction', buildTransaction],
    ['renewalInfo', buildRenewalInfo],
    ['appTransaction', buildAppTransaction],
    ['realtimeRequest', buildRealtimeRequest],
  ])('a genuine %s in its place is 422', (kind, build) => {
    const judged = judge(bodyOf(signPayload(build(buildOptions(1)), chain)), { expectations: {} });
    expect(judged).toMatchObject({ refusal: { status: 422, code: 'WRONG_KIND' }, facts: { kind, uuid: null } });
  });

  it.each([
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'NOT_UTF8'],
    ['no JSON', 'hello', 'NOT_JSON'],
    ['no JSON for a line end where Apple has none', '{"signedPayload":"eyJ.\n.x"}', 'NOT_JSON'],
    ['nothing signed', '{}', 'NO_SIGNED_PAYLOAD'],
  ])('%s has no verdict', (_name, body, code) => {
    expect(judge(body)).toMatchObject({ refusal: { status: 400, code }, verdict: null, facts: null, title: null });
  });

  it('two payloads are refused even if both are valid', () => {
    const body = `{"signedPayload":"${good.signedPayload}","signedPayload":"${good.signedPayload}"}`;
    expect(judge(body)).toMatchObject({ refusal: { code: 'TWO_SIGNED_PAYLOADS' }, bodyJson: null });
  });

  it('a token that cannot be read has a verdict and no facts', () => {
    expect(judge(bodyOf('a.b.c'))).toMatchObject({
      refusal: { code: 'MALFORMED_JWS' },
      verdict: { reason: 'MALFORMED_JWS' },
      facts: null,
    });
  });

  it('clips long texts', () => {
    const long = 'x'.repeat(100_000);
    const payload = { ...good.notification, notificationType: long, notificationUUID: long, data: { bundleId: long } };
    const { body: _, bodyToKeep: __, ...kept } = judge(bodyOf(signPayload(payload, chain)));
    expect(kept.refusal).toMatchObject({ code: 'BUNDLE_ID_MISMATCH' });
    expect(kept.facts).toMatchObject({ type: `${'x'.repeat(199)}…`, uuid: `${'x'.repeat(199)}…` });
    expect(JSON.stringify(kept).length).toBeLessThan(5_000);
  });

  it('does not verify thousands of nested tokens of a forged one', () => {
    const containers = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`c${index}`, { signedRenewalInfo: 'x' }]),
    );
    const token = signPayload({ ...good.notification, ...containers }, chain);
    const foreign = judge(bodyOf(token), { roots: [], wantsDocuments: true });
    expect(foreign).toMatchObject({ refusal: { code: 'UNTRUSTED_ROOT' } });
    expect(foreign.document!.tokens).toHaveLength(1);
    const known = judge(bodyOf(token), { wantsDocuments: true });
    expect(known).toMatchObject({ refusal: { code: 'MALFORMED_JWS' } });
    expect(known.document!.tokens).toHaveLength(5_003);
    expect(known.verdict!.failed).toHaveLength(20);
  });

  it.each([
    [8, 8],
    [9, 1],
  ])('of a forged one with %i tokens looks at %i', (count, seen) => {
    const added = Array.from({ length: count - 3 }, (_, index) => [`c${index}`, { signedRenewalInfo: 'x' }]);
    const token = signPayload({ ...good.notification, ...Object.fromEntries(added) }, chain);
    expect(judge(bodyOf(token), { roots: [], wantsDocuments: true }).document!.tokens).toHaveLength(seen);
  });
});

describe('a version 1 body', () => {
  const SECRET = 'b1946ac92492d2347c6235b4d2611184';
  const body = JSON.stringify({
    notification_type: 'DID_CHANGE_RENEWAL_STATUS',
    environment: 'PROD',
    bid: 'com.example.app',
    password: SECRET,
    unified_receipt: { Password: SECRET, status: 0 },
  });

  it('is explained', () => {
    const judged = judge(body, { wantsDocuments: true });
    expect(judged).toMatchObject({
      refusal: { status: 400, code: 'LEGACY_V1', message: expect.stringContaining('Choose Version 2 Notifications') },
      verdict: { verdict: 'invalid', reason: 'LEGACY_V1' },
      facts: { kind: 'notificationV1', type: 'DID_CHANGE_RENEWAL_STATUS', environment: 'Production' },
      document: { kind: 'notificationV1', source: 'listener' },
      title: expect.stringContaining('Version 1'),
    });
  });

  it('never shows or keeps the shared secret', () => {
    const { body: received, bodyToKeep, ...judged } = judge(body, { wantsDocuments: true });
    expect(Buffer.from(received).toString()).toBe(body);
    expect(JSON.stringify(judged)).not.toContain(SECRET);
    expect(JSON.parse(Buffer.from(bodyToKeep).toString())).toMatchObject({
      bid: 'com.example.app',
      password: '[redacted]',
      unified_receipt: { Password: '[redacted]', status: 0 },
    });
  });
});
