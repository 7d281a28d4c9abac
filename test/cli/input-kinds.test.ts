import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SigningChain } from '../../src/simulator/authority/chain.js';
import { signNotification } from '../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../src/simulator/payloads/notification.js';
import { runCli } from '../support/run-cli.js';
import { buildOptions, testAuthority } from '../support/signing.js';

let folder: string;
let chain: SigningChain;
let token: string;
let other: string;
let rootFile: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-input-kinds-'));
  const { authority } = await testAuthority();
  chain = await authority.issueChain();
  const sign = (seed: number) =>
    signNotification(buildNotification({ type: 'DID_RENEW', ...buildOptions(seed) }), chain).signedPayload;
  [token, other] = [sign(1), sign(2)];
  rootFile = path.join(folder, 'root.pem');
  writeFileSync(rootFile, authority.rootPem);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const body = (jws: string) => JSON.stringify({ signedPayload: jws });
const base64 = (text: string) => Buffer.from(text).toString('base64');

const DRIVER_BYTES = 4096;

function split(line: string, size: number, head: string): string {
  const parts = line.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
  return parts.map((part) => `${head}${part}\n`).join('');
}

/** The json-file log of Docker, which splits long lines. */
function docker(line: string): string {
  const parts = line.match(new RegExp(`[^]{1,${DRIVER_BYTES}}`, 'g')) ?? [];
  return parts.map((log) => `${JSON.stringify({ log, stream: 'stdout', time: '2026-11-02T09:00:00Z' })}\n`).join('');
}

/** The log of containerd (CRI): P for a part, F for the last one. */
function cri(line: string): string {
  const parts = line.match(new RegExp(`.{1,${DRIVER_BYTES}}`, 'g')) ?? [];
  return parts
    .map((part, at) => `2026-11-02T09:00:00.${at}Z stdout ${at + 1 < parts.length ? 'P' : 'F'} ${part}\n`)
    .join('');
}

/** A token as string literals of 70 characters, each but the last followed by `joint`. */
function literals(jws: string, quote: string, joint: string, indent = '  '): string {
  const pieces = jws.match(/.{1,70}/g) ?? [];
  return pieces.map((piece) => `${quote}${piece}${quote}`).join(`${joint}\n${indent}`);
}

describe('payloads inside something else', () => {
  it.each<[string, () => string, number, string[]]>([
    [
      'a log line of winston or Bunyan',
      () => JSON.stringify({ level: 'info', message: `received ${body(token)}` }),
      1,
      ['nested-json'],
    ],
    [
      'a log line of journald',
      () => JSON.stringify({ PRIORITY: '6', MESSAGE: `POST /apple ${token}` }),
      1,
      ['nested-json'],
    ],
    [
      'a line of a log shipper around one of the app',
      () => JSON.stringify({ log: JSON.stringify({ msg: 'x', body: body(token) }), stream: 'stdout' }),
      1,
      ['nested-json'],
    ],
    [
      'an SQS batch',
      () => JSON.stringify({ Records: [{ body: body(token) }, { body: body(other) }] }),
      2,
      ['nested-json'],
    ],
    [
      'SNS inside SQS',
      () => JSON.stringify({ Records: [{ body: JSON.stringify({ Type: 'Notification', Message: body(token) }) }] }),
      1,
      ['nested-json'],
    ],
    [
      'a Lambda event in base64',
      () => JSON.stringify({ isBase64Encoded: true, body: base64(body(token)) }),
      1,
      ['base64'],
    ],
    ['a Pub/Sub push', () => JSON.stringify({ message: { data: base64(body(token)), messageId: '1' } }), 1, ['base64']],
    [
      'a HAR file',
      () => JSON.stringify({ log: { entries: [{ request: { postData: { text: body(token) } } }] } }, null, 2),
      1,
      ['nested-json'],
    ],
    [
      'a Postman collection',
      () =>
        JSON.stringify({ item: [{ request: { body: { mode: 'raw', raw: `{\n  "signedPayload": "${token}"\n}` } } }] }),
      1,
      ['nested-json'],
    ],
    ['base64 of a body', () => base64(body(token)), 1, ['base64']],
    ['wrapped base64 of a body', () => base64(body(token)).replace(/.{76}/g, '$&\n'), 1, ['base64']],
    ['base64 of a token in a queue', () => JSON.stringify([{ message: { data: base64(token) } }]), 1, ['base64']],
    [
      'base64 of base64',
      () => JSON.stringify({ isBase64Encoded: true, body: base64(base64(body(token))) }),
      1,
      ['base64'],
    ],
    [
      'base64 of a form',
      () => JSON.stringify({ isBase64Encoded: true, body: base64(`signedPayload=${token}&x=1`) }),
      1,
      ['base64'],
    ],
    [
      'base64 of a request, as ngrok records it',
      () => JSON.stringify({ raw: base64(`POST / HTTP/1.1\r\nHost: a\r\n\r\n${body(token)}`) }),
      1,
      ['base64'],
    ],
    ['base64 before percent encoding', () => `${base64(body(token))}\n${encodeURIComponent(body(other))}\n`, 2, []],
    ['a line of base64 for each body', () => `${base64(body(token))}\n${base64(body(other))}\n`, 2, ['base64']],
    ['a column of base64', () => `1\t${base64(body(token))}\t2026\n2\t${base64(body(other))}\t2026\n`, 2, ['base64']],
    [
      'a body in the log of nginx',
      () => `"POST /apple HTTP/1.1" 200 "{\\x22signedPayload\\x22:\\x22${token}\\x22}"\n`,
      1,
      [],
    ],
    ['quoted-printable of a form', () => `signedPayload=3D${token}\n`, 1, []],
    ['a line that Docker split', () => docker(`INFO ${body(token)}\n`), 1, ['line-wraps', 'nested-json']],
    [
      'one that Docker split beside whole ones',
      () => `${docker('starting\n')}${docker(`${body(token)}\n`)}${docker(`${body(other)}\n`)}`,
      2,
      ['nested-json'],
    ],
    ['a line that containerd split', () => cri(`INFO ${body(token)}`) + cri(body(other)), 2, ['line-wraps']],
    ['a line that syslog split', () => split(body(token), 1000, 'Nov  2 09:00:00 host app[12]: '), 1, ['line-wraps']],
    [
      'a line that Heroku split',
      () => split(body(token), 8000, '2026-11-02T09:00:00.1+00:00 app[web.1]: '),
      1,
      ['line-wraps'],
    ],
    [
      'numbered lines',
      () => (token.match(/.{1,100}/g) ?? []).map((part, at) => `${at + 1}\t${part}\n`).join(''),
      1,
      ['line-wraps'],
    ],
    ['literals of Python', () => `PAYLOAD = (\n  ${literals(token, "'", '')}\n)\n`, 1, ['string-literals']],
    ['literals of JavaScript', () => `const payload = ${literals(token, "'", ' +')};\n`, 1, ['string-literals']],
    ['literals of PHP', () => `$payload = ${literals(token, '"', ' .')};\n`, 1, ['string-literals']],
    [
      'literals with the operator in front',
      () => `String p = ${literals(token, '"', '', '    + ')};\n`,
      1,
      ['string-literals'],
    ],
  ])('%s', async (_case, make, count, repaired) => {
    const file = path.join(folder, 'input.txt');
    writeFileSync(file, make());
    const { stdout, stderr, code } = await runCli(['verify', file, '--root', rootFile, '--json']);
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ code, stderr, verdicts: documents.map(({ verification }) => verification.verdict) }).toEqual({
      code: 0,
      stderr: '',
      verdicts: Array(count).fill('valid'),
    });
    for (const document of documents) expect(document.repaired ?? []).toEqual(expect.arrayContaining(repaired));
  });

  it('counts the lines that Docker split', async () => {
    const log = `${docker(`${body(token)}\n`)}${body(other)}\n`;
    const { stdout } = await runCli(['decode', '--json'], { input: log });
    const sources = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).source);
    expect(sources).toEqual(['stdin:1', `stdin:${log.split('\n').length - 1}`]);
  });

  it('a part of a line that Docker never finished is a cut token', async () => {
    const [first] = docker(`${body(token)}\n`).split('\n');
    const { stdout, code } = await runCli(['verify', '--json'], { input: `${first}\n{"other":1}\n` });
    expect({ code, reason: JSON.parse(stdout).verification.reason }).toEqual({ code: 1, reason: 'MALFORMED_JWS' });
  });

  it('the value of signedPayload is never repaired in a JSON body', async () => {
    const { code, stdout } = await runCli(['verify', '--root', rootFile, '--json'], { input: body(` ${token} `) });
    expect({ code, reason: JSON.parse(stdout).verification.reason }).toEqual({ code: 1, reason: 'MALFORMED_JWS' });
  });

  it('a session token beside a body is no payload', async () => {
    const event = { headers: { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln' }, body: body(token) };
    const { stdout } = await runCli(['decode', '--json'], { input: JSON.stringify(event) });
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  it('a token that a log cut off is a payload of its own: exit 1', async () => {
    const log = `${JSON.stringify({ msg: body(token).slice(0, 4096) })}\n${JSON.stringify({ msg: body(other) })}\n`;
    const { stdout, code } = await runCli(['verify', '--root', rootFile, '--json'], { input: log });
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(documents.map(({ source, verification }) => [source, verification.reason])).toEqual([
      ['stdin:1', 'MALFORMED_JWS'],
      ['stdin:2', null],
    ]);
  });

  it('a field name whose value follows on the next line is no lost token', async () => {
    const multipart = `--X\nContent-Disposition: form-data; name="signedPayload"\n\n${token}\n--X--\n`;
    const { stderr, code } = await runCli(['verify', '--root', rootFile, '--json'], { input: multipart });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('names a file of a folder that may hold tokens and was skipped', async () => {
    const inner = mkdtempSync(path.join(folder, 'logs-'));
    writeFileSync(path.join(inner, 'a.json'), body(token));
    writeFileSync(path.join(inner, 'b.log'), Buffer.from(`\uFEFF${body(other)}`, 'utf16le'));
    writeFileSync(path.join(inner, 'c.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
    const { stderr, code } = await runCli(['verify', inner, '--root', rootFile, '--json']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Skipped .*b\.log: it is UTF-16 text\.\n$/);
  });

  it('says where a token was seen and not read', async () => {
    const log = `${body(token)}\n{"note":"signedPayload was lost"}\n${body(other)}\n`;
    const { stderr } = await runCli(['decode', '--json'], { input: log });
    expect(stderr).toContain('1 line has signs of a token in which none could be read (first: stdin:2)');
  });
});

describe('something else in the place of a payload', () => {
  const payloadOf = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString());

  it('a decoded notification is explained, and its nested tokens are verified', async () => {
    const decoded = JSON.stringify(payloadOf(token));
    const shown = await runCli(['decode'], { input: decoded });
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('DID_RENEW');
    const [first, ...nested] = (await runCli(['decode', '--json'], { input: decoded })).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({ kind: 'notification', tokens: [], recognised: { format: 'decoded-payload' } });
    expect(nested.map(({ kind }) => kind)).toEqual(['transaction', 'renewalInfo']);
    const verified = await runCli(['verify', '--root', rootFile, '--json'], { input: decoded });
    expect(verified.code).toBe(2);
    expect(verified.stderr).toContain('ERR_INPUT_NO_JWS');
    expect(verified.stdout.trim().split('\n')).toHaveLength(2);
  });

  it.each([
    ['in a log line', () => `12:00 got ${JSON.stringify({ notificationType: 'TEST', notificationUUID: '4f1c' })} ok\n`],
    ['in a string', () => JSON.stringify({ msg: `got {"notificationType":"TEST","notificationUUID":"4f1c"}` })],
  ])('a decoded notification %s is explained', async (_case, make) => {
    const { stdout } = await runCli(['decode', '--json'], { input: make() });
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'notification', recognised: { format: 'decoded-payload' } });
    const verified = await runCli(['verify', '--json'], { input: make() });
    expect({ code: verified.code, error: JSON.parse(verified.stderr).error.code }).toEqual({
      code: 2,
      error: 'ERR_INPUT_NO_JWS',
    });
  });

  it('a version 1 body in a queue or a log is one', async () => {
    const v1 = JSON.stringify({ notification_type: 'DID_RENEW', password: 's3cret', unified_receipt: {} });
    for (const input of [JSON.stringify({ Records: [{ body: v1 }] }), `12:00 POST ${v1}\n`]) {
      const { stdout, code } = await runCli(['verify', '--json'], { input });
      expect({ code, reason: JSON.parse(stdout).verification.reason }).toEqual({ code: 1, reason: 'LEGACY_V1' });
      expect(stdout).not.toContain('s3cret');
    }
  });

  it('a decoded transaction is no token', async () => {
    const input = JSON.stringify({
      transactionId: '1',
      originalTransactionId: '1',
      bundleId: 'com.example.app',
      productId: 'p',
    });
    const { code, stderr } = await runCli(['verify'], { input });
    expect(code).toBe(2);
    expect(stderr).toContain('already decoded');
  });

  it.each([
    [
      'the response of verifyReceipt',
      '{"status":0,"environment":"Sandbox","receipt":{"in_app":[]}}',
      'a response of verifyReceipt',
    ],
    ['an API error', '{"errorCode":4040010,"errorMessage":"Transaction id not found."}', 'storewire explain 4040010'],
    ['a page', '<!DOCTYPE html><html><body>Login</body></html>', 'an HTML page'],
    [
      'a notification that Node printed',
      "{\n  notificationType: 'TEST',\n  notificationUUID: '4f1c',\n  data: { bundleId: 'a' }\n}\n",
      'already decoded, printed as text',
    ],
    [
      'a receipt of iOS 6',
      '{\n\t"signature" = "AjY=";\n\t"purchase-info" = "e30=";\n\t"pod" = "17";\n}\n',
      'the format of iOS 6',
    ],
    [
      'a log whose token was filtered',
      '  Parameters: {"signedPayload"=>"[FILTERED]"}\n',
      'a placeholder where the token',
    ],
    ['an event of the Amazon Appstore', '{"notificationType":"RENEWED","appPackageName":"a"}', 'the Amazon Appstore'],
    ['a webhook of RevenueCat', '{"api_version":"1.0","event":{"type":"RENEWAL","app_user_id":"1"}}', 'RevenueCat'],
  ])('%s is named: exit 2', async (_case, input, expected) => {
    for (const command of ['decode', 'verify']) {
      const { code, stderr, stdout } = await runCli([command, '--json'], { input });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      const { error } = JSON.parse(stderr);
      expect(error.code).toBe('ERR_INPUT_NO_PAYLOAD');
      expect(`${error.message} ${error.hint}`).toContain(expected);
    }
  });

  it.each([
    ['a transaction id', '2000000123456789', 'storewire lookup 2000000123456789'],
    ['a TEST token', '8c2bda15-d9c3-4058-921d-4377c5c5d8b9_1793606400000', 'storewire status 8c2bda15'],
  ])('%s as an argument is sent to its command', async (_case, argument, expected) => {
    const { stderr, code } = await runCli(['decode', argument]);
    expect(code).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toContain(expected);
  });

  it('seconds for --at are named', async () => {
    const { stderr, code } = await runCli(['verify', token, '--at', '1793606400']);
    expect(code).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toContain('1793606400000 is the same in milliseconds');
  });

  it('the payload part alone is named and not called a short copy', async () => {
    const { stdout } = await runCli(['verify', token.split('.')[1]!]);
    expect(stdout).toContain('the payload of a token, alone');
    expect(stdout).not.toContain('incomplete copy');
  });

  it('a truncated token is still a truncated token', async () => {
    const { stdout } = await runCli(['verify', token.slice(0, 900)]);
    expect(stdout).toContain('incomplete copy');
  });
});
