import { beforeAll, describe, expect, it } from 'vitest';
import { documentOf } from '../../../src/journal/document.js';
import type { ReceiptEntry, RecordedVerdict, RejectedEntry, RejectedRecord } from '../../../src/journal/record.js';
import type { Verification } from '../../../src/notification/document.js';
import { createVerificationContext, type VerificationContext } from '../../../src/notification/verification-context.js';
import { verifyPayload } from '../../../src/notification/verify.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { forge } from '../../../src/simulator/forgeries/forge.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { appleRoot } from '../../../src/trust/roots.js';
import { buildOptions, testAuthority } from '../../support/signing.js';
import { AT_MS, delivery, failure, idOf, receipt, rejected } from './records.js';

/** Contexts that trust the signing authority, and that do not. */
let engine: VerificationContext;
let stranger: VerificationContext;
let jws: string;
let forged: string;

beforeAll(async () => {
  const { authority, root } = await testAuthority();
  engine = createVerificationContext([appleRoot(), root]);
  stranger = createVerificationContext([appleRoot()]);
  const built = buildNotification({ type: 'DID_RENEW', ...buildOptions(1) });
  jws = signNotification(built, await authority.issueChain()).signedPayload;
  forged = (await forge('SIGNATURE_MISMATCH', { ...buildOptions(1), authority })).signedPayload;
});

function verify(token: string, by = engine): Verification {
  return verifyPayload(by.open(token), { kind: 'notification', nowMs: AT_MS }, by).verification;
}

function recorded({ checks, ...verdict }: Verification): RecordedVerdict {
  return { ...verdict, failed: checks.filter(({ ok }) => ok === false) };
}

function entryOf(verdict: RecordedVerdict, overrides: Partial<ReceiptEntry> = {}): ReceiptEntry {
  const location = { file: 1, offset: 0, bytes: 1 };
  return { type: 'receipt', receipt: receipt(1, { verdict }), location, answered: 200, deliveries: [], ...overrides };
}

function rejectedEntry(body: Buffer, overrides: Partial<RejectedRecord> = {}): RejectedEntry {
  const whole = { bytes: body.length, sha256: '', bodyBase64: body.toString('base64') };
  return { type: 'rejected', rejected: { type: 'rejected', ...rejected(1), ...whole, ...overrides }, deliveries: [] };
}

const bodyWith = (token: string, key = 'signedPayload'): Buffer => Buffer.from(JSON.stringify({ [key]: token }));

describe('documentOf', () => {
  it('has the receipt, the answer and the deliveries', () => {
    const deliveries = [failure(1, { detail: 'not shown' }), delivery(1, { attempt: 2 })];
    const document = documentOf(entryOf(recorded(verify(jws)), { deliveries }), bodyWith(jws), engine);
    expect(document).toMatchObject({
      kind: 'notification',
      source: `journal:${idOf(1)}`,
      notification: { notificationType: 'DID_RENEW' },
      received: { id: idOf(1), atMs: AT_MS + 1, answered: 200, repeatOf: null },
      deliveries: [
        { target: 'app', attempt: 1, httpStatus: 500, ms: 12, outcome: 'refused' },
        { target: 'app', attempt: 2, httpStatus: 200, ms: 12, outcome: 'accepted' },
      ],
    });
    expect(document.deliveries?.map((one) => Object.keys(one).length)).toEqual([5, 5]);
    expect(document.tokens.map((token) => token.jws)).toEqual([jws, undefined, undefined]);
    expect(document.transaction).toBeDefined();
  });

  it('names the first receipt of a repeat, and a missing answer', () => {
    const entry = entryOf(recorded(verify(jws)));
    const repeat = { ...entry, receipt: { ...entry.receipt, repeatOf: idOf(7) }, answered: null };
    expect(documentOf(repeat, bodyWith(jws), engine).received).toMatchObject({ answered: null, repeatOf: idOf(7) });
  });

  it.each(['signedPayload', 'SignedPayload', 'SIGNEDPAYLOAD'])('finds the token under %s', (key) => {
    expect(documentOf(entryOf(recorded(verify(jws))), bodyWith(jws, key), engine).tokens[0]?.jws).toBe(jws);
  });

  it('runs the same checks again', () => {
    const verdict = verify(jws);
    expect(documentOf(entryOf(recorded(verdict)), bodyWith(jws), engine).verification).toEqual(verdict);
    const bad = verify(forged);
    expect(bad).toMatchObject({ verdict: 'invalid', reason: 'SIGNATURE_MISMATCH' });
    const entry = rejectedEntry(bodyWith(forged), { verdict: recorded(bad) });
    expect(documentOf(entry, bodyWith(forged), engine).verification).toEqual(bad);
  });

  it('does not keep `valid` where the bytes do not verify now, and says what was recorded', () => {
    const { verification } = documentOf(entryOf(recorded(verify(jws))), bodyWith(jws), stranger);
    expect(verification).toMatchObject({ verdict: 'invalid', reason: 'UNTRUSTED_ROOT', root: null });
    expect(verification?.checks.find(({ id }) => id === 'chain.root')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/recorded as valid, under other roots/),
    });
  });

  it.each([
    ['another token', () => bodyWith(forged)],
    ['no token', () => Buffer.from('{}')],
    ['no JSON', () => Buffer.from('x')],
  ])('does not say `valid` of a body with %s', (_case, body) => {
    expect(documentOf(entryOf(recorded(verify(jws))), body(), engine).verification?.verdict).not.toBe('valid');
  });

  it('keeps a check that failed then and passes now', () => {
    const then = verify(jws, stranger);
    expect(then.reason).toBe('UNTRUSTED_ROOT');
    const entry = rejectedEntry(bodyWith(jws), { verdict: recorded(then) });
    const { verification } = documentOf(entry, bodyWith(jws), engine);
    expect(verification).toMatchObject({ verdict: 'invalid', reason: 'UNTRUSTED_ROOT', root: null });
    expect(verification?.checks.filter(({ ok }) => ok === false)).toEqual(then.checks.filter(({ ok }) => ok === false));
  });

  it('verifies as of the time of receipt', () => {
    const document = documentOf(entryOf(recorded(verify(jws))), bodyWith(jws), engine, { nowMs: 0 });
    expect(document.verification?.verdict).toBe('valid');
    expect(documentOf(entryOf(recorded(verify(jws))), bodyWith(jws), engine).verification?.checks[2]).toMatchObject({
      id: 'payload.shape',
      ok: true,
    });
  });

  it('shows the failed checks of a body that was stored in part', () => {
    const bad = recorded(verify(forged));
    const entry = rejectedEntry(bodyWith(forged).subarray(0, 100), { verdict: bad, bytes: 5000 });
    const document = documentOf(entry, bodyWith(forged).subarray(0, 100), engine);
    expect(document).toMatchObject({
      kind: 'unknown',
      tokens: [],
      verification: { verdict: 'invalid', checks: bad.failed },
    });
  });

  it.each([
    ['no JSON', 'hello', 'NOT_JSON'],
    ['no object', '[]', 'NOT_AN_OBJECT'],
    ['no token', '{"a":1}', 'NO_SIGNED_PAYLOAD'],
    ['a number for a token', '{"signedPayload":1}', 'NO_SIGNED_PAYLOAD'],
    ['nothing', '', 'NOT_JSON'],
    ['too deep', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'NOT_JSON'],
  ])('says why %s was rejected', (_case, text, reason) => {
    const document = documentOf(
      rejectedEntry(Buffer.from(text), { reason, message: 'why' }),
      Buffer.from(text),
      engine,
    );
    expect(document).toMatchObject({ kind: 'unknown', problems: [{ message: 'why' }], received: { answered: 400 } });
    expect(document.verification).toBeUndefined();
  });

  it('picks no token of two unverified ones', () => {
    const body = Buffer.from(`{"signedPayload":"${jws}","SignedPayload":"${jws}"}`);
    const document = documentOf(rejectedEntry(body, { reason: 'TWO_SIGNED_PAYLOADS', message: 'two' }), body, engine);
    expect(document).toMatchObject({ tokens: [], problems: [{ message: 'two' }] });
    expect(document.verification).toBeUndefined();
  });

  it('hides the secret of a version 1 body', () => {
    const body = Buffer.from('{"notification_type":"DID_RENEW","password":"s3cret","unified_receipt":{}}');
    const document = documentOf(rejectedEntry(body, { reason: 'LEGACY_V1' }), body, engine);
    expect(document.kind).toBe('notificationV1');
    expect(JSON.stringify(document)).not.toContain('s3cret');
  });
});
