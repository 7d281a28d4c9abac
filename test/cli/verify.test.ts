import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PayloadDocument } from '../../src/notification/document.js';
import type { Authority } from '../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../src/simulator/authority/chain.js';
import { signNotification, signPayload } from '../../src/simulator/authority/sign-payload.js';
import { forge } from '../../src/simulator/forgeries/forge.js';
import { buildNotification } from '../../src/simulator/payloads/notification.js';
import { buildTransaction } from '../../src/simulator/payloads/single.js';
import { appleRoot } from '../../src/trust/roots.js';
import { runCli } from '../support/run-cli.js';
import { buildOptions, SIGNED_AT_MS, TEST_APP, testAuthority } from '../support/signing.js';

const DAY_MS = 86_400_000;

let folder: string;
let authority: Authority;
let chain: SigningChain;
let good: string;
let root: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-verify-'));
  ({ authority } = await testAuthority());
  chain = await authority.issueChain();
  good = signNotification(buildNotification({ type: 'DID_RENEW', ...buildOptions(1) }), chain).signedPayload;
  writeFileSync(path.join(folder, 'root.pem'), authority.rootPem);
  writeFileSync(path.join(folder, 'root.der'), authority.root.raw);
  root = ['--root', path.join(folder, 'root.pem')];
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A named pipe that another process writes these bytes to; reading it blocks this one. */
function feedPipe(pipe: string, bytes: Uint8Array): void {
  const content = `${pipe}.content`;
  writeFileSync(content, bytes);
  execFileSync('mkfifo', [pipe]);
  spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', content, pipe], { stdio: 'ignore' });
}

function documentsOf(stdout: string): readonly PayloadDocument[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PayloadDocument);
}

describe('a value that is empty', () => {
  it.each([
    ['--root', '--root must be the path of a certificate file, or a list of paths, not ""'],
    ['--bundle-id', '--bundle-id must be a bundle id, for example com.example.app, not ""'],
    ['--profile', '--profile must be the name of a profile, not ""'],
  ])('of %s is named as such, with its likely cause', async (flag, message) => {
    const { code, stdout, stderr } = await runCli(['verify', 'eyJ.e30.x', flag, '']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`error: ${message}\n  hint: A variable or command in its place had no output.\n`);
  });
});

describe('verify of one payload', () => {
  it('has the verdict first, then the event, and the checks on one line', async () => {
    const { code, stdout, stderr } = await runCli(['verify', good, ...root]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe("valid  Signed under a root from --root or the settings, not under Apple's.");
    for (const word of ['DID_RENEW', 'com.example.app']) expect(stdout).toContain(word);
    expect(lines).toContain('Checks  38 passed, 15 skipped (revocation: add --online)');
    expect(lines.at(-1)).toBe('App not checked: add --bundle-id');
  });

  it('has every check with --verbose, and the verdict again below them', async () => {
    const { stdout } = await runCli(['verify', good, '-v', ...root]);
    for (const word of ['chain.markers', 'revocation.leaf', 'nested.match']) expect(stdout).toContain(word);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(stdout.split('\n')[0]);
  });

  it('prints one document on one line as JSON', async () => {
    const { code, stdout, stderr } = await runCli(['verify', good, '--json', ...root]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [document, ...rest] = documentsOf(stdout);
    expect(rest).toEqual([]);
    expect(document).toMatchObject({
      kind: 'notification',
      source: 'argument',
      notification: { notificationType: 'DID_RENEW' },
      verification: {
        verdict: 'valid',
        reason: null,
        root: expect.stringMatching(/^[0-9A-F]{64}$/),
        clock: 'signedDate',
      },
    });
    expect(document?.tokens.map((token) => token.path)).toEqual([
      'signedPayload',
      'data.signedTransactionInfo',
      'data.signedRenewalInfo',
    ]);
    expect(document?.tokens[0]).not.toHaveProperty('jws');
  });

  it('adds tokens and certificates in full with --raw, and reads its own output again', async () => {
    const raw = await runCli(['verify', good, '--json', '--raw', ...root]);
    expect(documentsOf(raw.stdout)[0]?.tokens[0]?.jws).toBe(good);
    const again = await runCli(['verify', '--json', ...root], { input: raw.stdout });
    expect(documentsOf(again.stdout)[0]?.verification).toEqual(documentsOf(raw.stdout)[0]?.verification);
  });

  it('takes the root as DER, and refuses the payload without it', async () => {
    expect((await runCli(['verify', good, '--root', path.join(folder, 'root.der')])).code).toBe(0);
    const { code, stdout } = await runCli(['verify', good]);
    expect(code).toBe(1);
    expect(stdout.split('\n')[0]).toContain('UNTRUSTED_ROOT');
  });

  it.each(['SIGNATURE_MISMATCH', 'MALFORMED_JWS', 'XCODE_SIGNED', 'LEGACY_V1', 'CHAIN_BROKEN'] as const)(
    'reports %s in text and JSON, exit 1',
    async (reason) => {
      const forgery = await forge(reason, { ...buildOptions(2), authority });
      const text = await runCli(['verify', '-', ...root], { input: forgery.body });
      expect(text.code).toBe(1);
      expect(text.stdout.split('\n')[0]).toContain(reason);
      const json = await runCli(['verify', '-', '--json', ...root], { input: forgery.body });
      expect(json.code).toBe(1);
      expect(documentsOf(json.stdout)[0]?.verification).toMatchObject({ verdict: 'invalid', reason });
    },
  );

  it('accepts a transaction from a device, whose fields it knows', async () => {
    const device = { deviceVerification: 'AAAA', deviceVerificationNonce: '48c8b92d-ce0d-4229-bedf-e61b4f9cfc92' };
    const transaction = signPayload({ ...buildTransaction(buildOptions(5)), ...device }, chain);
    const { code, stdout } = await runCli(['verify', transaction, '--json', ...root]);
    expect(code).toBe(0);
    expect(documentsOf(stdout)[0]).toMatchObject({ kind: 'transaction', transaction: device });
  });

  it('notes dates in seconds by token and field, which leaves the verdict valid', async () => {
    const set = { 'transaction.purchaseDate': SIGNED_AT_MS / 1_000, 'renewalInfo.renewalDate': SIGNED_AT_MS / 1_000 };
    const built = buildNotification({ type: 'DID_RENEW', ...buildOptions(6), set });
    const { code, stdout } = await runCli(['verify', signNotification(built, chain).signedPayload, ...root]);
    expect({ code, first: stdout.split(' ')[0] }).toEqual({ code: 0, first: 'valid' });
    expect(stdout).toContain(
      'data.signedTransactionInfo: purchaseDate: in seconds, where Apple writes milliseconds\n' +
        'data.signedRenewalInfo: renewalDate: in seconds, where Apple writes milliseconds\n',
    );
  });

  it.each([
    ['transaction', 'renewalInfo'],
    ['renewalInfo', 'transaction'],
  ])('without a signedDate, offers the latest date of a nested token (%s signed earlier)', async (earlier, later) => {
    const dates = { remove: ['signedDate'], set: { [`${earlier}.signedDate`]: SIGNED_AT_MS - 900 * DAY_MS } };
    const built = buildNotification({ type: 'DID_RENEW', ...buildOptions(7), ...dates });
    const { signedPayload } = signNotification(built, chain);
    const now = () => SIGNED_AT_MS + 900 * DAY_MS;
    const { code, stdout } = await runCli(['verify', signedPayload, ...root], { now });
    expect(code).toBe(1);
    const signed = '2026-11-02T09:00:00Z';
    expect(stdout).toContain(`its ${later} was signed at ${signed}. Check it as of then: --at ${signed}`);
  });

  it('rejects a genuine transaction with --kind notification', async () => {
    const transaction = signPayload(buildTransaction(buildOptions(3)), chain);
    expect((await runCli(['verify', transaction, ...root])).code).toBe(0);
    const { code, stdout } = await runCli(['verify', transaction, '--kind', 'notification', ...root]);
    expect({ code, first: stdout.split('\n')[0] }).toMatchObject({
      code: 1,
      first: expect.stringContaining('WRONG_KIND'),
    });
  });

  it.each([
    [['--bundle-id', TEST_APP.bundleId], 0],
    [['--bundle-id', 'com.example.other'], 1],
    [['--environment', 'sandbox'], 0],
    [['--environment', 'production'], 1],
    [['--app-apple-id', '1'], 0],
  ])('%j exits %i', async (flags, expected) => {
    expect((await runCli(['verify', good, ...root, ...flags])).code).toBe(expected);
  });

  it('takes the bundle id from the environment', async () => {
    const env = { STOREWIRE_BUNDLE_ID: 'com.example.other' };
    const { code, stdout } = await runCli(['verify', good, ...root], { env });
    expect({ code, first: stdout.split('\n')[0] }).toMatchObject({
      code: 1,
      first: expect.stringContaining('BUNDLE_ID_MISMATCH'),
    });
    expect(stdout).toContain('  expected  com.example.other (STOREWIRE_BUNDLE_ID)\n');
  });

  it('names the profile that a mismatch comes from, as text and as JSON', async () => {
    const config = path.join(folder, 'storewire', 'config.json');
    mkdirSync(path.dirname(config), { recursive: true });
    const profiles = { default: { bundleId: 'com.example.other' } };
    writeFileSync(config, JSON.stringify({ profiles }), { mode: 0o600 });
    const env = { XDG_CONFIG_HOME: folder };
    const text = await runCli(['verify', good, ...root], { env });
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('  expected  com.example.other (profile default, user config)\n');
    const json = await runCli(['verify', good, '--json', ...root], { env });
    const check = documentsOf(json.stdout)[0]?.verification?.checks.find(({ id }) => id === 'app.bundleId');
    expect(check).toMatchObject({
      ok: false,
      expected: 'com.example.other',
      detail: 'expected com.example.other (profile default, user config)',
    });
  });

  it.each([
    ['com.example.App', 'they differ in letter case only, which counts'],
    ['ABCDE12345.com.example.app', 'the expected one begins with what looks like a team id, ABCDE12345'],
  ])('says why %s is not the bundle id', async (bundleId, words) => {
    const { code, stdout } = await runCli(['verify', good, ...root, '--bundle-id', bundleId]);
    expect(code).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain(words);
  });

  it('warns of a team id before the bundle id', async () => {
    const { stderr } = await runCli(['verify', good, ...root, '--bundle-id', 'ABCDE12345.com.example.app']);
    expect(stderr).toContain('ABCDE12345. looks like a team id: the bundle id is probably com.example.app');
  });

  it('checks certificates as of --at', async () => {
    const { code, stdout } = await runCli(['verify', good, '--json', '--at', '2040-01-01T00:00:00Z', ...root]);
    expect(code).toBe(1);
    expect(documentsOf(stdout)[0]?.verification).toMatchObject({
      reason: 'CERTIFICATE_EXPIRED',
      clock: 'at',
      checkedAtMs: Date.UTC(2040, 0, 1),
    });
  });
});

describe('verify of several', () => {
  it('prints a line for each in order, without totals where they are few, and the worst exit code', async () => {
    const bad = (await forge('SIGNATURE_MISMATCH', { ...buildOptions(4), authority })).signedPayload;
    const input = [good, bad, good].map((jws) => JSON.stringify({ signedPayload: jws })).join('\n');
    const { code, stdout, stderr } = await runCli(['verify', ...root], { input });
    expect(code).toBe(1);
    expect(stdout.match(/^(valid|invalid)\b/gm)).toEqual(['valid', 'invalid', 'valid']);
    expect(stdout).toContain('SIGNATURE_MISMATCH');
    expect(stderr).toMatch(/^\nHints\n {2}SIGNATURE_MISMATCH {2}[^\n]+\n$/);
  });

  it('prints totals on stderr from ten payloads on', async () => {
    const run = (count: number) => runCli(['verify', ...root], { input: `${good}\n`.repeat(count) });
    expect((await run(9)).stderr).toBe('');
    expect((await run(10)).stderr).toContain('10 payloads in ');
  });

  it('prints only totals with --summary', async () => {
    const input = `${good}\n${good}\n`;
    const { code, stdout, stderr } = await runCli(['verify', '--summary', '--json', ...root], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      total: 2,
      verdicts: { valid: 2, invalid: 0, undetermined: 0 },
      types: { DID_RENEW: 2 },
    });
  });

  it('keeps the order of arguments and files, each with its source', async () => {
    const file = path.join(folder, 'two.ndjson');
    writeFileSync(file, `${JSON.stringify({ signedPayload: good })}\n${JSON.stringify({ signedPayload: 'broken' })}\n`);
    const { code, stdout } = await runCli(['verify', file, good, '--json', ...root]);
    expect(code).toBe(1);
    expect(documentsOf(stdout).map(({ source, verification }) => [source, verification?.reason])).toEqual([
      [`${file}:1`, null],
      [`${file}:2`, 'MALFORMED_JWS'],
      ['argument', null],
    ]);
  });
});

describe('wrong usage', () => {
  it('names the input without a payload', async () => {
    const file = path.join(folder, 'nothing.json');
    writeFileSync(file, '{"status":"ok"}');
    const said = async (argv: readonly string[], input = '') => (await runCli(['verify', ...argv], { input })).stderr;
    expect(await said([file])).toContain(`no payload found in ${file}\n`);
    expect(await said(['{"a":1}'])).toContain('no payload found in the argument\n');
    expect(await said(['-'], '{}')).toContain('no payload found in standard input\n');
    expect(await said([file, '{"a":1}'])).toContain('no payload found in the inputs\n');
  });

  it.each([
    [['verify', 'nowhere.json'], 'ERR_INPUT_NOT_FOUND'],
    [['verify', '--online', '--at', '2022-01-01', 'x'], 'ERR_USAGE_ONLINE_AT'],
    [['verify', '--root', 'nowhere.pem', 'eyJhbGciOiJFUzI1NiJ9.e30.x'], 'ERR_TRUST_ROOT_UNREADABLE'],
    [['verify', '--root', '.', 'eyJhbGciOiJFUzI1NiJ9.e30.x'], 'ERR_TRUST_ROOT_UNREADABLE'],
    [['verify', '--kind', 'receipt', 'x'], 'ERR_USAGE_INVALID_ARGUMENT'],
    [['verify', '--at', '2024-02-30', 'x'], 'ERR_USAGE_INVALID_ARGUMENT'],
    [['verify', '--at', '2023-02-29T10:00:00+02:00', 'x'], 'ERR_USAGE_INVALID_ARGUMENT'],
    [['verify', '--at', 'yesterday', 'x'], 'ERR_USAGE_INVALID_ARGUMENT'],
    [['verify', '--jobs', '0', 'x'], 'ERR_USAGE_INVALID_ARGUMENT'],
    [['verify', '--onlin'], 'ERR_USAGE_UNKNOWN_OPTION'],
    [['verfy'], 'ERR_USAGE_UNKNOWN_COMMAND'],
  ])('%j is %s, exit 2', async (argv, expected) => {
    const { code, stdout, stderr } = await runCli([...argv, '--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string; hint: string } };
    expect(error.code).toBe(expected);
    expect(error.hint).toBeTruthy();
  });

  // Windows has no /dev and no sockets in the file system.
  it.skipIf(process.platform === 'win32')('takes no device, socket or huge file as a root', async () => {
    const huge = path.join(folder, 'huge.pem');
    writeFileSync(huge, Buffer.alloc(1024 * 1024 + 1, 0x20));
    const pipe = path.join(folder, 'root.fifo');
    feedPipe(pipe, Buffer.alloc(2 * 1024 * 1024, 0x20));
    const socket = path.join(folder, 'root.sock');
    const server = createServer().listen(socket);
    await once(server, 'listening');
    for (const [file, words] of [
      ['/dev/zero', 'is a device or socket, not a file'],
      [socket, 'is a device or socket, not a file'],
      [huge, 'has more than 1 MiB'],
      [pipe, 'has more than 1 MiB'],
    ] as const) {
      const { code, stderr } = await runCli(['verify', '--root', file, 'eyJhbGciOiJFUzI1NiJ9.e30.x']);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`the root ${file} ${words}`) });
    }
    server.close();
  });

  // Made by mkfifo.
  it.skipIf(process.platform === 'win32')('takes a pipe as a root', async () => {
    const pipe = path.join(folder, 'good.fifo');
    feedPipe(pipe, readFileSync(root[1]!));
    expect((await runCli(['verify', good, '--root', pipe])).code).toBe(0);
  });

  describe('session tokens in a log', () => {
    const session = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.e30.${'A'.repeat(43)}`;

    it('are counted, not judged', async () => {
      const log = `GET / Bearer ${session}\npayload ${good}\nGET / Bearer ${session}\n`;
      const { code, stdout, stderr } = await runCli(['verify', '--json', ...root], { input: log });
      expect(code).toBe(0);
      expect(documentsOf(stdout).map(({ source }) => source)).toEqual(['stdin:2']);
      expect(stderr).toBe("2 other JWTs skipped: not Apple's (alg HS256)\n");
    });

    it('are named where there is nothing else', async () => {
      const { code, stderr } = await runCli(['verify'], { input: `a ${session}\nb ${session}\n` });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining("2 JWTs in it are not Apple's (alg HS256)"),
      });
    });

    it.each([
      ['given by itself', session],
      ['as a signedPayload in damaged JSON', `x {"signedPayload": "${session}"\nanother line\n`],
      ['as a signedPayload in a log line', `POST {"signedPayload":"${session}"} 200\nanother line\n`],
    ])('are judged %s', async (_where, input) => {
      const { code, stdout } = await runCli(['verify', '--json'], { input });
      expect(code).toBe(1);
      expect(documentsOf(stdout)).toHaveLength(1);
    });
  });

  it('names the nearest command and flag', async () => {
    expect((await runCli(['verfy'])).stderr).toContain('verify');
    expect((await runCli(['verify', '--onlin'])).stderr).toContain('--online');
  });

  it('reads a document without its JWS as unreadable', async () => {
    const { stdout: document } = await runCli(['decode', good, '--json']);
    const { code, stdout, stderr } = await runCli(['verify', '--json', ...root], { input: document });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr).error.code).toBe('ERR_INPUT_NO_JWS');
  });

  // Windows has no file names with control characters.
  it.skipIf(process.platform === 'win32')('reports it beside an invalid payload like any error', async () => {
    const { stdout: document } = await runCli(['decode', good, '--json']);
    const file = path.join(folder, 'odd\u001b[31m.ndjson');
    writeFileSync(file, `${document}broken.token.here\n{"signedPayload":"broken"}\n`);
    const text = await runCli(['verify', file, ...root]);
    expect(text.code).toBe(1);
    expect(text.stderr).toContain('error: ');
    expect(text.stderr).not.toContain('\u001b');
    const json = await runCli(['verify', file, '--json', ...root]);
    expect(json.code).toBe(1);
    expect(json.stderr).toContain('{"error":{"code":"ERR_INPUT_NO_JWS"');
  });
});

describe('verify with a wrong root', () => {
  const wrong = (name: string, content: string | Uint8Array) => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return runCli(['verify', good, '--root', file]);
  };

  it.each([
    ['page.cer', '\n<!DOCTYPE html><title>404</title>', 'an HTML page: the download failed'],
    ['empty.cer', '', 'empty'],
    ['key.pem', '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----', 'a private key'],
    ['csr.pem', '-----BEGIN CERTIFICATE REQUEST-----\nMIGH\n-----END CERTIFICATE REQUEST-----', 'signing request'],
    ['b.p7b', '-----BEGIN PKCS7-----\nMIGH\n-----END PKCS7-----', 'PKCS#7'],
    ['b.der', Buffer.from('308006092a864886f70d010702a080', 'hex'), 'PKCS#7'],
    ['k.p12', Buffer.from('30820100020103308200f0', 'hex'), 'PKCS#12'],
    ['k.der', Buffer.from('3041020100301306', 'hex'), 'a private key'],
    ['x.json', '{"keys":[]}', 'JSON'],
    ['utf16.pem', Buffer.from('\ufeff-----BEGIN CERTIFICATE-----', 'utf16le'), 'UTF-16'],
    ['denied.cer', 'Access Denied', 'plain text'],
  ])('names %s, exit 2', async (name, content, expected) => {
    const { code, stderr } = await wrong(name, content);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(expected) });
    expect(stderr).toContain('hint:');
  });

  it('names a JWS and hexadecimal, and reads base64 without BEGIN lines', async () => {
    const der = Buffer.from(authority.root.raw);
    expect((await wrong('token.jws', good)).stderr).toContain('a JWS or JWT');
    expect((await wrong('hex.txt', der.toString('hex'))).stderr).toContain('hexadecimal');
    expect((await wrong('base64.cer', `${der.toString('base64')}\n`)).code).toBe(0);
  });

  it('warns of a leaf and an intermediate, and never prints a certificate as a path', async () => {
    const [leaf, intermediate] = chain.x5c;
    const asLeaf = await wrong('leaf.cer', Buffer.from(leaf!, 'base64'));
    expect(asLeaf).toMatchObject({ code: 1, stderr: expect.stringContaining('is a leaf certificate') });
    expect((await wrong('g6.cer', Buffer.from(intermediate!, 'base64'))).stderr).toContain('is an intermediate');
    expect((await runCli(['verify', good, '--root', authority.rootPem])).stderr).not.toContain('BEGIN');
  });

  it("names Apple's own root once where it is given as a file", async () => {
    const file = path.join(folder, 'g3.der');
    writeFileSync(file, appleRoot().certificate.der);
    const { stdout } = await runCli(['verify', good, '--json', '--root', file, '--root', file]);
    const check = documentsOf(stdout)[0]!.verification!.checks.find(({ id }) => id === 'chain.root');
    expect(check?.expected).toBe('Apple Root CA - G3');
  });
});

describe('verify of dates and kinds that are mixed up', () => {
  const transaction = (more: object = {}) => signPayload({ ...buildTransaction(buildOptions(3)), ...more }, chain);

  it('names a signedDate in seconds, and another date in seconds without rejecting it', async () => {
    const seconds = Math.floor(buildOptions(3).nowMs / 1000);
    const { code, stdout } = await runCli(['verify', transaction({ signedDate: seconds }), ...root]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('is in seconds') });
    const other = await runCli(['verify', transaction({ purchaseDate: seconds }), ...root]);
    expect(other).toMatchObject({ code: 0, stdout: expect.stringContaining('purchaseDate: in seconds') });
  });

  it('says what fits the pair of kinds', async () => {
    const { code, stdout } = await runCli(['verify', transaction(), '--kind', 'appTransaction', ...root, '--json']);
    const check = documentsOf(stdout)[0]!.verification!.checks.find(({ id }) => id === 'payload.kind');
    expect(code).toBe(1);
    expect(check?.detail).toBe(
      'this is a transaction; an app transaction is something else (AppTransaction.shared): use --kind transaction',
    );
  });
});

describe('verify with a filter', () => {
  const sold = (seed: number, original: string): string => {
    const set = { 'transaction.originalTransactionId': original };
    return signNotification(buildNotification({ type: 'DID_RENEW', ...buildOptions(seed), set }), chain).signedPayload;
  };

  it('has the verdict of what matches', async () => {
    const input = `${sold(1, '7700')}\n${sold(2, '8800').slice(0, -8)}AAAAAAAA`;
    const run = (id: string) => runCli(['verify', '-', ...root, '--transaction-id', id], { input });
    expect(await run('7700')).toMatchObject({ code: 0, stderr: '1 of 2 payloads match, 1 not shown.\n' });
    expect(await run('8800')).toMatchObject({ code: 1 });
    expect(await run('9900')).toMatchObject({ code: 2, stdout: '' });
  });

  it('counts one that cannot be decoded, which may be it', async () => {
    const input = `${sold(1, '7700')}\n{"signedPayload":"eyJhbGciOiJFUzI1NiJ9.e30"}`;
    const { code, stderr } = await runCli(['verify', '-', ...root, '--transaction-id', '7700'], { input });
    expect({ code, stderr: stderr.split('\n').at(-2) }).toEqual({
      code: 1,
      stderr: '1 of 2 payloads match. 1 that cannot be decoded may match, and is shown.',
    });
  });

  it('takes --bundle-id as an expectation, as ever', async () => {
    const { code, stdout } = await runCli(['verify', good, ...root, '--bundle-id', 'com.example.other'], {});
    expect(code).toBe(1);
    expect(stdout).toContain('BUNDLE_ID_MISMATCH');
  });
});
