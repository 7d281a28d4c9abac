import { describe, expect, it } from 'vitest';
import { plainToken, readBody, readText } from '../../../../src/listener/verification/parse-body.js';

const nested = (levels: number) => `{"signedPayload":"x","a":${'['.repeat(levels)}${']'.repeat(levels)}}`;

describe('a token', () => {
  it.each([
    ['as Apple sends it', '{"signedPayload":"a.b.c"}', 'a.b.c', []],
    ['with blanks', ' { "signedPayload" : "a.b.c" }\n', 'a.b.c', []],
    ['with an escape', '{"signedPayload":"a\\u002eb.c"}', 'a.b.c', []],
    ['with its key escaped', '{"\\u0073ignedPayload":"a.b.c"}', 'a.b.c', []],
    ['after a byte order mark', '\uFEFF{"signedPayload":"a.b.c"}', 'a.b.c', ['bom']],
    ['under a key of other case', '{"SignedPAYLOAD":"a.b.c"}', 'a.b.c', ['key:SignedPAYLOAD']],
    ['under a key with a long s', '{"\u017FignedPayload":"a.b.c"}', 'a.b.c', ['key:\u017FignedPayload']],
    ['beside others', '{"x":1,"signedPayload":"a.b.c","":{"y":2}}', 'a.b.c', ['extra:x', 'extra:']],
    ['beside a version 1 body', '{"signedPayload":"a","notification_type":"CANCEL"}', 'a', ['extra:notification_type']],
    ['beside one further in', '{"signedPayload":"a","x":{"signedPayload":"b"}}', 'a', ['extra:x']],
    [
      'beside many',
      '{"signedPayload":"a","1":1,"2":1,"3":1,"4":1,"5":1,"6":1}',
      'a',
      ['extra:1', 'extra:2', 'extra:3', 'extra:4', 'extra:5', 'extras:6'],
    ],
    ['beside a long name', `{"signedPayload":"a","${'n'.repeat(999)}":1}`, 'a', [`extra:${'n'.repeat(40)}`]],
    ['that is empty', '{"signedPayload":""}', '', []],
    ['nested as deep as allowed', nested(63), 'x', ['extra:a']],
  ])('%s', (_name, text, token, marks) => expect(readBody(text)).toEqual({ type: 'token', token, marks }));
});

describe('no token', () => {
  it.each([
    ['nothing', '', 'NOT_JSON'],
    ['blanks', ' \n', 'NOT_JSON'],
    ['a bare token', 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln', 'NOT_JSON'],
    ['a form', 'signedPayload=a.b.c', 'NOT_JSON'],
    ['a body cut short', '{"signedPayload":"a.b', 'NOT_JSON'],
    ['two bodies', '{"signedPayload":"a"}{"signedPayload":"a"}', 'NOT_JSON'],
    ['a line end inside the string', '{"signedPayload":"a\nb"}', 'NOT_JSON'],
    ['two byte order marks', '\uFEFF\uFEFF{"signedPayload":"a"}', 'NOT_JSON'],
    ['a list', '[{"signedPayload":"a"}]', 'NOT_AN_OBJECT'],
    ['a string', '"a.b.c"', 'NOT_AN_OBJECT'],
    ['null', 'null', 'NOT_AN_OBJECT'],
    ['an empty object', '{}', 'NO_SIGNED_PAYLOAD'],
    ['one further in', '{"body":{"signedPayload":"a"}}', 'NO_SIGNED_PAYLOAD'],
    ['another name', '{"signed_payload":"a"}', 'NO_SIGNED_PAYLOAD'],
    ['the key twice', '{"signedPayload":"a","signedPayload":"a"}', 'TWO_SIGNED_PAYLOADS'],
    ['the key twice, once escaped', '{"signedPayload":"a","signed\\u0050ayload":"b"}', 'TWO_SIGNED_PAYLOADS'],
    ['the key in two spellings', '{"signedPayload":"a","signedpayload":"b"}', 'TWO_SIGNED_PAYLOADS'],
    ['the key in two spellings, neither ours', '{"SIGNEDPAYLOAD":1,"SignedPayload":"b"}', 'TWO_SIGNED_PAYLOADS'],
    ['the key with a long s beside it', '{"signedPayload":"a","\u017FignedPayload":"b"}', 'TWO_SIGNED_PAYLOADS'],
    ['a number for a token', '{"signedPayload":1}', 'SIGNED_PAYLOAD_NOT_TEXT'],
    ['null for a token', '{"signedPayload":null}', 'SIGNED_PAYLOAD_NOT_TEXT'],
    ['an object for a token', '{"signedPayload":{"a":"b"}}', 'SIGNED_PAYLOAD_NOT_TEXT'],
    ['too deep nesting', nested(64), 'NESTED_TOO_DEEP'],
  ])('%s', (_name, text, code) => {
    expect(readBody(text)).toMatchObject({ type: 'refused', refusal: { status: 400, code } });
  });

  it.each([
    ['its type', '{"notification_type":"CANCEL"}'],
    ['its receipt', '{"unified_receipt":{},"password":"secret"}'],
  ])('a version 1 body, detected by %s', (_name, text) => expect(readBody(text)).toMatchObject({ type: 'v1' }));
});

describe('plainToken', () => {
  it('finds the token in a body as Apple writes it', () => {
    expect(plainToken('{"signedPayload":"a.b.c"}')).toBe('a.b.c');
    expect(plainToken('{"signedPayload":""}')).toBe('');
  });

  it.each([
    ['a blank', '{"signedPayload": "a"}'],
    ['a line end', '{"signedPayload":"a"}\n'],
    ['an escape', '{"signedPayload":"a\\u0061"}'],
    ['an escaped quote', '{"signedPayload":"a\\""}'],
    ['a second key', '{"signedPayload":"a","b":"c"}'],
    ['another value', '{"signedPayload":1}'],
    ['another spelling', '{"SignedPayload":"a"}'],
    ['no end', '{"signedPayload":"a'],
    ['no closing brace', '{"signedPayload":"a"'],
    ['nothing after the quote', '{"signedPayload":"'],
    ['the quote for both ends', '{"signedPayload":"}'],
  ])('leaves a body with %s to the parser', (_name, text) => expect(plainToken(text)).toBeNull());
});

describe('readText', () => {
  it.each(['{"a":"b"}', '{"ä":"€ 😀"}', '\uFEFF{}'])('reads %j', (text) => {
    expect(readText(Buffer.from(text))).toBe(text);
  });
  it.each([
    ['a byte of Latin-1', [0x22, 0xe4, 0x22]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a character cut short', [0x22, 0xe2, 0x82]],
  ])('refuses %s', (_name, bytes) => expect(readText(new Uint8Array(bytes))).toBeNull());
  it('reads a view of a larger buffer', () => {
    expect(readText(new Uint8Array(Buffer.from('xx{"a":1}xx')).subarray(2, 9))).toBe('{"a":1}');
  });
});
