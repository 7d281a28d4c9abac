import { describe, expect, it } from 'vitest';
import { createInputSplitter } from '../../../../src/input/split/splitter.js';
import { fakeToken, wrap } from '../tokens.js';

interface Seen {
  readonly text: string;
  readonly form: string;
  /** `line`, or `line#ordinal` from the second unit of a line on. */
  readonly place: string;
  readonly only: boolean;
  readonly oversizeBytes?: number;
}

/** Everything a cutter finds when its input arrives in chunks of this size. */
function cutIn(input: string | Uint8Array, chunkBytes: number, minBytes = 1): Seen[] {
  const bytes = Buffer.from(input as string);
  const cutter = createInputSplitter();
  const seen: Seen[] = [];
  const take = (least: number): void => {
    const piece = cutter.take(least);
    if (piece === null) return;
    expect(piece.bytes.byteOffset).toBe(0);
    for (const { start, end, form, line, ordinal, oversizeBytes } of piece.units) {
      const text = Buffer.from(piece.bytes.subarray(start, end)).toString();
      const place = ordinal === 1 ? `${line}` : `${line}#${ordinal}`;
      seen.push({ text, form, place, only: piece.isOnly, ...(oversizeBytes === undefined ? {} : { oversizeBytes }) });
    }
  };
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    cutter.push(bytes.subarray(at, at + chunkBytes));
    take(minBytes);
  }
  cutter.finish();
  take(0);
  return seen;
}

const units = (input: string): string[] =>
  cutIn(input, 65_536).map(({ form, place, text }) => `${form} ${place} ${text}`);

const A = fakeToken('a');
const B = fakeToken('b');
const BODY = JSON.stringify({ signedPayload: A });
const CUT = A.slice(0, 500);

/** [what it is, input, units as "form place text"]. */
const TABLE: readonly (readonly [string, string, readonly string[]])[] = [
  ['a token', A, [`text 1 ${A}`]],
  ['a token and a line end', `${A}\n`, [`text 1 ${A}`]],
  ['tokens, one a line', `${A}\n${B}\n`, [`text 1 ${A}`, `text 2 ${B}`]],
  ['NDJSON', `${BODY}\n{"b":1}\n{}\n`, [`json 1 ${BODY}`, 'json 2 {"b":1}', 'json 3 {}']],
  ['NDJSON with CRLF and empty lines', '{"a":1}\r\n\r\n \t{"b":1}\r\n', ['json 1 {"a":1}', 'json 3 {"b":1}']],
  [
    'pretty-printed JSON',
    '{\n  "a": [\n    1\n  ]\n}\n[\n2\n]',
    ['json 1 {\n  "a": [\n    1\n  ]\n}', 'json 6 [\n2\n]'],
  ],
  ['values in a row', '{"a":1}{"b":2} [3],\n[4]', ['json 1 {"a":1}', 'json 1#2 {"b":2}', 'json 1#3 [3]', 'json 2 [4]']],
  [
    'strings that hold marks of structure',
    '{"a":"}]\\"{\\\\","b":"\\u0022"}\n1',
    ['json 1 {"a":"}]\\"{\\\\","b":"\\u0022"}', 'text 2 1'],
  ],
  [
    'every kind of value',
    '{"a":-1.5e+3,"b":[true,false,null,[],{}],"c":0}\n',
    ['json 1 {"a":-1.5e+3,"b":[true,false,null,[],{}],"c":0}'],
  ],
  [
    'a log line that begins with a bracket',
    `[2025-01-01 10:00] INFO token=${A} end\n`,
    [`text 1 [2025-01-01 10:00] INFO token=${A} end`],
  ],
  ['a log line that begins with an array', '[12] {"a":1}\n', ['text 1 [12] {"a":1}']],
  ['a log line that begins with an object', '{"a":1} and more\n{"b":1}', ['text 1 {"a":1} and more', 'json 2 {"b":1}']],
  ['text after pretty-printed JSON', '{\n"a":1\n} and more', ['json 1 {\n"a":1\n}', 'text 3 and more']],
  ['a missing value', '{"a":}\n{"b":1}', ['text 1 {"a":}', 'json 2 {"b":1}']],
  ['a number that JSON does not write so', '{"a":01}\n', ['text 1 {"a":01}']],
  ['a missing comma', '{"a":1 "b":2}\n', ['text 1 {"a":1 "b":2}']],
  ['a bracket of the wrong kind', '{"a":[1}\n', ['text 1 {"a":[1}']],
  ['a comma too many', '[1,]\n', ['text 1 [1,]']],
  ['a key without quotes', '{a:1}\n', ['text 1 {a:1}']],
  ['JSON cut at the end', `{"x":{\n"y":${BODY}`, ['text 1 {"x":{', `text 2 "y":${BODY}`]],
  ['JSON cut in a log', `{"signedPayload":"${CUT}\n{"b":1}\n`, [`text 1 {"signedPayload":"${CUT}`, 'json 2 {"b":1}']],
  [
    'nesting beyond all payloads',
    `${'['.repeat(65)}a${']'.repeat(65)}\n`,
    [`text 1 ${'['.repeat(65)}a${']'.repeat(65)}`],
  ],
  [
    'a wrapped token',
    `${wrap(A, 76)}\nnext\n`,
    [`text 1 ${wrap(A, 76)}`, `text ${wrap(A, 76).split('\n').length + 1} next`],
  ],
  ['a wrapped token, quoted', `> ${wrap(A, 300, '\r\n > ')}\n`, [`text 1 > ${wrap(A, 300, '\r\n > ')}`]],
  ['a wrapped token with empty lines', `${wrap(A, 300, '\n\n')}\n`, [`text 1 ${wrap(A, 300, '\n\n')}`]],
  [
    'a wrapped token in a log line',
    `INFO t="${wrap(A, 300)}" ok\nnext`,
    [`text 1 INFO t="${wrap(A, 300)}" ok`, `text ${wrap(A, 300).split('\n').length + 1} next`],
  ],
  [
    'a wrapped token, its dots encoded',
    `${wrap(A.replaceAll('.', '%2E'), 300)}\nnext`,
    [
      `text 1 ${wrap(A.replaceAll('.', '%2E'), 300)}`,
      `text ${wrap(A.replaceAll('.', '%2E'), 300).split('\n').length + 1} next`,
    ],
  ],
  [
    'a wrapped token in JSON',
    `{"signedPayload":"${wrap(A, 300)}"}\n{}`,
    [`text 1 {"signedPayload":"${wrap(A, 300)}"}`, `json ${wrap(A, 300).split('\n').length + 1} {}`],
  ],
  [
    'a wrapped token in pretty JSON',
    `{\n  "signedPayload": "${wrap(A, 300, '\n    ')}"\n}\n`,
    [`text 1 {\n  "signedPayload": "${wrap(A, 300, '\n    ')}"\n}`],
  ],
  ['a cut token, then another', `${CUT}\n${A}\n`, [`text 1 ${CUT}`, `text 2 ${A}`]],
  ['a cut token, then text', `t=${CUT}\n2025-01-01 10:00 next\n`, [`text 1 t=${CUT}`, 'text 2 2025-01-01 10:00 next']],
  ['a signature one short, then a word', `${A.slice(0, -1)}\nnext\n`, [`text 1 ${A.slice(0, -1)}`, 'text 2 next']],
  ['a byte order mark', '\uFEFF{"a":1}\n{"b":1}', ['text 1 \uFEFF{"a":1}', 'json 2 {"b":1}']],
  ['a byte order mark before an empty line', '\uFEFF\n{"a":1}', ['text 2 \uFEFF\n{"a":1}']],
  ['lines without a word', '***\n}\n{}\n', ['json 3 {}']],
  ['white space', ' \r\n\t\n', []],
  ['nothing', '', []],
];

describe('the cutter', () => {
  it.each(TABLE)('splits %s', (_name, input, expected) => expect(units(input)).toEqual(expected));

  it.each(TABLE)('splits %s alike in chunks of any size', (_name, input) => {
    const expected = cutIn(input, 1_000_000).map(({ only, ...unit }) => unit);
    for (const chunkBytes of [1, 2, 7, 1000]) {
      expect(cutIn(input, chunkBytes).map(({ only, ...unit }) => unit)).toEqual(expected);
    }
  });

  it('finds the same wherever an input is split in two', () => {
    const input = `\uFEFF${BODY}\r\n{"a":"\\\\","b":[1.5,"\\""]}\n${wrap(A, 100)}\nlog ${B} x\n`;
    const expected = cutIn(input, 1_000_000);
    expect(expected).toHaveLength(4);
    for (let at = 1; at < Buffer.byteLength(input); at++) {
      const cutter = createInputSplitter();
      const bytes = Buffer.from(input);
      cutter.push(bytes.subarray(0, at));
      cutter.push(bytes.subarray(at));
      cutter.finish();
      const piece = cutter.take(0);
      expect(piece?.units.map(({ start, end }) => Buffer.from(piece.bytes.subarray(start, end)).toString())).toEqual(
        expected.map(({ text }) => text),
      );
    }
  });

  it('puts a token together wherever it was wrapped, once', () => {
    for (let at = 3; at < A.length; at++) {
      const input = `${A.slice(0, at)}\n${A.slice(at)}\n${B}\n`;
      expect(cutIn(input, 1_000_000).map(({ text }) => text.replace('\n', ''))).toEqual([A, B]);
    }
  });

  it('says that a unit is the only one, but not before the end', () => {
    expect(cutIn(`\n${A}\n\n`, 7).map(({ only }) => only)).toEqual([true]);
    expect(cutIn(`${A}\n{}`, 7).map(({ only }) => only)).toEqual([false, false]);
    const cutter = createInputSplitter();
    cutter.push(Buffer.from(`${A}\n`));
    expect(cutter.take(0)).toBeNull();
    cutter.push(Buffer.from('{}\n'));
    expect(cutter.take(0)?.units).toHaveLength(2);
  });

  it('gives out units once there are enough of them', () => {
    const cutter = createInputSplitter();
    cutter.push(Buffer.from(`${BODY}\n${BODY}\n{"a"`));
    expect(cutter.take(100_000)).toBeNull();
    const piece = cutter.take(BODY.length);
    expect(piece?.units).toHaveLength(2);
    expect(piece?.bytes.length).toBe(2 * BODY.length + 2);
  });

  it('gives every piece an ArrayBuffer of its own', () => {
    const cutter = createInputSplitter();
    cutter.push(Buffer.from('{"a":1}\n{"b":2}\n{"c"'));
    const first = cutter.take(0);
    cutter.push(Buffer.from(':3}\n'));
    cutter.finish();
    const second = cutter.take(0);
    expect(first?.bytes.buffer).not.toBe(second?.bytes.buffer);
    structuredClone(first?.bytes, { transfer: [first?.bytes.buffer as ArrayBuffer] });
    expect(Buffer.from(second?.bytes ?? []).toString()).toContain('{"c":3}');
  });

  it('knows an input that is empty', () => {
    const cutter = createInputSplitter();
    cutter.push(Buffer.from(' \n'));
    expect(cutter.isEmpty).toBe(true);
    cutter.push(Buffer.from('-'));
    expect(cutter.isEmpty).toBe(false);
  });
});

const MIB = 1024 * 1024;

describe('what is too large to hold', () => {
  const element = JSON.stringify({ filler: 'x'.repeat(100_000), signedPayload: 'eyJ' });

  it.each([
    ['an array', '[', ']'],
    ['a pretty-printed array', '[\n  ', '\n]'],
    ['an array in an object', '{"more":true,"token":"abc","list":[', '],"last":null}'],
  ])('is cut into its elements: %s', (_name, before, after) => {
    const elements = Array.from({ length: 60 }, () => element);
    const seen = cutIn(`${before}${elements.join(',')}${after}\n{"next":1}`, 65_536, 256 * 1024);
    expect(seen.map(({ text }) => text)).toEqual([...elements, '{"next":1}']);
    expect(new Set(seen.map(({ place }) => place)).size).toBe(61);
  });

  it.each([
    [
      'members that are objects or tokens',
      `{"n":1,"o":{"a":1},"t":"${A}","s":"no","f":"${'x'.repeat(5 * MIB)}"}`,
      ['{"a":1}', `"${A}"`],
    ],
    ['strings in an array', `["a",1,null,"${'x'.repeat(5 * MIB)}"]`, ['"a"', `"${'x'.repeat(5 * MIB)}"`]],
  ])('gives %s', (_name, input, expected) => {
    expect(cutIn(input, 65_536).map(({ text }) => text)).toEqual(expected);
  });

  it('falls back to text where the value breaks off', () => {
    const seen = cutIn(`[${element},${`${element},`.repeat(50)}\n{"a":]}\n${BODY}\n`, 65_536);
    expect(seen.slice(-3).map(({ form, text }) => `${form} ${text}`)).toEqual([
      `json ${element}`,
      'text {"a":]}',
      `json ${BODY}`,
    ]);
  });

  it.each([
    ['a token', 6 * MIB, `eyJ${'a'.repeat(6 * MIB - 3)}`, 1],
    ['a token in text', 6 * MIB, `INFO t=eyJ${'a'.repeat(6 * MIB - 3)} end`, 1],
    ['a wrapped token', 2 * MIB + (2 * MIB) / 64, wrap(`eyJ${'a'.repeat(2 * MIB - 3)}`, 64), (2 * MIB) / 64],
    ['a string in JSON', 20 * MIB + 2, `{"signedPayload":"${'a'.repeat(20 * MIB)}"}`, 1],
    ['an object in an array', 20 * MIB + 8, `[{"a":"${'a'.repeat(20 * MIB)}"}]`, 1],
  ])('is counted, not kept: %s', (_name, oversizeBytes, input, lines) => {
    const seen = cutIn(`${input}\n{"next":1}`, 256 * 1024, 256 * 1024);
    const oversize = seen.filter(({ form }) => form === 'oversize');
    expect(oversize).toEqual([expect.objectContaining({ text: '', place: expect.stringMatching(/^1/) })]);
    expect(Math.abs((oversize[0]?.oversizeBytes ?? 0) - oversizeBytes)).toBeLessThanOrEqual(2);
    expect(seen.at(-1)).toMatchObject({ text: '{"next":1}', place: `${lines + 1}` });
  });

  it('is cut where one token follows another without a line end', () => {
    const input = Array.from({ length: 5000 }, (_, index) => fakeToken(`${index}`)).join('');
    const seen = cutIn(input, 256 * 1024, 256 * 1024);
    expect(seen.map(({ text }) => text).join('')).toBe(input);
    expect(seen.every(({ form, text }) => form === 'text' && /^eyJ.*\.[\w-]{86}$/.test(text))).toBe(true);
    expect(seen.length).toBeGreaterThan(1);
  });

  it('says nothing about a huge word that is no token', () => {
    const seen = cutIn(`begin ${'a'.repeat(6 * MIB)} end\n{}`, 65_536);
    expect(seen.map(({ text }) => text)).toEqual(['begin ', ' end', '{}']);
  });
});
