import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PayloadDocument } from '../../src/notification/document.js';
import type { SigningChain } from '../../src/simulator/authority/chain.js';
import { signNotification, signPayload } from '../../src/simulator/authority/sign-payload.js';
import { buildXcodeTransaction, createXcodeSigner, signAsXcode } from '../../src/simulator/authority/xcode.js';
import { buildLegacyBody } from '../../src/simulator/payloads/legacy.js';
import { buildNotification } from '../../src/simulator/payloads/notification.js';
import {
  buildAppTransaction,
  buildRealtimeRequest,
  buildRenewalInfo,
  buildTransaction,
} from '../../src/simulator/payloads/single.js';
import { runCli } from '../support/run-cli.js';
import { buildOptions, SIGNED_AT_MS, testAuthority } from '../support/signing.js';

let chain: SigningChain;
let renewal: string;

beforeAll(async () => {
  chain = await (await testAuthority()).authority.issueChain();
  renewal = signNotification(buildNotification({ type: 'DID_RENEW', ...buildOptions(1) }), chain).signedPayload;
});

async function decodeJson(input: string): Promise<PayloadDocument> {
  const { stdout } = await runCli(['decode', '--json'], { input });
  return JSON.parse(stdout) as PayloadDocument;
}

describe('decode for people', () => {
  it('has the event first and last, and says that nothing is verified', async () => {
    const { code, stdout, stderr } = await runCli(['decode', renewal]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toContain('DID_RENEW');
    expect(stdout).toContain('com.example.app');
    expect(stdout).toContain('2026-11-02T09:00:00Z');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(stdout.split('\n')[0]);
    expect(stdout).toContain('\nNot verified: ');
    expect(stdout).not.toContain(renewal.slice(0, 60));
  });

  it('knows the fields that only a token from a device has', async () => {
    const device = { deviceVerification: 'AAAA', deviceVerificationNonce: '48c8b92d-ce0d-4229-bedf-e61b4f9cfc92' };
    for (const built of [buildTransaction(buildOptions(3)), buildRenewalInfo(buildOptions(3))]) {
      const { code, stdout } = await runCli(['decode', signPayload({ ...built, ...device }, chain)]);
      expect(code).toBe(0);
      expect(stdout).toContain('deviceVerificationNonce');
      expect(stdout).not.toContain('not known');
    }
  });

  it('reads a date in seconds both ways, and says so', async () => {
    const set = { 'transaction.purchaseDate': SIGNED_AT_MS / 1_000 };
    const built = buildNotification({ type: 'DID_RENEW', ...buildOptions(4), set });
    const { stdout } = await runCli(['decode', signNotification(built, chain).signedPayload]);
    expect(stdout).toMatch(
      /purchaseDate +1970-\S+ {2}in seconds, where Apple writes milliseconds: 2026-11-02T09:00:00Z/,
    );
    expect(stdout.match(/in seconds/g)).toHaveLength(1);
  });

  it('never lets a payload act on the terminal', async () => {
    const set = { 'data.bundleId': 'com.\u001b[31mevil\u202e\u200b', surprise: '\u0007::error::x\r\nname' };
    const built = buildNotification({ type: 'DID_RENEW', ...buildOptions(2), set });
    const { stdout } = await runCli(['decode', signNotification(built, chain).signedPayload]);
    expect(stdout).toContain('\\u{1b}[31mevil\\u{202e}\\u{200b}');
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
    expect(stdout).not.toMatch(/^::error::/m);
  });
});

describe('decode of what is damaged', () => {
  it('has the problem on stdout and no more than a count on stderr', async () => {
    const { code, stdout, stderr } = await runCli(['decode', renewal.slice(0, -20)]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'error: the payload could not be decoded\n' });
    expect(stdout).toMatch(/^MALFORMED_JWS /);
    expect(stdout).toMatch(/^ {2}hint +/m);
  });

  it('gives the hint of a reason once, behind the lines', async () => {
    const damaged = JSON.stringify({ signedPayload: renewal.slice(0, -20) });
    const { code, stdout, stderr } = await runCli(['decode'], { input: `${damaged}\n${renewal}\n${damaged}\n` });
    expect(code).toBe(2);
    expect(stdout.match(/^ {2}MALFORMED_JWS /gm)).toHaveLength(2);
    expect(stderr).toMatch(/^\nHints\n {2}MALFORMED_JWS {2}[^\n]+\nerror: 2 of 3 payloads could not be decoded\n$/);
  });
});

describe('decode as JSON', () => {
  it('keeps unknown fields, unknown types and 64-bit integers', async () => {
    const set = { notificationType: 'BRAND_NEW', 'data.appAppleId': 1, 'data.later': { deep: [true, null] } };
    const { notification } = buildNotification({ type: 'DID_RENEW', ...buildOptions(3), set });
    const text = JSON.stringify(notification).replace('"appAppleId":1', '"appAppleId":9223372036854775807');
    const { stdout } = await runCli(['decode', '--json'], { input: signPayload(text, chain) });
    expect(stdout).toContain('"appAppleId":9223372036854775807');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'notification',
      notification: { notificationType: 'BRAND_NEW', data: { later: { deep: [true, null] } } },
    });
  });

  const kinds: readonly (readonly [string, () => object])[] = [
    ['transaction', () => buildTransaction(buildOptions(4))],
    ['renewalInfo', () => buildRenewalInfo(buildOptions(4))],
    ['appTransaction', () => buildAppTransaction(buildOptions(4))],
    ['realtimeRequest', () => buildRealtimeRequest(buildOptions(4))],
  ];
  it.each(kinds)('knows a %s', async (kind, build) => {
    const payload = build();
    const document = await decodeJson(signPayload({ ...payload }, chain));
    expect(document).toMatchObject({ kind, source: 'stdin', [kind]: JSON.parse(JSON.stringify(payload)) });
  });

  it('knows a version 1 body and hides its password', async () => {
    const body = JSON.stringify(buildLegacyBody(buildOptions(5)));
    const { password } = JSON.parse(body) as { password: string };
    expect(password).toBeTruthy();
    const { code, stdout } = await runCli(['decode', '--json'], { input: body });
    expect(code).toBe(0);
    expect(stdout).not.toContain(password);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'notificationV1',
      payload: { password: '[redacted]' },
      tokens: [],
    });
    expect((await runCli(['decode'], { input: body })).stdout).not.toContain(password);
  });

  it('hides the password of a version 1 body in any spelling and depth', async () => {
    const input =
      '{"notification_type":"CANCEL","Password":"hunter2","unified_receipt":{"a":[{"password":"hunter2"}]}}';
    const { stdout } = await runCli(['decode', '--json'], { input });
    expect(JSON.parse(stdout)).toMatchObject({
      payload: { Password: '[redacted]', unified_receipt: { a: [{ password: '[redacted]' }] } },
    });
    expect((await runCli(['decode'], { input })).stdout).not.toContain('hunter2');
  });

  it('knows an Xcode payload', async () => {
    const signer = await createXcodeSigner({ nowMs: SIGNED_AT_MS });
    const jws = signAsXcode(buildXcodeTransaction(buildOptions(6)), signer);
    expect(await decodeJson(jws)).toMatchObject({
      kind: 'transaction',
      tokens: [{ header: { kid: 'Apple_Xcode_Key' } }],
    });
    expect((await runCli(['decode', jws])).stdout).toContain('Xcode');
  });

  it.each([
    ['in the header', 3000],
    ['in the payload', -2000],
    ['in the signature', -20],
    ['in the signature, to whole bytes', -22],
  ])('reports a token cut %s, exit 2', async (_where, end) => {
    const { code, stdout, stderr } = await runCli(['decode', renewal.slice(0, end), '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ source: 'argument', problems: [{ code: 'MALFORMED_JWS' }] });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'ERR_INPUT_MALFORMED' } });
  });
});

describe('decode with a filter', () => {
  const sold = (seed: number, set: Record<string, string> = {}) =>
    signNotification(buildNotification({ type: 'DID_RENEW', ...buildOptions(seed), set }), chain).signedPayload;

  it('shows the one that matches in full, and counts the others', async () => {
    const input = [1, 2, 3].map((seed) => sold(seed, { 'transaction.originalTransactionId': `77000009${seed}` }));
    const folder = mkdtempSync(path.join(tmpdir(), 'storewire-decode-'));
    const file = path.join(folder, 'app.log');
    writeFileSync(file, `${input.join('\n')}\n`);
    const { code, stdout, stderr } = await runCli(['decode', file, '--transaction-id', '770000092'], {});
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
    expect(stdout).toContain('originalTransactionId');
    expect(stdout).toContain('770000092');
    expect(stdout).not.toContain('770000091');
    expect(stderr).toBe('1 of 3 payloads match, 2 not shown.\n');
  });

  it('shows a damaged one, which may be it', async () => {
    const input = `${sold(1)}\n{"signedPayload":"eyJhbGciOiJFUzI1NiJ9.e30"}\n${sold(2)}`;
    const { code, stdout, stderr } = await runCli(['decode', '--uuid', 'ffff', '--json'], { input });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'unknown', problems: [{ code: 'MALFORMED_JWS' }] });
    expect(stderr.split('\n')[0]).toBe(
      '0 of 3 payloads match, 2 not shown. 1 that cannot be decoded may match, and is shown.',
    );
  });

  it('that is a URL is no file: the hint pipes it in', async () => {
    const { code, stderr } = await runCli(['decode', 'https://example.com/a.json']);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: no such file: https://example.com/a.json\n  hint: Pipe it in: curl -fsS URL | storewire decode -\n',
    );
  });

  it('has no answer where none matches', async () => {
    const { code, stdout, stderr } = await runCli(['decode', sold(1), sold(2), '--bundle-id', 'com.example'], {});
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'error: none of 2 payloads matches --bundle-id com.example\n' +
        '  hint: Ids match from their first characters on, or by their end as …389034; product and bundle ids whole, or with a *.\n',
    );
  });

  it('takes a star at the end of a name, and refuses an empty condition', async () => {
    const args = ['decode', sold(1), sold(2), '--bundle-id', 'com.example.*', '--summary', '--json'];
    const { code, stdout, stderr } = await runCli(args, {});
    expect({ code, total: JSON.parse(stdout).total }).toEqual({ code: 0, total: 2 });
    expect(stderr).toBe('2 of 2 payloads match.\n');
    expect((await runCli(['decode', sold(1), '--uuid', ' '], {})).stderr).toContain('must not be empty');
  });

  it('leaves session tokens of a log to their own count', async () => {
    const session = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"sub":"x"}').toString('base64url')}.AAAA`;
    const input = `GET / Bearer ${session}\nbody ${sold(1)}\n`;
    const { stderr } = await runCli(['decode', '--transaction-id', '2', '--json'], { input });
    expect(stderr).toBe("1 other JWT skipped: not Apple's (alg HS256)\n1 of 1 payload matches.\n");
  });
});
