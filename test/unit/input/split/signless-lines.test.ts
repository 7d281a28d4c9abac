import { describe, expect, it } from 'vitest';
import { parseClaims } from '../../../../src/input/claims/parse-claims.js';
import { createInputSplitter } from '../../../../src/input/split/splitter.js';
import type { UnitBatch } from '../../../../src/input/unit.js';
import { fakeToken } from '../tokens.js';

const A = fakeToken('a');
const BODY = JSON.stringify({ signedPayload: A });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const escaped = (text: string) =>
  [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const encoded = (text: string) =>
  [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

const NOISE = [
  '2026-11-02T09:00:00.123Z INFO [worker-3] GET /items?page=3 200 in 12 ms',
  '[2026-11-02 09:00:00] WARN: retry (attempt 2)',
  '\tat com.example.Handler.run(Handler.java:31)',
  '{"level":"info","msg":"request completed","req":{"path":"/items","ids":[1,2]}}',
  '{"log":"started\\n","stream":"stdout","time":"2026-11-02T09:00:00Z"}',
  '========',
  '',
  '\u001b[32mINFO\u001b[0m done, r\u00e9ussi',
];

interface Seen {
  /** Each claim as "line type text". */
  readonly claims: readonly string[];
  readonly emitted: number;
  readonly skipped: number;
}

function seeIn(input: string, chunkBytes = 65_536, minBytes = 1): Seen {
  const bytes = Buffer.from(input);
  const splitter = createInputSplitter();
  const claims: string[] = [];
  let [emitted, skipped] = [0, 0];
  const take = (least: number): void => {
    const chunk = splitter.take(least);
    if (chunk === null) return;
    const { isOnly, passed } = chunk;
    const units = chunk.units.map((unit) => ({ ...unit, origin: 'in', whole: isOnly }));
    const batch: UnitBatch = { bytes: chunk.bytes, units, passed };
    emitted += units.length;
    skipped += passed.units;
    for (const unit of units) {
      const found = parseClaims(batch, unit);
      if (found.length === 0) skipped += 1;
      for (const claim of found) claims.push(`${claim.source} ${claim.type} ${'text' in claim ? claim.text : ''}`);
    }
  };
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    splitter.push(bytes.subarray(at, at + chunkBytes));
    take(minBytes);
  }
  splitter.finish();
  take(0);
  return { claims, emitted, skipped };
}

const noise = (lines: number): string => Array.from({ length: lines }, (_, at) => `${NOISE[at % 8]}\n`).join('');

/** Lines in {@link NOISE} without a word are skipped, not counted. */
const counted = (lines: number): number => Math.floor(lines / 8) * 6;

/** The claims in text that is preceded by so many lines, with their line numbers as without them. */
function behind(lines: number, text: string, chunkBytes?: number): readonly string[] {
  return seeIn(`${noise(lines)}${text}\n${noise(8)}`, chunkBytes).claims.map((claim) =>
    claim.replace(/^in:(\d+)/, (_all, line) => `in:${Number(line) - lines}`),
  );
}

describe('lines without a sign of a payload', () => {
  it('are counted, and only the first become units', () => {
    expect(seeIn(noise(8000))).toEqual({ claims: [], emitted: 64, skipped: counted(8000) });
  });

  it('are counted the same in chunks of any size', () => {
    for (const chunkBytes of [1, 7, 61, 4096])
      expect(seeIn(noise(800), chunkBytes)).toEqual({ claims: [], emitted: 64, skipped: counted(800) });
  });

  it('keep the numbers of the lines after them', () => {
    const input = `${noise(80_000)}${A}\n${noise(80_000)}${BODY}`;
    for (const minBytes of [1, 262_144])
      expect(seeIn(input, 65_536, minBytes)).toEqual({
        claims: [`in:80001 token ${A}`, `in:160002 token ${A}`],
        emitted: 66,
        skipped: counted(160_000),
      });
  });

  it('return no chunk each: their bytes are dropped', () => {
    const splitter = createInputSplitter();
    const bytes = Buffer.from(noise(8000));
    let chunks = 0;
    for (let times = 0; times < 100; times++) {
      splitter.push(bytes);
      for (let chunk = splitter.take(1); chunk !== null; chunk = splitter.take(1)) chunks += 1;
    }
    splitter.finish();
    const rest = splitter.take(0);
    expect(rest?.passed.units).toBeGreaterThan(0);
    expect(chunks).toBeLessThan(10);
  });
});

describe('a line with a sign is read behind any number of lines without one', () => {
  it.each<[string, string]>([
    ['a token', A],
    ['a token in a log', `12:00 got ${A}`],
    ['a body', BODY],
    ['a body in other letter case', JSON.stringify({ SIGNEDPAYLOAD: 'x' })],
    ['a body without a token', '{"signedPayload":"lost"}'],
    ['a damaged body', '{"signedPayload":'],
    ['a cut token', A.slice(0, 900)],
    ['a wrapped token', A.replace(/.{76}/g, '$&\n')],
    ['a pretty-printed body', JSON.stringify({ signedPayload: A }, null, 2)],
    ['a pretty-printed body in an array', JSON.stringify([{ id: 1 }, { signedPayload: A }], null, 2)],
    ['JSON over lines that close in between', `{"a": {}\n, "sendAttempts": [], "signedPayload": "${A}"}`],
    ['a list of strings', '["lost", "too"]'],
    ['a list of strings in quotes', `'["lost", "too"]'`],
    ['a percent-encoded list', encoded('["lost", "too"]')],
    ['a percent-encoded token in quotes', `%22${encoded('e')}${A.slice(1)}%22`],
    ['a percent-encoded body', encoded(BODY)],
    ['a token with a JSON escape', `{"body":"\\u0065${A.slice(1)}"}`],
    ['a body with escaped keys', `{"${escaped('signedPayload')}":"${A}"}`],
    ['a body in escaped JSON', `{\\"${escaped('signedPayload')}\\":\\"${A}\\"}`],
    ['base64 of a body', base64(BODY)],
    ['base64 of a short body', base64(' {"signedPayload":"abcdefghijklmnopqrstuvwxyz0123456789+"}')],
    ['base64 in groups', base64(` ${BODY}`).replace(/.{8}/g, '$& ')],
    ['a column of base64', `1\t${base64(` ${BODY}`)}\t2026`],
    ['base64 in a field', JSON.stringify({ data: base64(` ${BODY}`) })],
    ['wrapped base64 in a field', JSON.stringify({ data: base64(` ${BODY}`).replace(/.{60}/g, '$&\r\n') })],
    ['base64 with escaped slashes', JSON.stringify({ data: base64(` ${BODY}`) }).replaceAll('/', '\\/')],
    ['a token after Bearer', `Bearer ${A}`],
    ['a list after Bearer', 'bearer ["lost"]'],
    ['a list after Authorization', 'AUTHORIZATION: Bearer ["lost"]'],
    ['a decoded notification', '{"notificationType":"TEST","notificationUUID":"4f1c"}'],
    ['a decoded notification in a log', 'got {"notificationType":"TEST","notificationUUID":"4f1c"} ok'],
    ['a decoded transaction', '{"transactionId":"1","bundleId":"com.example","productId":"p"}'],
    ['a decoded renewal', '{"autoRenewProductId":"p","productId":"p","originalTransactionId":"1"}'],
    ['a decoded app transaction', '{"receiptType":"Production","environment":"Production","appAppleId":1}'],
    ['a version 1 body', '{"notification_type":"DID_RENEW","password":"x"}'],
    ['a version 1 body without its type', '{"unified_receipt":{}}'],
    ['a document of ours', '{"kind":"notification","tokens":[]}'],
    ['a list of transactions', '{"signedTransactions":["lost"]}'],
    ['the token of a transaction', '{"signedTransactionInfo":"lost"}'],
    ['several values on a line', `{"a":1} ${BODY} {"b":2}`],
    [
      'a line that Docker split before the token',
      `${JSON.stringify({ log: `${'x. '.repeat(500)}e` })}\n${JSON.stringify({ log: `yJ${A.slice(3)}\n` })}`,
    ],
  ])('%s', (_name, text) => {
    const expected = behind(8, text);
    expect(expected.length).toBeGreaterThan(0);
    expect(behind(800, text)).toEqual(expected);
    expect(behind(80, text, 13)).toEqual(expected);
  });
});
