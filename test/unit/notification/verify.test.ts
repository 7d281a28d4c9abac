import { sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { failed, passed } from '../../../src/notification/check.js';
import type { Verification } from '../../../src/notification/document.js';
import { CHECK_IDS, REASONS, type ReasonCode } from '../../../src/notification/reasons.js';
import { createVerificationContext, type VerificationContext } from '../../../src/notification/verification-context.js';
import { type VerifyOptions, verifyPayload } from '../../../src/notification/verify.js';
import type { Authority } from '../../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../../src/simulator/authority/chain.js';
import { signNotification, signPayload } from '../../../src/simulator/authority/sign-payload.js';
import { FORGEABLE_REASONS, forge } from '../../../src/simulator/forgeries/forge.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { buildRenewalInfo, buildTransaction } from '../../../src/simulator/payloads/single.js';
import { appleRoot, type TrustedRoot } from '../../../src/trust/roots.js';
import { buildOptions, SIGNED_AT_MS, TEST_APP, testAuthority } from '../../support/signing.js';

const DAY_MS = 86_400_000;
const LONG_AFTER_MS = SIGNED_AT_MS + 3_650 * DAY_MS;

let authority: Authority;
let root: TrustedRoot;
let chain: SigningChain;
let engine: VerificationContext;

beforeAll(async () => {
  ({ authority, root } = await testAuthority());
  chain = await authority.issueChain();
  engine = createVerificationContext([appleRoot(), root]);
});

function judge(jws: string, options: Partial<VerifyOptions> = {}): Verification {
  return verifyPayload(engine.open(jws), { nowMs: LONG_AFTER_MS, ...options }, engine).verification;
}

function renewal(edits: Parameters<typeof buildNotification>[0]['set'] = {}): string {
  return signNotification(buildNotification({ type: 'DID_RENEW', ...buildOptions(1), set: edits ?? {} }), chain)
    .signedPayload;
}

describe('a good notification', () => {
  it('is valid, every check of every token listed in order', () => {
    const verdict = judge(renewal());
    expect(verdict).toMatchObject({ verdict: 'valid', reason: null, root: 'test authority', clock: 'signedDate' });
    expect(verdict.checkedAtMs).toBe(SIGNED_AT_MS);
    const outerIds = verdict.checks.filter((check) => check.token === 'signedPayload').map((check) => check.id);
    expect(outerIds).toEqual(CHECK_IDS.filter((id) => id !== 'nested.match'));
    const tokens = [...new Set(verdict.checks.map((check) => check.token))];
    expect(tokens).toEqual(['signedPayload', 'data.signedTransactionInfo', 'data.signedRenewalInfo']);
  });

  it('is not believed without its root', () => {
    const strangers = createVerificationContext([appleRoot()]);
    const verdict = verifyPayload(strangers.open(renewal()), { nowMs: SIGNED_AT_MS }, strangers).verification;
    expect(verdict).toMatchObject({ verdict: 'invalid', reason: 'UNTRUSTED_ROOT', root: null });
  });

  it('matches the app it is asked about', () => {
    const app = { bundleId: TEST_APP.bundleId, appAppleId: String(TEST_APP.appAppleId) };
    expect(judge(renewal(), app).verdict).toBe('valid');
  });
});

describe('each reason code is produced by one change', () => {
  const offline = FORGEABLE_REASONS.filter(
    (reason) => REASONS[reason].check.startsWith('revocation') === false && reason !== 'LEGACY_V1',
  );

  it('covers the table', () => {
    expect([...offline, 'LEGACY_V1', 'CERTIFICATE_REVOKED', 'REVOCATION_UNKNOWN'].sort()).toEqual(
      Object.keys(REASONS).sort(),
    );
  });

  it.each(offline)('%s', async (reason) => {
    const environment = reason === 'APP_APPLE_ID_MISMATCH' ? 'Production' : 'Sandbox';
    const forgery = await forge(reason, { ...buildOptions(2), authority, environment });
    const { appAppleId, online, ...needs } = forgery.needs;
    expect(online).toBeUndefined();
    const options = { ...needs, ...(appAppleId === undefined ? {} : { appAppleId: String(appAppleId) }) };
    expect(judge(forgery.good).verdict).toBe('valid');
    const verdict = judge(forgery.signedPayload, options);
    expect(verdict).toMatchObject({ verdict: 'invalid', reason });
    const first = verdict.checks.find((check) => check.ok === false);
    expect(first).toMatchObject({ id: REASONS[reason].check, reason });
    expect(first?.hint).toBeTruthy();
  });
});

describe('revocation', () => {
  const answers = {
    good: { leaf: passed('good'), intermediate: passed('good') },
    revoked: { leaf: failed('CERTIFICATE_REVOKED', 'good', 'revoked'), intermediate: passed('good') },
    unknown: { leaf: passed('good'), intermediate: failed('REVOCATION_UNKNOWN', 'good', 'no usable answer') },
  };

  it.each([
    ['good', 'valid', null],
    ['revoked', 'invalid', 'CERTIFICATE_REVOKED'],
    ['unknown', 'undetermined', 'REVOCATION_UNKNOWN'],
  ] as const)('%s makes it %s', (answer, verdict, reason) => {
    const asked = createVerificationContext([root]);
    const opened = asked.open(renewal());
    asked.remember(asked.inspect(opened[0].header?.x5c), answers[answer]);
    expect(verifyPayload(opened, { nowMs: SIGNED_AT_MS, online: true }, asked).verification).toMatchObject({
      verdict,
      reason,
      clock: 'now',
    });
  });

  it('never hides an invalid behind an undetermined', () => {
    const asked = createVerificationContext([root]);
    const opened = asked.open(renewal());
    asked.remember(asked.inspect(opened[0].header?.x5c), answers.unknown);
    const options = { nowMs: SIGNED_AT_MS, online: true, bundleId: 'com.example.other' };
    expect(verifyPayload(opened, options, asked).verification).toMatchObject({
      verdict: 'invalid',
      reason: 'BUNDLE_ID_MISMATCH',
    });
  });
});

describe('what --online did not ask', () => {
  const datesOf = (signedPayload: string, nowMs: number) => {
    const { checks } = judge(signedPayload, { online: true, nowMs });
    return checks.filter(({ id, token }) => token === 'signedPayload' && /^(?:chain\.dates|revocation)/.test(id));
  };

  it('is not told to add --online, nor to add --at, which does not go with it', () => {
    const [dates, leaf] = datesOf(renewal(), LONG_AFTER_MS);
    expect(dates?.hint).toMatch(/^--online judges certificates now, .*signed, at \d{4}-\d\d-\d\dT/);
    expect(leaf).toMatchObject({ ok: null, detail: 'not asked: the chain is not trusted or not valid now' });
  });
});

describe('the moment', () => {
  it.each([
    ['its own signedDate', {}, SIGNED_AT_MS, 'signedDate'],
    ['--at before its own', { atMs: SIGNED_AT_MS + DAY_MS }, SIGNED_AT_MS + DAY_MS, 'at'],
    ['now where revocation is asked', { online: true, nowMs: SIGNED_AT_MS + 5 }, SIGNED_AT_MS + 5, 'now'],
  ])('is %s', (_name, options, checkedAtMs, clock) => {
    expect(judge(renewal(), options)).toMatchObject({ checkedAtMs, clock });
  });

  it('is now without signedDate, and the nested date tells when it would have been good', () => {
    const { notification, ...nested } = buildNotification({ type: 'DID_RENEW', ...buildOptions(3) });
    const { signedDate: _, ...undated } = notification;
    const verdict = judge(signNotification({ notification: undated, ...nested }, chain).signedPayload);
    expect(verdict).toMatchObject({
      verdict: 'invalid',
      reason: 'CERTIFICATE_EXPIRED',
      clock: 'now',
      checkedAtMs: LONG_AFTER_MS,
    });
    expect(verdict.checks.find((check) => check.ok === false)?.hint).toContain('--at 2026-11-02T09:00:00Z');
  });

  it('of a nested token without a date is the outer one', () => {
    const { notification, transaction = {} } = buildNotification({ type: 'ONE_TIME_CHARGE', ...buildOptions(3) });
    const { signedDate: _, ...undated } = transaction;
    expect(judge(signNotification({ notification, transaction: undated }, chain).signedPayload).verdict).toBe('valid');
  });
});

describe('places take their own kind only', () => {
  const cases: readonly (readonly [string, () => string])[] = [
    ['renewal info where a transaction belongs', () => signPayload(buildRenewalInfo(buildOptions(4)), chain)],
    ['a notification where a transaction belongs', () => renewal()],
  ];

  it.each(cases)('%s', (_name, make) => {
    const { notification } = buildNotification({ type: 'ONE_TIME_CHARGE', ...buildOptions(4) });
    const data = { ...(notification.data as object), signedTransactionInfo: make() };
    expect(judge(signPayload({ ...notification, data }, chain))).toMatchObject({
      verdict: 'invalid',
      reason: 'WRONG_KIND',
    });
  });

  it('a nested token under another trusted root does not belong to it', async () => {
    const other = await testAuthority();
    const both = createVerificationContext([root, other.root]);
    const { notification, transaction = {} } = buildNotification({ type: 'ONE_TIME_CHARGE', ...buildOptions(7) });
    const inner = signPayload(transaction, await other.authority.issueChain());
    const data = { ...(notification.data as object), signedTransactionInfo: inner };
    const opened = both.open(signPayload({ ...notification, data }, chain));
    const verdict = verifyPayload(opened, { nowMs: SIGNED_AT_MS }, both).verification;
    expect(verdict).toMatchObject({ verdict: 'invalid', reason: 'NESTED_MISMATCH', root: 'test authority' });
  });

  it('a transaction alone is valid for what it is, and refused as a notification', () => {
    const jws = signPayload(buildTransaction(buildOptions(5)), chain);
    expect(judge(jws).verdict).toBe('valid');
    expect(judge(jws, { kind: 'notification' })).toMatchObject({ verdict: 'invalid', reason: 'WRONG_KIND' });
  });
});

describe('where Apple’s libraries are lax', () => {
  let foreignNested = '';
  beforeAll(async () => {
    const stranger = await (await testAuthority()).authority.issueChain();
    const { notification, transaction = {} } = buildNotification({ type: 'ONE_TIME_CHARGE', ...buildOptions(6) });
    const data = { ...(notification.data as object), signedTransactionInfo: signPayload(transaction, stranger) };
    foreignNested = signPayload({ ...notification, data }, chain);
  });

  it.each<[string, () => string, ReasonCode]>([
    ['a nested token signed by a stranger', () => foreignNested, 'UNTRUSTED_ROOT'],
    ['a critical header field', () => signWithHeader(renewal(), { crit: ['exp'] }), 'UNSUPPORTED_ALGORITHM'],
    ['a signature in another spelling', () => respellLast(renewal()), 'MALFORMED_JWS'],
    ['padding', () => `${renewal()}==`, 'MALFORMED_JWS'],
    ['a nested value that is no string', () => renewal({ 'data.signedTransactionInfo': 5 }), 'MALFORMED_PAYLOAD'],
  ])('%s is refused', (_name, make, reason) => {
    expect(judge(make())).toMatchObject({ verdict: 'invalid', reason });
  });
});

function signWithHeader(jws: string, extra: object): string {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', x5c: chain.x5c, ...extra })).toString('base64url');
  const signingInput = `${header}.${jws.split('.')[1]}`;
  const key = { key: chain.leafKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${signingInput}.${sign('sha256', Buffer.from(signingInput), key).toString('base64url')}`;
}

/** The last of 86 characters carries four unused bits: the next letter decodes to the same signature. */
function respellLast(jws: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return jws.slice(0, -1) + alphabet[alphabet.indexOf(jws.at(-1) ?? '') + 1];
}
